"""Exercises of lesson 05: two optimisers, a schedule, how to begin, six patients, and the whole in torch."""

from __future__ import annotations

import math

import torch

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_05.answers import (
    build_network,
    falls,
    half_cosine,
    he_std,
    rate,
    since_warmup,
    train_and_examine,
)
from visioncourse.exercises.lesson_05.diagnosis import CURES, measure_cures, wrong_cures
from visioncourse.exercises.lesson_05.optimisers import ADAMW, NESTEROV
from visioncourse.exercises.lesson_05.training import TRAINING

DRAW = torch.Generator().manual_seed(5)
IMAGES, LABELS = torch.rand(12, 1, 3, 3, generator=DRAW), torch.arange(12) % 3
OTHERS = 1 + 2 * torch.rand(5, 1, 3, 3, generator=DRAW)

EXERCISES = [
    NESTEROV,
    ADAMW,
    Exercise(
        id="05.3",
        title="Warm up, then fall",
        reference=rate,
        cases=[
            *((step, 20, 4, 0.5) for step in (0, 1, 3, 4, 5, 12, 19)),
            *((step, 10, 1, 2.0) for step in (0, 1, 2, 9)),
        ],
        mistakes=[
            Mistake(
                "starts at zero",
                lambda step, total, warmup, peak: (
                    peak * step / warmup if step < warmup else rate(step, total, warmup, peak)
                ),
                "Your warm-up starts at zero, and its first step is wasted: step 0 already gets one part, "
                "peak / warmup.",
            ),
            Mistake(
                "no warm-up",
                lambda step, total, warmup, peak: peak * half_cosine(step / total),
                "The warm-up is missing: your cosine begins at step 0. The first `warmup` steps rise.",
            ),
            Mistake(
                "peak from the start",
                lambda step, total, warmup, peak: peak if step < warmup else rate(step, total, warmup, peak),
                "In the warm-up your rate stands at the peak. It should rise to it, in equal parts.",
            ),
            Mistake(
                "counted from step 0",
                falls(lambda step, total, warmup: step / total, half_cosine),
                "Your cosine is counted from step 0, so that part of it has passed when the warm-up ends, and the rate "
                "jumps down. Count from step `warmup`: its argument is 0 there.",
            ),
            Mistake(
                "too long",
                falls(lambda step, total, warmup: (step - warmup) / total, half_cosine),
                "Your cosine takes `total` steps, and only `total − warmup` are left: the rate ends too high.",
            ),
            Mistake(
                "below the peak",
                falls(lambda step, total, warmup: (step - warmup + 1) / (total - warmup), half_cosine),
                "Your cosine is one step ahead: at step `warmup` the rate is below the peak already, and the last step "
                "gets zero. There are no steps behind you yet at step `warmup`.",
            ),
            Mistake(
                "zero at the last step",
                falls(lambda step, total, warmup: (step - warmup) / (total - warmup - 1), half_cosine),
                "Your rate reaches zero at step `total − 1`, and that step changes nothing. It is the step after the "
                "last, number `total`, that would get zero.",
            ),
            Mistake(
                "full period",
                falls(since_warmup, lambda done: (1 + math.cos(2 * math.pi * done)) / 2),
                "Your rate falls, and climbs up again: a full period of the cosine is 2π. Half of it, π, leads from "
                "the top to the bottom.",
            ),
            Mistake(
                "quarter period",
                falls(since_warmup, lambda done: math.cos(math.pi / 2 * done)),
                "You used a quarter of the cosine, from 1 to 0. It ends at its steepest; half a cosine runs from 1 "
                "to −1 and is lifted: (1 + cos(π·x)) / 2.",
            ),
            Mistake(
                "not lifted",
                falls(since_warmup, lambda done: math.cos(math.pi * done)),
                "Your rate becomes negative, because the cosine ends at −1. Lift it by 1, and halve.",
            ),
            Mistake(
                "not halved",
                falls(since_warmup, lambda done: 1 + math.cos(math.pi * done)),
                "At step `warmup` your rate is twice the peak: 1 + cos(0) is 2. Halve it.",
            ),
            Mistake(
                "straight",
                falls(since_warmup, lambda done: 1 - done),
                "Your rate falls along a straight line. The ends are right; between them stands half a cosine.",
            ),
            Mistake(
                "share of the peak",
                lambda step, total, warmup, peak: rate(step, total, warmup, 1.0),
                "You return the share of the highest rate. Times `peak`, and it is right.",
            ),
        ],
        hints=[
            "Two cases: `step < warmup`, and the rest. How many parts of peak / warmup does step 0 get?",
            "For the rest: how many steps have passed since the warm-up, of how many that are left? Call it x, from "
            "0 to nearly 1.",
            "Half a cosine from 1 to 0 is (1 + cos(π·x)) / 2.",
        ],
        idea="A straight line up, then (1 + cos(π·x)) / 2 with x counted from the end of the warm-up.",
    ),
    Exercise(
        id="05.4",
        title="How large at the start",
        reference=he_std,
        cases=[((128, 784),), ((64, 32, 3, 3),), ((16, 3, 5, 5),), ((10, 6, 3, 5),)],
        mistakes=[
            Mistake(
                "fan-out",
                lambda shape: math.sqrt(2 / (shape[0] * math.prod(shape[2:]))),
                "You counted the outputs (in a convolution with the kernel's area). A neuron's sum does not care how "
                "many other neurons there are, but how many inputs it adds up.",
            ),
            Mistake(
                "first dimension",
                lambda shape: math.sqrt(2 / shape[0]),
                "You took the first dimension, the number of outputs. What is added up stands behind it.",
            ),
            Mistake(
                "variance",
                lambda shape: 2 / math.prod(shape[1:]),
                "That is the mean square of the weights. Their spread is its root.",
            ),
            Mistake(
                "Xavier",
                lambda shape: math.sqrt(1 / math.prod(shape[1:])),
                "That is Xavier's spread. ReLU throws away half of the mean square; the 2 under the root makes up for "
                "it.",
            ),
            Mistake(
                "area forgotten",
                lambda shape: math.sqrt(2 / shape[1]),
                "Right for a linear layer. In a convolution each output adds up a whole window of every map: kernel "
                "height times width of them.",
            ),
            Mistake(
                "one side only",
                lambda shape: math.sqrt(2 / math.prod(shape[1:3])),
                "You counted one side of the kernel only. A window has height times width places.",
            ),
            Mistake(
                "all dimensions",
                lambda shape: math.sqrt(2 / math.prod(shape)),
                "You multiplied all dimensions: that counts all the layer's weights. One output neuron uses only its "
                "own, so leave the first dimension out.",
            ),
            Mistake(
                "2 outside",
                lambda shape: 2 / math.sqrt(math.prod(shape[1:])),
                "Your 2 stands outside of the root. It is the mean square that ReLU halves: 2 / d, then the root.",
            ),
            Mistake(
                "both fans",
                lambda shape: math.sqrt(2 / ((shape[0] + shape[1]) * math.prod(shape[2:]))),
                "You added inputs and outputs, as Glorot and Bengio do for both directions. He counts the inputs "
                "alone.",
            ),
            Mistake(
                "upside down",
                lambda shape: math.sqrt(math.prod(shape[1:]) / 2),
                "Your fraction is upside down: the more inputs are added up, the smaller each weight must be.",
            ),
        ],
        hints=[
            "The first dimension counts the neurons. Which dimensions does one neuron add up over?",
            "`math.prod(shape[1:])` multiplies all dimensions but the first. Then the root of 2 / d.",
        ],
        idea="d is the product of all dimensions but the first, and the spread √(2 / d).",
    ),
    Exercise(
        id="05.5",
        title="Six patients",
        reference=CURES,
        mistakes=wrong_cures(),
        hints=[
            "Look at the blue curves first. Which patients learn in training as the healthy one does? For those the "
            "trouble lies elsewhere.",
            "Two patients end with a loss near 1.5. Their accuracies tell them apart. Two end with by far "
            "the largest held-out losses; their training losses tell them apart.",
            "Cure 7 helps nobody here.",
        ],
        idea="The training loss tells whether it learns, the held-out loss whether it understands; where the loss is "
        "high and the answers are good, or the other way round, look at how you measure.",
        measure=measure_cures,
    ),
    Exercise(
        id="05.6",
        title="Train and examine",
        reference=train_and_examine,
        cases=[
            (build_network, IMAGES, LABELS, OTHERS, 0.5, 4),
            (build_network, IMAGES[:8], LABELS[:8], OTHERS[:2], 0.2, 2),
        ],
        mistakes=TRAINING,
        hints=[
            "The order in each step: clear, look, walk back, step. The order of all: train, then `eval`, then answer.",
            "`torch.optim.SGD(model.parameters(), lr=lr)`, and `F.cross_entropy(model(images), labels)` with logits.",
            "After the loop `model.eval()`; then `return model(others)`, under `torch.no_grad()` if you like.",
        ],
        idea="Clear, loss on logits, backward, step; and `eval` before anyone is examined.",
        tolerance=1e-4,
    ),
]
