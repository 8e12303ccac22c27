"""Exercise 04.5: six functions of an array, each with a rule for the way back. Not every rule is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + e^−x), in a form that does not overflow."""
    return np.exp(-np.logaddexp(0.0, -x))


def square(x: Any) -> Any:
    """Square each entry."""
    return x**2


def square_backward(x: Any, gradient: Any) -> Any:
    """Pass the gradient back through ``square``."""
    return gradient * 2 * x


def swish(x: Any) -> Any:
    """Multiply each entry with its sigmoid (Ramachandran and others, 2017)."""
    return x * sigmoid(x)


def swish_backward(x: Any, gradient: Any) -> Any:
    """Pass the gradient back through ``swish``."""
    s = sigmoid(x)
    return gradient * x * s * (1 - s)


def softplus(x: Any) -> Any:
    """Return log(1 + e^x), a ReLU with a rounded corner."""
    return np.logaddexp(0.0, x)


def softplus_backward(x: Any, gradient: Any) -> Any:
    """Pass the gradient back through ``softplus``."""
    return gradient * sigmoid(x)


def leaky_relu(x: Any) -> Any:
    """Keep a tenth of each negative entry."""
    return np.where(x > 0, x, 0.1 * x)


def leaky_relu_backward(x: Any, gradient: Any) -> Any:
    """Pass the gradient back through ``leaky_relu``."""
    return gradient * np.where(x > 0, 1.0, 0.01)


def relu(x: Any) -> Any:
    """Cut off at zero."""
    return np.maximum(x, 0.0)


def relu_backward(x: Any, gradient: Any) -> Any:
    """Pass the gradient back through ``relu``."""
    return gradient * (x > 0)


def mean_square(x: Any) -> Any:
    """Return the mean of the squares, one number."""
    return np.mean(x**2)


def mean_square_backward(x: Any, gradient: Any) -> Any:
    """Pass the gradient, one number, back through ``mean_square``."""
    return gradient * 2 * x


Function = Callable[..., Any]

SUSPECTS: dict[str, tuple[Function, Function]] = {
    "square": (square, square_backward),
    "swish": (swish, swish_backward),
    "softplus": (softplus, softplus_backward),
    "leaky relu": (leaky_relu, leaky_relu_backward),
    "relu": (relu, relu_backward),
    "mean square": (mean_square, mean_square_backward),
}
