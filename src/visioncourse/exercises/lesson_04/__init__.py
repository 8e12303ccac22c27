"""Exercises of lesson 04: rules for a product, ReLU, a linear layer and max-pooling, and six suspects."""

from __future__ import annotations

import numpy as np

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_04.answers import multiply_backward, relu_backward
from visioncourse.exercises.lesson_04.linear import LINEAR
from visioncourse.exercises.lesson_04.pooling import POOLING
from visioncourse.exercises.lesson_04.trial import HINTS, guilty, measure_names

DRAW = np.random.default_rng(4)
TABLE, ROW, BLAME = DRAW.normal(size=(3, 4)), DRAW.normal(size=4), DRAW.normal(size=(3, 4))
SQUARE, SIDE, SQUARE_BLAME = DRAW.normal(size=(3, 3)), DRAW.normal(size=3), DRAW.normal(size=(3, 3))
BENT = np.array([[-2.0, 0.0, 3.0, 0.5], [0.0, 2.0, -1.0, -0.5]])
BENT_BLAME = np.array([[1.0, 2.0, -4.0, 0.25], [-3.0, 0.5, -2.0, 6.0]])
ACCUSED = {
    "all accused": ["square", "swish", "softplus", "leaky relu", "relu", "mean square"],
    "nobody accused": [],
    "innocents named": ["square", "softplus", "relu"],
    "relu accused": ["swish", "leaky relu", "relu", "mean square"],
    "square or softplus accused": ["square", "swish", "leaky relu", "mean square"],
    "swish missed": ["leaky relu", "mean square"],
    "leaky relu missed": ["swish", "mean square"],
    "mean square missed": ["swish", "leaky relu"],
}

EXERCISES = [
    Exercise(
        id="04.1",
        title="Back through a product",
        reference=multiply_backward,
        cases=[(TABLE, ROW, BLAME), (SQUARE, SIDE, SQUARE_BLAME), (TABLE[:1], ROW, BLAME[:1])],
        mistakes=[
            Mistake(
                "own factor",
                lambda a, b, gradient: (gradient * a, (gradient * b).sum(axis=0)),
                "Each of your factors is blamed by its own value. Turn a by a little: a·b moves b times as much, so a "
                "reacts by the factor of the other.",
            ),
            Mistake(
                "gradient forgotten",
                lambda a, b, gradient: (np.broadcast_to(b, a.shape), a.sum(axis=0)),
                "The gradient that arrives plays no part in your results. The slopes are right; each still has to be "
                "multiplied with the blame of its entry.",
            ),
            Mistake(
                "slopes alone",
                lambda a, b, gradient: (b, a),
                "You return how strongly the product reacts to each factor. That is half of the chain rule: times the "
                "gradient, and each in its own factor's shape.",
            ),
            Mistake(
                "not added up",
                lambda a, b, gradient: (gradient * b, gradient * a),
                "Your gradient of b has shape (n, d), but b has shape (d,). Each of its entries served all n rows: n "
                "reports, which add up.",
            ),
            Mistake(
                "axis kept",
                lambda a, b, gradient: (gradient * b, (gradient * a).sum(axis=0, keepdims=True)),
                "Your gradient of b has shape (1, d), but b has shape (d,): `keepdims` keeps an axis that b never had.",
            ),
            Mistake(
                "along the row",
                lambda a, b, gradient: (gradient * b, (gradient * a).sum(axis=1)),
                "You added up along each row, over the d entries. b was repeated from row to row, so it is the n rows "
                "that add up: `axis=0`.",
            ),
            Mistake(
                "added up twice",
                lambda a, b, gradient: (gradient * b, (gradient * a).sum()),
                "You added up everything into one number. Each of b's d entries has its own blame: add up the rows "
                "only.",
            ),
            Mistake(
                "a added up as well",
                lambda a, b, gradient: ((gradient * b).sum(axis=0), (gradient * a).sum(axis=0)),
                "You added up the gradient of a too. Each entry of a was used once, so it gets a single report, and "
                "the gradient keeps the shape (n, d).",
            ),
            Mistake(
                "mean",
                lambda a, b, gradient: (gradient * b, (gradient * a).mean(axis=0)),
                "You took the mean of the rows. Turn an entry of b and all n rows move at once: their reports add up.",
            ),
            Mistake(
                "swapped",
                lambda a, b, gradient: multiply_backward(a, b, gradient)[::-1],
                "Both gradients are right and stand in the wrong order: first that of a, then that of b.",
            ),
            Mistake(
                "gradient overwritten",
                lambda a, b, gradient: (gradient * b, (gradient * b * a).sum(axis=0)),
                "Your gradient of b has a factor of b too many. Did you multiply b into the gradient itself, and then "
                "use it again? Make a new array.",
            ),
            Mistake(
                "sign",
                lambda a, b, gradient: tuple(-part for part in multiply_backward(a, b, gradient)),
                "Your signs are turned. Where a gets larger, a·b moves by plus b. The minus belongs to the step that "
                "turns the knob afterwards.",
            ),
        ],
        hints=[
            "By which factor does a·b react to a, and by which to b? Then times the blame that arrives.",
            "b was repeated for each row, as the bias was in the lesson. What happens on the way back to what was "
            "repeated?",
            "`gradient * b` is done. `gradient * a` has n rows, and b has one: `.sum(axis=0)`.",
        ],
        idea="Each factor gets the blame times the other; what was repeated on the way forward is added up on the way "
        "back.",
    ),
    Exercise(
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
                "zero passes",
                lambda x, gradient: gradient * (x >= 0),
                "At exactly zero you let the gradient pass. There both slopes could be defended; torch takes 0.",
            ),
            Mistake(
                "half at zero",
                lambda x, gradient: gradient * ((x > 0) + (x >= 0)) / 2,
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
                "That is ReLU itself, the way forward. On the way back the gradient is what is cut, and x decides "
                "where.",
            ),
            Mistake(
                "the other side",
                lambda x, gradient: gradient * (x < 0),
                "You let the gradient through where x is negative. There ReLU is flat: turn x a little, and nothing "
                "moves.",
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
        ],
        hints=[
            "Draw ReLU. What is its slope to the left of zero, and what to the right?",
            "The answer to the question in the exercise: the negative gradient comes back unchanged. Only x decides.",
            "`x > 0` gives True and False, which count as 1 and 0 in a product.",
        ],
        idea="ReLU's slope is 1 or 0, and x alone decides which; whatever blame arrives passes whole or not at all.",
    ),
    LINEAR,
    POOLING,
    Exercise(
        id="04.5",
        title="Six suspects",
        reference=guilty,
        mistakes=[Mistake(name, names, HINTS[name]) for name, names in ACCUSED.items()],
        hints=[
            "Hand all six to `slope_error`, in a loop `for name, (forward, backward) in SUSPECTS.items()`. Right rules "
            "come out near 1e-10. Then try another x.",
            "Some rules are wrong for one sign only, or for several inputs only; and at a kink even a right one looks "
            "wrong.",
            "Take several inputs of both signs, none of them near 0: `np.array([-2.0, -0.7, 0.4, 1.5])`. Whose error "
            "is above 1e-4?",
        ],
        idea="A gradient check judges only the inputs that it is given: several, of both signs, away from the kinks. "
        "At its kink relu may choose 0, and no check of slopes can say otherwise.",
        measure=measure_names,
    ),
]
