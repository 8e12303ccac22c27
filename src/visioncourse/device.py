"""Which device, which number format, which seed: the choices that a machine makes for a training run."""

from __future__ import annotations

import os
import platform
import random
import re
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version as installed_version

import numpy as np
import torch

from visioncourse.textual import unknown
from visioncourse.versions import check_versions

check_versions()

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "float32", "bfloat16")


def choose_device(name: str = "auto") -> torch.device:
    """Return the device to compute on.

    Args:
        name: "auto" (CUDA, else Apple's MPS, else the processor), or "cpu", "cuda", "cuda:1", "mps".

    Raises:
        ValueError: for a name that nobody knows, or a device that this machine does not have.
    """
    if not re.fullmatch(r"auto|(cpu|cuda|mps)(:\d+)?", name):
        raise ValueError(unknown("device", name, DEVICES))
    have = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if have[kind]))
    if not have[name.split(":")[0]]:
        raise ValueError(f'device={name!r} is not available on this machine: use "auto" or "cpu".')
    return torch.device(name)


def seed_everything(seed: int) -> torch.Generator:
    """Seed Python, NumPy and torch, and return a generator of its own for whoever wants to pass it on.

    Raises:
        ValueError: for a seed that is not a whole number from 0 to 2**32 - 1.
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**32:
        raise ValueError(f"seed={seed!r}: expected a whole number from 0 to 2**32 - 1.")
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed)


@dataclass(frozen=True)
class Precision:
    """A number format and a memory layout, with the reason why they were chosen.

    Attributes:
        name: "float32" or "bfloat16".
        dtype: the format of autocast, or None for plain float32.
        memory_format: how a batch ``(n, c, h, w)`` lies in memory.
        reason: half a sentence for people.
    """

    name: str
    dtype: torch.dtype | None
    memory_format: torch.memory_format
    reason: str

    def autocast(self, device: torch.device) -> AbstractContextManager[object]:
        """Return the context in which forward passes run: autocast, or nothing at all."""
        if self.dtype is None:
            return nullcontext()
        return torch.autocast(device.type, dtype=self.dtype)


def _has_bfloat16(device: torch.device) -> bool:
    """Say whether bfloat16 arithmetic is native on this device (emulation would cost speed)."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device)[0] >= 8
    if device.type == "cpu":
        abilities = torch.cpu.get_capabilities()
        return bool(abilities.get("avx512_bf16") or abilities.get("amx_bf16"))
    return False


def choose_precision(name: str = "auto", device: torch.device | None = None) -> Precision:
    """Return the number format and memory layout that train fastest on this device.

    Channels-last layout helps convolutions everywhere; bfloat16 is used where the device computes in it
    natively. Weights, gradients and optimiser state stay float32 in either case.

    Args:
        name: "auto", "float32" (switches bfloat16 off), or "bfloat16".
        device: where to compute; the automatic choice if None.
    """
    device = choose_device() if device is None else device
    if name not in PRECISIONS:
        raise ValueError(unknown("precision", name, PRECISIONS))
    native = _has_bfloat16(device)
    if name == "float32" or (name == "auto" and not native):
        reason = "asked for" if name == "float32" else f"no native bfloat16 on this {device.type}"
        return Precision("float32", None, torch.channels_last, reason)
    reason = "native on this " + device.type if native else "asked for, emulated on this " + device.type
    return Precision("bfloat16", torch.bfloat16, torch.channels_last, reason)


def describe() -> list[str]:
    """Return a report on this machine in short lines: versions, device, cores, precision."""
    device = choose_device()
    precision = choose_precision(device=device)
    return [
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}",
        f"torch {torch.__version__}, torchvision {installed_version('torchvision')}",
        f"device {device.type}, {os.cpu_count()} cores, {torch.get_num_threads()} threads in use",
        f"precision {precision.name} ({precision.reason}), layout channels-last",
    ]
