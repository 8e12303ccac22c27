"""Rules like AdamW's, for the wrong answers to exercise 05.2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from visioncourse.exercises.lesson_05.answers import adamw_step

KEEP = (0.9, 0.999)


def corrected(m: Any, s: Any, t: Any, keep: tuple[float, float] = KEEP) -> tuple[Any, Any]:
    """Divide both means by what they have gathered."""
    return m / (1 - keep[0] ** t), s / (1 - keep[1] ** t)


def shrunk(weight: Any, lr: Any, decay: Any) -> Any:
    """Shrink a weight as AdamW does."""
    return weight * (1 - lr * decay)


def adamw_by(
    quotient: Callable[..., Any] = lambda m, s: m / (np.sqrt(s) + 1e-8),
    square: Callable[..., Any] = np.square,
    keep: tuple[float, float] = KEEP,
    correct: Callable[..., Any] = corrected,
    pull: Callable[..., Any] = lambda gradient, weight, lr, decay: gradient,
    shrink: Callable[..., Any] = shrunk,
) -> Callable[..., Any]:
    """Make a rule like AdamW's.

    Args:
        quotient: takes the corrected means, and returns the step before it is scaled.
        square: takes the gradient, and returns what is gathered in s.
        keep: the share of m and of s that stays at each step.
        correct: takes the new means, t and ``keep``, and returns the corrected means.
        pull: takes gradient, weight, lr and decay, and returns the gradient that the means see.
        shrink: takes weight, lr and decay, and returns the weight before Adam's step.
    """

    @np.errstate(all="ignore")  # some wrong rules divide by zero, or take the root of something negative
    def rule(weight: Any, gradient: Any, m: Any, s: Any, t: Any, lr: Any, decay: Any) -> Any:
        gradient = pull(gradient, weight, lr, decay)
        m = keep[0] * m + (1 - keep[0]) * gradient
        s = keep[1] * s + (1 - keep[1]) * square(gradient)
        return shrink(weight, lr, decay) - lr * quotient(*correct(m, s, t, keep)), m, s

    return rule


def stepping(means: Callable[..., Any]) -> Callable[..., Any]:
    """Make a rule that steps by other means: ``means`` takes the gradient, the old means, the new means and t."""

    def rule(weight: Any, gradient: Any, m: Any, s: Any, t: Any, lr: Any, decay: Any) -> Any:
        step = adamw_by(correct=lambda new_m, new_s, t, keep: means(gradient, m, s, new_m, new_s, t))
        return step(weight, gradient, m, s, t, lr, decay)

    return rule


def returning(results: Callable[..., Any]) -> Callable[..., Any]:
    """Make the right rule return something else: ``results`` takes the right results, the old means and t."""

    def rule(weight: Any, gradient: Any, m: Any, s: Any, t: Any, lr: Any, decay: Any) -> Any:
        return results(*adamw_step(weight, gradient, m, s, t, lr, decay), m, s, t)

    return rule
