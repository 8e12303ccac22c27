"""EfficientNet: one small network, made larger in depth, width and image size together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from torch import nn

from visioncourse.models.cnn import ConvNet, GlobalAverage
from visioncourse.models.mbconv import MBConv
from visioncourse.models.parts import Number, check_counts, check_shares, conv_norm, he_init


class Stage(NamedTuple):
    """A row of a plan: ``blocks`` blocks ``MBConv``, of which the first has the stride."""

    expand: int
    kernel: int
    stride: int
    width: int
    blocks: int


class Plan(NamedTuple):
    """A network before scaling: its stem (a 3×3 convolution), its stages, and the side of images it is meant for."""

    stem_width: int
    stem_stride: int
    stages: tuple[Stage, ...]
    resolution: int


class Scale(NamedTuple):
    """Factors by which the depth, the width and the resolution of a plan are multiplied."""

    depth: float = 1.0
    width: float = 1.0
    resolution: float = 1.0


def compound(coefficient: Number, depth: Number = 1.2, width: Number = 1.1, resolution: Number = 1.15) -> Scale:
    """Scale all three at once; with the defaults each step of the coefficient about doubles the multiply-adds.

    They go with depth · width² · resolution², and 1.2 · 1.1² · 1.15² ≈ 1.92.
    Source: Tan and Le (2019), EfficientNet, equation 3.

    >>> [round(factor, 2) for factor in compound(2)]
    [1.44, 1.21, 1.32]
    """
    return Scale(depth**coefficient, width**coefficient, resolution**coefficient)


AS_PLANNED = Scale()

# Table 1 of the paper: expand, kernel, stride, width, blocks.
B0_STAGES = (
    Stage(1, 3, 1, 16, 1),
    Stage(6, 3, 2, 24, 2),
    Stage(6, 5, 2, 40, 2),
    Stage(6, 3, 2, 80, 3),
    Stage(6, 5, 1, 112, 3),
    Stage(6, 5, 2, 192, 4),
    Stage(6, 3, 1, 320, 1),
)
B0 = Plan(stem_width=32, stem_stride=2, stages=B0_STAGES, resolution=224)

# The published factors of the larger networks were rounded by hand: near those of `compound`, not the same.
B1, B2, B3 = Scale(1.1, 1.0, 240 / 224), Scale(1.2, 1.1, 260 / 224), Scale(1.4, 1.2, 300 / 224)

# Ours, for images of 32 pixels: no stride in the stem, two halvings in all; it costs about what ResNet-20 does.
SMALL_STAGES = (
    Stage(1, 3, 1, 16, 1),
    Stage(4, 3, 1, 24, 2),
    Stage(4, 3, 2, 40, 4),
    Stage(4, 3, 2, 72, 4),
)
SMALL = Plan(stem_width=24, stem_stride=1, stages=SMALL_STAGES, resolution=32)


def round_width(width: Number) -> int:
    """Round to a multiple of 8, which hardware likes, but never to less than 90%.

    >>> [round_width(width) for width in (3, 16, 17.6, 19)]
    [8, 16, 16, 24]
    """
    near = max(8, math.floor(width / 8 + 0.5) * 8)
    return near if near >= 0.9 * width else near + 8


def scaled(plan: Plan, scale: Scale) -> Plan:
    """Multiply a plan: blocks rounded up, widths to multiples of 8.

    Raises:
        ValueError: for a factor that is not above 0, or a count below 1.
    """
    for name, factor in scale._asdict().items():
        if not 0 < factor < math.inf:
            raise ValueError(f"scale.{name}={factor!r}: expected a factor above 0.")
    for stage in plan.stages:
        check_counts(**stage._asdict())
    stages = tuple(
        stage._replace(width=round_width(stage.width * scale.width), blocks=math.ceil(stage.blocks * scale.depth))
        for stage in plan.stages
    )
    stem_width, resolution = round_width(plan.stem_width * scale.width), round(plan.resolution * scale.resolution)
    return plan._replace(stem_width=stem_width, stages=stages, resolution=resolution)


class EfficientNet(ConvNet):
    """Stages of MBConv blocks after a plan and a scale.

    ``stages`` is the sequence of stem, stages and a last 1×1 convolution; ``resolution`` is the side of the images
    that the scaled plan is meant for (others work too).
    Source: Tan and Le (2019), EfficientNet: rethinking model scaling for convolutional neural networks.

    Args:
        num_classes: how many logits come out.
        in_chans: channels of the images.
        plan: the network before scaling, ``B0`` or ``SMALL`` or one's own.
        scale: how much deeper, wider, and for how much larger images; ``compound(1)`` is one step up.
        head_width: channels of the last 1×1 convolution; None for four times those before it.
        se_ratio: width of squeeze-and-excitation as a share of a block's input; 0 leaves it out.
        dropout: share of the pooled features that the head forgets in training.
        drop_path: share of the images that skip the last block in training; earlier blocks have less, in proportion.
        norm: "batch", "group" or "none".

    Raises:
        ValueError: for an unknown norm, a count below 1, or a factor or share out of range.
    """

    def __init__(
        self,
        num_classes: int = 10,
        in_chans: int = 1,
        plan: Plan = SMALL,
        scale: Scale = AS_PLANNED,
        head_width: int | None = None,
        se_ratio: Number = 0.25,
        dropout: Number = 0.0,
        drop_path: Number = 0.0,
        norm: str = "batch",
    ) -> None:
        super().__init__()
        check_shares(se_ratio=se_ratio, dropout=dropout, drop_path=drop_path)
        plan = scaled(plan, scale)
        self.resolution, wide = plan.resolution, plan.stem_width
        stages = [nn.Sequential(*conv_norm(in_chans, wide, 3, plan.stem_stride, norm=norm), nn.SiLU())]
        shares = drop_shares(drop_path, plan.stages)
        for stage in plan.stages:
            stages.append(make_stage(stage, wide, [next(shares) for _ in range(stage.blocks)], se_ratio, norm))
            wide = stage.width
        last = 4 * wide if head_width is None else head_width
        check_counts(head_width=last)
        self.stages = nn.Sequential(*stages, nn.Sequential(*conv_norm(wide, last, norm=norm), nn.SiLU()))
        self.head = nn.Sequential(GlobalAverage(), nn.Dropout(dropout), nn.Linear(last, num_classes))
        he_init(self)


def drop_shares(drop_path: Number, stages: Sequence[Stage]) -> Iterator[float]:
    """Yield how many images skip each block: from none at the first in even steps towards ``drop_path``."""
    blocks = sum(stage.blocks for stage in stages)
    return (drop_path * block / blocks for block in range(blocks))


def make_stage(stage: Stage, wide_in: int, shares: Sequence[float], se_ratio: Number, norm: str) -> nn.Sequential:
    """Return a stage's blocks, one for each of the ``shares`` of images that skip it; the first changes the shape."""
    expand, kernel, stride, width, _ = stage
    first = MBConv(wide_in, width, expand, kernel, stride, se_ratio, shares[0], norm)
    others = [MBConv(width, width, expand, kernel, 1, se_ratio, share, norm) for share in shares[1:]]
    return nn.Sequential(first, *others)
