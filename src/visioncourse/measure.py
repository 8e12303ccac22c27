"""Peak resident memory of another process, such as the kernel that executes a lesson.

This file imports nothing of the package, so that ``running/worker.py`` can load it without torch.
"""

from __future__ import annotations

import re
import sys
import threading
from pathlib import Path

import psutil

MEGABYTE = 2**20
# Linux and Windows keep the high-water mark themselves, so seldom looking loses nothing but the
# growth in the last moment before a process is killed; elsewhere the samples are all there is.
INTERVAL = {"win32": 0.5}
_HIGH_WATER = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


class PeakMemory:
    """Watch one process, from a daemon thread, and tell the most memory it held resident.

    Linux reads ``VmHWM`` of ``/proc/PID/status`` and Windows ``peak_wset``, both exact and counted
    from the birth of the process; macOS takes the largest of samples 0.1 s apart. Processes that
    the watched one starts are not counted.

    Args:
        pid: number of the process.

    >>> import os
    >>> memory = PeakMemory(os.getpid())
    >>> memory.start()
    >>> memory.stop() > 1.0
    True
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._peak = 0.0
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch.

        Raises:
            ProcessLookupError: there is no process ``pid``.
        """
        if not psutil.pid_exists(self.pid):
            raise ProcessLookupError(f"pid={self.pid}: no such process is running; expected a living one")
        self._look()
        self._thread = threading.Thread(target=self._watch, name=f"peak-memory-{self.pid}", daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Look a last time, stop watching, and return the peak in MB (2**20 bytes).

        Calling it again returns the same number; a process that has died keeps its last one.

        Raises:
            RuntimeError: ``start()`` was not called.
        """
        if self._thread is None:
            raise RuntimeError("PeakMemory.stop() was called before start(); start it first")
        if not self._over.is_set():
            self._look()
            self._over.set()
            self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._over.wait(INTERVAL.get(sys.platform, 0.1)):
            self._look()

    def _look(self) -> None:
        self._peak = max(self._peak, resident(self.pid))


def resident(pid: int) -> float:
    """Return the peak (macOS: present) resident memory of process ``pid`` in MB; 0 if it is gone."""
    try:
        if sys.platform == "linux":
            return _linux(pid)
        process = psutil.Process(pid)
        if sys.platform == "win32":
            # The python.exe of a virtual environment only launches the interpreter that works.
            family = [process, *process.children()]
            return max(float(member.memory_info().peak_wset) for member in family) / MEGABYTE
        return float(process.memory_info().rss) / MEGABYTE
    except (OSError, psutil.Error):
        return 0.0


def _linux(pid: int) -> float:
    """Read the high-water mark; a zombie has none."""
    found = _HIGH_WATER.search(Path(f"/proc/{pid}/status").read_text("ascii", errors="replace"))
    return int(found.group(1)) / 1024 if found else 0.0
