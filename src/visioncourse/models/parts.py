"""Parts that the deep networks share: convolutions, norms by name, stems, and how weights begin."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Integral

from torch import nn

from visioncourse.textual import unknown

Number = float | int  # the type checker of the tests takes float to mean float only


def check_counts(**values: int) -> None:
    """Raise ValueError unless every value is a whole number of at least 1."""
    for argument, value in values.items():
        if not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{argument}={value!r}: expected a whole number of at least 1.")


def three_stages(depth: int | Sequence[int], step: int, rest: int, kind: str) -> list[int]:
    """Return how many blocks (or layers) each stage has.

    Args:
        depth: these numbers, returned as they are; or the layers of a network of three equal stages, step·n + rest.
        step: layers that one more block in every stage adds.
        rest: layers outside of the stages and between them.
        kind: what the form of ``depth`` depends on, for the message.

    Raises:
        ValueError: for a number of another form, or an empty stage.
    """
    if not isinstance(depth, int):
        check_counts(**{f"depth[{stage}]": blocks for stage, blocks in enumerate(depth)})
        return list(depth)
    if depth < step + rest or (depth - rest) % step:
        first = ", ".join(str(step * n + rest) for n in (1, 2, 3))
        raise ValueError(f"depth={depth}: expected {step}n+{rest} layers {kind}: {first}, ...")
    return [(depth - rest) // step] * 3


def check_shares(**shares: Number) -> None:
    """Raise ValueError unless every share is at least 0 and less than 1."""
    for argument, share in shares.items():
        if not 0 <= share < 1:
            raise ValueError(f"{argument}={share!r}: expected a share of at least 0 and less than 1.")


def group_norm(chans: int) -> nn.GroupNorm:
    """Return a group norm of 8 groups, or of the most that divide both 8 and the channels.

    It looks at one image at a time, so that a network gives the same numbers however a batch is split over processes.
    Source: Wu and He (2018), Group normalization.
    """
    return nn.GroupNorm(math.gcd(8, chans), chans)


NORMS: dict[str, Callable[[int], nn.Module]] = {
    "batch": nn.BatchNorm2d,
    "group": group_norm,
    "none": nn.Identity,
}


def norm_layer(name: str, chans: int) -> nn.Module:
    """Return the norm called ``name``, one of ``NORMS``, for maps ``(b, chans, h, w)``.

    Raises:
        ValueError: for an unknown name.
    """
    if name not in NORMS:
        raise ValueError(unknown("norm", name, NORMS))
    return NORMS[name](chans)


def conv(wide_in: int, wide_out: int, kernel: int, stride: int = 1, groups: int = 1, norm: str = "batch") -> nn.Conv2d:
    """Return a convolution that keeps the size, or divides it by ``stride``.

    It has a bias only where no norm brings one.
    """
    return nn.Conv2d(wide_in, wide_out, kernel, stride, kernel // 2, groups=groups, bias=norm == "none")


def conv_norm(
    wide_in: int, wide_out: int, kernel: int = 1, stride: int = 1, groups: int = 1, norm: str = "batch"
) -> list[nn.Module]:
    """Return a convolution and its norm, the order of the first residual networks."""
    return [conv(wide_in, wide_out, kernel, stride, groups, norm), norm_layer(norm, wide_out)]


def norm_relu_conv(
    wide_in: int, wide_out: int, kernel: int = 1, stride: int = 1, norm: str = "batch"
) -> list[nn.Module]:
    """Return norm, ReLU and convolution, the pre-activation order.

    The ReLU is not in place: without a norm it would write into maps that others still read.
    """
    return [norm_layer(norm, wide_in), nn.ReLU(), conv(wide_in, wide_out, kernel, stride, norm=norm)]


STEMS = ("cifar", "imagenet")


def stem_layers(name: str, in_chans: int, width: int, norm: str = "batch", bare: bool = False) -> nn.Sequential:
    """Return the first layers of a network: images ``(b, in_chans, h, w)`` to maps ``(b, width, i, j)``.

    Args:
        name: "cifar", a 3×3 convolution that keeps the size of small images, or "imagenet", a 7×7 convolution and a
            pooling that leave a quarter of height and width.
        in_chans: channels of the images.
        width: channels of the maps.
        norm: one of ``NORMS``.
        bare: leave norm and ReLU of the small stem to the block that follows.

    Raises:
        ValueError: for an unknown name.
    """
    if name not in STEMS:
        raise ValueError(unknown("stem", name, STEMS))
    if name == "imagenet":
        return nn.Sequential(*conv_norm(in_chans, width, 7, 2, norm=norm), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1))
    if bare:
        return nn.Sequential(conv(in_chans, width, 3, norm=norm))
    return nn.Sequential(*conv_norm(in_chans, width, 3, norm=norm), nn.ReLU())


def he_init(model: nn.Module) -> None:
    """Draw the weights of all convolutions so that signals keep their size on the way forward; biases begin at zero.

    Source: He, Zhang, Ren and Sun (2015), Delving deep into rectifiers, section 2.2.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
