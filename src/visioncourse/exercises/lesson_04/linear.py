"""Exercise 04.3: the rule of a linear layer that is applied to a stack of batches."""

from __future__ import annotations

import numpy as np

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_04.answers import layer_backward, layer_but, reports

DRAW = np.random.default_rng(43)
OBLONG = tuple(DRAW.normal(size=shape) for shape in ((2, 4, 3), (3, 5), (5,), (2, 4, 5)))
CUBE = tuple(DRAW.normal(size=shape) for shape in ((3, 3, 3), (3, 3), (3,), (3, 3, 3)))  # every product runs
SINGLE = tuple(DRAW.normal(size=shape) for shape in ((1, 4, 3), (3, 2), (2,), (1, 4, 2)))

LINEAR = Exercise(
    id="04.3",
    title="Back through a linear layer",
    reference=layer_backward,
    cases=[OBLONG, CUBE, SINGLE],
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
            "bias over the batches only",
            layer_but(2, lambda x, weights, bias, gradient: gradient.sum(axis=0)),
            "Your gradient of the bias has shape (n, m): you added up the batches. It was added to every row of every "
            "batch, so the rows add up too.",
        ),
        Mistake(
            "bias over the rows only",
            layer_but(2, lambda x, weights, bias, gradient: gradient.sum(axis=1)),
            "Your gradient of the bias has shape (s, m): you added up the rows of each batch. The batches are still to "
            "be added.",
        ),
        Mistake(
            "bias over the wrong axes",
            layer_but(2, lambda x, weights, bias, gradient: gradient.sum(axis=(1, 2))),
            "Your gradient of the bias has one number a batch. The bias has one for each output, the last axis: that "
            "one is kept, and all others are added up.",
        ),
        Mistake(
            "bias over everything",
            layer_but(2, lambda x, weights, bias, gradient: gradient.sum()),
            "Your gradient of the bias is a single number. Each output has its own bias: keep the last axis.",
        ),
        Mistake(
            "bias not added up",
            layer_but(2, lambda x, weights, bias, gradient: gradient),
            "You hand the bias the whole gradient, in shape (s, n, m). It was repeated along the first two axes, so "
            "along these two the reports add up.",
        ),
        Mistake(
            "means",
            lambda x, weights, bias, gradient: (
                gradient @ weights.T,
                reports(x, gradient).mean(axis=0),
                gradient.mean(axis=(0, 1)),
            ),
            "You took means. Whoever is used several times gets the sum of all reports; if a mean is wanted, the loss "
            "has divided already.",
        ),
        Mistake(
            "mean for the weights",
            layer_but(1, lambda x, weights, bias, gradient: reports(x, gradient).mean(axis=0)),
            "Your gradient of the weights is s times too small: you averaged the batches. Reports add up.",
        ),
        Mistake(
            "mean for the bias",
            layer_but(2, lambda x, weights, bias, gradient: gradient.mean(axis=(0, 1))),
            "Your gradient of the bias is s·n times too small: you averaged. Turn the bias a little and all s·n rows "
            "move at once.",
        ),
        Mistake(
            "weights not turned",
            layer_but(0, lambda x, weights, bias, gradient: gradient @ weights),
            "You multiply the gradient with the weights as they are. That fits only where d = m, and even there it is "
            "wrong: (s, n, m) needs an (m, d) beside it, the weights turned on their side.",
        ),
        Mistake(
            "product the wrong way round",
            layer_but(1, lambda x, weights, bias, gradient: reports(gradient, x).sum(axis=0)),
            "Your gradient of the weights has shape (m, d), and the weights have (d, m): it is x that is turned, and "
            "it stands first.",
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
            "weights first",
            lambda x, weights, bias, gradient: [layer_backward(x, weights, bias, gradient)[part] for part in (1, 0, 2)],
            "The three gradients are right and stand in another order than asked: first that of x, then weights, then "
            "bias.",
        ),
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
