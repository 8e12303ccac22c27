"""On which machine a ratio was measured: it holds for that one."""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import torch

PACKAGES = ("torch", "torchvision", "numpy", "skorch", "lightning", "fastai")


def processor() -> str:
    """Return the model of the processor as the system names it."""
    if platform.system() == "Darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        if named:
            return named[0]
    return platform.processor() or platform.machine()


def has_avx512_bfloat16() -> bool:
    """Say whether the processor computes in bfloat16 by AVX-512 (AMX comes on top of it)."""
    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))


def keep_heap() -> bool:
    """Let this process keep the memory that it frees, and return whether that could be done (glibc only).

    By default glibc hands large blocks back and fetches them anew, page by page, or does not, by the luck of what was
    allocated before. Where it strikes, the float32 loops lose a third of their speed and bfloat16, with blocks
    half as large, next to nothing: that is no merit of ``fit``, so it is taken out for all arms alike.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt, trim_threshold, mmap_threshold = ctypes.CDLL(None).mallopt, -1, -3
    return bool(mallopt(mmap_threshold, 2**25) and mallopt(trim_threshold, 2**30))


def load() -> float | None:
    """Return how many processes wanted to run in the last minute, where the system tells."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def versions() -> dict[str, str]:
    """Return what is installed of the packages that matter."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = installed_version(name)
        except PackageNotFoundError:
            continue
    return found


def describe() -> dict[str, Any]:
    """Return the machine as JSON can hold it."""
    return {
        "processor": processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "avx512_bf16": has_avx512_bfloat16(),
        "versions": versions(),
    }
