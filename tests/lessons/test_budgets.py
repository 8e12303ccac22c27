"""Budgets and claims of every lesson, read from its run under nbval; and the tools that measure them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import broken
import budgets
import calibrate
import kernels
import lesson_files
import pytest

LESSONS = lesson_files.find_lessons()


@pytest.mark.slow
@pytest.mark.parametrize("path", LESSONS or [None], ids=lambda path: path.stem if path else "none")
def test_lesson_keeps_its_budgets_and_claims(path: Path | None) -> None:
    if path is None:
        pytest.skip("no lesson is written yet")
    found = budgets.breaches(path.stem, lesson_files.read(path))
    assert not found, "\n" + "\n".join(found)


def record(notebook: dict[str, Any], **changes: Any) -> dict[str, Any]:
    claim = broken.CLAIM | {"holds": True}
    plain = {"code_sha256": lesson_files.code_sha256(notebook), "cells": len(lesson_files.code_cells(notebook))}
    costs = {"seconds": 80.0, "calibration": budgets.REFERENCE_CALIBRATION, "peak_mb": 900.0}
    return plain | costs | {"failed": [], "claims": [claim]} | changes


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, ""),
        ({"code_sha256": "0"}, "made by other code"),
        ({"failed": [3]}, r"cell \[3\] failed under nbval"),
        ({"cells": 2}, "2 of 9 cells were executed"),
        ({"seconds": 90.5}, "took 90.5 s, at most 90.0 s"),
        ({"seconds": 170.0, "calibration": 2 * budgets.REFERENCE_CALIBRATION}, ""),
        ({"seconds": 60.0, "calibration": budgets.REFERENCE_CALIBRATION / 2}, "at most 45.0 s"),
        ({"seconds": 400.0, "calibration": 9 * budgets.REFERENCE_CALIBRATION}, "at most 360.0 s"),
        ({"peak_mb": 2049.0}, "used 2049 MB, at most 2048 MB"),
        ({"claims": [broken.CLAIM | {"holds": False}]}, "claim 01.1 does not hold: value 0.97312"),
    ],
)
def test_breaches(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    notebook = broken.good()
    assert "no record of a run under nbval: run `pytest --nbval" in budgets.breaches("01_toy", notebook, tmp_path)[0]
    budgets.record_path("01_toy", tmp_path).write_text(json.dumps(record(notebook, **changes)))
    found = budgets.breaches("01_toy", notebook, tmp_path)
    assert len(found) == bool(sentence)
    assert all(re.search(sentence, one) for one in found)


def test_calibration_is_positive_and_leaves_threads_alone() -> None:
    import torch

    before = torch.get_num_threads()
    assert 0.01 < calibrate.calibrate(rounds=1) < 120
    assert torch.get_num_threads() == before


@pytest.mark.slow
def test_nbval_run_is_recorded(tmp_path: Path) -> None:
    """A toy course: the conftest of the lessons and the tools, two lessons, one of which fails."""
    for folder in ("tools", "src"):
        shutil.copytree(lesson_files.ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "notebooks").mkdir()
    for name in ("conftest.py", "nbval_sanitize.cfg"):
        shutil.copy(lesson_files.NOTEBOOKS / name, tmp_path / "notebooks" / name)
    claim = repr({"visioncourse": {"claim": broken.CLAIM}})
    show = f"from IPython.display import publish_display_data as show\nshow({{'text/plain': '≈ 97.3 %'}}, {claim})"
    stored = {"output_type": "display_data", "data": {"text/plain": "≈ 12 %"}, "metadata": {}}
    static = broken.code("import os\nprint(os.environ['VISIONCOURSE_STATIC'])", broken.stream("1\n"))
    skipped = broken.code("1 / 0", tags=["nbval-skip", "hardware"])
    write(tmp_path, "01_good", broken.code(show, stored), static, skipped)
    write(tmp_path, "02_bad", broken.code("print(97.3)", broken.stream("97.4\n")))
    arguments = ["-m", "pytest", "-q", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider"]
    config = ["-c", str(lesson_files.ROOT / "pyproject.toml"), "--rootdir", ".", "-o", "pythonpath="]
    sanitizer = ["--nbval-sanitize-with", "notebooks/nbval_sanitize.cfg", "notebooks"]
    run = subprocess.run(
        [sys.executable, *arguments, *config, *sanitizer], cwd=tmp_path, capture_output=True, encoding="utf-8",
        env=os.environ | {"PYTHONWARNINGS": ""}, timeout=120,
    )  # fmt: skip
    assert "1 failed, 2 passed, 1 skipped" in run.stdout, run.stdout + run.stderr
    good, bad = (read_record(tmp_path, name) for name in ("01_good", "02_bad"))
    assert good["claims"] == [broken.CLAIM] and good["failed"] == [] and good["cells"] == 3
    assert bad["failed"] == [1]
    assert 0 < good["seconds"] < 60 and 20 < good["peak_mb"] < 2048 and good["calibration"] > 0
    assert good["torch"] and good["python"]


def write(folder: Path, lesson: str, *cells: dict[str, Any]) -> None:
    notebook = {"cells": list(cells), "metadata": {"visioncourse": {}}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "notebooks" / f"{lesson}.ipynb").write_text(json.dumps(broken.finished(notebook)), encoding="utf-8")


def read_record(folder: Path, lesson: str) -> dict[str, Any]:
    found = json.loads(budgets.record_path(lesson, folder / "runs" / "nbval").read_text(encoding="utf-8"))
    return dict(found)


def test_kernels_get_a_plain_environment() -> None:
    plain = kernels.kernel_environment({"PYTHONWARNINGS": "error", "MPLBACKEND": "x", "PYTHONPATH": "p", "HOME": "h"})
    assert plain["VISIONCOURSE_STATIC"] == "1" and plain["HOME"] == "h"
    assert not {"PYTHONWARNINGS", "MPLBACKEND"} & set(plain)
    assert plain["PYTHONPATH"].split(os.pathsep) == [str(lesson_files.ROOT / "src"), "p"]
