"""Convolution as one matrix product: copy every window into a row (im2col), then multiply.

As everywhere in deep learning the kernel is not flipped: strictly speaking this is cross-correlation.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

Pair = int | tuple[int, int]


def pair(value: Pair, name: str, least: int) -> tuple[int, int]:
    """Return (vertical, horizontal) from one number or two.

    Raises:
        ValueError: where one of them is below ``least``.
    """
    both = (value, value) if isinstance(value, int) else tuple(value)
    if len(both) != 2 or any(not isinstance(number, int | np.integer) or number < least for number in both):
        raise ValueError(f"{name}={value!r}: expected a whole number of at least {least}, or two of them.")
    return int(both[0]), int(both[1])


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Count the positions of a window along one side.

    Args:
        size: pixels along the side.
        kernel: pixels of the window.
        stride: pixels from one position to the next.
        padding: pixels added at both ends.
        dilation: distance of neighbouring kernel entries in the picture.

    Raises:
        ValueError: where the window is larger than the padded side.

    >>> output_size(28, 3), output_size(28, 3, padding=1), output_size(28, 3, stride=2)
    (26, 28, 13)
    """
    span = dilation * (kernel - 1) + 1
    if span > size + 2 * padding:
        raise ValueError(f"kernel spans {span} pixels, but the padded picture has only {size + 2 * padding}.")
    return (size + 2 * padding - span) // stride + 1


def im2col(
    images: Float[np.ndarray, "n c h w"], kernel: Pair, stride: Pair = 1, padding: Pair = 0, dilation: Pair = 1
) -> Float[np.ndarray, "n c kh kw i j"]:
    """View every window of every picture at once.

    Args:
        images: ``(n, c, h, w)``.
        kernel: window height and width.
        stride: steps of the window.
        padding: zeros around the picture.
        dilation: distance of neighbouring kernel entries.

    Returns:
        ``(n, c, kh, kw, i, j)``: entry ``[..., i, j]`` is the window at position (i, j). Without padding this is a
        view that shares memory with ``images``; it becomes a copy only when it is reshaped for the product.

    >>> im2col(np.zeros((2, 3, 8, 8)), kernel=3).shape
    (2, 3, 3, 3, 6, 6)
    """
    if images.ndim != 4:
        raise ValueError(f"images has shape {images.shape}: expected four dimensions, (n, c, h, w).")
    (kh, kw), (sh, sw) = pair(kernel, "kernel", 1), pair(stride, "stride", 1)
    (ph, pw), (dh, dw) = pair(padding, "padding", 0), pair(dilation, "dilation", 1)
    output_size(images.shape[2], kh, sh, ph, dh)
    output_size(images.shape[3], kw, sw, pw, dw)
    padded = np.pad(images, ((0, 0), (0, 0), (ph, ph), (pw, pw))) if ph or pw else images
    span = (dh * (kh - 1) + 1, dw * (kw - 1) + 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, span, axis=(2, 3))  # n c i j span span
    return windows[:, :, ::sh, ::sw, ::dh, ::dw].transpose(0, 1, 4, 5, 2, 3)


def conv2d(
    images: Float[np.ndarray, "n c h w"],
    weights: Float[np.ndarray, "o cg kh kw"],
    bias: Float[np.ndarray, " o"] | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Float[np.ndarray, "n o i j"]:
    """Slide kernels over pictures.

    Args:
        images: ``(n, c, h, w)``.
        weights: ``(o, c / groups, kh, kw)``, one kernel for each output channel.
        bias: one number for each output channel.
        stride: steps of the window.
        padding: zeros around the picture.
        dilation: distance of neighbouring kernel entries.
        groups: parts into which the channels are divided; each output channel sees one part only.

    Returns:
        Maps ``(n, o, i, j)``, in the dtype of the inputs.

    Raises:
        ValueError: where shapes or settings do not fit, naming both.

    >>> conv2d(np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3))).tolist()
    [[[[9.0, 9.0], [9.0, 9.0]]]]
    """
    check_channels(images.shape, weights.shape, groups)
    columns = im2col(images, (weights.shape[2], weights.shape[3]), stride, padding, dilation)
    n, _, _, _, i, j = columns.shape
    o = weights.shape[0]
    rows = columns.reshape(n, groups, -1, i * j)  # here every window is copied
    maps: Float[np.ndarray, "n o i j"] = (weights.reshape(groups, o // groups, -1) @ rows).reshape(n, o, i, j)
    return maps if bias is None else maps + bias[:, None, None]


def check_channels(images: tuple[int, ...], weights: tuple[int, ...], groups: int) -> None:
    """Compare the channels of pictures and kernels.

    Raises:
        ValueError: naming both shapes.
    """
    if len(images) != 4 or len(weights) != 4:
        raise ValueError(f"images {images} and weights {weights}: expected four dimensions each.")
    if groups < 1 or images[1] % groups or weights[0] % groups:
        raise ValueError(f"groups={groups} does not divide {images[1]} input and {weights[0]} output channels.")
    if images[1] // groups != weights[1]:
        raise ValueError(
            f"weights {weights} want {weights[1]} channels, but images {images} in {groups} groups "
            f"have {images[1] // groups} each."
        )
