"""What somebody wishes to have on canvases, checked before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from visioncourse.data.canvas_glyphs import SIDE, scaled_side
from visioncourse.data.splits import SPLITS
from visioncourse.textual import unknown

SMALLEST = 0.5  # scale below which thin strokes would fade away
MOST = 255  # digits on one canvas, whose numbers are kept in one byte a pixel
SEEDS = 2**32


@dataclass(frozen=True)
class Wish:
    """The arguments of ``canvases`` and ``scenes``, checked and in one form.

    Raises:
        ValueError: in one sentence, for whatever cannot be drawn.
    """

    split: str
    count: int
    size: int | Sequence[int]
    digits: int | Sequence[int]
    overlap: bool
    clutter: int
    background: str | None
    channels: int
    scale: float | int | Sequence[float | int]
    seed: int

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(unknown("split", self.split, SPLITS))
        if self.background not in (None, "photos"):
            raise ValueError(unknown("background", self.background, ["None", "photos"]))
        if self.channels not in (1, 3):
            raise ValueError(f"channels={self.channels!r} must be 1 (grey) or 3 (red, green, blue)")
        whole("count", self.count, 1)
        whole("clutter", self.clutter, 0)
        if whole("seed", self.seed, 0) >= SEEDS:
            raise ValueError(f"seed={self.seed!r} must be less than 2**32")
        self.check_scales()
        self.check_sides()
        self.check_numbers()

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of a canvas."""
        return both(self.size)

    @property
    def numbers(self) -> tuple[int, int]:
        """Fewest and most digits on a canvas."""
        return both(self.digits)

    @property
    def scales(self) -> tuple[float, float]:
        """Smallest and largest factor by which digits are resized."""
        low, high = both(self.scale)
        return float(low), float(high)

    @property
    def side(self) -> int:
        """Side of the largest digit that there may be."""
        return scaled_side(SIDE, self.scales[1])

    def check_scales(self) -> None:
        """Refuse scales that are no numbers, too small, or the wrong way round."""
        low, high = pair("scale", self.scale)
        if not all(isinstance(one, int | float) and math.isfinite(one) and one >= SMALLEST for one in (low, high)):
            raise ValueError(f"scale={self.scale!r} must be a number of at least {SMALLEST}, or a pair of such numbers")
        if low > high:
            raise ValueError(f"scale={self.scale!r} must be (smallest, largest), but {low} is more than {high}")

    def check_sides(self) -> None:
        """Refuse canvases that some digit would not fit on."""
        for side in pair("size", self.size):
            if whole("size", side, 1) < self.side:
                digit = f"digits are up to {self.side} pixels high and wide at scale {self.scales[1]:g}"
                raise ValueError(f"size={self.size!r} is too small: {digit}, and a canvas must hold a whole one")

    def check_numbers(self) -> None:
        """Refuse numbers of digits that do not fit on a canvas beside each other."""
        low, high = pair("digits", self.digits)
        whole("digits", low, 0 if high != low else 1)
        if whole("digits", high, 1) < low:
            raise ValueError(f"digits={self.digits!r} must be (fewest, most), but {low} is more than {high}")
        room = MOST if self.overlap else (self.shape[0] // self.side) * (self.shape[1] // self.side)
        if high > room:
            canvas = "a canvas" if self.overlap else f"{self.shape[0]}×{self.shape[1]} pixels without overlap"
            raise ValueError(f"digits={self.digits!r} is too many: at most {room} always find room on {canvas}")


def whole(name: str, value: Any, least: int) -> int:
    """Return a whole number of at least ``least``, or raise ValueError."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{name}={value!r} must be a whole number, at least {least}")
    return value


def both(value: Any) -> tuple[Any, Any]:
    """Return a pair as it is, and one number twice.

    >>> both(60), both([1, 4])
    ((60, 60), (1, 4))
    """
    return (value[0], value[1]) if isinstance(value, Sequence) else (value, value)


def pair(name: str, value: Any) -> tuple[Any, Any]:
    """Return ``both``, or raise ValueError for a sequence of another length."""
    if isinstance(value, str) or (isinstance(value, Sequence) and len(value) != 2):
        raise ValueError(f"{name}={value!r} must be one number or two")
    return both(value)
