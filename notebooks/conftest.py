"""What pytest does around the lessons when nbval executes them (``pytest --nbval notebooks``).

Kernels get the environment in which lessons are stored. While a lesson runs, its seconds, the peak
memory of its kernel and the claims in its fresh outputs are written to ``runs/nbval/<lesson>.json``;
``tests/lessons/test_budgets.py`` reads them, so that no lesson has to be executed twice.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbCell

ROOT = Path(__file__).resolve().parents[1]
for neighbour in ("tools", "src"):
    if str(ROOT / neighbour) not in sys.path:
        sys.path.append(str(ROOT / neighbour))

import calibrate  # noqa: E402
import canonical  # noqa: E402
import kernels  # noqa: E402
import lesson_files  # noqa: E402

from visioncourse.measure import PeakMemory  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the kernels' environment and watch the lessons, if nbval is to execute them."""
    if not config.getoption("nbval", False):
        return
    patch = pytest.MonkeyPatch()
    environment = kernels.kernel_environment()
    for name in set(os.environ) - set(environment):
        patch.delenv(name)
    for name, value in environment.items():
        patch.setenv(name, value)
    config.add_cleanup(patch.undo)
    config.pluginmanager.register(Recorder(), "lesson-recorder")


class Recorder:
    """Measure each lesson from the start of its kernel to its last cell."""

    def __init__(self) -> None:
        self.lesson: Any = None
        self.memory: PeakMemory | None = None
        self.record: dict[str, Any] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Calibrate before the kernel of a lesson starts, and watch its memory from then on."""
        if not isinstance(item, IPyNbCell) or item.parent is self.lesson:
            return (yield)
        self.lesson = item.parent
        self.record = {
            "lesson": item.path.stem,
            "code_sha256": lesson_files.code_sha256(item.parent.nb),
            "python": platform.python_version(),
            "torch": importlib.metadata.version("torch"),
            "calibration": round(calibrate.calibrate(), 3),
            "seconds": 0.0,
            "cells": 0,
            "failed": [],
            "claims": [],
        }
        result = yield
        self.memory = PeakMemory(item.parent.kernel.km.provisioner.pid)
        self.memory.start()
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Add the time of a cell, its claims, and whether it failed."""
        if not isinstance(item, IPyNbCell):
            return (yield)
        start = time.perf_counter()
        try:
            return (yield)
        except Exception:
            self.record["failed"].append(item.cell_num + 1)
            raise
        finally:
            self.record["seconds"] += time.perf_counter() - start
            self.record["cells"] += 1
            self.record["claims"] += lesson_files.claims(item.test_outputs or [])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
        """Write the record after the last cell, while the kernel still lives."""
        last = nextitem is None or nextitem.parent is not item.parent
        if isinstance(item, IPyNbCell) and last and self.memory is not None:
            self.record["peak_mb"] = round(self.memory.stop(), 1)
            self.record["seconds"] = round(self.record["seconds"], 2)
            self.memory = None
            path = lesson_files.RECORDS / f"{self.record['lesson']}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            canonical.write_atomically(path, json.dumps(self.record, indent=1, ensure_ascii=False) + "\n")
        return (yield)
