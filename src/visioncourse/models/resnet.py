"""Residual networks, and the plain twins without shortcuts that show what shortcuts are for."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from visioncourse.models.cnn import ConvNet, GlobalAverage
from visioncourse.models.parts import check_counts, he_init, norm_layer, stem_layers, three_stages
from visioncourse.models.residual import (
    BasicBlock,
    Bottleneck,
    PreActBlock,
    PreActBottleneck,
    Residual,
    begin_as_identity,
)
from visioncourse.textual import unknown

BLOCKS: dict[str, type[Residual]] = {
    "basic": BasicBlock,
    "bottleneck": Bottleneck,
    "preact": PreActBlock,
    "preact_bottleneck": PreActBottleneck,
}


def blocks_per_stage(depth: int | Sequence[int], convs: int = 2) -> list[int]:
    """Return how many blocks each stage has.

    Args:
        depth: the number of blocks of each stage, returned as it is; or one number, the layers with weights of a
            network of three equal stages: a stem, 3n blocks and a linear layer, 6n+2 for blocks of two convolutions.
        convs: convolutions in a block.

    Raises:
        ValueError: for a number that is not of this form, or a stage without blocks.

    >>> blocks_per_stage(20)
    [3, 3, 3]
    """
    return three_stages(depth, 3 * convs, 2, f"for blocks of {convs} convolutions")


class ResNet(ConvNet):
    """Stages of residual blocks; each new stage halves the maps and doubles their number.

    ``stages`` is the sequence of stem and stages (and a last norm and ReLU, if blocks have theirs in front).
    The defaults are ResNet-20 of He, Zhang, Ren and Sun (2015), Deep residual learning, section 4.2.

    Args:
        num_classes: how many logits come out.
        in_chans: channels of the images.
        depth: layers in all, 6n+2, for three equal stages; or the number of blocks of each stage.
        width: channels of the first stage.
        block: one of ``BLOCKS``.
        stem: "cifar" or "imagenet", see ``stem_layers``.
        norm: "batch", "group" or "none".
        shortcut: "pad" or "project" where shapes change, or "none" for the plain twin.
        zero_init: every block begins as the identity.

    Raises:
        ValueError: for an unknown name, a count below 1, or a depth of another form.
    """

    def __init__(
        self,
        num_classes: int = 10,
        in_chans: int = 1,
        depth: int | Sequence[int] = 20,
        width: int = 16,
        block: str = "basic",
        stem: str = "cifar",
        norm: str = "batch",
        shortcut: str = "pad",
        zero_init: bool = False,
    ) -> None:
        super().__init__()
        check_counts(width=width)
        if block not in BLOCKS:
            raise ValueError(unknown("block", block, BLOCKS))
        kind = BLOCKS[block]
        norm_first = issubclass(kind, PreActBlock)
        stages, wide = [stem_layers(stem, in_chans, width, norm, bare=norm_first)], width
        for stage, blocks in enumerate(blocks_per_stage(depth, kind.convs)):
            stages.append(make_stage(kind, blocks, wide, width * 2**stage, 2 if stage else 1, norm, shortcut))
            wide = width * 2**stage * kind.expansion
        if norm_first:
            stages.append(nn.Sequential(norm_layer(norm, wide), nn.ReLU()))
        self.stages = nn.Sequential(*stages)
        self.head = nn.Sequential(GlobalAverage(), nn.Linear(wide, num_classes))
        he_init(self)
        if zero_init:
            self.begin_as_identity()

    def begin_as_identity(self) -> None:
        """Zero the last layer of each branch.

        Raises:
            ValueError: for a plain network, in which nothing would be left.
        """
        for block in self.modules():
            if isinstance(block, Residual):
                if block.shortcut is None:
                    raise ValueError("zero_init=True: expected shortcuts, for without them nothing would pass a block.")
                begin_as_identity(block)


def make_stage(
    kind: type[Residual], blocks: int, wide_in: int, width: int, stride: int, norm: str, shortcut: str
) -> nn.Sequential:
    """Return ``blocks`` blocks of which the first changes the shape."""
    first = kind(wide_in, width, stride, norm, shortcut)
    others = [kind(width * kind.expansion, width, 1, norm, shortcut) for _ in range(blocks - 1)]
    return nn.Sequential(first, *others)
