"""Networks, one family a file, all built by name.

Every model has ``forward_features(images)`` and ``forward_head(features)``, and ``forward`` is the one after
the other, so that features can be looked at, cached, or given another head.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from visioncourse.models.cnn import LeNet, SmallCNN
from visioncourse.models.mlp import MLP, Linear
from visioncourse.textual import unknown

MODELS: dict[str, Callable[..., nn.Module]] = {
    "linear": Linear,
    "mlp": MLP,
    "lenet": LeNet,
    "small_cnn": SmallCNN,
}

__all__ = ["MLP", "MODELS", "LeNet", "Linear", "SmallCNN", "count_parameters", "create"]


def create(name: str, num_classes: int = 10, in_chans: int = 1, **options: Any) -> nn.Module:
    """Build a network by name.

    Args:
        name: a key of ``MODELS``.
        num_classes: how many logits come out.
        in_chans: channels of the images that go in.
        options: whatever else the model's class takes.

    Returns:
        A module that maps images ``(b, in_chans, h, w)`` to logits ``(b, num_classes)``.

    Raises:
        ValueError: for an unknown name, with the nearest ones.

    >>> import torch
    >>> create("small_cnn", num_classes=7)(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 7])
    """
    if name not in MODELS:
        raise ValueError(unknown("model", name, MODELS))
    for argument, value in (("num_classes", num_classes), ("in_chans", in_chans)):
        if value < 1:
            raise ValueError(f"{argument}={value!r}: expected a whole number of at least 1.")
    return MODELS[name](num_classes=num_classes, in_chans=in_chans, **options)


def count_parameters(model: nn.Module, trainable_only: bool = False) -> int:
    """Count the numbers that a network holds as parameters (buffers such as running means left out).

    >>> count_parameters(nn.Linear(784, 10))
    7850
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad or not trainable_only)
