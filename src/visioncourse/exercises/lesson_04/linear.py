"""Exercise 04.3: the rule of a linear layer that is applied to a stack of batches."""

from __future__ import annotations

import numpy as np

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_04.answers import (
    layer_averaged,
    layer_backward,
    layer_but,
    layer_of_batch,
    reports,
)
from visioncourse.exercises.lesson_04.bias import BIAS

DRAW = np.random.default_rng(43)
OBLONG = tuple(DRAW.normal(size=shape) for shape in ((2, 4, 3), (3, 5), (5,), (2, 4, 5)))
CUBE = tuple(DRAW.normal(size=shape) for shape in ((3, 3, 3), (3, 3), (3,), (3, 3, 3)))  # every product runs
SINGLE = tuple(DRAW.normal(size=shape) for shape in ((1, 4, 3), (3, 2), (2,), (1, 4, 2)))

LINEAR = Exercise(
    id="04.3",
    title="Back through a linear layer",
    reference=layer_backward,
    cases=[OBLONG, CUBE, SINGLE],
    results=("the gradient of x", "the gradient of the weights", "the gradient of the bias"),
    mistakes=[
        Mistake(
            "weights not added up",
            layer_but(1, lambda x, weights, bias, gradient: reports(x, gradient)),
            "Your gradient of the weights has shape (s, d, m), a matrix for each batch. One and the same matrix served "
            "all s batches: add their reports up.",
        ),
        Mistake(
            "each batch by itself",
            lambda x, weights, bias, gradient: (gradient @ weights.T, reports(x, gradient), gradient.sum(axis=1)),
            "You treat every batch by itself, so that weights and bias get s gradients each. They are the same for all "
            "batches: add up over the first axis as well.",
        ),
        Mistake(
            "means",
            layer_averaged(lambda s, n: s, lambda s, n: s * n),
            "You took means. Whoever is used several times gets the sum of all reports; if a mean is wanted, the loss "
            "has divided already.",
            also=[
                layer_averaged(lambda s, n: s * n, lambda s, n: s * n),
                layer_averaged(lambda s, n: s, lambda s, n: s),
                layer_averaged(lambda s, n: n, lambda s, n: n),
                layer_averaged(lambda s, n: n, lambda s, n: s * n),
            ],
        ),
        Mistake(
            "mean for the weights",
            layer_but(1, lambda x, weights, bias, gradient: reports(x, gradient).mean(axis=0)),
            "Your gradient of the weights is s times too small: you averaged the batches. Reports add up.",
        ),
        Mistake(
            "weights divided by the rows",
            layer_averaged(lambda s, n: s * n, lambda s, n: 1),
            "You divided the gradient of the weights by the number of rows. Turn a weight a little and all s·n rows "
            "move at once: their reports add up.",
            also=[layer_averaged(lambda s, n: n, lambda s, n: 1)],
        ),
        Mistake(
            "first batch only",
            layer_of_batch(0),
            "Only the first batch reports to your weights and your bias. They served all s of them: go through the "
            "batches, and add up what each reports.",
        ),
        Mistake(
            "last batch only",
            layer_of_batch(-1),
            "Only the last batch reports to your weights and your bias. Does a loop over the batches overwrite, with "
            "`=`, what the earlier ones reported? Use `+=`, and start from zeros.",
        ),
        Mistake(
            "first batch for the weights",
            layer_but(1, lambda x, weights, bias, gradient: reports(x, gradient)[0]),
            "Your gradient of the weights is what the first batch reports. All s batches met these weights, and what "
            "they report adds up.",
        ),
        Mistake(
            "last batch for the weights",
            layer_but(1, lambda x, weights, bias, gradient: reports(x, gradient)[-1]),
            "Your gradient of the weights is what the last batch reports. A loop that says `=` where it should say "
            "`+=` loses all the others.",
        ),
        Mistake(
            "weights not turned",
            layer_but(0, lambda x, weights, bias, gradient: gradient @ weights),
            "You multiply the gradient with the weights as they are. That fits only where d = m, and even there it is "
            "wrong: (s, n, m) needs an (m, d) beside it, the weights turned on their side.",
        ),
        Mistake(
            "weights turned, in the wrong place",
            layer_but(0, lambda x, weights, bias, gradient: weights.T @ gradient),
            "The weights are turned, (m, d), but stand in front of the gradient, where even shapes that fit mix up "
            "rows. (s, n, m) comes first, then (m, d), and (s, n, d) comes out.",
        ),
        Mistake(
            "x added up",
            layer_but(0, lambda x, weights, bias, gradient: (gradient @ weights.T).sum(axis=0)),
            "You added up the gradient of x as well. Weights and bias are shared by the batches; an entry of x belongs "
            "to one row of one batch, and the gradient keeps the shape (s, n, d).",
        ),
        Mistake(
            "product the wrong way round",
            layer_but(1, lambda x, weights, bias, gradient: reports(gradient, x).sum(axis=0)),
            "Your gradient of the weights has shape (m, d), and the weights have (d, m): it is x that is turned, and "
            "it stands first.",
        ),
        Mistake(
            "turned by reshape, at the end",
            layer_but(1, lambda x, weights, bias, gradient: reports(gradient, x).sum(axis=0).reshape(weights.shape)),
            "Your gradient of the weights was computed in shape (m, d) and brought into (d, m) by `reshape`. That "
            "keeps the entries in reading order and only breaks the rows elsewhere; `.T` turns.",
        ),
        Mistake(
            "turned by reshape, at the start",
            layer_but(
                1,
                lambda x, weights, bias, gradient: x.reshape(x.shape[2], -1) @ gradient.reshape(-1, gradient.shape[2]),
            ),
            "`x.reshape(d, -1)` has the right shape with the entries in the wrong order: it cuts the same row of "
            "numbers into pieces of another length. First `x.reshape(-1, d)`, a row for each of the s·n, then `.T`.",
        ),
        Mistake(
            "the rule for one batch",
            lambda x, weights, bias, gradient: (gradient @ weights.T, x.T @ gradient, gradient.sum(axis=0)),
            "That is the lesson's rule for a single batch. On a stack `.T` turns all three axes around, (s, n, d) into "
            "(d, n, s); `x.transpose(0, 2, 1)` turns only the last two. And one axis more has to be added up.",
        ),
        Mistake(
            "all axes turned",
            layer_but(1, lambda x, weights, bias, gradient: (x.T @ gradient).sum(axis=0)),
            "`x.T` makes (d, n, s) of (s, n, d). Each batch keeps its place and only its matrix is turned: "
            "`x.transpose(0, 2, 1)`.",
        ),
        Mistake(
            "all axes turned, nothing added up",
            layer_but(1, lambda x, weights, bias, gradient: x.T @ gradient),
            "`x.T` turns all three axes around, (s, n, d) into (d, n, s). Turn the last two only, with "
            "`x.transpose(0, 2, 1)`, and then add up the s reports that the weights get.",
        ),
        Mistake(
            "added up too early",
            layer_but(1, lambda x, weights, bias, gradient: x.sum(axis=0).T @ gradient.sum(axis=0)),
            "You added up the batches before you multiplied, so that inputs of one batch meet blame of another. "
            "Multiply within each batch, then add up.",
        ),
        Mistake(
            "bias in the gradient of x",
            layer_but(0, lambda x, weights, bias, gradient: gradient @ weights.T + bias),
            "You added the bias to the gradient of x. The bias moves the result by the same amount whatever x is, so "
            "it plays no part in how the result reacts to x.",
        ),
        Mistake(
            "bias in the gradient that arrives",
            layer_but(0, lambda x, weights, bias, gradient: (gradient + bias) @ weights.T),
            "You added the bias to the gradient before it went back to x. On the way forward the bias is added to the "
            "result; on the way back it only receives.",
        ),
        Mistake(
            "weights first",
            lambda x, weights, bias, gradient: [layer_backward(x, weights, bias, gradient)[part] for part in (1, 0, 2)],
            "The three gradients are right and stand in another order than asked: first that of x, then weights, then "
            "bias.",
        ),
        *BIAS,
    ],
    hints=[
        "Write down the three shapes first: (s, n, d), (d, m), (m,). Which axes are missing in the last two?",
        "One batch is the lesson's `matmul_backward` and the lesson's bias. For the stack: what served all s batches "
        "adds up their reports.",
        "`gradient @ weights.T` fits as it stands. `x.transpose(0, 2, 1) @ gradient` has shape (s, d, m), and the bias "
        "needs `axis=(0, 1)`.",
    ],
    idea="Every entry of x was used for one row only, and keeps its report. Weights and bias served all s·n rows: over "
    "these axes their reports are added up.",
)
