"""Where digits come to lie on a canvas: apart from each other, or overlapping."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int, UInt8

from visioncourse.data.canvas_glyphs import INK, Random
from visioncourse.data.canvas_painting import Sheets

TRIES = 16  # places tried for a digit before its canvas is begun anew
ROUNDS = 8  # times that a canvas is begun anew before its digits are put into cells
PATIENCE = 200  # times that digits which may overlap are laid out anew where one hides another


def anywhere(sizes: Int[np.ndarray, "*n 2"], canvas: tuple[int, int], random: Random) -> Int[np.ndarray, "*n 2"]:
    """Draw an upper left corner for each rectangle, evenly over all places where it lies wholly on the canvas.

    Args:
        sizes: heights and widths, pixels.
        canvas: height and width.
        random: source of the corners, (y, x).
    """
    places = np.array(canvas) - sizes + 1
    corners: np.ndarray = np.floor(random.random_sample(sizes.shape) * places).astype(np.int64)
    return corners


def apart(
    sizes: Int[np.ndarray, "n k 2"], canvas: tuple[int, int], side: int, random: Random
) -> Int[np.ndarray, "n k 2"]:
    """Draw corners so that no two rectangles of a canvas overlap; they may touch.

    Always ends: a canvas too full for chance is laid out in cells.

    Args:
        sizes: heights and widths, at most ``side``; rectangles of size 0 come last and lie anywhere.
        canvas: height and width; ``side`` goes into it at least ``k`` times.
        side: of the largest rectangle that there may be.
        random: source of the corners.
    """
    corners = np.zeros_like(sizes)
    todo = np.arange(len(sizes))
    for _ in range(ROUNDS):
        corners[todo], done = one_by_one(sizes[todo], canvas, random)
        todo = todo[~done]
        if not len(todo):
            return corners
    corners[todo] = in_cells(sizes[todo], canvas, side, random)
    return corners


def one_by_one(
    sizes: Int[np.ndarray, "n k 2"], canvas: tuple[int, int], random: Random
) -> tuple[Int[np.ndarray, "n k 2"], Bool[np.ndarray, " n"]]:
    """Put one rectangle after another at a free place; return the corners, and for which canvases that went well."""
    corners = np.zeros_like(sizes)
    found = np.ones(len(sizes), bool)
    for slot in range(sizes.shape[1]):
        size = sizes[:, slot]
        tries = anywhere(np.repeat(size[:, None], TRIES, 1), canvas, random)  # (n, tries, 2)
        free = ~meets(tries, size, corners[:, :slot], sizes[:, :slot])
        corners[:, slot] = tries[np.arange(len(sizes)), free.argmax(1)]
        found &= free.any(1) | (size == 0).any(1)
    return corners, found


def meets(
    tries: Int[np.ndarray, "n t 2"],
    size: Int[np.ndarray, "n 2"],
    corners: Int[np.ndarray, "n s 2"],
    sizes: Int[np.ndarray, "n s 2"],
) -> Bool[np.ndarray, "n t"]:
    """Say for each of ``t`` places whether the rectangle would overlap one of the ``s`` that lie there already."""
    before = tries[:, :, None] + size[:, None, None] <= corners[:, None]  # (n, t, s, 2)
    after = corners[:, None] + sizes[:, None] <= tries[:, :, None]
    beside = (before | after).any(-1)
    overlaps: np.ndarray = (~beside).any(-1)
    return overlaps


def in_cells(
    sizes: Int[np.ndarray, "n k 2"], canvas: tuple[int, int], side: int, random: Random
) -> Int[np.ndarray, "n k 2"]:
    """Cut the canvas into equal cells, and put each rectangle somewhere into a random cell of its own."""
    count, many, _ = sizes.shape
    grid = np.array(canvas) // side  # rows, columns
    order = random.random_sample((count, int(grid.prod()))).argsort(1)[:, :many]
    cell = np.stack([order // grid[1], order % grid[1]], 2)  # (n, k, 2)
    start, stop = cell * np.array(canvas) // grid, (cell + 1) * np.array(canvas) // grid
    inside = np.floor(random.random_sample(sizes.shape) * (stop - start - sizes + 1))
    corners: np.ndarray = start + inside.astype(np.int64)
    return corners


def overlapping(
    tiles: UInt8[np.ndarray, "n k s s"], sizes: Int[np.ndarray, "n k 2"], canvas: tuple[int, int], random: Random
) -> Int[np.ndarray, "n k 2"]:
    """Draw corners anywhere, but so that at least half of each digit's ink can be seen.

    Raises:
        ValueError: where the canvases are too small for so many.
    """
    corners = np.zeros_like(sizes)
    todo = np.arange(len(sizes))
    for _ in range(PATIENCE):
        corners[todo] = anywhere(sizes[todo], canvas, random)
        todo = todo[~visible(tiles[todo], corners[todo], canvas)]
        if not len(todo):
            return corners
    many = f"digits={sizes.shape[1]}: so many hide each other on canvases of {canvas[0]}×{canvas[1]} pixels"
    raise ValueError(f"{many}; expected fewer digits or a larger size")


def visible(
    tiles: UInt8[np.ndarray, "n k s s"], corners: Int[np.ndarray, "n k 2"], canvas: tuple[int, int]
) -> Bool[np.ndarray, " n"]:
    """Say for which canvases at least half of each digit's ink can be seen, the later digits lying on top."""
    sheets = Sheets(len(tiles), canvas, tiles.shape[-1])
    for slot in range(tiles.shape[1]):
        sheets.paint(tiles[:, slot], corners[:, slot], slot + 1)
    owners = sheets.instances().numpy()
    seen = np.stack([(owners == slot + 1).sum((1, 2)) for slot in range(tiles.shape[1])], 1)
    enough: np.ndarray = (2 * seen >= (tiles >= INK).sum((2, 3))).all(1)
    return enough
