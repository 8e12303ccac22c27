"""What goes wrong with the bias of exercise 04.3."""

from __future__ import annotations

import numpy as np

from visioncourse.exercises.exercise import Mistake
from visioncourse.exercises.lesson_04.answers import layer_but

BIAS = [
    Mistake(
        "bias without a gradient",
        layer_but(2, lambda x, weights, bias, gradient: None),
        "You return None for the bias. It was added to every row, and the result reacts to it by 1: what arrives at "
        "the rows goes on to the bias, added up.",
    ),
    Mistake(
        "the bias itself",
        layer_but(2, lambda x, weights, bias, gradient: bias),
        "In place of the bias's gradient you return the bias. Asked for is how strongly the loss reacts to it: by 1 in "
        "every row, times that row's blame, added up.",
    ),
    Mistake(
        "bias's slope alone",
        layer_but(2, lambda x, weights, bias, gradient: np.ones_like(bias)),
        "You give the bias ones. That is its slope in one row; times the blame of that row it is a report, and the "
        "reports of all s·n rows add up.",
    ),
    Mistake(
        "times the bias",
        layer_but(2, lambda x, weights, bias, gradient: (gradient * bias).sum(axis=(0, 1))),
        "Your gradient of the bias has the bias itself as a factor. It was added, not multiplied: the result reacts by "
        "1, however large the bias is.",
    ),
    Mistake(
        "axes kept",
        layer_but(2, lambda x, weights, bias, gradient: gradient.sum(axis=(0, 1), keepdims=True)),
        "Your gradient of the bias has shape (1, 1, m), but the bias has (m,): `keepdims` keeps axes that it never "
        "had.",
    ),
    Mistake(
        "bias over the outputs",
        layer_but(2, lambda x, weights, bias, gradient: gradient.sum(axis=-1)),
        "Your gradient of the bias has shape (s, n): you added up the outputs, and kept the rows. Each output has its "
        "own bias, and all rows share it, so it is the other way round.",
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
        "mean for the bias",
        layer_but(2, lambda x, weights, bias, gradient: gradient.mean(axis=(0, 1))),
        "Your gradient of the bias is s·n times too small: you averaged. Turn the bias a little and all s·n rows "
        "move at once.",
    ),
    Mistake(
        "half a mean for the bias",
        layer_but(2, lambda x, weights, bias, gradient: gradient.sum(axis=1).mean(axis=0)),
        "For the bias you added up along one axis and averaged along the other. Rows and batches alike hold "
        "repetitions of it, so both add up.",
        also=[layer_but(2, lambda x, weights, bias, gradient: gradient.mean(axis=1).sum(axis=0))],
    ),
    Mistake(
        "first batch for the bias",
        layer_but(2, lambda x, weights, bias, gradient: gradient[0].sum(axis=0)),
        "Only the first batch reports to your bias. It was added in all s of them: add up over the first axis too.",
    ),
    Mistake(
        "last batch for the bias",
        layer_but(2, lambda x, weights, bias, gradient: gradient[-1].sum(axis=0)),
        "Only the last batch reports to your bias. In a loop over the batches `=` overwrites what the earlier ones "
        "reported; `+=` adds.",
    ),
]
