"""Exercise 05.1: one step of Nesterov's momentum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_05.answers import nesterov_step

DRAW = np.random.default_rng(5)
WEIGHT, GRADIENT, VELOCITY = DRAW.normal(size=(3, 2, 3))


def gathered(v: Any, g: Any, lr: Any, beta: Any) -> Any:
    """Renew the velocity as it should be."""
    return beta * v + g


def ahead(g: Any, v: Any, lr: Any, beta: Any) -> Any:
    """Take the step that should be taken off the weight."""
    return lr * (g + beta * v)


def nesterov_by(renew: Callable[..., Any] = gathered, step: Callable[..., Any] = ahead) -> Callable[..., Any]:
    """Make a momentum rule.

    Args:
        renew: takes velocity, gradient, lr and beta, and returns the new velocity.
        step: takes gradient, new velocity, lr and beta, and returns what is taken off the weight.
    """

    def rule(weight: Any, gradient: Any, velocity: Any, lr: Any, beta: Any) -> Any:
        new = renew(velocity, gradient, lr, beta)
        return weight - step(gradient, new, lr, beta), new

    return rule


def returning(results: Callable[..., Any]) -> Callable[..., Any]:
    """Make the right rule return something else: ``results`` takes the two right results and all arguments."""
    return lambda *arguments: results(*nesterov_step(*arguments), *arguments)


NESTEROV = Exercise(
    id="05.1",
    title="Look ahead",
    reference=nesterov_step,
    cases=[
        (WEIGHT, GRADIENT, VELOCITY, 0.1, 0.9),
        (WEIGHT[0], GRADIENT[0], VELOCITY[0], 0.02, 0.5),
        (WEIGHT, GRADIENT, np.zeros((2, 3)), 0.5, 0.9),
    ],
    results=("the new weight", "the new velocity"),
    mistakes=[
        Mistake(
            "no look-ahead",
            nesterov_by(step=lambda g, v, lr, beta: lr * v),
            "You step by β·v_old + g, which is the new velocity itself: that is the lesson's momentum, and it does not "
            "look ahead. Renew v first, then step by g + β·v with the new v.",
        ),
        Mistake(
            "running mean",
            nesterov_by(lambda v, g, lr, beta: beta * v + (1 - beta) * g),
            "Your velocity is a running mean: the gradient enters it times 1 − β. That is Adam's m; momentum adds the "
            "whole gradient, which is how it gathers speed.",
        ),
        Mistake(
            "step alone",
            returning(lambda w, v, weight, *_: (w - weight, v)),
            "You return the step alone, as the lesson's rules do; there `walk` adds it to the place. Asked for is the "
            "new weight, weight − lr · (g + β·v).",
            also=[returning(lambda w, v, weight, *_: (weight - w, v))],
        ),
        Mistake(
            "bracket missing",
            nesterov_by(step=lambda g, v, lr, beta: lr * g - beta * v),
            "A bracket is missing: you take off lr·g, and then add β·v, in full. The rate scales both, and both are "
            "taken off: weight − lr · (g + β·v).",
        ),
        Mistake(
            "rate on the gradient only",
            nesterov_by(step=lambda g, v, lr, beta: lr * g + beta * v),
            "Your rate scales the gradient alone, and β·v is taken off in full. It scales both: lr · (g + β·v).",
        ),
        Mistake(
            "rate forgotten",
            nesterov_by(step=lambda g, v, lr, beta: g + beta * v),
            "You take g + β·v off in full. The rate says how much of it: lr · (g + β·v).",
        ),
        Mistake(
            "uphill",
            nesterov_by(step=lambda g, v, lr, beta: -lr * (g + beta * v)),
            "Your step is right, and goes uphill: the gradient points to where the loss grows, so the step is taken "
            "off the weight.",
        ),
        Mistake(
            "rate in the velocity",
            nesterov_by(lambda v, g, lr, beta: beta * v + lr * g, lambda g, v, lr, beta: lr * g + beta * v),
            "You put the rate into the velocity. Here v gathers gradients as they are, and the rate scales the step, "
            "once, at the end; so a change of rate takes hold at once.",
        ),
        Mistake(
            "rate twice",
            nesterov_by(lambda v, g, lr, beta: beta * v + lr * g),
            "The rate stands in your velocity and in your step, so that part of the gradient is scaled twice. Leave it "
            "out of the velocity.",
        ),
        Mistake(
            "velocity downhill",
            nesterov_by(lambda v, g, lr, beta: beta * v - lr * g, lambda g, v, lr, beta: lr * g - beta * v),
            "Your velocity points downhill and carries the rate, as some books have it. Here it gathers the gradients "
            "as they are, v ← β·v + g, and rate and minus belong to the step.",
        ),
        Mistake(
            "0.9 for β",
            nesterov_by(lambda v, g, lr, beta: 0.9 * v + g, lambda g, v, lr, beta: lr * (g + 0.9 * v)),
            "Somewhere in your function stands 0.9 where `beta` is meant. Whoever calls it may keep another share.",
            also=[
                nesterov_by(step=lambda g, v, lr, beta: lr * (g + 0.9 * v)),
                nesterov_by(lambda v, g, lr, beta: 0.9 * v + g),
            ],
        ),
        Mistake(
            "weight alone",
            returning(lambda w, v, *_: w),
            "You return the new weight alone. The next step needs the velocity too: return both, the weight first.",
        ),
        Mistake(
            "velocity alone",
            returning(lambda w, v, *_: v),
            "You return the new velocity alone. What it is for is the new weight: return both, the weight first.",
        ),
        Mistake(
            "old velocity returned",
            returning(lambda w, v, weight, gradient, velocity, *_: (w, velocity)),
            "The velocity that you return is the old one, so that the ball would forget this gradient: return the "
            "new v.",
        ),
        Mistake(
            "look-ahead returned",
            returning(lambda w, v, weight, gradient, velocity, lr, beta: (w, gradient + beta * v)),
            "As velocity you return g + β·v, the look-ahead; it serves this one step only. What is carried on is v.",
        ),
        Mistake(
            "no friction ahead",
            nesterov_by(step=lambda g, v, lr, beta: lr * (g + v)),
            "In your look-ahead the new velocity counts in full. In the step to come friction takes its part of it "
            "too: g + β·v.",
        ),
        Mistake(
            "gradient forgotten",
            nesterov_by(step=lambda g, v, lr, beta: lr * beta * v),
            "Your step is β·v alone. The look-ahead adds the gradient once more: g + β·v.",
        ),
        Mistake(
            "swapped",
            returning(lambda w, v, *_: (v, w)),
            "Both results are right, and stand in the wrong order: first the weight, then the velocity.",
        ),
    ],
    hints=[
        "Two lines. The first is the lesson's `momentum`; the second uses the velocity that the first has just made.",
        "The step is g + β·v with the new v, times the rate, taken off the weight.",
        "`velocity = beta * velocity + gradient` makes a new array; `velocity *= beta` would write into the caller's.",
    ],
    idea="Momentum steps by v; Nesterov steps by g + β·v, where v would carry the weight next.",
)
