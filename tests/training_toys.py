"""Tiny sets, networks and runs for the tests of training; also run as a program by the kill -9 test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from visioncourse.data.sets import ImageSet
from visioncourse.history import History
from visioncourse.train import fit

KINDS = ("low", "high", "left", "right")
RUNS = [(optimizer, precision) for optimizer in ("adamw", "sgd") for precision in ("float32", "auto")]


def toy_set(count: int = 64, channels: int = 1, classes: int = 4, seed: int = 0) -> ImageSet:
    """Return noisy 8×8 pictures with a bright square whose place tells the class: easily learnt."""
    draw = torch.Generator().manual_seed(seed)
    images = torch.rand(count, channels, 8, 8, generator=draw) / 2
    labels = torch.arange(count) % classes
    for picture, label in zip(images, labels.tolist(), strict=True):
        top, left = 4 * (label // 2), 4 * (label % 2)
        picture[:, top : top + 4, left : left + 4] += 0.5
    return ImageSet(images, labels, KINDS[:classes])


def toy_model(channels: int = 1, classes: int = 4, wide: int = 4, seed: int = 0) -> nn.Sequential:
    """Return a small network with batch norm and dropout, so that buffers and random draws matter."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(channels, wide, 3, padding=1), nn.BatchNorm2d(wide), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Dropout(0.3), nn.Linear(16 * wide, classes),
        )  # fmt: skip


class Stream:
    """The least that ``fit`` asks of a data set: a length and batches."""

    def __init__(self, *batches: tuple[Any, Any]) -> None:
        self.parts = batches

    def __len__(self) -> int:
        return sum(len(labels) for _, labels in self.parts)

    def batches(
        self, batch_size: int = 64, shuffle: bool = False, generator: torch.Generator | None = None
    ) -> Iterator[tuple[Any, Any]]:
        return iter(self.parts)


def jitter(images: Tensor, labels: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """Augment with draws from both random sources that a run may use."""
    return images + 0.01 * torch.randn(images.shape, generator=draw) + 0.001 * torch.rand(()), labels


def train_toy(model: nn.Module, optimizer: str = "adamw", precision: str = "float32", **options: Any) -> History:
    """Train on the toy set; options go to ``fit``."""
    settings: dict[str, Any] = {"epochs": 4, "batch_size": 16, "lr": 0.01, "augment": jitter, "seed": 3}
    return fit(model, toy_set(), optimizer=optimizer, precision=precision, device="cpu", **(settings | options))


def differing(one: nn.Module, other: nn.Module) -> list[str]:
    """Return the names of parameters and buffers that are not bitwise equal."""
    theirs = other.state_dict()
    return [name for name, tensor in one.state_dict().items() if not torch.equal(tensor, theirs[name])]


def checkpoint_of(folder: Path, optimizer: str, precision: str) -> Path:
    """Return where a run of the killed program keeps its state."""
    return folder / f"{optimizer}-{precision}.safetensors"


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, form in RUNS:
        train_toy(toy_model(), name, form, epochs=30, checkpoint=checkpoint_of(Path(sys.argv[1]), name, form))
