"""Exercises 05.1 and 05.2: one step of Nesterov's momentum, one step of AdamW."""

from __future__ import annotations

import numpy as np

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_05.answers import adamw_by, adamw_step, nesterov_by, nesterov_step

DRAW = np.random.default_rng(5)
WEIGHT, GRADIENT, VELOCITY = DRAW.normal(size=(3, 2, 3))
MEAN, SQUARES = DRAW.normal(size=(2, 3)), DRAW.uniform(0.1, 2.0, size=(2, 3))
TINY = np.array([1e-4, -2e-4, 3e-4])  # so small that it matters where epsilon stands

NESTEROV = Exercise(
    id="05.1",
    title="Look ahead",
    reference=nesterov_step,
    cases=[
        (WEIGHT, GRADIENT, VELOCITY, 0.1, 0.9),
        (WEIGHT[0], GRADIENT[0], VELOCITY[0], 0.02, 0.5),
        (WEIGHT, GRADIENT, np.zeros((2, 3)), 0.5, 0.9),
    ],
    mistakes=[
        Mistake(
            "no look-ahead",
            nesterov_by(lambda v, g, lr, beta: beta * v + g, lambda g, v, lr, beta: lr * v),
            "You step by β·v_old + g, which is the new velocity itself: that is the lesson's momentum, and it does not "
            "look ahead. Renew v first, then step by g + β·v with the new v.",
        ),
        Mistake(
            "running mean",
            nesterov_by(lambda v, g, lr, beta: beta * v + (1 - beta) * g, lambda g, v, lr, beta: lr * (g + beta * v)),
            "Your velocity is a running mean: the gradient enters it times 1 − β. That is Adam's m; momentum adds the "
            "whole gradient, which is how it gathers speed.",
        ),
        Mistake(
            "uphill",
            nesterov_by(lambda v, g, lr, beta: beta * v + g, lambda g, v, lr, beta: -lr * (g + beta * v)),
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
            nesterov_by(lambda v, g, lr, beta: beta * v + lr * g, lambda g, v, lr, beta: lr * (g + beta * v)),
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
            "old velocity returned",
            lambda weight, gradient, velocity, lr, beta: (
                nesterov_step(weight, gradient, velocity, lr, beta)[0],
                velocity,
            ),
            "The weight is right. The velocity that you return is the old one, so that the ball would forget this "
            "gradient: return the new v.",
        ),
        Mistake(
            "look-ahead returned",
            lambda weight, gradient, velocity, lr, beta: (
                nesterov_step(weight, gradient, velocity, lr, beta)[0],
                gradient + beta * (beta * velocity + gradient),
            ),
            "The weight is right. As velocity you return g + β·v, the look-ahead; it serves this one step only. What "
            "is carried on is v.",
        ),
        Mistake(
            "no friction ahead",
            nesterov_by(lambda v, g, lr, beta: beta * v + g, lambda g, v, lr, beta: lr * (g + v)),
            "In your look-ahead the new velocity counts in full. In the step to come friction takes its part of it "
            "too: g + β·v.",
        ),
        Mistake(
            "gradient forgotten",
            nesterov_by(lambda v, g, lr, beta: beta * v + g, lambda g, v, lr, beta: lr * beta * v),
            "Your step is β·v alone. The look-ahead adds the gradient once more: g + β·v.",
        ),
        Mistake(
            "swapped",
            lambda weight, gradient, velocity, lr, beta: nesterov_step(weight, gradient, velocity, lr, beta)[::-1],
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

ADAMW = Exercise(
    id="05.2",
    title="One step of AdamW",
    reference=adamw_step,
    cases=[
        (WEIGHT, GRADIENT, MEAN, SQUARES, 2, 0.1, 0.5),
        (WEIGHT[0], TINY, TINY / 9, TINY**2 / 999, 2, 0.1, 0.01),
        (WEIGHT, GRADIENT, MEAN, SQUARES, 40, 0.02, 0.1),
    ],
    mistakes=[
        Mistake(
            "corrected by t + 1",
            lambda weight, gradient, m, s, t, lr, decay: adamw_step(weight, gradient, m, s, t + 1, lr, decay),
            "Your correction is one step ahead: t is 1 at the first step already, so divide by 1 − 0.9**t, not by "
            "1 − 0.9**(t + 1).",
        ),
        Mistake(
            "corrected by t − 1",
            lambda weight, gradient, m, s, t, lr, decay: adamw_step(weight, gradient, m, s, t - 1, lr, decay),
            "Your correction is one step behind. At t = 1 you would divide by 1 − 0.9**0, which is zero: t already "
            "counts this step.",
        ),
        Mistake(
            "not corrected",
            lambda weight, gradient, m, s, t, lr, decay: adamw_step(weight, gradient, m, s, 10**6, lr, decay),
            "The correction is missing. Both means start at zero and are too small at first: divide m by 1 − 0.9**t "
            "and s by 1 − 0.999**t.",
        ),
        Mistake(
            "ε under the root",
            adamw_by(quotient=lambda m, s: m / np.sqrt(s + 1e-8)),
            "Your ε stands under the root, where 1e-8 becomes 1e-4 and swallows small gradients. Take the root of s, "
            "then add ε.",
        ),
        Mistake(
            "decay in the gradient",
            lambda weight, gradient, m, s, t, lr, decay: adamw_step(
                weight, gradient + decay * weight, m, s, t, lr, 0.0
            ),
            "You added the decay to the gradient. That is Adam with L2: the pull towards zero is then divided by √s "
            "like everything else. AdamW keeps it apart: it shrinks the weight itself.",
        ),
        Mistake(
            "decay without the rate",
            lambda weight, gradient, m, s, t, lr, decay: adamw_step(weight * (1 - decay), gradient, m, s, t, lr, 0.0),
            "You shrink the weight by the whole decay at each step. The rate scales the decay, too: rate · decay · w.",
        ),
        Mistake(
            "no decay",
            lambda weight, gradient, m, s, t, lr, decay: adamw_step(weight, gradient, m, s, t, lr, 0.0),
            "That is Adam, and the W is missing: first take rate · decay · w off the weight.",
        ),
        Mistake(
            "decay after the step",
            lambda weight, gradient, m, s, t, lr, decay: (
                adamw_step(weight, gradient, m, s, t, lr, 0.0)[0] * (1 - lr * decay),
                *adamw_step(weight, gradient, m, s, t, lr, 0.0)[1:],
            ),
            "You shrink the weight after Adam's step, and with it the step itself. Shrink the old weight first.",
        ),
        Mistake(
            "corrected means returned",
            lambda weight, gradient, m, s, t, lr, decay: (
                adamw_step(weight, gradient, m, s, t, lr, decay)[0],
                (0.9 * m + 0.1 * gradient) / (1 - 0.9**t),
                (0.999 * s + 0.001 * gradient**2) / (1 - 0.999**t),
            ),
            "The weight is right. You return the corrected means, and the next step would correct them again: give the "
            "corrected ones names of their own, and return the others.",
        ),
        Mistake(
            "squares forgotten",
            adamw_by(square=lambda gradient: gradient),
            "Your s gathers the gradient, not its square: negative and positive ones cancel, and a negative mean has "
            "no root.",
        ),
        Mistake(
            "no root",
            adamw_by(quotient=lambda m, s: m / (s + 1e-8)),
            "You divide by the mean square itself. Take its root, so that gradients ten times as large give the same "
            "step, not one of a tenth.",
        ),
        Mistake(
            "constants swapped",
            adamw_by(keep=(0.999, 0.9)),
            "You swapped the two constants: m keeps 0.9 at each step, and s, which needs the longer memory, 0.999.",
        ),
        Mistake(
            "uphill",
            lambda weight, gradient, m, s, t, lr, decay: (
                2 * (1 - lr * decay) * weight - adamw_step(weight, gradient, m, s, t, lr, decay)[0],
                *adamw_step(weight, gradient, m, s, t, lr, decay)[1:],
            ),
            "Your weight is shrunk as it should be, and then goes uphill: Adam's step is taken off the weight.",
        ),
    ],
    hints=[
        "The lesson's `adam` has all of it but the decay. What it keeps in `memory`, you take as arguments and return.",
        "First `weight = weight - lr * decay * weight`. The gradient is left alone.",
        "Divide m by 1 − 0.9**t and s by 1 − 0.999**t, under names of their own; return the uncorrected m and s.",
    ],
    idea="Decay acts on the weight, scaled by the rate alone; Adam's quotient never sees it.",
)
