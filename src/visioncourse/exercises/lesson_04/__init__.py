"""Exercises of lesson 04: rules for a product, ReLU, a linear layer and max-pooling, and six suspects."""

from __future__ import annotations

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_04.linear import LINEAR
from visioncourse.exercises.lesson_04.pooling import POOLING
from visioncourse.exercises.lesson_04.product import PRODUCT
from visioncourse.exercises.lesson_04.relu import RELU
from visioncourse.exercises.lesson_04.trial import HINTS, guilty, measure_names

ACCUSED = {
    "all accused": ["square", "swish", "softplus", "leaky relu", "relu", "mean square"],
    "all but relu accused": ["square", "swish", "softplus", "leaky relu", "mean square"],
    "nobody accused": [],
    "innocents named": ["square", "softplus", "relu"],
    "relu accused": ["swish", "leaky relu", "relu", "mean square"],
    "square accused": ["square", "swish", "leaky relu", "mean square"],
    "softplus accused": ["softplus", "swish", "leaky relu", "mean square"],
    "swish missed": ["leaky relu", "mean square"],
    "leaky relu missed": ["swish", "mean square"],
    "mean square missed": ["swish", "leaky relu"],
}

EXERCISES = [
    PRODUCT,
    RELU,
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
            "One x is one witness. Change one thing at a time: its sign, how many numbers it holds, how near they are "
            "to 0. Whose error jumps when you do?",
            "A right rule is right wherever its curve is smooth, so a single honest x convicts a wrong one. Before you "
            "convict, draw the function: did your x sit on a corner, or where everything is flat?",
        ],
        idea="A gradient check judges only the inputs that it is given: several, of both signs, away from the kinks. "
        "At its kink relu may choose 0, and no check of slopes can say otherwise.",
        measure=measure_names,
    ),
]
