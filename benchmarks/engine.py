"""The NumPy engine of lessons 04 and 05 against torch: time and memory of one training step of the same CNN."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
import torch.nn.functional as F
from threadpoolctl import threadpool_limits
from torch import nn

from benchmarks.speed import Ratios, rotated
from benchmarks.work import WIDTHS, digits
from visioncourse.measure import MEGABYTE, PeakMemory
from visioncourse.scratch import nn as own
from visioncourse.scratch import optim
from visioncourse.scratch.autograd import Tensor, no_grad
from visioncourse.scratch.losses import cross_entropy

BATCH = 64
CALLS = {"engine": 6, "torch": 16}  # steps a round, so that both take about half a second
STEPS = 3  # training steps whose memory is watched
Step = Callable[[], float]
Network = tuple[Any, Step]


def torch_network() -> Network:
    """Return the network 1→32→64→64 in torch, and its training step on one batch of digits: float32, Adam."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for number, (chans, outs) in enumerate(pairwise((1, *WIDTHS))):
        layers += [nn.Conv2d(chans, outs, 3, padding=1, bias=False), nn.BatchNorm2d(outs), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] if number < 2 else []
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(WIDTHS[-1], 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    work = digits(BATCH)

    def step() -> float:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(work.images), work.labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return model, step


def engine_network() -> Network:
    """Return the same in the engine."""
    rng, layers = np.random.default_rng(0), list[own.Module]()
    for number, (chans, outs) in enumerate(pairwise((1, *WIDTHS))):
        layers += [own.Conv2d(chans, outs, 3, padding=1, bias=False, rng=rng), own.BatchNorm2d(outs), own.ReLU()]
        layers += [own.MaxPool2d(2)] if number < 2 else []
    model = own.Sequential(*layers, own.GlobalAverage(), own.Linear(WIDTHS[-1], 10, rng=rng))
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    work = digits(BATCH)
    images, labels = Tensor(work.images.numpy()), work.labels.numpy()

    def step() -> float:
        optimizer.zero_grad()
        loss = cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return model, step


NETWORKS: dict[str, Callable[[], Network]] = {"engine": engine_network, "torch": torch_network}


def compare_steps(rounds: int) -> Ratios:
    """Measure training steps of both, interleaved, after three that do not count.

    Returns:
        How many times as long the engine's step takes.

    Raises:
        AssertionError: where their losses differ although they began with the same weights.
    """
    (ours, own_step), (theirs, torch_step) = engine_network(), torch_network()
    with no_grad():
        for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            mine.assign(other.detach().numpy())
    ways = {"engine": own_step, "torch": torch_step}
    losses = {name: [step() for _ in range(STEPS)] for name, step in ways.items()}
    np.testing.assert_allclose(losses["engine"], losses["torch"], rtol=1e-3)
    found: list[dict[str, float]] = []
    for number in range(rounds):
        found.append({name: seconds(ways[name], CALLS[name]) for name in rotated(list(ways), number)})
    return Ratios(tuple(each["engine"] / each["torch"] for each in found))


def seconds(call: Callable[[], Any], calls: int) -> float:
    """Return the mean seconds of a call: the processor's with one thread, the wall's with several, as in ``once``."""
    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    start = clock()
    for _ in range(calls):
        call()
    return (clock() - start) / calls


@contextmanager
def same_threads() -> Iterator[None]:
    """Let NumPy's matrix products use as many threads as torch does."""
    with threadpool_limits(torch.get_num_threads()):
        yield


def compare_memory(rounds: int) -> Ratios:
    """Measure how far the memory of a fresh process rises above its level before the first training step.

    Returns:
        How many times as far it rises with the engine as with torch.
    """
    return Ratios(tuple(_probe("engine") / _probe("torch") for _ in range(rounds)))


def _probe(name: str) -> float:
    """Return the megabytes of one network's steps in a fresh interpreter."""
    command = [sys.executable, "-m", "benchmarks.engine", name, str(torch.get_num_threads())]
    root = Path(__file__).resolve().parents[1]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return float(json.loads(run.stdout))


def rise(step: Step) -> float:
    """Return by how many megabytes the peak of a few steps lies above the level before them."""
    _forget()
    before: float = psutil.Process().memory_info().rss / MEGABYTE
    memory = PeakMemory(os.getpid())
    memory.start()
    for _ in range(STEPS):
        step()
    return memory.stop() - before


def _forget() -> None:
    """Give freed memory back and forget the peak of the imports, as far as the system can (Linux)."""
    gc.collect()
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)  # else a step may use what the imports left, and seem to need less
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def probe(name: str, threads: int) -> float:
    """Measure one network in this process."""
    torch.set_num_threads(threads)
    with same_threads():
        return rise(NETWORKS[name]()[1])


if __name__ == "__main__":
    print(json.dumps(probe(sys.argv[1], int(sys.argv[2]))))
