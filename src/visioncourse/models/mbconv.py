"""The block of EfficientNet: inverted bottleneck, depthwise convolution, squeeze-and-excitation."""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from visioncourse.models.parts import Number, conv_norm


class SqueezeExcitation(nn.Module):
    """Scale every channel by a number in (0, 1) that is computed from the means of all channels.

    Source: Hu, Shen and Sun (2018), Squeeze-and-excitation networks, figure 1 and section 3.

    Args:
        chans: channels of the maps.
        squeezed: width of the hidden layer.
        activation: makes the activation of the hidden layer.
    """

    def __init__(self, chans: int, squeezed: int, activation: Callable[[], nn.Module] = nn.ReLU) -> None:
        super().__init__()
        # 1×1 convolutions are linear layers that leave the two axes of space, here of one pixel, where they are.
        self.gate = nn.Sequential(
            nn.Conv2d(chans, squeezed, 1), activation(), nn.Conv2d(squeezed, chans, 1), nn.Sigmoid()
        )

    def forward(self, maps: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Turn each channel up or down."""
        means = maps.mean(dim=(2, 3), keepdim=True)  # (b, c, 1, 1): squeeze
        scaled: Tensor = maps * self.gate(means)  # excite
        return scaled


def skip_branch(share: Number) -> nn.Module:
    """Return a module that, in training, sets a ``share`` of the images' maps to zero and scales up the rest.

    Source: Huang, Sun, Liu, Sedra and Weinberger (2016), Deep networks with stochastic depth.
    """
    if share == 0:
        return nn.Identity()
    from torchvision.ops import StochasticDepth

    skip: nn.Module = StochasticDepth(share, mode="row")
    return skip


class MBConv(nn.Module):
    """Inverted bottleneck: 1×1 up, depthwise, squeeze-and-excitation, 1×1 down; added to the input if shapes agree.

    Source: Sandler et al. (2018), MobileNetV2, and Tan and Le (2019), EfficientNet.

    Args:
        wide_in: channels of the maps that come in.
        wide_out: channels of the maps that the block gives.
        expand: how many times wider the inside is than the input.
        kernel: side of the depthwise convolution, pixels.
        stride: what height and width are divided by.
        se_ratio: width of squeeze-and-excitation as a share of ``wide_in``; 0 leaves it out.
        drop_path: share of the images that skip the branch in training.
        norm: "batch", "group" or "none".
    """

    def __init__(
        self,
        wide_in: int,
        wide_out: int,
        expand: int = 6,
        kernel: int = 3,
        stride: int = 1,
        se_ratio: Number = 0.25,
        drop_path: Number = 0.0,
        norm: str = "batch",
    ) -> None:
        super().__init__()
        wide = wide_in * expand
        up = [*conv_norm(wide_in, wide, norm=norm), nn.SiLU()] if expand > 1 else []
        depthwise = [*conv_norm(wide, wide, kernel, stride, groups=wide, norm=norm), nn.SiLU()]
        excite = [SqueezeExcitation(wide, max(1, int(wide_in * se_ratio)), nn.SiLU)] if se_ratio else []
        down = conv_norm(wide, wide_out, norm=norm)
        self.branch = nn.Sequential(*up, *depthwise, *excite, *down)
        self.residual = stride == 1 and wide_in == wide_out
        self.skip = skip_branch(drop_path if self.residual else 0)

    def forward(self, maps: Float[Tensor, "b c h w"]) -> Float[Tensor, "b d i j"]:
        """Map maps to maps."""
        change: Tensor = self.branch(maps)
        return maps + self.skip(change) if self.residual else change
