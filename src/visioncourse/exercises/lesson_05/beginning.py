"""Exercise 05.4: how large the weights are at the start."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_05.answers import he_std


def over(count: Callable[..., Any]) -> Callable[..., Any]:
    """Make a spread √(2 / d), for another d; ``count`` takes the shape."""
    return lambda shape: math.sqrt(2 / count(shape))


def for_convolutions(count: Callable[..., Any]) -> Callable[..., Any]:
    """Make a spread √(2 / d) that is right for linear layers; ``count`` takes the shape of a convolution."""
    return over(lambda shape: shape[1] if len(shape) == 2 else count(shape))


BEGINNING = Exercise(
    id="05.4",
    title="How large at the start",
    reference=he_std,
    cases=[((128, 784),), ((64, 32, 3, 3),), ((16, 3, 5, 5),), ((10, 6, 3, 5),)],
    mistakes=[
        Mistake(
            "fan-out",
            over(lambda shape: shape[0] * math.prod(shape[2:])),
            "You counted the outputs (in a convolution with the kernel's area). A neuron's sum does not care how many "
            "other neurons there are, but how many inputs it adds up.",
        ),
        Mistake(
            "fan-out of convolutions",
            for_convolutions(lambda shape: shape[0] * math.prod(shape[2:])),
            "Right for a linear layer. In a convolution you took the maps that go out, the first dimension; one "
            "output adds up a window of every map that comes in, the second.",
            also=[for_convolutions(lambda shape: shape[0])],
        ),
        Mistake(
            "first dimension",
            over(lambda shape: shape[0]),
            "You took the first dimension, the number of outputs. What is added up stands behind it.",
        ),
        Mistake(
            "last dimension",
            over(lambda shape: shape[-1]),
            "You took the last dimension. In a linear layer it is the number of inputs; in a convolution it is only "
            "the kernel's width, and every row and every map of the window is added up as well.",
        ),
        Mistake(
            "kernel only",
            for_convolutions(lambda shape: math.prod(shape[2:])),
            "You counted the places of one kernel, height times width. Each output adds up such a window from every "
            "map that comes in: times the second dimension.",
            also=[over(lambda shape: math.prod(shape[2:]))],
        ),
        Mistake(
            "area forgotten",
            over(lambda shape: shape[1]),
            "Right for a linear layer. In a convolution each output adds up a whole window of every map: kernel "
            "height times width of them.",
        ),
        Mistake(
            "one side only",
            over(lambda shape: math.prod(shape[1:3])),
            "You counted one side of the kernel only. A window has height times width places.",
            also=[for_convolutions(lambda shape: shape[1] * shape[3])],
        ),
        Mistake(
            "square kernel",
            for_convolutions(lambda shape: shape[1] * shape[2] ** 2),
            "You squared one side of the kernel. Kernels need not be square: height times width.",
            also=[for_convolutions(lambda shape: shape[1] * shape[3] ** 2)],
        ),
        Mistake(
            "added up",
            over(lambda shape: sum(shape[1:])),
            "You added the dimensions. A window of 3 by 3 in each of 32 maps has 3 · 3 · 32 places: multiply.",
        ),
        Mistake(
            "all dimensions",
            over(math.prod),
            "You multiplied all dimensions: that counts all the layer's weights. One output neuron uses only its own, "
            "so leave the first dimension out.",
        ),
        Mistake(
            "four dimensions",
            over(lambda shape: shape[1] * shape[2] * shape[3]),
            "Right for a convolution. The shape of a linear layer has two numbers only: `math.prod(shape[1:])` takes "
            "as many as there are.",
        ),
        Mistake(
            "variance",
            lambda shape: 2 / math.prod(shape[1:]),
            "That is the mean square of the weights. Their spread is its root.",
        ),
        Mistake(
            "Xavier",
            lambda shape: math.sqrt(1 / math.prod(shape[1:])),
            "That is Xavier's spread. ReLU throws away half of the mean square; the 2 under the root makes up for it.",
        ),
        Mistake(
            "2 outside",
            lambda shape: 2 / math.sqrt(math.prod(shape[1:])),
            "Your 2 stands outside of the root. It is the mean square that ReLU halves: 2 / d, then the root.",
        ),
        Mistake(
            "d outside",
            lambda shape: math.sqrt(2) / math.prod(shape[1:]),
            "You took the root of the 2 alone. First 2 / d, then the root of both.",
        ),
        Mistake(
            "both fans",
            over(lambda shape: (shape[0] + shape[1]) * math.prod(shape[2:])),
            "You added inputs and outputs, as Glorot and Bengio do for both directions. He counts the inputs alone.",
            also=[over(lambda shape: shape[0] + shape[1])],
        ),
        Mistake(
            "upside down",
            lambda shape: math.sqrt(math.prod(shape[1:]) / 2),
            "Your fraction is upside down: the more inputs are added up, the smaller each weight must be.",
        ),
        Mistake(
            "multiplied",
            lambda shape: math.sqrt(2 * math.prod(shape[1:])),
            "You multiplied 2 by d under the root. The more inputs are added up, the smaller each weight must be: "
            "divide.",
        ),
    ],
    hints=[
        "The first dimension counts the neurons. Which dimensions does one neuron add up over?",
        "`math.prod(shape[1:])` multiplies all dimensions but the first. Then the root of 2 / d.",
    ],
    idea="d is the product of all dimensions but the first, and the spread √(2 / d).",
)
