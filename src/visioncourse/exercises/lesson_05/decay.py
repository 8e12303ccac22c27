"""What goes wrong with the weight in exercise 05.2, before and after Adam's step."""

from __future__ import annotations

from typing import Any

from visioncourse.exercises.exercise import Mistake
from visioncourse.exercises.lesson_05.answers import adamw_step
from visioncourse.exercises.lesson_05.means import adamw_by, shrunk


def unshrunk(weight: Any, lr: Any, decay: Any) -> Any:
    """Leave a weight as it is."""
    return weight


def uphill(weight: Any, gradient: Any, m: Any, s: Any, t: Any, lr: Any, decay: Any) -> Any:
    """Shrink the weight, and add Adam's step."""
    new, m, s = adamw_step(weight, gradient, m, s, t, lr, decay)
    return 2 * shrunk(weight, lr, decay) - new, m, s


def shrunk_after(weight: Any, gradient: Any, m: Any, s: Any, t: Any, lr: Any, decay: Any) -> Any:
    """Take Adam's step, and shrink what comes out."""
    new, m, s = adamw_step(weight, gradient, m, s, t, lr, 0.0)
    return shrunk(new, lr, decay), m, s


def unscaled(weight: Any, gradient: Any, m: Any, s: Any, t: Any, lr: Any, decay: Any) -> Any:
    """Forget the rate before Adam's quotient."""
    new, m, s = adamw_step(weight, gradient, m, s, t, 1.0, 0.0)
    return new - weight + shrunk(weight, lr, decay), m, s


DECAY = [
    Mistake(
        "decay in the gradient",
        adamw_by(pull=lambda gradient, weight, lr, decay: gradient + decay * weight, shrink=unshrunk),
        "You added the decay to the gradient. That is Adam with L2: the pull towards zero is then divided by √s like "
        "everything else. AdamW keeps it apart: it shrinks the weight itself.",
        also=[adamw_by(pull=lambda gradient, weight, lr, decay: gradient + lr * decay * weight, shrink=unshrunk)],
    ),
    Mistake(
        "decay in both places",
        adamw_by(pull=lambda gradient, weight, lr, decay: gradient + decay * weight),
        "You pull twice: your weight shrinks, as it should, and the decay is added to the gradient as well. Leave the "
        "gradient as it is.",
        also=[
            adamw_by(pull=lambda gradient, weight, lr, decay: gradient + decay * shrunk(weight, lr, decay)),
            adamw_by(pull=lambda gradient, weight, lr, decay: gradient + lr * decay * weight),
        ],
    ),
    Mistake(
        "decay without the rate",
        adamw_by(shrink=lambda weight, lr, decay: weight * (1 - decay)),
        "You shrink the weight by the whole decay at each step. The rate scales the decay, too: rate · decay · w.",
    ),
    Mistake(
        "no decay",
        adamw_by(shrink=unshrunk),
        "That is Adam, and the W is missing: first take rate · decay · w off the weight.",
    ),
    Mistake(
        "decay added",
        adamw_by(shrink=lambda weight, lr, decay: weight * (1 + lr * decay)),
        "Your weight grows before Adam's step: you add rate · decay · w. Take it off.",
    ),
    Mistake(
        "nothing but the decay left",
        adamw_by(shrink=lambda weight, lr, decay: lr * decay * weight),
        "You put rate · decay · w in the place of the weight. That much is taken off it: w − rate · decay · w.",
    ),
    Mistake(
        "decay after the step",
        shrunk_after,
        "You shrink the weight after Adam's step, and with it the step itself. Shrink the old weight first.",
    ),
    Mistake(
        "rate forgotten",
        unscaled,
        "Adam's quotient is near ±1, and you take it off in full. Times the rate, and it is right.",
    ),
    Mistake(
        "uphill",
        uphill,
        "Your weight is shrunk as it should be, and then goes uphill: Adam's step is taken off the weight.",
    ),
]
