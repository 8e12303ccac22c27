from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from test_running_toys import write_course

from visioncourse import cli
from visioncourse.cli import main, program, sentence


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(write_course(tmp_path))
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """Return the one sentence with which bad input is refused."""
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("visioncourse")
    return err


def test_lists_the_lessons(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert lines[:3] == ["00  Play with good  (00_good)", "    Does it run?", "    5 min, 1 claim, 0 exercises"]


def test_lists_another_folder(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert main(["list", "--lessons", str(course / "notebooks")]) == 0
    assert "03_misses" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["run", "godo"], "unknown lesson 'godo': did you mean 00_good"),
        (["run", "-p", "sede", "1"], "unknown parameter 'sede': did you mean seed"),
        (["run", "0", "-p", "lr", "fast"], "'lr' got 'fast', expected float (00_good has lr: float = 0.1)"),
        (["run", "-p", "lr"], "expected 2 arguments"),
        (["run", "--seeds", "0"], "'0' is not a whole number of at least 1"),
        (["run", "--jobs", "x"], "'x' is not a whole number"),
        (["run", "--seeds", "2", "-p", "seed", "1"], "leave out -p seed"),
        (["run", "--profile", "smokey"], "invalid choice: 'smokey'"),
        (["run", "--resume"], "nothing to resume"),
        (["run", "--lessons", "nowhere"], "no lessons in nowhere"),
        (["run", "--out", "00_good.ipynb"], "cannot write results to 00_good.ipynb"),
        (["rnu"], "invalid choice: 'rnu'"),
        ([], "required: list|run|data"),
        (["list", "--all"], "unrecognized arguments: --all"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_written(
    course: Path, capsys: pytest.CaptureFixture[str], argv: list[str], words: str
) -> None:
    before = sorted(course.rglob("*"))
    assert words in answer(capsys, *argv)
    assert sorted(course.rglob("*")) == before


def test_outside_a_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("list", "run"):
        assert "no lessons here" in answer(capsys, command)


def test_a_wrong_pair_of_packages_is_one_sentence(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def mismatch() -> None:
        raise ImportError("torch 1 and torchvision 2 do not match")

    monkeypatch.setattr("visioncourse.versions.check_versions", mismatch)
    assert answer(capsys, "run") == "visioncourse: torch 1 and torchvision 2 do not match\n"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (KeyError("no 'x'"), "no 'x'"),
        (OSError(errno.ENOSPC, "No space left on device", "a.bin"), "the disk is full: a.bin"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full: nothing more can be written"),
        (PermissionError(errno.EACCES, "Permission denied", "a"), "Permission denied: a"),
        (OSError("said\n in two lines"), "said in two lines"),
        (ValueError(), "ValueError"),
    ],
)
def test_errors_in_one_line(error: Exception, text: str) -> None:
    assert sentence(error) == text


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--help"]) == 0
    assert "--resume" in capsys.readouterr().out


def test_ctrl_c_before_anything(monkeypatch: pytest.MonkeyPatch, course: Path) -> None:
    def interrupted(args: Any) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "lessons_folder", interrupted)
    assert main(["list"]) == 130


def test_names_the_program_as_it_was_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "python"))
    monkeypatch.setattr(sys, "argv", ["/somewhere/visioncourse/__main__.py"])
    assert program() == [str(Path("venv") / "python"), "-m", "visioncourse"]
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/visioncourse"])
    assert program() == ["visioncourse"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells nobody that the reader has gone")
def test_a_reader_that_leaves_early_is_no_error(course: Path) -> None:
    command = [sys.executable, "-c", "import sys; from visioncourse.cli import main; sys.exit(main(['list']))"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.fixture
def sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, list[str]]:
    """Two data sets, one of them downloaded, and the problems that verifying finds."""
    entry = {"title": "Digits", "classes": 10, "shape": (1, 8, 8), "counts": {"train": 1000, "test": 797}}
    kinds = {"digits": "embedded", "mnist": "download", "cifar10": "download"}
    catalogue = {name: SimpleNamespace(name=name, licence="CC0", kind=kind, **entry) for name, kind in kinds.items()}
    problems: dict[str, list[str]] = {}
    (tmp_path / "MNIST").mkdir()
    monkeypatch.setattr("visioncourse.data.catalogue.CATALOGUE", catalogue)
    monkeypatch.setattr("visioncourse.data.downloads.verify", lambda name, root=None: problems.get(name, []))
    monkeypatch.setattr("visioncourse.data.downloads.fetch", lambda name, root=None, progress=True: root / name)
    return problems


def test_lists_data_sets(sets: dict[str, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "title", "classes", "shape", "images", "licence", "where"]
    assert lines[1].split() == ["digits", "Digits", "10", "1x8x8", "1,797", "CC0", "installed"]


def test_fetches_a_data_set(sets: dict[str, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "fetch", "mnist", "--root", "there"]) == 0
    assert capsys.readouterr().out == f"mnist is in {Path('there') / 'mnist'}\n"


def test_verifies_what_is_there(sets: dict[str, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "verify", "--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines() == ["digits: in order", "mnist: in order"]
    sets["mnist"] = ["mnist: a.gz is damaged"]
    assert main(["data", "verify", "mnist", "--root", str(tmp_path)]) == 1
    assert capsys.readouterr().out == "mnist: a.gz is damaged\n"


def test_refuses_an_unknown_data_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert "unknown data set 'mnits': did you mean mnist" in answer(capsys, "data", "fetch", "mnits")
    assert "no download" in answer(capsys, "data", "fetch", "digits")
