"""The training loop itself: one step, one epoch, one measurement."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from visioncourse.augment import Augmentation, rows
from visioncourse.device import Precision
from visioncourse.distributed import Team
from visioncourse.history import History
from visioncourse.models.shared import SharedDropout, share_dropout

Loss = Callable[[Any, Any], Tensor]
Augment = Callable[[Any, Any, torch.Generator], tuple[Any, Any]]


@runtime_checkable
class Batches(Protocol):
    """What ``fit`` needs of a data set: its length, and batches of (inputs, targets)."""

    def __len__(self) -> int: ...

    def batches(
        self, batch_size: int = 64, shuffle: bool = False, generator: torch.Generator | None = None
    ) -> Iterable[tuple[Any, Any]]:
        """Yield (inputs, targets)."""
        ...


def cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy of logits ``(b, k)`` against labels ``(b,)`` or soft labels ``(b, k)``, in float32."""
    return F.cross_entropy(outputs.float(), targets)


@dataclass
class Run:
    """Everything that one call of ``fit`` carries from step to step.

    In a team of several processes each has a ``Run`` of its own: the same weights and the same random draws, and of
    every batch its own images.
    """

    model: nn.Module
    optimizer: Optimizer
    scheduler: LambdaLR
    loss: Loss
    augment: Augment | None
    device: torch.device
    precision: Precision
    batch_size: int
    order: torch.Generator
    history: History
    team: Team = field(default_factory=Team)

    def prepare(self, train: Batches) -> None:
        """Move the model to its device, and try one small batch so that a misfit is said in plain words."""
        if self.team.size > 1:
            share_dropout(self.model)
        self.model.to(self.device, memory_format=self.precision.memory_format)  # type: ignore[call-overload]
        if self.loss is cross_entropy:
            images, labels = next(iter(train.batches(2)))
            check_misfit(self.model, self.place(images), getattr(train, "labels", labels))
        self.network = self.team.wrap(self.model, self.device)
        self.drops = [layer for layer in self.network.modules() if isinstance(layer, SharedDropout)]

    def record_epoch(self, train: Batches, valid: Batches | None) -> None:
        """Train one epoch, measure, and write the row into the history."""
        start = time.perf_counter()
        loss, accuracy = self.epoch(train)
        self.team.average_buffers(self.model)
        self.history.loss.append(loss)
        self.history.accuracy.append(accuracy)
        if valid is not None:
            loss, accuracy = self.measure(valid)
            self.history.valid_loss.append(loss)
            self.history.valid_accuracy.append(accuracy)
        self.history.lr.append(self.optimizer.param_groups[0]["lr"])
        self.history.seconds.append(time.perf_counter() - start)

    def place(self, value: Any) -> Any:
        """Move a batch to the device; images also into the memory layout of the precision."""
        if not isinstance(value, Tensor):
            return value
        if value.dim() == 4:
            return value.to(self.device, memory_format=self.precision.memory_format)
        return value.to(self.device)

    def batches(self, data: Batches, batch_size: int, **order: Any) -> Iterator[tuple[Any, Any, int]]:
        """Yield this process's images and targets of each batch, and how many images the whole batch has."""
        if self.team.size > 1:
            order["share"] = (self.team.rank, self.team.size)
        wholes = range(0, len(data), batch_size)
        for start, (images, labels) in zip(wholes, data.batches(batch_size, **order), strict=False):
            whole = min(batch_size, len(data) - start) if self.team.size > 1 else len(labels)
            yield images, labels, whole

    def change(self, images: Any, labels: Any, whole: int) -> tuple[Any, Any]:
        """Augment this process's images as they would be augmented within the whole batch."""
        if self.augment is None or self.team.size == 1:
            return (images, labels) if self.augment is None else self.augment(images, labels, self.order)
        if not isinstance(self.augment, Augmentation):
            raise TypeError(
                f"augment={self.augment!r}: several processes need a visioncourse.augment.Augmentation, "
                "which draws for the whole batch and is applied to a part of it."
            )
        choice = self.augment.sample(self.order, whole)
        return self.augment.replay(images, labels, rows(choice, *self.team.portion(whole)))

    def step(self, inputs: Any, targets: Any, whole: int) -> tuple[Tensor, Tensor | None]:
        """Take one optimiser step on a batch of ``whole`` images; return this part's loss and how many were right."""
        for layer in self.drops:
            layer.place = (self.team.portion(whole)[0], whole)
        with self.precision.autocast(self.device):
            outputs = self.network(inputs)
            loss = self.loss(outputs, targets)
        self.optimizer.zero_grad(set_to_none=True)
        # The processes' gradients are averaged: a part with more images has to count for more.
        (loss if self.team.size == 1 else loss * (len(targets) * self.team.size / whole)).backward()
        self.optimizer.step()
        self.scheduler.step()
        return loss.detach(), count_right(outputs, targets)

    def epoch(self, train: Batches) -> tuple[float, float]:
        """Go once through the training set; return mean loss and accuracy."""
        self.network.train()
        seen, total_loss, right = 0, torch.zeros((), device=self.device), torch.zeros((), device=self.device)
        fewest = max(self.team.size, min(self.batch_size, 2))  # batch norm cannot train on a left-over single image
        for images, labels, whole in self.batches(train, self.batch_size, shuffle=True, generator=self.order):
            if whole < fewest and seen:
                continue
            images, labels = self.change(images, labels, whole)
            loss, hits = self.step(self.place(images), self.place(labels), whole)
            seen += len(labels)
            total_loss += loss.float() * len(labels)
            right += float("nan") if hits is None else hits
        return self.means(seen, total_loss, right)

    @torch.no_grad()
    def measure(self, valid: Batches) -> tuple[float, float]:
        """Return mean loss and accuracy on held-out images, each counted once, weights untouched."""
        self.model.eval()
        seen, total_loss, right = 0, 0.0, 0.0
        for images, labels, _ in self.batches(valid, max(self.batch_size, 256)):
            if len(labels) == 0:
                continue  # the last batch has fewer images than there are processes
            inputs, targets = self.place(images), self.place(labels)
            with self.precision.autocast(self.device):
                outputs = self.model(inputs)
                total_loss += self.loss(outputs, targets).item() * len(labels)
            hits = count_right(outputs, targets)
            right += float("nan") if hits is None else hits.item()
            seen += len(labels)
        return self.means(seen, total_loss, right)

    def means(self, seen: int, loss: Any, right: Any) -> tuple[float, float]:
        """Return mean loss and share of right answers over what all processes have seen."""
        if self.team.size > 1:
            totals = torch.tensor([float(value) for value in (seen, loss, right)], device=self.device)
            seen, loss, right = self.team.sum(totals).tolist()
        return float(loss) / seen, float(right) / seen


def count_right(outputs: Any, targets: Any) -> Tensor | None:
    """Count the rows whose largest logit sits at the label; None where outputs are not logits ``(b, k)``."""
    if not (isinstance(outputs, Tensor) and isinstance(targets, Tensor) and outputs.dim() == 2):
        return None
    labels = targets.argmax(1) if targets.dim() == 2 else targets
    return (outputs.argmax(1) == labels).sum()


@torch.no_grad()
def check_misfit(model: nn.Module, images: Any, labels: Any) -> None:
    """Compare a classifier with its data before training.

    Raises:
        ValueError: where the labels are of one class only, the model cannot read the images, or it has fewer logits
            than there are classes.
    """
    if isinstance(labels, Tensor) and labels.dim() == 1 and len(labels.unique()) < 2:
        raise ValueError(f"train holds one class only (label {int(labels[0])}): expected at least two.")
    was_training = model.training
    model.eval()  # so that batch norm does not learn from the trial
    try:
        logits = model(images)
    except RuntimeError as problem:
        reason = str(problem).splitlines()[0]
        raise ValueError(f"the model cannot read images of shape {tuple(images.shape[1:])}: {reason}") from None
    finally:
        model.train(was_training)
    if isinstance(labels, Tensor) and labels.dim() == 1 and int(labels.max()) >= logits.shape[1]:
        raise ValueError(f"labels go up to {int(labels.max())}, but the model gives {logits.shape[1]} logits.")
