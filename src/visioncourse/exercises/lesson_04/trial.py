"""Exercise 04.5, the suspects: how to find the wrong rules, and what to say about a list of names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from visioncourse.exercises.compare import kind_of
from visioncourse.exercises.lesson_04.suspects import SUSPECTS
from visioncourse.textual import unknown

HINTS = {
    "all accused": "You accuse all six. Does your x hold whole numbers without a decimal point? NumPy then cuts the "
    "step of 1e-6 off to 0, and every rule looks wrong. Write `np.array([-2.0, 1.5])`, with points.",
    "all but relu accused": "You accuse all but relu. Does your x hold whole numbers, none of them above 0? NumPy then "
    "cuts the step of 1e-6 off to 0, and all rules look wrong but relu's, for which the check divides 0 by 0. Write "
    "`np.array([-2.0, 1.5])`, with points.",
    "nobody accused": "You acquit all six. A right rule comes out near 1e-10: whose error is a million times larger?",
    "innocents named": "Those are exactly the ones whose rules are right. Asked for are the others.",
    "square accused": "One that you accuse has a right rule, off by about 1e-10 at inputs near 1. With the lesson's "
    "step it looks wrong only if x holds whole numbers without a point, whose step NumPy cuts off to 0; numbers in the "
    "millions, where rounding spoils the check; or nothing but 0.0, where it divides 0 by 0.",
    "softplus accused": "One that you accuse has a right rule, off by about 1e-10 at inputs near 1. With the lesson's "
    "step it looks wrong only if x holds whole numbers without a point, whose step NumPy cuts off to 0, or numbers in "
    "the millions or below −700, where rounding spoils the check.",
    "relu accused": "relu's rule is right. At an input of exactly 0 it has a kink: the central difference sees half a "
    "slope there, and the rule must choose one side. And where all inputs are negative the check divides 0 by 0.",
    "swish missed": "One rule that you acquit is wrong at every input. Its x reaches the result by two routes: does "
    "the rule add up both?",
    "leaky relu missed": "One rule that you acquit is right on one side of 0 only. Which signs did your x have?",
    "mean square missed": "One rule that you acquit is right only as long as x is a single number. Hand it several.",
}


def slope_error(forward: Callable[..., Any], backward: Callable[..., Any], x: Any, h: float = 1e-6) -> float:
    """Return how far a rule is from central differences, relative to the largest slope, as in the lesson.

    Args:
        forward: a function of x.
        backward: its rule, a function of x and the gradient.
        x: floats of any shape.
        h: the step.
    """
    weigh = np.random.default_rng(1).normal(size=np.shape(forward(x)))
    steps = h * np.eye(x.size).reshape(-1, *x.shape)
    slopes = [np.sum(weigh * (forward(x + step) - forward(x - step))) / (2 * h) for step in steps]
    return float(np.abs(backward(x, weigh).ravel() - slopes).max() / np.abs(slopes).max())


def guilty() -> Any:
    """Use several inputs, of both signs, and none near 0, where some of the six have a kink."""
    x = np.array([-2.0, -0.7, 0.4, 1.5])
    return [name for name, (forward, backward) in SUSPECTS.items() if slope_error(forward, backward, x) > 1e-4]


def measure_names(answer: Any) -> str | None:
    """Return what is wrong with a list of accused suspects, or None.

    Args:
        answer: names in a list, tuple or set, in any order; or in one text, with commas between them.
    """
    names = answer.split(",") if isinstance(answer, str) else answer
    if not isinstance(names, list | tuple | set | frozenset):
        return f'Expected a list of names, such as ["square", "relu"]; got {kind_of(answer)}.'
    for name in names:
        if not isinstance(name, str):
            return f"Expected names in quotes in the list; one of its entries is {kind_of(name)}."
    accused = {" ".join(name.replace("_", " ").lower().split()) for name in names} - {""}
    for name in sorted(accused - set(SUSPECTS)):
        sentence = unknown("suspect", name, SUSPECTS)
        return sentence[:1].upper() + sentence[1:]
    found = complaints(accused)
    more = " And that is not all." if found[1:] else ""
    return HINTS[found[0]] + more if found else None


def complaints(accused: set[str]) -> list[str]:
    """Return the keys of ``HINTS`` that fit the accused, the weightiest first; none for the right ones."""
    wrong = guilty()
    whole = {
        "all accused": set(SUSPECTS),
        "all but relu accused": set(SUSPECTS) - {"relu"},
        "nobody accused": set(),
        "innocents named": set(SUSPECTS) - set(wrong),
    }
    for key, names in whole.items():
        if accused == names:
            return [key]
    found = [f"{name} accused" for name in ("square", "softplus", "relu") if name in accused]
    return found + [f"{name} missed" for name in wrong if name not in accused]
