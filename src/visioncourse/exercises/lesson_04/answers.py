"""Answers to the exercises of lesson 04, right and wrong, that are too long to stand beside their hints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def multiply_backward(a: Any, b: Any, gradient: Any) -> Any:
    """Each factor gets the gradient times the other; b served every row, so the rows of its gradient are added up."""
    to_a = gradient * b
    to_b = (gradient * a).sum(axis=0)
    return to_a, to_b


def relu_backward(x: Any, gradient: Any) -> Any:
    """Pass the gradient where x is positive; its own sign does not matter."""
    return gradient * (x > 0)


def layer_backward(x: Any, weights: Any, bias: Any, gradient: Any) -> Any:
    """Turn matrices, not stacks; what served all s·n rows gets the sum of their reports."""
    to_x = gradient @ weights.T  # (s, n, m) @ (m, d) → (s, n, d)
    to_weights = (x.transpose(0, 2, 1) @ gradient).sum(axis=0)  # s times (d, n) @ (n, m), added up
    to_bias = gradient.sum(axis=(0, 1))
    return to_x, to_weights, to_bias


def max_pool_backward(image: Any, k: Any, gradient: Any) -> Any:
    """Give each tile's gradient to its first maximum; all other pixels, leftovers included, get nothing."""
    to_image = np.zeros_like(image)
    for (i, j), g in np.ndenumerate(gradient):
        tile = image[i * k : (i + 1) * k, j * k : (j + 1) * k]
        row, column = divmod(tile.argmax(), k)
        to_image[i * k + row, j * k + column] = g
    return to_image


def reports(x: Any, gradient: Any) -> Any:
    """Return what each batch of a stack reports to the weights, shape (s, d, m)."""
    return x.transpose(0, 2, 1) @ gradient


def layer_but(part: int, wrong: Callable[..., Any]) -> Callable[..., Any]:
    """Make a layer's rule with one wrong gradient.

    Args:
        part: 0 for the gradient of x, 1 for that of the weights, 2 for that of the bias.
        wrong: takes x, weights, bias and gradient, and returns the wrong one.
    """

    def rule(x: Any, weights: Any, bias: Any, gradient: Any) -> Any:
        parts = list(layer_backward(x, weights, bias, gradient))
        parts[part] = wrong(x, weights, bias, gradient)
        return tuple(parts)

    return rule


def _tiles(image: Any, k: int, gradient: Any) -> Iterator[tuple[tuple[slice, slice], Any, Any]]:
    """Yield each tile's place, its pixels and its gradient."""
    for (i, j), g in np.ndenumerate(gradient):
        place = slice(i * k, (i + 1) * k), slice(j * k, (j + 1) * k)
        yield place, image[place], g


def pool_by_share(share: Callable[[Any], Any]) -> Callable[..., Any]:
    """Make a pooling rule that spreads each tile's gradient over the tile.

    Args:
        share: takes a tile (k, k) and returns the factor of each of its pixels.
    """

    def rule(image: Any, k: Any, gradient: Any) -> Any:
        to_image = np.zeros_like(image)
        for place, tile, g in _tiles(image, k, gradient):
            to_image[place] = g * share(tile)
        return to_image

    return rule


def pool_by_position(
    position: Callable[[Any, int], tuple[int, int]], moved: bool = True, adding: bool = False
) -> Callable[..., Any]:
    """Make a pooling rule that hands each tile's gradient to one pixel.

    Args:
        position: takes a tile (k, k) and the image's width, and returns the row and the column of the pixel.
        moved: whether they are counted from the tile's corner, and not from the image's.
        adding: whether what lands on the same pixel is added up, and not overwritten.
    """

    def rule(image: Any, k: Any, gradient: Any) -> Any:
        to_image = np.zeros_like(image)
        for (down, right), tile, g in _tiles(image, k, gradient):
            row, column = position(tile, image.shape[1])
            pixel = row + moved * down.start, column + moved * right.start
            to_image[pixel] = g + adding * to_image[pixel]
        return to_image

    return rule


def first_only(tile: Any) -> Any:
    """Mark the first maximum of a tile in reading order with a one."""
    marks = np.zeros(tile.size)
    marks[tile.argmax()] = 1
    return marks.reshape(tile.shape)


def first_place(tile: Any, width: int) -> tuple[int, int]:
    """Return where a tile has its first maximum in reading order."""
    return divmod(int(tile.argmax()), len(tile))


def last_place(tile: Any, width: int) -> tuple[int, int]:
    """Return where a tile has its last maximum in reading order."""
    return divmod(len(tile) ** 2 - 1 - int(tile.ravel()[::-1].argmax()), len(tile))
