"""The blocks of residual networks: a branch of convolutions, and a shortcut around it."""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from visioncourse.models.parts import conv_norm, norm_relu_conv
from visioncourse.textual import unknown

SHORTCUTS = ("pad", "project", "none")


class Pad(nn.Module):
    """Shortcut without weights: every ``stride``-th pixel, and ``extra`` more channels, of zeros."""

    def __init__(self, extra: int, stride: int) -> None:
        super().__init__()
        self.extra, self.stride = extra, stride

    def forward(self, maps: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        """Bring maps to the shape that the branch gives them."""
        return F.pad(maps[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.extra))


def make_shortcut(kind: str, wide_in: int, wide_out: int, stride: int = 1, norm: str = "batch") -> nn.Module | None:
    """Return the path around a block; where the block keeps the shape there is nothing to compute.

    Args:
        kind: what to do where shapes differ: "pad" (option A of He et al. 2015, section 4.1), "project" by a 1×1
            convolution (option B), or "none" for no path at all, whether shapes differ or not.
        wide_in: channels of the maps that come in.
        wide_out: channels of the maps that the block gives.
        stride: what the block divides height and width by.
        norm: what follows the 1×1 convolution.

    Raises:
        ValueError: for an unknown kind.
    """
    if kind not in SHORTCUTS:
        raise ValueError(unknown("shortcut", kind, SHORTCUTS))
    if kind == "none":
        return None
    if stride == 1 and wide_in == wide_out:
        return nn.Identity()
    if kind == "pad":
        return Pad(wide_out - wide_in, stride)
    return nn.Sequential(*conv_norm(wide_in, wide_out, 1, stride, norm=norm))


class Residual(nn.Module):
    """``after(branch(maps) + shortcut(maps))``; without a shortcut, as in the plain twins, the branch alone.

    Args:
        wide_in: channels of the maps that come in.
        width: channels that the 3×3 convolutions give; the block gives ``width * expansion``.
        stride: what height and width are divided by.
        norm: "batch", "group" or "none".
        shortcut: "pad", "project" or "none", see ``make_shortcut``.
    """

    expansion = 1
    convs = 2  # convolutions in a branch

    def __init__(self, wide_in: int, width: int, stride: int = 1, norm: str = "batch", shortcut: str = "pad") -> None:
        super().__init__()
        self.branch = nn.Sequential(*self.layers(wide_in, width, stride, norm))
        self.shortcut = make_shortcut(shortcut, wide_in, width * self.expansion, stride, norm)
        self.after: nn.Module = nn.ReLU(inplace=True)

    @staticmethod
    def layers(wide_in: int, width: int, stride: int, norm: str) -> list[nn.Module]:
        """Return the layers of the branch."""
        raise NotImplementedError

    def forward(self, maps: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        """Add what the branch computes to what came in."""
        change: Tensor = self.branch(maps)
        total: Tensor = self.after(change if self.shortcut is None else change + self.shortcut(maps))
        return total


class BasicBlock(Residual):
    """Two 3×3 convolutions. Source: He, Zhang, Ren and Sun (2015), Deep residual learning, figure 5 left."""

    @staticmethod
    def layers(wide_in: int, width: int, stride: int, norm: str) -> list[nn.Module]:
        """Return the layers of the branch."""
        return [
            *conv_norm(wide_in, width, 3, stride, norm=norm), nn.ReLU(inplace=True),
            *conv_norm(width, width, 3, norm=norm),
        ]  # fmt: skip


class Bottleneck(Residual):
    """1×1 down to ``width`` channels, 3×3, and 1×1 up to four times as many. Source: the same, figure 5 right.

    The stride is in the 3×3 convolution, as in torchvision; the paper has it in the first 1×1.
    """

    expansion = 4
    convs = 3

    @staticmethod
    def layers(wide_in: int, width: int, stride: int, norm: str) -> list[nn.Module]:
        """Return the layers of the branch."""
        return [
            *conv_norm(wide_in, width, norm=norm), nn.ReLU(inplace=True),
            *conv_norm(width, width, 3, stride, norm=norm), nn.ReLU(inplace=True),
            *conv_norm(width, 4 * width, norm=norm),
        ]  # fmt: skip


class PreActBlock(Residual):
    """Norm and ReLU before each 3×3 convolution and nothing after the sum, so that an input is never cut off at zero.

    Source: He, Zhang, Ren and Sun (2016), Identity mappings in deep residual networks, figure 1b.
    """

    def __init__(self, wide_in: int, width: int, stride: int = 1, norm: str = "batch", shortcut: str = "pad") -> None:
        super().__init__(wide_in, width, stride, norm, shortcut)
        self.after = nn.Identity()

    @staticmethod
    def layers(wide_in: int, width: int, stride: int, norm: str) -> list[nn.Module]:
        """Return the layers of the branch."""
        return [*norm_relu_conv(wide_in, width, 3, stride, norm), *norm_relu_conv(width, width, 3, norm=norm)]


class PreActBottleneck(PreActBlock):
    """The bottleneck with norm and ReLU first. Source: the same."""

    expansion = 4
    convs = 3

    @staticmethod
    def layers(wide_in: int, width: int, stride: int, norm: str) -> list[nn.Module]:
        """Return the layers of the branch."""
        return [
            *norm_relu_conv(wide_in, width, norm=norm),
            *norm_relu_conv(width, width, 3, stride, norm),
            *norm_relu_conv(width, 4 * width, norm=norm),
        ]


def begin_as_identity(block: Residual) -> None:
    """Set the last layer with weights of the branch to zero, so that the block begins by passing on what comes in.

    That is the last norm, or the last convolution where no norm follows it: zeroing the last norm of a pre-activation
    branch would block the gradient, for the ReLU behind it gives zero at zero.
    Source: Goyal et al. (2017), Accurate, large minibatch SGD, section 5.1.
    """
    last = [layer for layer in block.branch if isinstance(layer, nn.Conv2d | nn.BatchNorm2d | nn.GroupNorm)][-1]
    for parameter in last.parameters():
        nn.init.zeros_(parameter)
