from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import psutil
import pytest

from visioncourse import measure
from visioncourse.measure import PeakMemory, resident

ALLOCATE = """
import sys
block = bytes(bytearray(200_000_000)); del block
print("done", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def eater() -> Iterator[subprocess.Popen[str]]:
    """A process that has held 200 MB (twice for a moment) and has let go of it."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", ALLOCATE], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "done\n"
        yield process
        process.communicate()


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS keeps no high-water mark of another process")
def test_finds_a_peak_that_is_over(eater: subprocess.Popen[str]) -> None:
    memory = PeakMemory(eater.pid)
    memory.start()
    assert 200 < memory.stop() < 500
    assert psutil.Process(eater.pid).memory_info().rss / 2**20 < 100


def test_stop_again_gives_the_same(eater: subprocess.Popen[str]) -> None:
    memory = PeakMemory(eater.pid)
    memory.start()
    assert memory.stop() == memory.stop()


def test_a_process_that_dies_keeps_its_last_peak() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", "print(1, flush=True); input()"], stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None and process.stdout.readline()
        memory = PeakMemory(process.pid)
        memory.start()
        process.communicate(b"\n")
    assert memory.stop() > 1
    assert resident(process.pid) == 0.0


def test_refuses_a_process_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "pid_exists", lambda pid: False)
    with pytest.raises(ProcessLookupError, match="pid=4: no such process"):
        PeakMemory(4).start()


def test_stop_needs_start() -> None:
    with pytest.raises(RuntimeError, match="before start"):
        PeakMemory(os.getpid()).stop()


def test_macos_samples(monkeypatch: pytest.MonkeyPatch, eater: subprocess.Popen[str]) -> None:
    monkeypatch.setattr(measure, "sys", SimpleNamespace(platform="darwin"))
    assert 1 < resident(eater.pid) < 100


def test_windows_looks_behind_the_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    def process(pid: int) -> SimpleNamespace:
        info = SimpleNamespace(peak_wset=(5 if pid == 1 else 300) * 2**20)
        return SimpleNamespace(memory_info=lambda: info, children=lambda: [process(2)] if pid == 1 else [])

    monkeypatch.setattr(measure, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(psutil, "Process", process)
    assert resident(1) == 300
