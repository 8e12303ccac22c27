"""Real digits cut out at their ink, and pieces of them, ready to be put on a canvas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8

from visioncourse.data.embedded import mnist5k_bytes, split_indices

INK = 51  # of 255: from a fifth of full ink on, a pixel belongs to the digit; fainter ones are its soft rim
SIDE = 20  # pixels: MNIST's authors fitted every digit into a square of 20
PIECE = 8  # pixels: side of a piece of clutter, as in Mnih et al. 2014, Recurrent Models of Visual Attention
Random = np.random.RandomState  # its stream is frozen by NumPy's compatibility policy (NEP 19)


@dataclass(frozen=True)
class Glyphs:
    """Pictures of ink, each in the upper left corner of a square tile.

    Args:
        tiles: 0 (none) to 255 (full ink), shape ``(n, side, side)``; zero beyond a glyph's size.
        sizes: height and width of each glyph, pixels, shape ``(n, 2)``.
        labels: which digit it is or comes from, shape ``(n,)``.
    """

    tiles: UInt8[np.ndarray, "n side side"]
    sizes: Int[np.ndarray, "n 2"]
    labels: Int[np.ndarray, " n"]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: Int[np.ndarray, " k"]) -> Glyphs:
        """Return the glyphs at ``index``; where it is -1, an empty tile of size 0 and label -1."""
        there = index >= 0
        tiles, sizes = self.tiles[index], self.sizes[index]
        tiles[~there], sizes[~there] = 0, 0
        return Glyphs(tiles, sizes, np.where(there, self.labels[index], -1))


def read_glyphs(split: str) -> Glyphs:
    """Return the digits of one split of ``mnist5k``, in its order."""
    rows, labels = mnist5k_bytes()
    index = split_indices(labels)[split]
    return cut_out(rows[index].reshape(-1, 28, 28), labels[index])


def cut_out(images: UInt8[np.ndarray, "n h w"], labels: Int[np.ndarray, " n"]) -> Glyphs:
    """Cut each image out at its ink, however faint.

    >>> image = np.zeros((1, 28, 28), np.uint8)
    >>> image[0, 5:15, 3:7] = 255
    >>> cut_out(image, np.array([1])).sizes.tolist()
    [[10, 4]]
    """
    ink = images > 0
    rows, columns = np.asarray(ink.any(2)), np.asarray(ink.any(1))
    top, left = rows.argmax(1), columns.argmax(1)
    bottom = images.shape[1] - rows[:, ::-1].argmax(1)
    right = images.shape[2] - columns[:, ::-1].argmax(1)
    padded = np.pad(images, ((0, 0), (0, SIDE), (0, SIDE)))
    return Glyphs(windows(padded, top, left, SIDE), np.stack([bottom - top, right - left], 1), labels)


def windows(
    images: UInt8[np.ndarray, "n h w"], top: Int[np.ndarray, " n"], left: Int[np.ndarray, " n"], side: int
) -> UInt8[np.ndarray, "n side side"]:
    """Cut a square out of each image, from ``top`` down and from ``left`` to the right."""
    steps = np.arange(side)
    image = np.arange(len(images))[:, None, None]
    cut: np.ndarray = images[image, (top[:, None] + steps)[:, :, None], (left[:, None] + steps)[:, None, :]]
    return cut


def pieces(glyphs: Glyphs, count: int, random: Random) -> Glyphs:
    """Cut ``count`` pieces of at most 8×8 pixels out of random glyphs, each around a random pixel of ink.

    A piece keeps the label of the digit that it comes from.
    """
    chosen = glyphs.take(random.randint(0, len(glyphs), count))
    height, width = chosen.sizes.T
    ink = (chosen.tiles >= INK).reshape(count, -1)
    rank = np.floor(random.random_sample(count) * ink.sum(1)).astype(np.int64)  # which of its pixels of ink
    pixel = (ink.cumsum(1) == rank[:, None] + 1).argmax(1)
    top = np.clip(pixel // SIDE - PIECE // 2, 0, np.maximum(height - PIECE, 0))
    left = np.clip(pixel % SIDE - PIECE // 2, 0, np.maximum(width - PIECE, 0))
    sizes = np.minimum(chosen.sizes, PIECE)
    return Glyphs(windows(chosen.tiles, top, left, PIECE), sizes, chosen.labels)


def rescale(glyphs: Glyphs, low: float, high: float, random: Random) -> Glyphs:
    """Resize each glyph by a factor of its own, drawn evenly from ``low`` to ``high``.

    The interpolation is the antialiased bilinear one of Pillow and torch: a weighted mean of rows, then of columns.
    """
    if low == high == 1:
        return glyphs
    factor = low + (high - low) * random.random_sample(len(glyphs))
    sizes = np.where(glyphs.sizes > 0, np.maximum(np.rint(glyphs.sizes * factor[:, None]), 1), 0).astype(np.int64)
    before = glyphs.tiles.shape[1]
    after = scaled_side(before, high)
    down = resize_weights(glyphs.sizes[:, 0], sizes[:, 0], before, after)
    across = resize_weights(glyphs.sizes[:, 1], sizes[:, 1], before, after)
    tiles = down @ glyphs.tiles.astype(np.float64) @ across.transpose(0, 2, 1)
    return Glyphs(np.rint(tiles).astype(np.uint8), sizes, glyphs.labels)


def scaled_side(side: int, scale: float) -> int:
    """Return the side of a tile whose glyphs are resized by at most ``scale``."""
    return max(round(side * scale), 1)


def resize_weights(
    sizes: Int[np.ndarray, " n"], new: Int[np.ndarray, " n"], before: int, after: int
) -> Float[np.ndarray, "n after before"]:
    """Return how much each old row gives to each new one; the weights of a new row sum to 1, beyond its size to 0.

    >>> resize_weights(np.array([4]), np.array([2]), before=4, after=2).round(2).tolist()
    [[[0.43, 0.43, 0.14, 0.0], [0.0, 0.14, 0.43, 0.43]]]
    """
    step = (sizes / np.maximum(new, 1))[:, None, None]  # old rows to a new one
    old, fresh = np.arange(before)[None, None], np.arange(after)[None, :, None]
    centre = (fresh + 0.5) * step - 0.5
    weights = np.clip(1 - np.abs(old - centre) / np.maximum(step, 1), 0, None)
    weights = weights * (old < sizes[:, None, None]) * (fresh < new[:, None, None])
    normed: np.ndarray = weights / np.maximum(weights.sum(2, keepdims=True), 1e-9)
    return normed
