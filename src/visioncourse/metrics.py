"""How good is it: predictions of a model on a whole set, accuracy with its sampling error, confusions."""

from __future__ import annotations

import math
from itertools import chain
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from visioncourse.device import choose_precision
from visioncourse.loop import Batches


@torch.no_grad()
def predict_logits(
    model: nn.Module,
    images: Batches | Float[Tensor, "n c h w"],
    batch_size: int = 256,
    precision: str = "float32",
) -> Float[Tensor, "n k"]:
    """Return the logits of every image, on the processor, in the order given.

    Args:
        model: maps images to logits; put into eval mode for this and then back.
        images: an ``ImageSet``, anything with ``batches``, or a tensor of images.
        batch_size: images a pass; changes nothing but speed and memory.
        precision: of the forward pass.
    """
    where = next((tensor.device for tensor in chain(model.parameters(), model.buffers())), torch.device("cpu"))
    how = choose_precision(precision, where)
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    parts = images.split(batch_size) if isinstance(images, Tensor) else (part for part, _ in images.batches(batch_size))
    with how.autocast(where):
        logits = [model(part.to(where, memory_format=how.memory_format)).float().cpu() for part in parts]
    for module, was_training in modes:
        module.training = was_training
    return torch.cat(logits)


def predict_labels(
    model: nn.Module, images: Batches | Float[Tensor, "n c h w"], batch_size: int = 256
) -> Int[Tensor, " n"]:
    """Return the class with the largest logit for every image."""
    return predict_logits(model, images, batch_size).argmax(1)


def accuracy(model: nn.Module, images: Any, batch_size: int = 256) -> float:
    """Return the share of images that a model names correctly, in [0, 1]."""
    return float((predict_labels(model, images, batch_size) == images.labels).double().mean())


def standard_error(share: float, count: int) -> float:
    """Return the sampling error (one standard deviation) of a share measured on ``count`` independent images.

    >>> round(standard_error(0.988, 1000), 4)
    0.0034
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share={share!r}: expected a number from 0 to 1.")
    if count < 1:
        raise ValueError(f"count={count!r}: expected at least one image.")
    return math.sqrt(share * (1 - share) / count)


def confusion(predicted: Int[Tensor, " n"], labels: Int[Tensor, " n"], num_classes: int) -> Int[Tensor, "k k"]:
    """Count how often each class (row) was named as each class (column)."""
    from torchmetrics.functional.classification import multiclass_confusion_matrix

    counts: Tensor = multiclass_confusion_matrix(predicted, labels, num_classes)
    return counts
