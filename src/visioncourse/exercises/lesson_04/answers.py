"""Answers to the exercises of lesson 04, right and wrong, that are too long to stand beside their hints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def multiply_backward(a: Any, b: Any, gradient: Any) -> Any:
    """Each factor gets the gradient times the other; b served every row, so the rows of its gradient are added up."""
    to_a = gradient * b
    to_b = (gradient * a).sum(axis=0)
    return to_a, to_b


def relu_backward(x: Any, gradient: Any) -> Any:
    """Pass the gradient where x is positive; its own sign does not matter."""
    return gradient * (x > 0)


def layer_backward(x: Any, weights: Any, bias: Any, gradient: Any) -> Any:
    """Turn matrices, not stacks; what served all s·n rows gets the sum of their reports."""
    to_x = gradient @ weights.T  # (s, n, m) @ (m, d) → (s, n, d)
    to_weights = (x.transpose(0, 2, 1) @ gradient).sum(axis=0)  # s times (d, n) @ (n, m), added up
    to_bias = gradient.sum(axis=(0, 1))
    return to_x, to_weights, to_bias


def max_pool_backward(image: Any, k: Any, gradient: Any) -> Any:
    """Give each tile's gradient to its first maximum; all other pixels, leftovers included, get nothing."""
    to_image = np.zeros_like(image)
    for (i, j), g in np.ndenumerate(gradient):
        tile = image[i * k : (i + 1) * k, j * k : (j + 1) * k]
        row, column = divmod(tile.argmax(), k)
        to_image[i * k + row, j * k + column] = g
    return to_image


def row_by_row(x: Any, gradient: Any) -> Any:
    """Go through x with a loop and judge each item with ``if``: that works for a single row of numbers only."""
    return np.array([g if number > 0 else 0 for number, g in zip(x, gradient, strict=True)])


def reports(x: Any, gradient: Any) -> Any:
    """Return what each batch of a stack reports to the weights, shape (s, d, m)."""
    return x.transpose(0, 2, 1) @ gradient


def layer_averaged(weights_by: Callable[[int, int], int], bias_by: Callable[[int, int], int]) -> Callable[..., Any]:
    """Make a layer's rule that divides; both arguments take the numbers s and n and return by how much."""

    def rule(x: Any, weights: Any, bias: Any, gradient: Any) -> Any:
        to_x, to_weights, to_bias = layer_backward(x, weights, bias, gradient)
        s, n, _ = x.shape
        return to_x, to_weights / weights_by(s, n), to_bias / bias_by(s, n)

    return rule


def layer_of_batch(which: int) -> Callable[..., Any]:
    """Make a layer's rule that lets a single batch of the stack report."""

    def rule(x: Any, weights: Any, bias: Any, gradient: Any) -> Any:
        return gradient @ weights.T, reports(x, gradient)[which], gradient[which].sum(axis=0)

    return rule


def layer_but(part: int, wrong: Callable[..., Any]) -> Callable[..., Any]:
    """Make a layer's rule with one wrong gradient.

    Args:
        part: 0 for the gradient of x, 1 for that of the weights, 2 for that of the bias.
        wrong: takes x, weights, bias and gradient, and returns the wrong one.
    """

    def rule(x: Any, weights: Any, bias: Any, gradient: Any) -> Any:
        parts = list(layer_backward(x, weights, bias, gradient))
        parts[part] = wrong(x, weights, bias, gradient)
        return tuple(parts)

    return rule
