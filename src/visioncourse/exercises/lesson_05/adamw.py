"""Exercise 05.2: one step of AdamW."""

from __future__ import annotations

import math

import numpy as np

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_05.answers import adamw_step
from visioncourse.exercises.lesson_05.decay import DECAY
from visioncourse.exercises.lesson_05.means import KEEP, adamw_by, corrected, returning, stepping

DRAW = np.random.default_rng(6)
WEIGHT, GRADIENT, MEAN = DRAW.normal(size=(3, 2, 3))
SQUARES = DRAW.uniform(0.1, 2.0, size=(2, 3))
TINY = np.array([1e-4, -2e-4, 3e-4])  # so small that it matters where epsilon stands
IDLE = np.array([0.0, 0.5, -2.0])  # a knob that has never felt a gradient needs epsilon

ADAMW = Exercise(
    id="05.2",
    title="One step of AdamW",
    reference=adamw_step,
    cases=[
        (WEIGHT, GRADIENT, MEAN, SQUARES, 2, 0.1, 0.5),
        (WEIGHT[0], TINY, TINY / 9, TINY**2 / 999, 2, 0.1, 0.01),
        (WEIGHT, GRADIENT, MEAN, SQUARES, 40, 0.02, 0.1),
        (WEIGHT[1], IDLE, np.zeros(3), np.zeros(3), 1, 0.1, 0.01),
    ],
    results=("the new weight", "m", "s"),
    mistakes=[
        Mistake(
            "corrected by t + 1",
            adamw_by(correct=lambda m, s, t, keep: corrected(m, s, t + 1, keep)),
            "Your correction is one step ahead: t is 1 at the first step already, so divide by 1 − 0.9**t, not by "
            "1 − 0.9**(t + 1).",
        ),
        Mistake(
            "corrected by t − 1",
            adamw_by(correct=lambda m, s, t, keep: corrected(m, s, t - 1, keep)),
            "Your correction is one step behind. At t = 1 you divide by 1 − 0.9**0, which is zero: t already counts "
            "this step.",
        ),
        Mistake(
            "not corrected",
            adamw_by(correct=lambda m, s, t, keep: (m, s)),
            "The correction is missing. Both means start at zero and are too small at first: divide m by 1 − 0.9**t "
            "and s by 1 − 0.999**t.",
        ),
        Mistake(
            "only m corrected",
            adamw_by(correct=lambda m, s, t, keep: (corrected(m, s, t, keep)[0], s)),
            "You correct m, and not s. It starts at zero too, and takes longer to fill: divide it by 1 − 0.999**t.",
        ),
        Mistake(
            "only s corrected",
            adamw_by(correct=lambda m, s, t, keep: (m, corrected(m, s, t, keep)[1])),
            "You correct s, and not m. It starts at zero too: divide it by 1 − 0.9**t.",
        ),
        Mistake(
            "corrections swapped",
            adamw_by(correct=lambda m, s, t, keep: corrected(m, s, t, keep[::-1])),
            "You swapped the corrections. Each mean is divided by what it has gathered: m keeps 0.9, so 1 − 0.9**t; s "
            "keeps 0.999, so 1 − 0.999**t.",
        ),
        Mistake(
            "times for to the power of",
            adamw_by(correct=lambda m, s, t, keep: (m / (1 - keep[0] * t), s / (1 - keep[1] * t))),
            "Your correction multiplies where a power is meant: 1 − 0.9·t is negative from t = 2 on. The share that is "
            "left of the start after t steps is 0.9**t.",
        ),
        Mistake(
            "no ε",
            adamw_by(quotient=lambda m, s: m / np.sqrt(s)),
            "Your ε is missing. A knob that has never felt a gradient has m = s = 0, and you divide 0 by 0. Divide by "
            "√s + 1e-8.",
        ),
        Mistake(
            "ε under the root",
            adamw_by(quotient=lambda m, s: m / np.sqrt(s + 1e-8)),
            "Your ε stands under the root, where 1e-8 becomes 1e-4 and swallows small gradients. Take the root of s, "
            "then add ε.",
        ),
        Mistake(
            "no root",
            adamw_by(quotient=lambda m, s: m / (s + 1e-8)),
            "You divide by the mean square itself. Take its root, so that gradients ten times as large give the same "
            "step, not one of a tenth.",
        ),
        Mistake(
            "math.sqrt",
            adamw_by(quotient=lambda m, s: m / (math.sqrt(s) + 1e-8)),
            "`math.sqrt` takes a single number, and s is an array with one for each knob: `np.sqrt`.",
        ),
        Mistake(
            "squares forgotten",
            adamw_by(square=lambda gradient: gradient),
            "Your s gathers the gradient, not its square: negative and positive ones cancel, and a negative mean has "
            "no root.",
        ),
        Mistake(
            "constants swapped",
            adamw_by(keep=KEEP[::-1]),
            "You swapped the two constants: m keeps 0.9 at each step, and s, which needs the longer memory, 0.999.",
        ),
        Mistake(
            "0.99 for 0.999",
            adamw_by(keep=(0.9, 0.99)),
            "Your s keeps 0.99 of the old, as the lesson's RMSprop does. In Adam it keeps 0.999.",
            also=[adamw_by(keep=(0.9, 0.99), correct=lambda m, s, t, keep: corrected(m, s, t, KEEP))],
        ),
        Mistake(
            "stepped by the old means",
            stepping(lambda gradient, m, s, new_m, new_s, t: corrected(m, s, t)),
            "You renew m and s, and then step by old ones: this gradient should count in this step already.",
            also=[
                stepping(lambda gradient, m, s, new_m, new_s, t: corrected(m, new_s, t)),
                stepping(lambda gradient, m, s, new_m, new_s, t: corrected(new_m, s, t)),
            ],
        ),
        Mistake(
            "means begun anew",
            stepping(lambda gradient, m, s, new_m, new_s, t: (gradient, gradient**2)),
            "Your step is that of an Adam with an empty memory, the rate times ±1. What has come before is handed over "
            "as m and s: go on from there.",
        ),
        *DECAY,
        Mistake(
            "corrected means returned",
            returning(lambda w, m, s, old_m, old_s, t: (w, *corrected(m, s, t))),
            "You return the corrected means, and the next step would correct them again: give the corrected ones names "
            "of their own, and return the others.",
        ),
        Mistake(
            "old means returned",
            returning(lambda w, m, s, old_m, old_s, t: (w, old_m, old_s)),
            "You return means as they came. The next step would know nothing of this gradient: return the new m and s.",
            also=[
                returning(lambda w, m, s, old_m, old_s, t: (w, old_m, s)),
                returning(lambda w, m, s, old_m, old_s, t: (w, m, old_s)),
            ],
        ),
        Mistake(
            "means swapped",
            returning(lambda w, m, s, old_m, old_s, t: (w, s, m)),
            "You return s before m. The order is weight, m, s.",
        ),
        Mistake(
            "weight alone",
            returning(lambda w, m, s, old_m, old_s, t: w),
            "You return the new weight alone. The next step needs m and s too: return all three.",
        ),
    ],
    hints=[
        "The lesson's `adam` has all of it but the decay. What it keeps in `memory`, you take as arguments and return.",
        "First `weight = weight - lr * decay * weight`. The gradient is left alone.",
        "Divide m by 1 − 0.9**t and s by 1 − 0.999**t, under names of their own; return the uncorrected m and s.",
    ],
    idea="Decay acts on the weight, scaled by the rate alone; Adam's quotient never sees it.",
)
