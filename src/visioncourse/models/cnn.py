"""Small convolutional networks: LeNet as history, and the plain network that the course trains most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from visioncourse.models.base import Classifier
from visioncourse.textual import unknown


class ConvNet(Classifier):
    """What the networks of this file share: ``stages`` make maps, ``head`` makes logits of them."""

    stages: nn.Module

    def forward_features(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        """Map images to the last feature maps."""
        maps: Tensor = self.stages(images)
        return maps


class LeNet(ConvNet):
    """LeNet-5's layout with today's parts (ReLU and max-pool for tanh and trainable pooling).

    Takes images of ``size`` pixels a side, 28 by default. Source: LeCun, Bottou, Bengio and Haffner (1998),
    Gradient-based learning applied to document recognition.
    """

    def __init__(self, num_classes: int = 10, in_chans: int = 1, size: int = 28) -> None:
        super().__init__()
        self.stages = nn.Sequential(
            nn.Conv2d(in_chans, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        side = (size // 2 - 4) // 2
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(16 * side * side, 120), nn.ReLU(),
            nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, num_classes),
        )  # fmt: skip


class GlobalAverage(nn.Module):
    """Mean of each map, ``(b, c, h, w)`` to ``(b, c)``; its gradient keeps the channels-last layout of the maps."""

    def forward(self, maps: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c"]:
        """Average over all places."""
        return maps.permute(0, 2, 3, 1).flatten(1, 2).mean(dim=1)


def _global_maximum() -> nn.Module:
    """Return a module that keeps the largest number of each map."""
    return nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten())


POOLS: dict[str, Callable[[], nn.Module]] = {"avg": GlobalAverage, "max": _global_maximum}


def global_pooling(name: str) -> nn.Module:
    """Return a module that leaves one number per map.

    Raises:
        ValueError: for a name other than "avg" and "max".
    """
    if name not in POOLS:
        raise ValueError(unknown("pool", name, POOLS))
    return POOLS[name]()


def conv_block(wide_in: int, wide_out: int, pool: bool = False) -> nn.Sequential:
    """Return a 3×3 convolution that keeps the size, batch norm and ReLU, with 2×2 max-pooling if asked for.

    The pooling comes before the ReLU: the largest of four numbers, cut off at zero, is the largest of four that were
    cut off at zero, and the ReLU has a quarter of the work.
    """
    parts: list[nn.Module] = [nn.Conv2d(wide_in, wide_out, 3, padding=1, bias=False)]  # batch norm brings the bias
    parts += [nn.BatchNorm2d(wide_out), *([nn.MaxPool2d(2)] if pool else []), nn.ReLU(inplace=True)]
    return nn.Sequential(*parts)


class SmallCNN(ConvNet):
    """Stages of 3×3 convolutions, halved in between, then one global pooling and a linear layer.

    ``stages`` is a sequence of blocks, one per convolution, so that ``stages[:n]`` is the network up to the n-th. Any
    image size works, because the global pooling leaves one number per channel.

    Args:
        num_classes: how many logits come out.
        in_chans: channels of the images.
        widths: channels of each stage.
        depth: convolutions in each stage but the last, which has one.
        pool: global pooling of the head, "avg" or "max".
    """

    def __init__(
        self,
        num_classes: int = 10,
        in_chans: int = 1,
        widths: Sequence[int] = (32, 64, 64),
        depth: int = 1,
        pool: str = "avg",
    ) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        for stage, (wide_in, wide_out) in enumerate(zip([in_chans, *widths], widths, strict=False)):
            last = stage == len(widths) - 1
            chans = [wide_in] + [wide_out] * (1 if last else depth)
            ends = [False] * (len(chans) - 2) + [not last]  # the last block of a stage pools
            blocks += [conv_block(a, b, end) for (a, b), end in zip(pairwise(chans), ends, strict=True)]
        self.stages = nn.Sequential(*blocks)
        self.head = nn.Sequential(global_pooling(pool), nn.Linear(widths[-1], num_classes))
