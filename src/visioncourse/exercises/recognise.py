"""Recognise a typical mistake by its results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from visioncourse.exercises.compare import same
from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.guard import Outcome, call

LINE = " in its line `"  # what an error's message ends with, and what differs from learner to learner


def recognise(exercise: Exercise, outcomes: list[Outcome], expected: list[Any]) -> tuple[Mistake, bool] | None:
    """Return the typical mistake that gives the very results that the learner's function gave.

    Where none does, but one of several results is wrong as a typical mistake makes it wrong, that mistake is returned.

    Args:
        exercise: the exercise, with its mistakes.
        outcomes: what came of the trial calls.
        expected: what should have come of them.

    Returns:
        The mistake and whether something else is wrong besides; or None.
    """
    tries = [(m, [call(form, case) for case in exercise.cases]) for m in exercise.mistakes for form in m.forms]
    for mistake, theirs in tries:
        if _all_alike(outcomes, theirs, exercise.tolerance):
            return mistake, False
    mine = _parts(outcomes, expected)
    for mistake, theirs in tries:
        part = _only_wrong(_parts(theirs, expected), _columns(expected), exercise.tolerance)
        if mine and part is not None:
            others = [Outcome(value) for value in _parts(theirs, expected)[part]]
            if _all_alike([Outcome(value) for value in mine[part]], others, exercise.tolerance):
                return mistake, True
    return None


def _all_alike(ours: list[Outcome], theirs: list[Outcome], tolerance: float) -> bool:
    """Say whether all calls ended alike; where no call gave a value, the errors have to agree in every word."""
    in_full = all(outcome.problem for outcome in theirs)
    return all(_alike(one, other, tolerance, in_full) for one, other in zip(ours, theirs, strict=True))


def _alike(one: Outcome, other: Outcome, tolerance: float, in_full: bool) -> bool:
    """Say whether two calls ended alike: both with the same error, or with the same value."""
    if one.problem or other.problem:
        until = LINE if in_full else ":"
        kinds = [(outcome.problem or "").partition(until)[0].rstrip(".") for outcome in (one, other)]
        return kinds[0] == kinds[1]
    return same(one.value, other.value, tolerance)


def _columns(rows: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return what each of several results was in all calls; an empty list where there is a single result."""
    several = all(isinstance(row, tuple | list) and len(row) > 1 for row in rows)
    return list(zip(*rows, strict=True)) if several and len({len(row) for row in rows}) == 1 else []


def _parts(outcomes: list[Outcome], expected: list[Any]) -> list[tuple[Any, ...]]:
    """Return what each of several results was in all calls; an empty list where calls failed or the number is off."""
    if not all(isinstance(value, tuple) for value in expected) or any(outcome.problem for outcome in outcomes):
        return []
    columns = _columns([outcome.value for outcome in outcomes])
    return columns if len(columns) == len(expected[0]) else []


def _only_wrong(columns: list[tuple[Any, ...]], wanted: list[tuple[Any, ...]], tolerance: float) -> int | None:
    """Return which of several results is wrong in some call, if it is one alone."""
    pairs = zip(columns, wanted, strict=True) if columns else []
    right = [all(same(a, b, tolerance) for a, b in zip(one, other, strict=True)) for one, other in pairs]
    return right.index(False) if right.count(False) == 1 else None
