"""The files around the package agree with each other."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import visioncourse

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "data" / "README.md"])


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(read("pyproject.toml"))["project"]
    return found


@pytest.fixture(scope="module")
def locked() -> dict[str, list[tuple[Requirement, int]]]:
    """Return what the lock pins: name to (requirement, number of hashes), several where markers part them."""
    found: dict[str, list[tuple[Requirement, int]]] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", read("requirements.lock"))):
        line = entry.partition("--hash")[0].replace("\\", "").strip()
        if line:
            requirement = Requirement(line)
            found.setdefault(canonicalize_name(requirement.name), []).append(
                (requirement, entry.count("--hash=sha256:"))
            )
    return found


def test_the_lock_pins_every_dependency_within_its_range(project: Any, locked: Any) -> None:
    for line in [*project["dependencies"], *project["optional-dependencies"]["dev"]]:
        wanted = Requirement(line)
        pins = locked.get(canonicalize_name(wanted.name), [])
        assert pins, f"{wanted.name} is not in requirements.lock: run make lock"
        for pin, _ in pins:
            (exact,) = pin.specifier
            assert exact.operator == "==" and wanted.specifier.contains(exact.version), f"{pin} does not fit {wanted}"


def test_every_pin_is_exact_and_hashed(locked: Any) -> None:
    assert len(locked) > 100
    for pins in locked.values():
        for pin, hashes in pins:
            assert [one.operator for one in pin.specifier] == ["=="] and pin.url is None
            assert hashes >= 1, f"{pin.name} has no hash"


def test_the_lock_names_no_index() -> None:
    text = read("requirements.lock")
    assert not re.search(r"https?:|index-url|find-links|trusted-host|file:", text)


def test_torch_and_torchvision_are_a_pair(project: Any, locked: Any) -> None:
    pins = [next(iter(locked[name][0][0].specifier)).version for name in ("torch", "torchvision")]
    assert all(
        installed_version(name).startswith(pin) for name, pin in zip(("torch", "torchvision"), pins, strict=True)
    )
    lowest = {Requirement(line).name: str(Requirement(line).specifier) for line in project["dependencies"]}
    assert lowest["torch"] == ">=2.11"


def test_conda_gets_the_same_python_and_this_package_by_pip(project: Any) -> None:
    environment = yaml.safe_load(read("environment.yml"))
    assert environment["name"] == project["name"] == "visioncourse"
    plain = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (python,) = [entry for entry in plain if re.match(r"python\b", entry)]
    version = re.sub(r"[^0-9.]", "", python.partition("python")[2])
    assert SpecifierSet(project["requires-python"]).contains(version)
    (by_pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert "pip" in plain and any(re.fullmatch(r"(-e )?\.(\[.*\])?", entry) for entry in by_pip)
    own = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}
    assert not own & {canonicalize_name(re.split(r"[=<> ]", entry)[0]) for entry in plain}, "said twice"


def test_versions_agree(project: Any) -> None:
    assert project["version"] == visioncourse.__version__
    assert yaml.safe_load(read("CITATION.cff"))["version"] == visioncourse.__version__
    assert re.search(rf"(?m)^##.*\b{re.escape(visioncourse.__version__)}\b", read("CHANGELOG.md"))


def test_the_citation_has_what_a_reference_needs() -> None:
    citation = yaml.safe_load(read("CITATION.cff"))
    assert {"cff-version", "title", "authors", "message", "license", "version"} <= citation.keys()


@pytest.mark.parametrize("target", ["lab", "run", "test", "check", "refresh", "bench"])
def test_the_makefile_has_the_target_that_readme_names(target: str) -> None:
    makefile = read("Makefile")
    rule = re.search(rf"(?m)^{target}:(.*)$", makefile)
    assert rule and re.search(rf"(?ms)^\.PHONY:.*?\b{target}\b", makefile)
    assert "READY" in rule.group(1) or "check" in rule.group(1), "it does not set itself up"
    assert f"make {target}" in "".join(page.read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("target", ["lab", "run", "test", "check", "refresh", "bench"])
def test_make_understands_its_file(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_ci_calls_what_readme_names() -> None:
    assert "make test" in read(".ci/run") and "make test" in read("README.md") and "make run" in read("README.md")
    assert sys.platform == "win32" or (ROOT / ".ci" / "run").stat().st_mode & 0o100


def test_the_licence_covers_code_and_text() -> None:
    licence = read("LICENSE")
    assert "MIT License" in licence and "CC BY 4.0" in licence.replace("CC-BY-4.0", "CC BY 4.0")
    assert "WITHOUT WARRANTY OF ANY KIND" in licence.upper()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere_and_no_path_is_absolute(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text) > 200
    targets = [target for target, _ in LINK.findall(text) if not re.match(r"\w+:", target)]
    assert [target for target in targets if not (page.parent / target).exists()] == []
    assert not re.search(r"(?<![\w.])/(home|root|Users|tmp|work)/", text)


def test_the_glossary_sends_each_word_to_the_lesson_that_says_it() -> None:
    rows = re.findall(r"(?m)^\|\s*([^|]+?)\s*\|[^|]+\|\s*\[\d+\]\(\.\./notebooks/([^)]+)\)", read("docs/glossary.md"))
    words = [word for word, _ in rows]
    assert len(words) >= 30 and len(set(words)) == len(words)
    assert words == sorted(words, key=str.casefold)
    text = {name: lesson_text(ROOT / "notebooks" / name) for name in {name for _, name in rows}}
    stems = {word: [part.rstrip("s")[:5] for part in re.findall(r"[\w×]+", word.partition(" (")[0])] for word in words}
    missing = [word for word, name in rows if not all(stem.casefold() in text[name] for stem in stems[word])]
    assert missing == []


def lesson_text(path: Path) -> str:
    """Return the words of a lesson's text cells, small letters only."""
    cells = nbformat.read(path, as_version=4).cells
    return " ".join(cell.source for cell in cells if cell.cell_type == "markdown").casefold()


def test_readme_lists_every_lesson() -> None:
    readme = read("README.md")
    assert [path.name for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if path.name not in readme] == []


def test_the_package_says_that_it_is_typed_and_carries_its_scripts(project: Any) -> None:
    package = Path(visioncourse.__file__).parent
    assert (package / "py.typed").exists() and (package / "lesson" / "pad.js").exists()
    assert project["scripts"]["visioncourse"] == "visioncourse.cli:main"
