"""Ink onto canvases: tiles, who owns which pixel, photographs behind."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from visioncourse.data.canvas_glyphs import INK, Random
from visioncourse.data.embedded import load_photos

# No photograph is in two splits, or what a network remembers of a background would pass for recognition.
BACKGROUNDS = {
    "train": ("astronaut", "brick", "cat", "coins", "flower", "galaxies", "retina", "temple"),
    "valid": ("gravel", "rocket"),
    "test": ("camera", "coffee", "grass"),
}
DIM = 0.6  # photographs are darkened, so that white ink can be read on all of them
CLOSE_UP = 256  # pixels: photographs are at least so large, and canvases show parts of them


class Sheets:
    """Canvases being painted: what is painted later lies on top.

    Each keeps a margin below and at the right, so that a tile may reach over the border with its empty part.

    Args:
        count: number of canvases.
        shape: height and width, pixels.
        margin: side of the largest tile.
    """

    def __init__(self, count: int, shape: tuple[int, int], margin: int) -> None:
        self.height, self.width = shape
        # NumPy, one thread: so many small steps would cost several threads more time in waiting for each other.
        self.pixels = np.zeros((count, self.height + margin, self.width + margin), np.uint8)
        self.owners = np.zeros_like(self.pixels)

    def paint(self, tiles: UInt8[np.ndarray, "n s s"], corners: Int[np.ndarray, "n 2"], number: int) -> None:
        """Paint one tile on each canvas; its ink then belongs to ``number`` (0 for nobody), its soft rim does not.

        Under a rim, what was there before shows through wherever there was more ink.
        """
        _, height, width = self.pixels.shape
        first = (np.arange(len(tiles)) * height + corners[:, 0]) * width + corners[:, 1]
        steps = np.arange(tiles.shape[1])
        place = first[:, None, None] + steps[:, None] * width + steps  # (n, s, s), into all canvases in one row
        pixels, owners = self.pixels.reshape(-1), self.owners.reshape(-1)
        ink = tiles >= INK
        pixels[place] = np.where(ink, tiles, np.maximum(tiles, pixels.take(place)))
        owners[place[ink]] = number

    def ink(self) -> UInt8[Tensor, "n h w"]:
        """Return the ink of every pixel, 0 to 255."""
        return torch.from_numpy(self.pixels[:, : self.height, : self.width])

    def instances(self) -> UInt8[Tensor, "n h w"]:
        """Return the number that owns every pixel, 0 for nobody."""
        return torch.from_numpy(self.owners[:, : self.height, : self.width])


def read_backgrounds(split: str, shape: tuple[int, int], channels: int) -> Float[Tensor, "p c s s"]:
    """Return the split's photographs, darkened, larger than the canvases."""
    photos = load_photos("train", max(CLOSE_UP, 2 * max(shape)), channels)
    return photos.images[[photos.classes.index(name) for name in BACKGROUNDS[split]]] * DIM


def behind(photos: Float[Tensor, "p c s t"], ink: Float[Tensor, "n 1 h w"], random: Random) -> Float[Tensor, "n c h w"]:
    """Put a random part of a random photograph behind each canvas; full ink is white."""
    count, _, height, width = ink.shape
    which = torch.from_numpy(random.randint(0, len(photos), count).astype(np.int64))
    top = torch.from_numpy(random.randint(0, photos.shape[2] - height + 1, count).astype(np.int64))
    left = torch.from_numpy(random.randint(0, photos.shape[3] - width + 1, count).astype(np.int64))
    rows = (top[:, None] + torch.arange(height))[:, :, None]
    columns = (left[:, None] + torch.arange(width))[:, None, :]
    parts = photos[which[:, None, None], :, rows, columns].permute(0, 3, 1, 2)
    return (parts + ink * (1 - parts)).clamp(0, 1)
