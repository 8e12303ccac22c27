"""Exercise 05.5, the patients: one small network, trained in good health and with six illnesses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from visioncourse.data import ImageSet

EPOCHS, STEPS, BATCH, HIDDEN = 12, 20, 50, 128


@dataclass(frozen=True)
class Run:
    """What one training run showed, a number for each epoch.

    Attributes:
        loss: mean loss of the training batches, each before its step.
        valid_loss: loss on the held-out images after the epoch.
        valid_accuracy: share of the held-out images that were read, from 0 to 1.
    """

    loss: list[float]
    valid_loss: list[float]
    valid_accuracy: list[float]


@dataclass(frozen=True)
class Recipe:
    """How one patient is trained and examined; the defaults are in good health.

    Attributes:
        lr: rate of plain gradient descent.
        images: how many there are to train on, at most; an epoch passes through fewer of them more often.
        clear: whether the gradients are cleared before each step.
        settle: whether batch normalisation uses its running means in the exam.
        loss: takes what the network returns, and the labels.
    """

    lr: float = 0.1
    images: int = 1000
    clear: bool = True
    settle: bool = True
    loss: Callable[[Tensor, Tensor], Tensor] = F.cross_entropy


def softmax_twice(outputs: Tensor, labels: Tensor) -> Tensor:
    """Hand shares to a loss that takes logits, and makes shares of them once more."""
    return F.cross_entropy(outputs.softmax(dim=1), labels)


RECIPES = {
    "healthy": Recipe(),
    "A": Recipe(lr=1e-3),
    "B": Recipe(settle=False),
    "C": Recipe(lr=8.0),
    "D": Recipe(images=100),
    "E": Recipe(loss=softmax_twice),
    "F": Recipe(clear=False),
}


def patients(train: ImageSet, valid: ImageSet, seed: int = 0) -> dict[str, Run]:
    """Train the network in good health and with each illness, from the same weights and in the same order.

    Args:
        train: the first training images, in an order that the seed decides, are used: 1,000 or all that there are.
        valid: held-out images; the exam takes them class by class, at most about 50 at a time.
        seed: of weights and order. torch's own random state is left as it was.

    Returns:
        "healthy" and "A" to "F", 12 epochs each, and for all of them 20 steps of about 50 images an epoch.
    """
    exam = valid.subset(valid.labels.argsort(stable=True))
    return {name: train_patient(recipe, train, exam, seed) for name, recipe in RECIPES.items()}


def train_patient(recipe: Recipe, train: ImageSet, exam: ImageSet, seed: int) -> Run:
    """Train one patient, and examine it after each epoch."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would also reseed the graphics cards
        model = nn.Sequential(
            nn.Flatten(),
            nn.Linear(train.images[0].numel(), HIDDEN),
            nn.BatchNorm1d(HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, len(train.classes)),
        )
        some = train.subset(torch.randperm(len(train))[: recipe.images])
        optimizer = torch.optim.SGD(model.parameters(), lr=recipe.lr)
        run = Run([], [], [])
        for _ in range(EPOCHS):
            run.loss.append(train_epoch(model, optimizer, some, recipe))
            loss, accuracy = examine(model, exam, recipe)
            run.valid_loss.append(loss)
            run.valid_accuracy.append(accuracy)
    return run


def train_epoch(model: nn.Module, optimizer: Any, some: ImageSet, recipe: Recipe) -> float:
    """Take the steps of one epoch, and return the mean loss of the images."""
    model.train()
    total, seen = 0.0, 0
    for batch in batches(len(some)):
        if recipe.clear:
            optimizer.zero_grad()
        loss = recipe.loss(model(some.images[batch]), some.labels[batch])
        loss.backward()
        optimizer.step()
        total, seen = total + loss.item() * len(batch), seen + len(batch)
    return total / seen


def batches(n: int) -> list[Tensor]:
    """Draw the batches of one epoch from n images, in a new order for each pass: one pass for a thousand."""
    orders = (torch.randperm(n) for _ in range(STEPS))
    return list(islice((batch for order in orders for batch in portions(order, BATCH)), STEPS))


def examine(model: nn.Module, exam: ImageSet, recipe: Recipe) -> tuple[float, float]:
    """Return loss and accuracy on held-out images, taken in the order in which they come."""
    model.train(not recipe.settle)
    size = max(2, min(BATCH, len(exam) // len(exam.classes)))  # classes are seldom mixed, then
    with torch.no_grad():
        outputs = torch.cat([model(images) for images in portions(exam.images, size)])
    right = (outputs.argmax(dim=1) == exam.labels).float().mean()
    return recipe.loss(outputs, exam.labels).item(), right.item()


def portions(values: Tensor, size: int) -> tuple[Tensor, ...]:
    """Cut into nearly equal portions of at least ``size``: no single image remains, which has no spread to divide by.

    >>> [len(portion) for portion in portions(torch.arange(101), 50)]
    [51, 50]
    """
    return values.tensor_split(max(1, len(values) // size))
