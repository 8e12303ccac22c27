"""Real digits on larger canvases: moved about, among clutter, before photographs, several at once.

Every digit is one of ``mnist5k`` and stays in its split: the digits on test canvases, and the clutter around them, are
of ``mnist5k``'s test split, so a network that was trained on training canvases has seen none of their ink.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from visioncourse.boxes import boxes_of
from visioncourse.data.canvas_checks import Wish
from visioncourse.data.canvas_glyphs import Glyphs, Random, pieces, read_glyphs, rescale
from visioncourse.data.canvas_layout import anywhere, apart, overlapping
from visioncourse.data.canvas_painting import Sheets, behind, read_backgrounds
from visioncourse.data.canvas_sets import CanvasSet, SceneSet
from visioncourse.data.catalogue import CATALOGUE
from visioncourse.data.embedded import DIGITS
from visioncourse.data.splits import SPLITS

__all__ = ["CanvasSet", "SceneSet", "canvases", "scenes"]

NAME = "canvas"
CLUTTER = 4  # pieces on each canvas of load("canvas")
PORTION = 4_000_000  # pixels painted at a time, which bounds the memory


def canvases(
    split: str = "train",
    count: int = 1000,
    *,
    size: int | Sequence[int] = 60,
    clutter: int = 0,
    background: str | None = None,
    channels: int = 1,
    scale: float | int | Sequence[float | int] = 1.0,
    seed: int = 0,
) -> CanvasSet:
    """Draw canvases with one digit each, at a random place.

    The same arguments give the same canvases, to the bit; ``clutter``, ``background`` and ``channels`` change neither
    the digits nor their places. A digit comes twice only when every digit of the split has come once. Where the mask
    is set, a pixel without a photograph behind it is the digit's own.

    Args:
        split: of ``mnist5k``, whose digits are drawn: train, valid or test.
        count: number of canvases.
        size: height and width, pixels; one number for squares. A digit's ink measures 20×20 at most.
        clutter: pieces of other digits, 8×8 pixels each, that lie about, behind the digit where they meet.
        background: None for black; "photos" for parts of photographs, darkened, other ones for each split.
        channels: 1 (grey) or 3; the ink is white.
        scale: factor by which digits and clutter are resized, or (smallest, largest) for a random one each.
        seed: of everything random.

    Raises:
        ValueError: in one sentence, for whatever cannot be drawn.

    >>> train = canvases("train", 100, size=60, clutter=4)
    >>> train
    CanvasSet canvas train: 100 images of 1×60×60, 10 classes
    >>> train.labels.shape, train.boxes.shape, train.masks.shape
    (torch.Size([100]), torch.Size([100, 4]), torch.Size([100, 60, 60]))
    """
    wish = Wish(split, count, size, 1, False, clutter, background, channels, scale, seed)
    drawn = draw(wish)
    return CanvasSet(
        drawn.images, drawn.labels[:, 0], DIGITS, NAME, split, boxes=drawn.boxes[:, 0], masks=drawn.masks == 1
    )


def scenes(
    split: str = "train",
    count: int = 1000,
    *,
    size: int | Sequence[int] = 60,
    digits: int | Sequence[int] = (1, 4),
    overlap: bool = False,
    clutter: int = 0,
    background: str | None = None,
    channels: int = 1,
    scale: float | int | Sequence[float | int] = 1.0,
    seed: int = 0,
) -> SceneSet:
    """Draw canvases with several digits each, at random places.

    Args:
        split: as for ``canvases``, like all that is not named here.
        count: number of canvases.
        size: height and width, pixels; one number for squares.
        digits: how many on each canvas, or (fewest, most) for a random number; fewest may be 0.
        overlap: False: no two digits' ink overlaps, nor do their boxes. True: digits lie anywhere, later ones on top,
            but at least half of each digit's ink can be seen; boxes and masks are those of what can be seen.
        clutter: pieces of other digits on each canvas.
        background: None or "photos".
        channels: 1 or 3.
        scale: factor by which digits and clutter are resized, or (smallest, largest).
        seed: of everything random.

    Raises:
        ValueError: in one sentence, for whatever cannot be drawn.

    >>> train = scenes("train", 100, size=(64, 96), digits=(2, 5))
    >>> train
    SceneSet canvas train: 100 images of 1×64×96, 2 to 5 digits each, 10 classes
    >>> images, targets = next(train.batches(16))
    >>> images.shape, targets[0]["boxes"].shape[1], len(targets)
    (torch.Size([16, 1, 64, 96]), 4, 16)
    """
    drawn = draw(Wish(split, count, size, digits, overlap, clutter, background, channels, scale, seed))
    there = drawn.labels >= 0
    numbers = there.sum(1).tolist()
    labels, boxes = drawn.labels[there].split(numbers), drawn.boxes[there].split(numbers)
    return SceneSet(drawn.images, tuple(labels), tuple(boxes), drawn.masks, DIGITS, NAME, split)


def load_canvas(split: str, size: int | None = None, channels: int | None = None) -> CanvasSet:
    """Draw what ``load("canvas", split)`` gives: as many canvases as ``mnist5k`` has digits, each of them once.

    Args:
        split: train, valid or test.
        size: side of the canvases, pixels (the digits on them stay as they are); 60 by default.
        channels: 1 or 3; 1 by default.
    """
    entry = CATALOGUE[NAME]
    depth, side, _ = entry.shape
    return canvases(split, entry.counts[split], size=size or side, clutter=CLUTTER, channels=channels or depth)


class Drawn(NamedTuple):
    """Canvases with at most ``k`` digits; where there are fewer, labels are -1 and boxes 0."""

    images: Float[Tensor, "n c h w"]
    masks: UInt8[Tensor, "n h w"]
    labels: Int[Tensor, "n k"]
    boxes: Float[Tensor, "n k 4"]


def draw(wish: Wish) -> Drawn:
    """Draw all canvases, so many at a time that little memory is needed beside what they take themselves."""
    # Two streams, so that what lies behind the digits does not move them.
    random, scenery = (Random([wish.seed, SPLITS.index(wish.split), stream]) for stream in (0, 1))
    glyphs = read_glyphs(wish.split)
    chosen = choose(wish, len(glyphs), random)
    photos = read_backgrounds(wish.split, wish.shape, wish.channels) if wish.background else None
    images = torch.empty(wish.count, wish.channels, *wish.shape)
    masks = torch.empty(wish.count, *wish.shape, dtype=torch.uint8)
    boxes = torch.empty(*chosen.shape, 4)
    step = max(1, PORTION // (wish.shape[0] * wish.shape[1] + chosen.shape[1] * wish.side**2))
    for start in range(0, wish.count, step):
        part = slice(start, start + step)
        sheets = paint(wish, glyphs, chosen[part], random, scenery)
        ink = sheets.ink()[:, None].float() / 255
        images[part] = ink if photos is None else behind(photos, ink, scenery)
        masks[part] = sheets.instances()
        for slot in range(chosen.shape[1]):
            boxes[part, slot] = boxes_of(masks[part] == slot + 1)
    labels = torch.from_numpy(np.where(chosen >= 0, glyphs.labels[chosen], -1))
    return Drawn(images, masks, labels, boxes)


def choose(wish: Wish, digits: int, random: Random) -> Int[np.ndarray, "n k"]:
    """Deal digits to canvases, each once before any comes again; -1 where a canvas has fewer than the most."""
    low, high = wish.numbers
    numbers = random.randint(low, high + 1, wish.count)
    there = np.arange(high) < numbers[:, None]
    deals = -(-there.sum() // digits) or 1
    chosen = np.full(there.shape, -1, dtype=np.int64)
    chosen[there] = np.concatenate([random.permutation(digits) for _ in range(deals)])[: there.sum()]
    return chosen


def paint(wish: Wish, glyphs: Glyphs, chosen: Int[np.ndarray, "n k"], random: Random, scenery: Random) -> Sheets:
    """Paint some canvases: the clutter first, then the digits."""
    count, most = chosen.shape
    digits = rescale(glyphs.take(chosen.reshape(-1)), *wish.scales, random)
    tiles = digits.tiles.reshape(count, most, *digits.tiles.shape[1:])
    sizes = digits.sizes.reshape(count, most, 2)
    if wish.overlap:
        corners = overlapping(tiles, sizes, wish.shape, random)
    else:
        corners = apart(sizes, wish.shape, wish.side, random)
    sheets = Sheets(count, wish.shape, wish.side)
    for _ in range(wish.clutter):
        piece = rescale(pieces(glyphs, count, scenery), *wish.scales, scenery)
        sheets.paint(piece.tiles, anywhere(piece.sizes, wish.shape, scenery), 0)
    for slot in range(most):
        sheets.paint(tiles[:, slot], corners[:, slot], slot + 1)
    return sheets
