"""Say in words where a result differs from the one expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from visioncourse.exercises.compare import as_array, in_words, is_numeric, is_shown_whole, kind_of, number, same

DIGITS = (4, 8, 17)  # tried in turn, until two numbers look different


def difference(got: Any, wanted: Any, tolerance: float = 1e-5, names: Sequence[str] = ()) -> str:
    """Return one sentence that says where a result differs.

    Of several results (a tuple with arrays in it) only the first that differs is described; of an array too long to
    show, only the first entry that differs.

    Args:
        got: what the learner's function returned.
        wanted: what it should have returned.
        tolerance: relative and absolute error that numbers may have.
        names: what each of several results is, "the gradient of x"; may be empty.

    >>> difference((np.ones(2), np.zeros((1, 3))), (np.ones(2), np.zeros(3)))
    'Result 2 of 2 has shape (1, 3); expected (3,).'
    """
    if not isinstance(wanted, tuple) or len(wanted) < 2:
        return _between(got, wanted, tolerance)
    if not isinstance(got, tuple | list) or len(got) != len(wanted):
        return _of_another_number(got, len(wanted), names)
    if not any(shape_of(part) for part in wanted):
        return _between(got, wanted, tolerance)  # a few numbers or words, easily seen at once
    wrong = next((i for i, pair in enumerate(zip(got, wanted, strict=True)) if not same(*pair, tolerance)), 0)
    name = f", {names[wrong]}," if len(names) == len(wanted) else ""
    return _between(got[wrong], wanted[wrong], tolerance, f"Result {wrong + 1} of {len(wanted)}{name}")


def _of_another_number(got: Any, count: int, names: Sequence[str]) -> str:
    """Say that the number of results is off."""
    several = isinstance(got, tuple | list)
    returned = f"{len(got)} result{'s' * (len(got) != 1)}" if several else kind_of(got)
    listed = f" ({', '.join(names)})" if len(names) == count else ""
    return f"Your function returns {returned}; expected {count}{' results' * (not several)}{listed}."


def shape_of(value: Any) -> tuple[int, ...] | None:
    """Return the shape of a number, an array or an even list of numbers, and None for all else."""
    try:
        return as_array(value).shape if is_numeric(value) else None
    except Exception:  # ragged lists, sparse and meta tensors: of no shape that helps the learner
        return None


def _between(got: Any, wanted: Any, tolerance: float, name: str = "") -> str:
    """Describe how one result differs; ``name`` says which of several it is."""
    verb = f"{name} is" if name else "Your function returns"
    shapes = shape_of(got), shape_of(wanted)
    if None in shapes or shapes[0] != shapes[1]:
        if name and shapes[0] and shapes[1]:
            return f"{name} has shape {shapes[0]}; expected {shapes[1]}."
        if kind_of(got) != kind_of(wanted):
            return f"{verb} {kind_of(got)}; expected {kind_of(wanted)}."
    texts = in_words(got), in_words(wanted)
    if texts[0] != texts[1] and is_shown_whole(got) and is_shown_whole(wanted):
        return f"{verb} {texts[0]}; expected {texts[1]}."
    place = first_place(got, wanted, tolerance)
    if place is None:
        return f"{verb} {texts[0]}; expected {texts[1]}."
    numbers = _told_apart(*(as_array(value)[tuple(place)].item() for value in (got, wanted)))
    if not place:
        return f"{verb} {numbers[0]}; expected {numbers[1]}."
    return f"{name or 'Your result'} differs first at {place}: {numbers[0]}, expected {numbers[1]}."


def first_place(got: Any, wanted: Any, tolerance: float) -> list[int] | None:
    """Return the index of the first entry that differs, in reading order; None where entries cannot be compared."""
    try:
        pair = as_array(got), as_array(wanted)
        close = np.isclose(*pair, rtol=tolerance, atol=tolerance, equal_nan=True)
        return [int(index) for index in np.argwhere(~close)[0]] if pair[0].shape == pair[1].shape else None
    except Exception:  # arrays of words, ragged lists, shapes that differ
        return None


def _told_apart(one: Any, other: Any) -> tuple[str, str]:
    """Return two different numbers as texts, with as many digits as it takes to see the difference."""
    pairs = [(number(one, digits), number(other, digits)) for digits in DIGITS]
    return next((pair for pair in pairs if pair[0] != pair[1]), pairs[-1])
