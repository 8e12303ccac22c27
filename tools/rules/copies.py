"""The rule that a lesson imports what the package has: syntax trees are compared, names left aside."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from lesson_files import ROOT

from .lesson import Lesson, Problem

PACKAGE = ROOT / "src" / "visioncourse"
FEWEST_STATEMENTS = 3
Function = ast.FunctionDef | ast.AsyncFunctionDef


def package_copy(lesson: Lesson) -> Iterator[Problem]:
    """No function of a lesson has the body of a function of the package, other names or not."""
    known = package_functions()
    for cell in lesson.code:
        for node in cell.nodes:
            if isinstance(node, Function) and (original := known.get(normalised(node))):
                sentence = f"{node.name} is a copy of {original}: import it, or write something plainer"
                yield Problem("package-copy", cell.index, sentence)


@lru_cache
def package_functions(folder: Path = PACKAGE) -> dict[str, str]:
    """Return {normalised body: "module.function"} of the functions under ``folder``."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.py")):
        module = ".".join([folder.name, *path.relative_to(folder).with_suffix("").parts])
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Function) and (body := normalised(node)):
                found.setdefault(body, f"{module.removesuffix('.__init__')}.{node.name}")
    return found


def normalised(function: Function) -> str:
    """Return the body of a function with local names numbered, docstrings and annotations dropped.

    Empty for a function of fewer than three statements: those may look alike by chance.
    """
    function = _Plain().visit(ast.parse(ast.unparse(function)).body[0])
    statements = [node for part in function.body for node in ast.walk(part) if isinstance(node, ast.stmt)]
    if len(statements) < FEWEST_STATEMENTS:
        return ""
    names = _Numbered(_local_names(function))
    arguments = " ".join(names.number(argument.arg) for argument in _arguments(function.args))
    body = " ".join(ast.dump(names.visit(statement)) for statement in function.body)
    return f"({arguments}) {body}"


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Return all arguments of a function in order."""
    plain = [*arguments.posonlyargs, *arguments.args]
    rest = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return [*plain, *arguments.kwonlyargs, *rest]


def _local_names(function: Function) -> set[str]:
    """Return the names that a function binds: arguments, assigned names, its own name, inner functions."""
    names = {function.name}
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, Function):
            names.add(node.name)
    return names


class _Plain(ast.NodeTransformer):
    """Drop docstrings and annotations."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Drop the docstring and the return type."""
        self.generic_visit(node)
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        node.returns = None
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Drop the type of an argument."""
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        """Turn ``x: int = 1`` into ``x = 1``."""
        if node.value is None:
            return ast.Pass()
        return ast.Assign(targets=[node.target], value=node.value)


class _Numbered(ast.NodeTransformer):
    """Replace local names by numbers in the order in which they are met."""

    def __init__(self, names: set[str]) -> None:
        self.names = names
        self.numbers: dict[str, str] = {}

    def number(self, name: str) -> str:
        """Return the number of a local name, or the name if it is not local."""
        if name not in self.names:
            return name
        return self.numbers.setdefault(name, f"v{len(self.numbers)}")

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """Number a name."""
        return ast.Name(id=self.number(node.id), ctx=node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Number an argument of an inner function."""
        return ast.arg(arg=self.number(node.arg))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Number an inner function."""
        node.name = self.number(node.name)
        return self.generic_visit(node)


RULES = (package_copy,)
