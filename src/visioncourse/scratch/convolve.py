"""Convolution with gradients: three matrix products, one on the way there and two on the way back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from visioncourse.scratch.convolution import Pair, check_channels, im2col
from visioncourse.scratch.graph import Array, Node, record
from visioncourse.scratch.operands import check_dtypes, operands, quiet
from visioncourse.scratch.windows import Window


@quiet
def conv2d(
    images: Any,
    weights: Any,
    bias: Any = None,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Any:
    """Slide kernels over pictures: with every window copied into a column, maps = W columns is a matrix product.

    So the way back is that of a product: dL/dW = dL/dmaps columnsᵀ, and dL/dcolumns = Wᵀ dL/dmaps, after which every
    pixel adds up what it is sent by the windows that saw it.

    Args:
        images: ``(n, c, h, w)``; n may be 0.
        weights: ``(o, c / groups, kh, kw)``, one kernel for each output channel.
        bias: ``(o,)``, or None.
        stride: steps of the window.
        padding: zeros around the picture.
        dilation: distance of neighbouring kernel entries.
        groups: parts into which the channels are divided; each output channel sees one part only.

    Returns:
        Maps ``(n, o, i, j)``.

    Raises:
        ValueError: where shapes or settings do not fit, naming both.
        TypeError: where the dtypes differ.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> images, weights = Tensor(np.ones((64, 1, 28, 28))), Tensor(np.ones((32, 1, 3, 3)))
    >>> conv2d(images, weights).shape, conv2d(images, weights, stride=2, padding=1).shape
    ((64, 32, 26, 26), (64, 32, 14, 14))
    """
    parents = operands("conv2d", *(given for given in (images, weights, bias) if given is not None))
    _check(parents, groups)
    images, weights = parents[:2]
    window = Window.of(weights.shape[2:], stride, padding, dilation)
    views = im2col(images.data, window.kernel, window.stride, window.padding, window.dilation)
    (n, _, _, _, i, j), o = views.shape, weights.shape[0]
    kernels = weights.data.reshape(groups, o // groups, -1)

    def columns() -> Float[np.ndarray, "groups k m"]:
        # Copied when they are needed, and not kept: they hold kh · kw times as many numbers as the pictures.
        return views.transpose(1, 2, 3, 0, 4, 5).reshape(groups, kernels.shape[2], n * i * j)

    def rule(gradient: Array) -> Sequence[Array | None]:
        rows = gradient.swapaxes(0, 1).reshape(groups, o // groups, n * i * j)
        sent = [
            _for_images(kernels, rows, window, images) if images.requires_grad else None,
            (rows @ columns().swapaxes(1, 2)).reshape(weights.shape) if weights.requires_grad else None,
        ]
        return sent if bias is None else [*sent, gradient.sum(axis=(0, 2, 3))]

    maps = (kernels @ columns()).reshape(o, n, i, j)
    if bias is not None:
        maps += parents[2].data[:, None, None, None]
    return record("conv2d", maps.swapaxes(0, 1).copy(), parents, rule, needs=_read_again(images, weights))


def _for_images(
    kernels: Float[np.ndarray, "groups o k"], rows: Float[np.ndarray, "groups o m"], window: Window, images: Node
) -> Array:
    """Send Wᵀ dL/dmaps to the windows, and add up what reaches each pixel."""
    n, c, _, _ = images.shape
    columns = kernels.swapaxes(1, 2) @ rows
    parts = columns.reshape(c, math.prod(window.kernel), n, *window.positions(images.shape))
    return window.gather(parts.transpose(1, 2, 0, 3, 4), images.data)


def _read_again(images: Node, weights: Node) -> list[Node]:
    """Name the factors that the rule reads: each one if the other wants a gradient."""
    return [one for one, other in ((images, weights), (weights, images)) if other.requires_grad]


def _check(parents: Sequence[Node], groups: int) -> None:
    """Compare dtypes and shapes before anything is computed."""
    check_dtypes("conv2d", *parents)
    images, weights = (node.shape for node in parents[:2])
    check_channels(images, weights, groups)
    if 0 in (*images[1:], weights[0]):
        raise ValueError(f"conv2d: images {images} and weights {weights}: only the batch may be empty.")
    for bias in parents[2:]:
        if bias.shape != weights[:1]:
            raise ValueError(f"conv2d: bias has shape {bias.shape}: expected {weights[:1]}, one for each kernel.")
