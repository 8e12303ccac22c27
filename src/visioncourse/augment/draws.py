"""Random numbers from a generator of any device, and numbers that must lie within limits."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from visioncourse.textual import unknown

BORDERS = {"mirror": "reflect", "zero": "constant"}
"""What comes in at the border, and torch's name for it in ``pad``."""


def uniform(
    generator: torch.Generator, shape: tuple[int, ...], low: int | float = 0, high: int | float = 1
) -> Float[Tensor, "*shape"]:
    """Draw numbers between ``low`` and ``high``, all alike likely."""
    return torch.rand(shape, generator=generator, device=generator.device) * (high - low) + low


def seeds(generator: torch.Generator, batch: int) -> Int[Tensor, " b"]:
    """Draw a seed for each image."""
    return torch.randint(2**63 - 1, (batch,), generator=generator, device=generator.device)


def number(
    name: str, value: int | float, low: int | float, high: int | float = math.inf, below: bool = False
) -> int | float:
    """Return a number that lies within its limits.

    Args:
        name: of the argument.
        value: what was given.
        low: least value.
        high: greatest value.
        below: whether ``high`` itself is too much already.

    Raises:
        ValueError: for anything else.

    >>> number("probability", 1.5, 0, 1)
    Traceback (most recent call last):
    ValueError: probability=1.5: expected a number from 0 to 1.
    """
    fits = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
    if not fits or value == math.inf or (below and value == high):
        span = f"of at least {low:g}" if high == math.inf else f"from {low:g} to {'below ' * below}{high:g}"
        raise ValueError(f"{name}={value!r}: expected a number {span}.")
    return value


def whole(name: str, value: int, low: int = 1) -> int:
    """Return a whole number of at least ``low``.

    Raises:
        ValueError: for anything else.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < low:
        raise ValueError(f"{name}={value!r}: expected a whole number of at least {low}.")
    return value


def border_name(value: str) -> str:
    """Return the name of what comes in at the border.

    Raises:
        ValueError: for one that does not exist.
    """
    if value not in BORDERS:
        raise ValueError(unknown("border", value, BORDERS))
    return value


def fitting(name: str, value: int | float, size: tuple[int, ...], less: bool = False) -> None:
    """Refuse what is larger than the images.

    Args:
        name: of the argument.
        value: pixels.
        size: height and width of the images.
        less: whether as large as the shorter side is too large already.

    Raises:
        ValueError: naming argument, value and the shorter side.
    """
    side = min(size)
    if value > side or (less and value == side):
        raise ValueError(
            f"{name}={value!r}: expected {'less than' if less else 'at most'} the side of the images, {side}."
        )
