from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from visioncourse import versions
from visioncourse.versions import VersionMismatchError, check_versions


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a function that makes a torch and a torchvision look installed."""

    def install(torch: str, vision: str, requires: str = "torch==2.11.0", named: tuple[str, str] | None = None) -> None:
        written = dict(zip(("torch", "torchvision"), (torch, vision), strict=True))
        shown = dict(zip(written, named or (torch, vision), strict=True))
        for package, version in written.items():
            (tmp_path / package).mkdir()
            (tmp_path / package / "version.py").write_text(f"__version__ = {version!r}\ncuda = None\n")
        needs = ["numpy", requires, "pillow!=8.3.*,>=5.3.0"]
        found = SimpleNamespace(requires=needs, locate_file=lambda inside: tmp_path / inside)
        monkeypatch.setattr(versions, "distribution", lambda package: found)
        monkeypatch.setattr(versions, "installed_version", shown.__getitem__)

    return install


def test_the_pair_that_is_installed_here_fits() -> None:
    check_versions()


@pytest.mark.parametrize(
    "pair",
    [
        ("2.11.0+cpu", "0.26.0+cpu"),
        ("2.11.0", "0.26.0"),
        ("2.11.0+cu130", "0.26.0+cu130"),
        ("2.11.0+cu128", "0.26.0+cu126"),  # one CUDA major version
        ("2.11.0+cpu", "0.26.0"),  # macOS and source builds carry no label
        ("2.11.0+rocm6.4", "0.26.0+rocm6.3"),
    ],
)
def test_accepts_what_works(pretend: Any, pair: tuple[str, str]) -> None:
    pretend(*pair)
    check_versions()


@pytest.mark.parametrize(
    ("pair", "requires", "words"),
    [
        (("2.11.0+cpu", "0.26.0+cu130"), "torch==2.11.0", ["build cpu", "build cu130", "torch==2.11.0"]),
        (("2.11.0", "0.26.0+cu130"), "torch==2.11.0", ["build plain"]),
        (("2.11.0+cu126", "0.26.0+cu130"), "torch==2.11.0", ["build cu126"]),
        (("2.12.0+cpu", "0.26.0+cpu"), "torch==2.11.0", ["torch 2.12.0+cpu", "torchvision 0.26.0+cpu"]),
        (("2.10.0", "0.26.0"), "torch>=2.11", ["torch>=2.11"]),
        (("2.11.0+rocm6.4", "0.26.0+cu130"), "torch==2.11.0", ["build rocm6.4"]),
    ],
)
def test_refuses_in_one_sentence(pretend: Any, pair: tuple[str, str], requires: str, words: list[str]) -> None:
    pretend(*pair, requires)
    with pytest.raises(VersionMismatchError, match="do not match: reinstall both in one command") as refusal:
        check_versions()
    message = str(refusal.value)
    assert "\n" not in message and message.endswith("requirements.lock.")
    assert all(word in message for word in words)


def test_the_build_is_read_where_the_metadata_lacks_it(pretend: Any) -> None:
    pretend("2.11.0+cpu", "0.26.0+cu130", named=("2.11.0", "0.26.0"))
    with pytest.raises(VersionMismatchError, match="build cu130"):
        check_versions()


def test_a_requirement_with_a_local_label_is_met_by_that_very_build(pretend: Any) -> None:
    pretend("2.11.0a0+ecf3bae", "0.26.0a0", requires="torch==2.11.0a0+ecf3bae")
    check_versions()


def test_a_torchvision_without_requirement_is_trusted(pretend: Any) -> None:
    pretend("2.11.0", "0.26.0", requires="scipy; extra == 'scipy'")
    check_versions()


def test_a_package_without_version_file_counts_as_plain(pretend: Any, tmp_path: Path) -> None:
    pretend("2.11.0+cpu", "0.26.0")
    (tmp_path / "torchvision" / "version.py").unlink()  # as in editable builds from source
    check_versions()


@pytest.mark.parametrize("missing", ["torch", "torchvision"])
def test_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    def version(package: str) -> str:
        if package == missing:
            raise PackageNotFoundError(package)
        return "2.11.0"

    monkeypatch.setattr(versions, "installed_version", version)
    with pytest.raises(VersionMismatchError, match=f"^{missing} is not installed"):
        check_versions()


def test_it_is_an_import_error_found_without_importing_torchvision() -> None:
    assert issubclass(VersionMismatchError, ImportError)
    source = Path(sys.modules["visioncourse.versions"].__file__ or "").read_text(encoding="utf-8")
    assert "import torch" not in source
