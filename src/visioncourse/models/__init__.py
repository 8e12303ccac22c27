"""Networks, one family a file, all built by name.

Every model has ``forward_features(images)`` and ``forward_head(features)``, and ``forward`` is the one after
the other, so that features can be looked at, cached, or given another head.
"""

from __future__ import annotations

from inspect import signature
from typing import Any

from torch import nn

from visioncourse.models.cnn import LeNet, SmallCNN
from visioncourse.models.configurations import MODELS
from visioncourse.models.counting import count_multiply_adds, count_parameters
from visioncourse.models.densenet import DenseNet
from visioncourse.models.efficientnet import EfficientNet, compound
from visioncourse.models.mlp import MLP, Linear
from visioncourse.models.parts import check_counts
from visioncourse.models.pretrained import load_pretrained
from visioncourse.models.resnet import ResNet
from visioncourse.models.zoo import borrow
from visioncourse.textual import unknown

__all__ = [
    "MLP",
    "MODELS",
    "DenseNet",
    "EfficientNet",
    "LeNet",
    "Linear",
    "ResNet",
    "SmallCNN",
    "compound",
    "count_multiply_adds",
    "count_parameters",
    "create",
]

TORCHVISION = "torchvision/"


def create(name: str, num_classes: int = 10, in_chans: int = 1, **options: Any) -> nn.Module:
    """Build a network by name.

    Args:
        name: a key of ``MODELS``, or "torchvision/" and the name of one of torchvision's classifiers.
        num_classes: how many logits come out.
        in_chans: channels of the images that go in.
        options: whatever else the model's class takes, or torchvision's function; and ``weights``: the name of the set
            on which shipped weights were trained ("cifar10" for "resnet20"), or of torchvision's published ones. Where
            they were made for another number of classes, the last layer is a fresh one.

    Returns:
        A module that maps images ``(b, in_chans, h, w)`` to logits ``(b, num_classes)``.

    Raises:
        ValueError: for an unknown name, with the nearest ones, a value that makes no network, or weights that are not
            shipped or belong to another network.
        TypeError: for an option that the network does not have, with the nearest ones.
        ConnectionError: for published weights that are neither on this machine nor to be had.

    >>> import torch
    >>> create("small_cnn", num_classes=7)(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 7])
    """
    check_counts(num_classes=num_classes, in_chans=in_chans)
    if name.startswith(TORCHVISION):
        return borrow(name.removeprefix(TORCHVISION), num_classes, in_chans, **options)
    if name not in MODELS:
        raise ValueError(unknown("model", name, MODELS))
    known = signature(MODELS[name]).parameters
    weights = options.pop("weights", None)
    for option in options:
        if option not in known:
            raise TypeError(unknown(f"option of {name}", option, known))
    if weights is not None:
        return load_pretrained(MODELS[name], name, weights, num_classes, in_chans, **options)
    return MODELS[name](num_classes=num_classes, in_chans=in_chans, **options)
