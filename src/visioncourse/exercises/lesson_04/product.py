"""Exercise 04.1: the rule of a product with a row that is repeated."""

from __future__ import annotations

import numpy as np

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_04.answers import multiply_backward

DRAW = np.random.default_rng(4)
TABLE, ROW, BLAME = DRAW.normal(size=(3, 4)), DRAW.normal(size=4), DRAW.normal(size=(3, 4))
SQUARE, SIDE, SQUARE_BLAME = DRAW.normal(size=(3, 3)), DRAW.normal(size=3), DRAW.normal(size=(3, 3))

PRODUCT = Exercise(
    id="04.1",
    title="Back through a product",
    reference=multiply_backward,
    cases=[(TABLE, ROW, BLAME), (SQUARE, SIDE, SQUARE_BLAME), (TABLE[:1], ROW, BLAME[:1])],
    results=("the gradient of a", "the gradient of b"),
    mistakes=[
        Mistake(
            "one array alone",
            lambda a, b, gradient: gradient * b,
            "You return one array. It is the gradient of a, and it is right; b wants its own beside it: "
            "`return to_a, to_b`.",
        ),
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
            "the bias's rule",
            lambda a, b, gradient: (gradient * b, gradient.sum(axis=0)),
            "You treat b like the lesson's bias, which is added and reacts by 1. Here b is multiplied: in each row "
            "the product reacts to it by that row's a.",
        ),
        Mistake(
            "added up too early",
            lambda a, b, gradient: (gradient * b, a.sum(axis=0) * gradient.sum(axis=0)),
            "You added up the rows before you multiplied, so that the a of one row meets the blame of another. "
            "Multiply within each row, then add up.",
        ),
        Mistake(
            "the matrix product's rule",
            lambda a, b, gradient: (gradient @ b, a.T @ gradient),
            "That is the lesson's rule for a matrix product; look at its shapes, (n,) and (d, d), where a has (n, d) "
            "and b has (d,). Here entry meets entry, with `*`, and so they do on the way back.",
        ),
        Mistake(
            "a matrix product for a",
            lambda a, b, gradient: (gradient @ b, (gradient * a).sum(axis=0)),
            "Your gradient of a has shape (n,): `@` multiplies and then adds up along the row. Each of a's n·d entries "
            "was used once and keeps its own report, so multiply with `*`.",
        ),
        Mistake(
            "a matrix product for b",
            lambda a, b, gradient: (gradient * b, a.T @ gradient),
            "Your gradient of b has shape (d, d): with `@` every column of a meets every column of the gradient. An "
            "entry of b met its own column only. Multiply with `*`, then add up the rows.",
            also=[lambda a, b, gradient: (gradient * b, gradient.T @ a)],
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
            "You added up everything into one number. Each of b's d entries has its own blame: add up the rows only.",
        ),
        Mistake(
            "a added up as well",
            lambda a, b, gradient: ((gradient * b).sum(axis=0), (gradient * a).sum(axis=0)),
            "You added up the gradient of a too. Each entry of a was used once, so it gets a single report, and the "
            "gradient keeps the shape (n, d).",
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
            "Your gradient of b has a factor of b too many. Did you multiply b into the gradient itself, and then use "
            "it again? Make a new array.",
        ),
        Mistake(
            "sign",
            lambda a, b, gradient: tuple(-part for part in multiply_backward(a, b, gradient)),
            "Your signs are turned. Where a gets larger, a·b moves by plus b. The minus belongs to the step that turns "
            "the knob afterwards.",
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
)
