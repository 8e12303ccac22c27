"""What one sees while features are computed, for exercise 07.2."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from visioncourse.exercises.compare import same
from visioncourse.exercises.lesson_07.toys import toy
from visioncourse.exercises.lesson_07.trials import tried, trouble

CASES = [(307, True), (512, False)]  # how many images, and whether the model is in train mode
CHANS, HEIGHT, WIDTH = 5, 6, 3  # of the maps; the head has 4 outputs
TOLERANCE = 1e-4
STATISTICS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


@dataclass(frozen=True)
class Seen:
    """What an answer did with a model and its images.

    Attributes:
        result: what it returned.
        maps: the maps of which the features are the means.
        batches: how many images the model looked at, each time.
        learning: whether some batch norm looked in train mode.
        modes: of each module, whether it was in train mode before the call and whether it is now.
        frozen: whether a weight that could learn no longer can.
        keeps_gradients: whether gradients are still switched on.
    """

    result: Any
    maps: Tensor
    batches: list[int]
    learning: bool
    modes: list[tuple[bool, bool]]
    frozen: bool
    keeps_gradients: bool

    @property
    def expected(self) -> Tensor:
        """The right features."""
        return self.maps.mean(dim=(2, 3))

    def is_like(self, wanted: Tensor) -> bool:
        """Say whether the result is this."""
        return isinstance(self.result, Tensor) and same(self.result, wanted, TOLERANCE)

    def has_axes(self, *axes: str) -> bool:
        """Say whether the result has one row for each image, and further axes such as "c", or "chw" for c · h · w."""
        lengths = {"c": CHANS, "h": HEIGHT, "w": WIDTH, "k": 4, "1": 1}
        shape = [math.prod(lengths[letter] for letter in axis) for axis in axes]
        return isinstance(self.result, Tensor) and list(self.result.shape) == [len(self.maps), *shape]

    def is_part(self, at_the_end: bool = False) -> bool:
        """Say whether the result is the features of some of the images, the first or the last ones."""
        if not isinstance(self.result, Tensor) or not 0 < len(self.result) < len(self.maps):
            return False
        rows = len(self.result)
        return self.is_like(self.expected[-rows:] if at_the_end else self.expected[:rows])

    def is_shuffled(self) -> bool:
        """Say whether the result has the right features in another order."""
        if not self.has_axes("c") or self.is_like(self.expected):
            return False
        got, wanted = (rows.detach().sort(dim=0).values for rows in (self.result, self.expected))
        return same(got, wanted, TOLERANCE)


def look(answer: Callable[..., Any], count: int, training: bool) -> Seen | str:
    """Try an answer on a model and ``count`` images, and see what it does."""
    model = toy((2, 3, CHANS)).train(training)
    images = torch.randn(count, 2, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(count))
    with torch.no_grad():
        maps = toy((2, 3, CHANS)).eval().forward_features(images)
    batches, learning = watch(model)
    before = [part.training for part in model.modules()]
    outcome, keeps_gradients = tried(answer, model, images)
    complaint = trouble(outcome, f"a model in {'train' if training else 'eval'} mode and {count} images")
    modes = list(zip(before, (part.training for part in model.modules()), strict=False))
    frozen = not all(weight.requires_grad for weight in model.parameters())
    return complaint or Seen(outcome.value, maps, batches, any(learning), modes, frozen, keeps_gradients)


def watch(model: Any) -> tuple[list[int], list[bool]]:
    """Write down what a model does from now on.

    Returns:
        Two lists that grow with every look: of how many images it is, and whether batch norm is in train mode.
    """
    batches: list[int] = []
    learning: list[bool] = []

    def note(first: bool, stage: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if first:
            batches.append(len(inputs[0]))
        learning.append(any(part.training for part in stage.modules() if isinstance(part, STATISTICS)))

    for number, stage in enumerate(model.stages):
        stage.register_forward_pre_hook(partial(note, number == 0))
    return batches, learning
