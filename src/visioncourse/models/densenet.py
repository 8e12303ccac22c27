"""Densely connected networks: every layer sees the maps of all layers before it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from visioncourse.models.cnn import ConvNet, GlobalAverage
from visioncourse.models.parts import (
    Number,
    check_counts,
    he_init,
    norm_layer,
    norm_relu_conv,
    stem_layers,
    three_stages,
)


class DenseLayer(nn.Sequential):
    """Makes ``growth`` new maps of all maps so far, ``(b, wide_in, h, w)`` to ``(b, growth, h, w)``.

    With a bottleneck a 1×1 convolution first brings the maps, however many there are, down to ``4 * growth``.
    """

    def __init__(self, wide_in: int, growth: int, bottleneck: bool = True, norm: str = "batch") -> None:
        squeeze = norm_relu_conv(wide_in, 4 * growth, norm=norm) if bottleneck else []
        super().__init__(*squeeze, *norm_relu_conv(4 * growth if bottleneck else wide_in, growth, 3, norm=norm))


class DenseBlock(nn.Sequential):
    """Layers whose new maps are each laid behind all maps so far: ``layers * growth`` channels more."""

    def __init__(self, wide_in: int, layers: int, growth: int, bottleneck: bool = True, norm: str = "batch") -> None:
        super().__init__(*(DenseLayer(wide_in + done * growth, growth, bottleneck, norm) for done in range(layers)))

    def forward(self, maps: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d h w"]:
        """Let the maps grow."""
        for layer in self:
            maps = torch.cat([maps, layer(maps)], dim=1)
        return maps


class Transition(nn.Sequential):
    """Between blocks: a 1×1 convolution to ``wide_out`` channels, then half of height and width by 2×2 averages."""

    def __init__(self, wide_in: int, wide_out: int, norm: str = "batch") -> None:
        super().__init__(*norm_relu_conv(wide_in, wide_out, norm=norm), nn.AvgPool2d(2))

    def forward(self, maps: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        """Thin out and halve the maps.

        Raises:
            ValueError: if there is nothing to halve.
        """
        if min(maps.shape[-2:]) < 2:
            raise ValueError(f"maps of {maps.shape[-2]}×{maps.shape[-1]} cannot be halved: expected larger images.")
        for layer in self:
            maps = layer(maps)
        return maps


def layers_per_block(depth: int | Sequence[int], bottleneck: bool = True) -> list[int]:
    """Return how many layers each dense block has.

    Args:
        depth: the layers of each block, returned as they are; or one number, the convolutions (and the linear layer)
            of a network of three equal blocks: 3n+4, or 6n+4 with bottlenecks.
        bottleneck: whether a layer is two convolutions.

    Raises:
        ValueError: for a number that is not of this form, or a block without layers.

    >>> layers_per_block(40)
    [6, 6, 6]
    """
    return three_stages(depth, 6 if bottleneck else 3, 4, f"with bottleneck={bottleneck}")


class DenseNet(ConvNet):
    """Dense blocks with transitions between; "BC" stands for bottleneck and compression.

    ``stages`` is the sequence of stem, blocks and transitions, and a last norm and ReLU.
    Source: Huang, Liu, van der Maaten and Weinberger (2017), Densely connected convolutional networks.

    Args:
        num_classes: how many logits come out.
        in_chans: channels of the images.
        depth: layers in all, 3n+4 (6n+4 with bottlenecks), for three equal blocks; or the layers of each block.
        growth: new maps of each layer, k in the paper.
        width: channels of the stem; None for twice the growth.
        bottleneck: give each layer a 1×1 convolution first.
        compression: the share of the channels that a transition keeps, θ in the paper.
        stem: "cifar" or "imagenet", see ``stem_layers``.
        norm: "batch", "group" or "none".

    Raises:
        ValueError: for an unknown name, a count below 1, a compression outside (0, 1], or a depth of another form.
    """

    def __init__(
        self,
        num_classes: int = 10,
        in_chans: int = 1,
        depth: int | Sequence[int] = 40,
        growth: int = 12,
        width: int | None = None,
        bottleneck: bool = True,
        compression: Number = 0.5,
        stem: str = "cifar",
        norm: str = "batch",
    ) -> None:
        super().__init__()
        wide = 2 * growth if width is None else width
        check_counts(growth=growth, width=wide)
        if not 0 < compression <= 1:
            raise ValueError(f"compression={compression!r}: expected a share above 0 and at most 1.")
        stages: list[nn.Module] = [stem_layers(stem, in_chans, wide, norm, bare=True)]
        for number, layers in enumerate(layers_per_block(depth, bottleneck)):
            if number:
                thin = max(1, int(wide * compression))
                stages.append(Transition(wide, thin, norm))
                wide = thin
            stages.append(DenseBlock(wide, layers, growth, bottleneck, norm))
            wide += layers * growth
        self.stages = nn.Sequential(*stages, norm_layer(norm, wide), nn.ReLU())
        self.head = nn.Sequential(GlobalAverage(), nn.Linear(wide, num_classes))
        he_init(self)
