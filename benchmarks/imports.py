"""What ``import visioncourse`` costs beyond torch, measured in fresh interpreters."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

PROBE = """
import json, time
start = time.perf_counter()
import torch
middle = time.perf_counter()
import visioncourse
from visioncourse import data, device, models, train
print(json.dumps([middle - start, time.perf_counter() - middle]))
"""


def import_cost(rounds: int) -> tuple[float, float]:
    """Import torch, then the package and its modules for data, devices, models and training.

    Args:
        rounds: interpreters that count; where there are several, one more goes before them to warm the file cache.

    Returns:
        Median seconds beyond torch, and the same as a share of torch's own.
    """
    pairs = [_probe() for _ in range(rounds + (rounds > 1))][-rounds:]
    return statistics.median(own for _, own in pairs), statistics.median(own / torch for torch, own in pairs)


def _probe() -> tuple[float, float]:
    """Return the seconds of torch and of the package in one fresh interpreter."""
    run = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    torch, own = json.loads(run.stdout)
    return torch, own
