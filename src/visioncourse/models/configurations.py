"""Every network of the course by name: a class, and the options that make the name's network of it.

A number behind a family is its depth in layers. ``resnet18``, ``34`` and ``50``, ``densenet121`` and the
``efficientnet_b…`` are those for large photographs; the other residual and dense networks are those for small images.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import nn

from visioncourse.models.cnn import LeNet, SmallCNN
from visioncourse.models.densenet import DenseNet
from visioncourse.models.efficientnet import B0, B1, B2, B3, SMALL, EfficientNet
from visioncourse.models.mlp import MLP, Linear
from visioncourse.models.resnet import ResNet

SMALL_IMAGE_DEPTHS = (8, 14, 20, 32, 44, 56, 110)  # layers, 6n+2

imagenet_resnet = partial(ResNet, width=64, stem="imagenet", shortcut="project")
imagenet_efficientnet = partial(EfficientNet, plan=B0, dropout=0.2, drop_path=0.2)

MODELS: dict[str, Callable[..., nn.Module]] = {
    "linear": Linear,
    "mlp": MLP,
    "lenet": LeNet,
    "small_cnn": SmallCNN,
    **{f"plain{depth}": partial(ResNet, depth=depth, shortcut="none") for depth in SMALL_IMAGE_DEPTHS},
    **{f"resnet{depth}": partial(ResNet, depth=depth) for depth in SMALL_IMAGE_DEPTHS},
    **{f"preact_resnet{depth}": partial(ResNet, depth=depth, block="preact") for depth in SMALL_IMAGE_DEPTHS},
    "preact_resnet164": partial(ResNet, depth=164, block="preact_bottleneck"),
    "resnet18": partial(imagenet_resnet, depth=(2, 2, 2, 2)),
    "resnet34": partial(imagenet_resnet, depth=(3, 4, 6, 3)),
    "resnet50": partial(imagenet_resnet, depth=(3, 4, 6, 3), block="bottleneck"),
    # The second number is the growth.
    "densenet_40_12": partial(DenseNet, depth=40, growth=12, width=16, bottleneck=False, compression=1.0),
    "densenet_bc_40_12": partial(DenseNet, depth=40, growth=12),
    "densenet_bc_52_12": partial(DenseNet, depth=52, growth=12),
    "densenet_bc_100_12": partial(DenseNet, depth=100, growth=12),
    "densenet121": partial(DenseNet, depth=(6, 12, 24, 16), growth=32, stem="imagenet"),
    "efficientnet_small": partial(EfficientNet, plan=SMALL),
    "efficientnet_b0": imagenet_efficientnet,
    "efficientnet_b1": partial(imagenet_efficientnet, scale=B1),
    "efficientnet_b2": partial(imagenet_efficientnet, scale=B2, dropout=0.3),
    "efficientnet_b3": partial(imagenet_efficientnet, scale=B3, dropout=0.3),
}
