"""Exercise 04.2: the rule of ReLU."""

from __future__ import annotations

import numpy as np

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_04.answers import relu_backward, row_by_row

BENT = np.array([[-2.0, 0.0, 3.0, 0.5], [0.0, 2.0, -1.0, -0.5]])
BENT_BLAME = np.array([[1.0, 2.0, -4.0, 0.25], [-3.0, 0.5, -2.0, 6.0]])
DRAW = np.random.default_rng(42)
TABLE, BLAME = DRAW.normal(size=(3, 4)), DRAW.normal(size=(3, 4))

RELU = Exercise(
    id="04.2",
    title="Back through ReLU",
    reference=relu_backward,
    cases=[(BENT, BENT_BLAME), (BENT[1], -BENT_BLAME[1]), (TABLE, BLAME)],
    mistakes=[
        Mistake(
            "the gradient's sign",
            lambda x, gradient: gradient * (gradient > 0),
            "You cut off the gradient where it is negative itself. Whether a number reacts depends on its x; a "
            "negative blame passes where x is positive, and a positive one is stopped where x is not.",
        ),
        Mistake(
            "both signs",
            lambda x, gradient: gradient * (x > 0) * (gradient > 0),
            "You stop negative gradients even where x is positive. A negative blame says “more of this”, and it "
            "has to arrive. (Some pictures that explain networks are made with your rule, but it is no slope.)",
        ),
        Mistake(
            "signs dropped",
            lambda x, gradient: abs(gradient) * (x > 0),
            "The right entries pass, but you dropped the gradient's signs. They say which way to turn; where x is "
            "positive the slope is 1, and a negative blame stays negative.",
        ),
        Mistake(
            "the product cut off",
            lambda x, gradient: np.maximum(x * gradient, 0),
            "You cut off the product of x and the gradient where it is negative. Only x is asked, and only for its "
            "sign: the slope is 1 or 0, and the blame passes unchanged or not at all.",
        ),
        Mistake(
            "sign for slope",
            lambda x, gradient: gradient * np.sign(x),
            "`np.sign` is −1 where x is negative, and sends the blame back with its sign turned. ReLU is flat there: "
            "its slope is 0, and nothing comes back.",
        ),
        Mistake(
            "leaky",
            lambda x, gradient: gradient * np.where(x > 0, 1, 0.01),
            "Where x is negative you let a small share of the gradient through. That is the slope of a leaky ReLU; "
            "this one is flat there, and passes nothing.",
            also=[
                lambda x, gradient: gradient * np.where(x > 0, 1, 0.1),
                lambda x, gradient: gradient * np.where(x < 0, 0.01, 1),
                lambda x, gradient: gradient * np.where(x < 0, 0.1, 1),
            ],
        ),
        Mistake(
            "zero passes",
            lambda x, gradient: gradient * (x >= 0),
            "At exactly zero you let the gradient pass. There both slopes could be defended; torch takes 0.",
        ),
        Mistake(
            "half at zero",
            lambda x, gradient: gradient * np.heaviside(x, 0.5),
            "At exactly zero you pass on a half. A central difference measures that, with one foot on each side of "
            "the kink; torch passes nothing.",
        ),
        Mistake(
            "mask alone",
            lambda x, gradient: x > 0,
            "You return where ReLU lets through, its slope of 1 or 0. The blame that arrives has to be multiplied "
            "with it.",
        ),
        Mistake(
            "value for slope",
            lambda x, gradient: gradient * np.maximum(x, 0),
            "You multiply with ReLU's value. A rule needs its slope, how strongly it reacts: 1 where x is "
            "positive, be it 0.1 or 100.",
        ),
        Mistake(
            "forward",
            lambda x, gradient: np.maximum(x, 0),
            "That is ReLU itself, the way forward. On the way back the gradient is what is cut, and x decides where.",
        ),
        Mistake(
            "the other side",
            lambda x, gradient: gradient * (x < 0),
            "You let the gradient through where x is negative. There ReLU is flat: turn x a little, and nothing moves.",
        ),
        Mistake(
            "all passes",
            lambda x, gradient: gradient,
            "You hand on the whole gradient. Where ReLU cut x off, the result did not react, and no blame returns.",
        ),
        Mistake(
            "picked out",
            lambda x, gradient: gradient[x > 0],
            "You return only the entries that pass. A gradient has the shape of its ingredient: the others are "
            "there too, as zeros.",
        ),
        Mistake(
            "if on an array",
            lambda x, gradient: gradient if x > 0 else 0,
            "Your function asks whether a whole array is positive, as an `if` does, or Python's own `max`; there is no "
            "yes or no to that. `x > 0` answers for each entry: multiply with it.",
        ),
        Mistake(
            "row by row",
            row_by_row,
            "Your function is right for a row of numbers, and stops where x has rows: there a loop over x hands out "
            "whole rows, and an `if` cannot judge them. `x > 0` answers for each entry, in any shape.",
        ),
    ],
    hints=[
        "Draw ReLU. What is its slope to the left of zero, and what to the right?",
        "The answer to the question in the exercise: the negative gradient comes back unchanged. Only x decides.",
        "`x > 0` gives True and False, which count as 1 and 0 in a product.",
    ],
    idea="ReLU's slope is 1 or 0, and x alone decides which; whatever blame arrives passes whole or not at all.",
)
