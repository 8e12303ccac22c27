"""Operations entry by entry: + - * / **, and the functions that bend."""

from __future__ import annotations

from typing import Any

import numpy as np

from visioncourse.scratch.graph import Array, record
from visioncourse.scratch.operands import check_broadcast, crosswise, keep_where, operands, quiet, unbroadcast

Both = tuple[Array | None, Array | None]  # a gradient for each operand, None where none is wanted


@quiet
def add(a: Any, b: Any) -> Any:
    """Add entry by entry, broadcasting: d(a + b)/da = 1. An array of float64 beside one of float32 makes it float64.

    Raises:
        ValueError: where the shapes do not broadcast; so do all operations with two operands.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> add(Tensor(np.ones((2, 3))), np.ones(3)).shape
    (2, 3)
    """
    a, b = _pair("add", a, b)

    def rule(gradient: Array) -> Both:
        return (
            unbroadcast(gradient, a.shape) if a.requires_grad else None,
            unbroadcast(gradient, b.shape) if b.requires_grad else None,
        )

    return record("add", a.data + b.data, (a, b), rule)


@quiet
def subtract(a: Any, b: Any) -> Any:
    """Subtract entry by entry, broadcasting: d(a - b)/db = -1."""
    a, b = _pair("subtract", a, b)

    def rule(gradient: Array) -> Both:
        return (
            unbroadcast(gradient, a.shape) if a.requires_grad else None,
            unbroadcast(-gradient, b.shape) if b.requires_grad else None,
        )

    return record("subtract", a.data - b.data, (a, b), rule)


@quiet
def multiply(a: Any, b: Any) -> Any:
    """Multiply entry by entry, broadcasting: d(a b)/da = b.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> images, scale = Tensor(np.ones((8, 3, 5, 5))), Tensor(np.ones((3, 1, 1)), requires_grad=True)
    >>> product = multiply(images, scale)
    >>> product.backward(np.ones((8, 3, 5, 5)))
    >>> product.shape, scale.grad.shape
    ((8, 3, 5, 5), (3, 1, 1))
    """
    a, b = _pair("multiply", a, b)

    def rule(gradient: Array) -> Both:
        return (
            unbroadcast(gradient * b.data, a.shape) if a.requires_grad else None,
            unbroadcast(gradient * a.data, b.shape) if b.requires_grad else None,
        )

    return record("multiply", a.data * b.data, (a, b), rule, needs=crosswise(a, b))


@quiet
def divide(a: Any, b: Any) -> Any:
    """Divide entry by entry, broadcasting: d(a / b)/da = 1 / b, d(a / b)/db = -a / b²."""
    a, b = _pair("divide", a, b)

    def rule(gradient: Array) -> Both:
        return (
            unbroadcast(gradient / b.data, a.shape) if a.requires_grad else None,
            unbroadcast(-gradient * (a.data / b.data / b.data), b.shape) if b.requires_grad else None,
        )

    return record("divide", a.data / b.data, (a, b), rule, needs=(a, b) if b.requires_grad else (b,))


@quiet
def power(a: Any, b: Any) -> Any:
    """Raise to a power, broadcasting: d(aᵇ)/da = b aᵇ⁻¹, d(aᵇ)/db = aᵇ log a.

    The corners are torch's: the first is 0 where b = 0, and the second where a = 0 ≤ b.
    """
    a, b = _pair("power", a, b)
    result = a.data**b.data

    def slope() -> Array:
        return np.where(b.data == 0, 0, b.data * a.data ** (b.data - 1))

    def growth() -> Array:
        return np.where((a.data == 0) & (b.data >= 0), 0, result * np.log(a.data))

    def rule(gradient: Array) -> Both:
        return (
            unbroadcast(gradient * slope(), a.shape) if a.requires_grad else None,
            unbroadcast(gradient * growth(), b.shape) if b.requires_grad else None,
        )

    return record("power", result, (a, b), rule, needs=(a, b), result=b.requires_grad)


@quiet
def negative(a: Any) -> Any:
    """Turn the sign: d(-a)/da = -1."""
    (a,) = operands("negative", a)
    return record("negative", -a.data, (a,), lambda gradient: (-gradient,))


@quiet
def exp(a: Any) -> Any:
    """Raise e to each entry; the slope is the result itself: deᵃ/da = eᵃ."""
    (a,) = operands("exp", a)
    result = np.exp(a.data)
    return record("exp", result, (a,), lambda gradient: (gradient * result,), result=True)


@quiet
def log(a: Any) -> Any:
    """Take the natural logarithm, with the slope 1 / a; -inf at 0 and nan below, as in torch."""
    (a,) = operands("log", a)
    return record("log", np.log(a.data), (a,), lambda gradient: (gradient / a.data,), needs=(a,))


def relu(a: Any) -> Any:
    """Keep what is positive, put 0 elsewhere: the slope is 1 above 0 and 0 up to it; nan stays nan.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> relu(Tensor([-2.0, 0.0, 3.0])).data.tolist()
    [0.0, 0.0, 3.0]
    """
    (a,) = operands("relu", a)
    result = np.maximum(a.data, 0)
    return record("relu", result, (a,), lambda gradient: (keep_where(~(result <= 0), gradient),), result=True)


@quiet
def tanh(a: Any) -> Any:
    """Squeeze into (-1, 1); the slope of t is 1 - t²."""
    (a,) = operands("tanh", a)
    result = np.tanh(a.data)
    return record("tanh", result, (a,), lambda gradient: (gradient * (1 - result * result),), result=True)


@quiet
def sigmoid(a: Any) -> Any:
    """Squeeze into (0, 1): s = 1 / (1 + exp(-a)), with the slope s (1 - s)."""
    (a,) = operands("sigmoid", a)
    result = 1 / (1 + np.exp(-a.data))
    return record("sigmoid", result, (a,), lambda gradient: (gradient * result * (1 - result),), result=True)


def _pair(operation: str, a: Any, b: Any) -> tuple[Any, Any]:
    """Turn two operands into nodes whose shapes broadcast."""
    a, b = operands(operation, a, b)
    check_broadcast(operation, a, b)
    return a, b
