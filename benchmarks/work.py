"""The piece of training that every arm does: one small CNN, 28×28 digits, AdamW."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from visioncourse import data, models

WIDTHS = (32, 64, 64)


@dataclass(frozen=True)
class Work:
    """What to train on and how long; the same for all arms.

    Attributes:
        images: float32 ``(n, 1, 28, 28)``, contiguous.
        labels: int64 ``(n,)``.
        epochs: passes over the images.
        seed: of the first weights and of the order of the images.
        batch_size: images a step.
        lr: learning rate.
        schedule: "constant" where speed is measured; "onecycle" where accuracy is, because a rate that never falls
            leaves the last weights to chance.
    """

    images: Float[Tensor, "n c h w"]
    labels: Int[Tensor, " n"]
    epochs: int
    seed: int = 0
    batch_size: int = 64
    lr: float = 1e-3
    schedule: str = "constant"

    @property
    def seen(self) -> int:
        """How many images one run trains on, repetitions counted."""
        return self.epochs * len(self.labels)

    @property
    def steps(self) -> int:
        """How many optimiser steps one run takes."""
        return self.epochs * -(-len(self.labels) // self.batch_size)

    def model(self) -> nn.Module:
        """Build the network; the same seed gives the same weights, so that arms start alike."""
        torch.manual_seed(self.seed)
        return models.create("small_cnn", widths=WIDTHS)


Job = tuple[nn.Module, Callable[[], object]]
"""A model, and the call that trains it: only that call is timed."""

Prepare = Callable[[Work], Job]


def digits(count: int | None = None, epochs: int = 1, seed: int = 0) -> Work:
    """Return work on the first ``count`` training digits of mnist5k (all 3,500 if None).

    Raises:
        ValueError: where there are fewer digits, or fewer than one batch is asked for.
    """
    train = data.load("mnist5k", "train")
    count = len(train) if count is None else count
    if not Work.batch_size <= count <= len(train):
        raise ValueError(f"images={count}: expected a number from {Work.batch_size} (one batch) to {len(train)}.")
    return Work(train.images[:count].contiguous(), train.labels[:count], epochs, seed)
