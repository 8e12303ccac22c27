"""What a report says of the machine that made it."""

from __future__ import annotations

import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from visioncourse.running.execute import cores

PACKAGES = ("visioncourse", "torch", "torchvision", "numpy", "scikit-learn", "papermill", "ipykernel")


def describe_machine() -> dict[str, Any]:
    """Return processor, usable cores, memory in GB, operating system and versions; no names of hosts or people."""
    return {
        "cpu": cpu(),
        "cores": cores(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {"python": platform.python_version()} | versions(),
    }


def versions() -> dict[str, str]:
    """Return the versions of what the results depend on, from the metadata, without importing it."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def cpu() -> str:
    """Return the processor's name, as well as the system knows it."""
    if sys.platform == "linux":
        text = Path("/proc/cpuinfo").read_text("utf-8", errors="replace")
        names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    elif sys.platform == "darwin":
        order = ["sysctl", "-n", "machdep.cpu.brand_string"]
        names = [subprocess.run(order, capture_output=True, text=True, check=False).stdout.strip()]
    else:
        names = []
    return next((name for name in names if name), platform.processor() or platform.machine())
