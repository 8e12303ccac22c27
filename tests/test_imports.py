"""The shape of the package, read from its source: who may import whom, what costs time, what is documented."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import visioncourse

PACKAGE = Path(visioncourse.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())

# The arrow of dependency: a module imports from its own layer and from those before it, never from a later one.
LAYERS = [
    {"", "textual", "versions", "measure", "shipped", "results", "boxes"},
    {"device"},
    {"data", "augment", "models", "scratch", "checkpoint"},
    {"history", "optim", "loop", "train", "distributed", "metrics"},
    {"style"},
    {"explain", "plot", "diagrams"},
    {"exercises", "lesson"},
    {"running"},
    {"cli", "__main__"},
]
HEAVY = {"torchvision", "sklearn", "skimage", "mlxtend", "captum", "matplotlib", "torchmetrics", "scipy", "gymnasium",
         "IPython", "ipywidgets", "anywidget", "tqdm", "nbconvert"}  # fmt: skip
SECONDS = 0.2


def unit(name: str) -> str:
    """Return the part of the package that a dotted name belongs to: "data" for visioncourse.data.sets."""
    return name.removeprefix("visioncourse").removeprefix(".").partition(".")[0]


def unit_of(path: Path) -> str:
    """Return the part of the package that a file belongs to."""
    return unit(".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__"))


def layer(part: str) -> int:
    """Return where a part stands along the arrow."""
    found = [number for number, parts in enumerate(LAYERS) if part in parts]
    assert found, f"{part!r} has no place along the arrow of dependency: add it to LAYERS"
    return found[0]


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted names that a piece of code imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_module_level(tree: ast.Module) -> Iterator[str]:
    """Yield what is imported when the module itself is: everything outside functions."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imported(node)
        waiting.extend(ast.iter_child_nodes(node))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@each_file
def test_the_arrow_of_dependency_runs_one_way(path: Path) -> None:
    own = layer(unit_of(path))
    later = [
        name for name in imported(tree_of(path)) if name.split(".")[0] == "visioncourse" and layer(unit(name)) > own
    ]
    assert later == []


@each_file
def test_data_models_and_scratch_know_nothing_of_each_other(path: Path) -> None:
    apart = {"data", "augment", "models", "scratch"}
    if unit_of(path) in apart:
        others = {unit(name) for name in imported(tree_of(path)) if name.startswith("visioncourse.")} & apart
        assert others <= {unit_of(path)}


@each_file
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    assert {name.split(".")[0] for name in at_module_level(tree_of(path))} & HEAVY == set()


@each_file
def test_ipython_stays_in_lessons_and_figures(path: Path) -> None:
    if unit_of(path) not in {"lesson", "plot"}:
        assert "IPython" not in {name.split(".")[0] for name in imported(tree_of(path))}


@each_file
def test_only_the_command_line_and_lessons_print(path: Path) -> None:
    if unit_of(path) not in {"cli", "running", "lesson"} and path.name != "__main__.py":
        calls = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
        assert [c.lineno for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"] == []


@each_file
def test_no_global_state_is_kept(path: Path) -> None:
    assert [node.lineno for node in ast.walk(tree_of(path)) if isinstance(node, ast.Global)] == []


@each_file
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250


def public_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield functions, and methods of public classes, whose name has no underscore in front."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from (inner for inner in node.body if isinstance(inner, ast.FunctionDef) and inner.name[0] != "_")
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


@each_file
def test_public_things_are_documented_and_typed(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree), "the module has no docstring"
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"class {node.name} has no docstring"
    for function in public_functions(tree):
        assert ast.get_docstring(function), f"{function.name} has no docstring"
        assert function.returns is not None, f"{function.name} does not say what it returns"
        every = function.args
        arguments = [*every.posonlyargs, *every.args, *every.kwonlyargs, *filter(None, [every.vararg, every.kwarg])]
        bare = [one.arg for one in arguments if one.annotation is None and one.arg not in {"self", "cls"}]
        assert bare == [], f"{function.name} leaves {bare} untyped"


@each_file
def test_functions_are_short(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert length <= 25, f"{node.name} has {length} lines"


def import_beyond_torch() -> tuple[float, set[str]]:
    """Return what importing the package for training costs a fresh process that has torch, and what it loads.

    The clock is that of the process, for the other half of the tests runs at the same time.
    """
    code = (
        "import sys, time, torch; before = set(sys.modules); start = time.process_time(); "
        "import visioncourse, visioncourse.train; print(time.process_time() - start); "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, modules = done.stdout.splitlines()
    return float(seconds), set(modules.split())


def test_importing_the_package_costs_next_to_nothing() -> None:
    seen: list[float] = []
    while len(seen) < 3 and min(seen, default=1.0) > SECONDS:
        seconds, modules = import_beyond_torch()
        assert modules & HEAVY == set()
        seen.append(seconds)
    assert min(seen) <= SECONDS, f"seconds beyond torch: {seen}"
