"""Batched augmentation against torchvision, which takes image by image, and against a training step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmarks.engine import seconds
from benchmarks.speed import Ratios, rotated
from benchmarks.work import WIDTHS
from visioncourse import models
from visioncourse.augment import Compose, Cutout, Flip, ShiftCrop
from visioncourse.data import ImageSet
from visioncourse.device import choose_precision
from visioncourse.history import History
from visioncourse.loop import Run, cross_entropy
from visioncourse.optim import make_optimizer, make_schedule

BATCH = 256
SHAPES = {"28×28": (1, 28, 28), "32×32×3": (3, 32, 32)}
SHIFT, HOLE = 4, 8  # pixels
OURS, THEIRS, STEP = "batched", "torchvision", "training step"
CALLS = {OURS: 40, THEIRS: 1, STEP: 2}


def batched(images: Tensor) -> Callable[[], Tensor]:
    """Return a call that shifts, flips and cuts out by this package, drawing anew each time."""
    augment, draw = Compose([ShiftCrop(SHIFT), Flip(), Cutout(HOLE)]), torch.Generator().manual_seed(0)
    return lambda: augment(images, None, draw)[0]


def image_by_image(images: Tensor) -> Callable[[], Tensor]:
    """Return a call that does the same by torchvision's transforms v2, which draw once a call, so once an image."""
    from torchvision.transforms import v2

    side = images.shape[-1]
    area = (HOLE / side) ** 2
    transform = v2.Compose(
        [
            v2.RandomCrop(side, padding=SHIFT, padding_mode="reflect"),
            v2.RandomHorizontalFlip(),
            v2.RandomErasing(1.0, scale=(area, area), ratio=(1.0, 1.0)),
        ]
    )
    return lambda: torch.stack([transform(image) for image in images])


def training_step(images: Tensor) -> Callable[[], Any]:
    """Return a call that takes one step of ``fit`` with the small CNN on this batch, in the quickest precision."""
    torch.manual_seed(0)
    labels, device = torch.arange(len(images)) % 10, torch.device("cpu")
    model = models.create("small_cnn", in_chans=images.shape[1], widths=WIDTHS)
    rule = make_optimizer("adamw", model.parameters(), 1e-3, 0.01)
    how, plan = choose_precision("auto", device), make_schedule("constant", rule, 1)
    run = Run(model, rule, plan, cross_entropy, None, device, how, len(images), torch.Generator(), History())
    run.prepare(ImageSet(images, labels, tuple("0123456789")))
    model.train()
    return partial(run.step, run.place(images), labels, len(images))


def compare_augmentation(rounds: int) -> dict[str, dict[str, Ratios]]:
    """Measure the three on a batch of 256 images of each shape, interleaved, after one untimed round.

    Returns:
        For each shape: how many times as long torchvision takes as this package, under its name; and under
        "training step" which part of a step this package's augmentation takes.
    """
    found = {}
    for name, shape in SHAPES.items():
        images = torch.rand(BATCH, *shape, generator=torch.Generator().manual_seed(0))
        ways = {OURS: batched(images), THEIRS: image_by_image(images), STEP: training_step(images)}
        times = [_round(ways, number) for number in range(-1, rounds)][1:]
        found[name] = {
            THEIRS: Ratios(tuple(each[THEIRS] / each[OURS] for each in times)),
            STEP: Ratios(tuple(each[OURS] / each[STEP] for each in times)),
        }
    return found


def _round(ways: dict[str, Callable[[], Any]], number: int) -> dict[str, float]:
    """Return the seconds of a call of each, one after the other in rotated order."""
    return {name: seconds(ways[name], CALLS[name]) for name in rotated(list(ways), number)}
