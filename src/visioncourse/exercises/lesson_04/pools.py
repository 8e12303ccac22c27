"""Wrong answers to exercise 04.4, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from visioncourse.exercises.lesson_04.answers import max_pool_backward

Position = Callable[[Any, int], tuple[int, int]]
Rule = Callable[..., Any]


def _tiles(image: Any, k: int, gradient: Any) -> Iterator[tuple[tuple[slice, slice], Any, Any]]:
    """Yield each tile's place, its pixels and its gradient."""
    for (i, j), g in np.ndenumerate(gradient):
        place = slice(i * k, (i + 1) * k), slice(j * k, (j + 1) * k)
        yield place, image[place], g


def pool_by_share(share: Callable[[Any], Any]) -> Rule:
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
    position: Position, read: int | None = None, write: int | None = None, adding: bool = False
) -> Rule:
    """Make a pooling rule that hands each tile's gradient to one pixel.

    Args:
        position: takes a tile (k, k) and the image's width, and returns the row and the column of the pixel.
        read: how far apart the corners of the tiles are taken to be; k by default, as is right.
        write: how far apart they are when the pixel's position is added; k by default.
        adding: whether what lands on the same pixel is added up, and not overwritten.
    """

    def rule(image: Any, k: Any, gradient: Any) -> Any:
        to_image = np.zeros_like(image)
        apart, back = (k if read is None else read), (k if write is None else write)
        for (i, j), g in np.ndenumerate(gradient):
            tile = image[i * apart : i * apart + k, j * apart : j * apart + k]
            row, column = position(tile, image.shape[1])
            pixel = row + i * back, column + j * back
            to_image[pixel] = g + adding * to_image[pixel]
        return to_image

    return rule


def pool_by_writing(write: Callable[[Any, Any, Any, Any], None]) -> Rule:
    """Make a pooling rule from what is done for each tile.

    Args:
        write: takes the result so far, the image, a tile and its gradient, and writes into the result.
    """

    def rule(image: Any, k: Any, gradient: Any) -> Any:
        to_image = np.zeros_like(image)
        for _, tile, g in _tiles(image, k, gradient):
            write(to_image, image, tile, g)
        return to_image

    return rule


def write_where_found(to_image: Any, image: Any, tile: Any, g: Any) -> None:
    """Search the whole image for the tile's maximum."""
    to_image[tuple(np.argwhere(image == tile.max())[0])] = g


def add_where_found(to_image: Any, image: Any, tile: Any, g: Any) -> None:
    """Search the whole image for the tile's maximum, and add up."""
    to_image[tuple(np.argwhere(image == tile.max())[0])] += g


def write_where_equal(to_image: Any, image: Any, tile: Any, g: Any) -> None:
    """Give every pixel of the image that equals the tile's maximum the tile's gradient."""
    to_image[image == tile.max()] = g


def add_where_equal(to_image: Any, image: Any, tile: Any, g: Any) -> None:
    """Add the tile's gradient to every pixel of the image that equals the tile's maximum."""
    to_image[image == tile.max()] += g


def write_flat(to_image: Any, image: Any, tile: Any, g: Any) -> None:
    """Take the position in the tile for one in the image, counted in reading order."""
    to_image.flat[tile.argmax()] = g


def add_flat(to_image: Any, image: Any, tile: Any, g: Any) -> None:
    """Take the position in the tile for one in the image, and add up."""
    to_image.flat[tile.argmax()] += g


def write_row(to_image: Any, image: Any, tile: Any, g: Any) -> None:
    """Take the position for the number of a row."""
    to_image[tile.argmax()] = g


def add_row(to_image: Any, image: Any, tile: Any, g: Any) -> None:
    """Take the position for the number of a row, and add up."""
    to_image[tile.argmax()] += g


def over_a_copy(image: Any, k: Any, gradient: Any) -> Any:
    """Write into a copy of the image."""
    marks = pool_by_share(first_only)(image, k, np.ones_like(gradient))
    return np.where(marks > 0, max_pool_backward(image, k, gradient), image)


def across_the_image(image: Any, k: Any, gradient: Any) -> Any:
    """Step over the image in strides of k, and meet the leftovers."""
    to_image = np.zeros_like(image)
    for i in range(0, image.shape[0], k):
        for j in range(0, image.shape[1], k):
            tile = image[i : i + k, j : j + k]
            row, column = np.unravel_index(tile.argmax(), tile.shape)
            to_image[i + row, j + column] = gradient[i // k, j // k]
    return to_image


def cut_by_reshape(image: Any, k: Any, gradient: Any) -> Any:
    """Cut the image up at one stroke, which fails where something is left over."""
    image.reshape(image.shape[0] // k, k, image.shape[1] // k, k)
    return max_pool_backward(image, k, gradient)


def all_equal_by_reshape(image: Any, k: Any, gradient: Any) -> Any:
    """Cut the image up at one stroke and compare each tile with its maximum."""
    tiles = image.reshape(image.shape[0] // k, k, image.shape[1] // k, k)
    largest = tiles == tiles.max(axis=(1, 3), keepdims=True)
    return (largest * gradient[:, None, :, None]).reshape(image.shape)


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


def first_down(tile: Any, width: int) -> tuple[int, int]:
    """Return where a tile has its first maximum if read down the columns."""
    return first_place(tile.T, width)[::-1]


def first_above_zero(tile: Any, width: int) -> tuple[int, int]:
    """Return where a tile has its first maximum, and the corner where nothing is larger than 0."""
    return first_place(tile, width) if tile.max() > 0 else (0, 0)
