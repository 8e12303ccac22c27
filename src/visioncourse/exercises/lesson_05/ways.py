"""Ways to train and to examine a small network, most of them wrong, for exercise 05.6."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from visioncourse.exercises.lesson_05.answers import train_and_examine


def build_network() -> nn.Module:
    """Build the same small network for images of 1 × 3 × 3 and three classes, whatever torch's random state."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(5)
        return nn.Sequential(nn.Flatten(), nn.Linear(9, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 3))


def twice(logits: Tensor, labels: Tensor) -> Tensor:
    """Make shares, and hand them to a loss that makes shares itself."""
    return F.cross_entropy(logits.softmax(dim=1), labels)


def summed(logits: Tensor, labels: Tensor) -> Tensor:
    """Add up the losses of the images."""
    return F.cross_entropy(logits, labels, reduction="sum")


def still(weights: Any, lr: float) -> torch.optim.Optimizer:
    """Make an optimiser that never moves a weight."""
    return torch.optim.SGD(weights, lr=0.0)


def nothing(model: nn.Module, others: Tensor) -> None:
    """Do nothing after a step."""


def trained_by(
    loss: Callable[..., Any] = F.cross_entropy,
    make: Callable[..., Any] = torch.optim.SGD,
    *,
    clear: bool = True,
    training: bool = True,
    settle: bool = True,
    after: Callable[..., Any] = nothing,
    count: Callable[[int], int] = lambda steps: steps,
    size: int = 1000,
) -> Callable[..., Any]:
    """Make a way to train and examine.

    Args:
        loss: takes logits and labels.
        make: takes the weights and the rate, and returns an optimiser.
        clear: whether the gradients are cleared before each step.
        training: whether the network is in train mode when it begins to train.
        settle: whether it is in eval mode in the exam.
        after: takes the network and the images of the exam, after each step.
        count: takes the number of rounds that were asked for, and returns how many there are.
        size: images a step, as many steps a round as it takes.
    """

    def way(build: Any, images: Any, labels: Any, others: Any, lr: Any, steps: Any) -> Any:
        model = build().train(training)
        optimizer = make(model.parameters(), lr=lr)
        for some, answers in list(zip(images.split(size), labels.split(size), strict=True)) * count(steps):
            if clear:
                optimizer.zero_grad()
            loss(model(some), answers).backward()
            optimizer.step()
            after(model, others)
        return model.train(not settle)(others).detach()

    return way


def returning(result: Callable[[Tensor], Any]) -> Callable[..., Any]:
    """Make the right way return something else than the logits."""
    return lambda *arguments: result(train_and_examine(*arguments))


def loss_once(build: Any, images: Any, labels: Any, others: Any, lr: Any, steps: Any) -> Any:
    """Look at the images once, before the first step."""
    model = build()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    loss = F.cross_entropy(model(images), labels)
    for _ in range(steps):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()(others)
