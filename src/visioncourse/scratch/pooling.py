"""Pooling with gradients: each window leaves one number, its largest or its mean."""

from __future__ import annotations

import math
from itertools import repeat
from typing import Any

import numpy as np
from jaxtyping import Integer

from visioncourse.scratch.convolution import Pair
from visioncourse.scratch.graph import Array, record
from visioncourse.scratch.operands import operands, quiet
from visioncourse.scratch.windows import Window


@quiet
def max_pool2d(images: Any, kernel: Pair, stride: Pair | None = None, padding: Pair = 0) -> Any:
    """Keep the largest number of each window; only the pixel it came from receives a gradient.

    Where several are equally large the first receives it, row by row; nan counts as larger than everything, and the
    last one receives it. Both as in torch.

    Args:
        images: ``(n, c, h, w)``; n may be 0.
        kernel: height and width of the window.
        stride: steps of the window; by default windows lie side by side.
        padding: places around the picture, at most half the kernel; they are never the largest.

    Returns:
        Maps ``(n, c, i, j)``.

    Raises:
        ValueError: where shapes or settings do not fit.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> maps = Tensor(np.ones((64, 32, 28, 28)))
    >>> max_pool2d(maps, 2).shape, max_pool2d(maps, kernel=3, stride=2, padding=1).shape
    ((64, 32, 14, 14), (64, 32, 14, 14))
    """
    (images,) = operands("max_pool2d", images)
    window = _window("max_pool2d", images.shape, kernel, stride, padding)
    largest, winner = _largest(window, images.data)

    def rule(gradient: Array) -> tuple[Array]:
        parts = (np.where(winner == entry, gradient, 0) for entry in range(math.prod(window.kernel)))
        return (window.gather(parts, images.data),)

    return record("max_pool2d", largest, (images,), rule)


def avg_pool2d(images: Any, kernel: Pair, stride: Pair | None = None, padding: Pair = 0) -> Any:
    """Average each window, zeros of the padding included; every pixel under it receives the same share.

    Args:
        images: ``(n, c, h, w)``; n may be 0.
        kernel: height and width of the window.
        stride: steps of the window; by default windows lie side by side.
        padding: zeros around the picture, at most half the kernel.

    Returns:
        Maps ``(n, c, i, j)``.

    Raises:
        ValueError: where shapes or settings do not fit.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> avg_pool2d(Tensor([[[[1.0, 2.0], [3.0, 6.0]]]]), 2).data.tolist()
    [[[[3.0]]]]
    """
    (images,) = operands("avg_pool2d", images)
    window = _window("avg_pool2d", images.shape, kernel, stride, padding)
    entries = math.prod(window.kernel)

    def rule(gradient: Array) -> tuple[Array]:
        return (window.gather(repeat(gradient / entries, entries), images.data),)

    return record("avg_pool2d", sum(window.entries(images.data, outside=0.0)) / entries, (images,), rule)


def _largest(window: Window, images: Array) -> tuple[Array, Integer[np.ndarray, "n c i j"]]:
    """Find the largest number of each window, and the number of the entry that it lies under."""
    shape = (*images.shape[:2], *window.positions(images.shape))
    largest = np.full(shape, -np.inf, images.dtype)
    winner = np.empty(shape, np.min_scalar_type(math.prod(window.kernel)))  # one byte, for all usual kernels
    winner[...] = _first_inside(window, *shape[2:])
    for number, pixels in enumerate(window.entries(images, outside=-np.inf)):
        better = (pixels > largest) | np.isnan(pixels)
        numbered = np.multiply(better, number, dtype=winner.dtype)
        np.maximum(winner, numbered, out=winner)  # numbers grow, so this is winner[better] = number, only faster
        np.maximum(largest, pixels, out=largest)  # nan wins
    return largest, winner


def _first_inside(window: Window, down: int, across: int) -> Integer[np.ndarray, "i j"]:
    """Number the first entry inside the picture: it wins where all is -inf, so that no gradient goes to the padding."""
    (ph, pw), (sh, sw) = window.padding, window.stride
    rows, columns = np.maximum(ph - sh * np.arange(down), 0), np.maximum(pw - sw * np.arange(across), 0)
    return rows[:, None] * window.kernel[1] + columns


def _window(operation: str, shape: tuple[int, ...], kernel: Pair, stride: Pair | None, padding: Pair) -> Window:
    """Read the settings, and compare them with the pictures before anything is computed."""
    if len(shape) != 4 or 0 in shape[1:]:
        raise ValueError(f"{operation}: images {shape}: expected (n, c, h, w), where only n may be 0.")
    window = Window.of(kernel, kernel if stride is None else stride, padding)
    if any(2 * outside > side for outside, side in zip(window.padding, window.kernel, strict=True)):
        raise ValueError(f"{operation}: padding={padding!r} is more than half of kernel={kernel!r}.")
    window.positions(shape)
    return window
