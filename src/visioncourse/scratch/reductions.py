"""Operations that make many numbers one: sum, mean and maximum over axes."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from visioncourse.scratch.graph import Array, record
from visioncourse.scratch.operands import normal_axes, operands, quiet


@quiet
def sum(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Add up along axes: every entry moves the sum by as much as itself, so each receives the sum's gradient.

    Args:
        a: what to add up.
        axis: one axis, several, or None for all.
        keepdims: whether the axes stay, with length 1, so that the result broadcasts against ``a``.

    Raises:
        ValueError: where an axis does not exist or comes twice; so do ``mean`` and ``maximum``.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> images = Tensor(np.ones((8, 3, 5, 5)))
    >>> sum(images, axis=(2, 3)).shape, sum(images, axis=(2, 3), keepdims=True).shape
    ((8, 3), (8, 3, 1, 1))
    """
    (a,) = operands("sum", a)
    axes = normal_axes("sum", axis, a.data.ndim)
    total = a.data.sum(axis=axes, keepdims=keepdims)
    return record("sum", total, (a,), lambda gradient: (_spread(gradient, a.shape, axes),))


@quiet
def mean(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Average along axes: each entry receives its share of the gradient; nan where there is nothing to average.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> mean(Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0).data.tolist()
    [2.0, 3.0]
    """
    (a,) = operands("mean", a)
    axes = normal_axes("mean", axis, a.data.ndim)
    count = prod(a.shape[one] for one in axes)
    average = a.data.sum(axis=axes, keepdims=keepdims) / count
    return record("mean", average, (a,), lambda gradient: (_spread(gradient / count, a.shape, axes),))


@quiet
def maximum(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Find the largest entry along axes: the gradient goes to it alone, or in equal shares to those that tie.

    Raises:
        ValueError: where an axis is empty, besides.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> scores = Tensor([[1.0, 5.0, 5.0]], requires_grad=True)
    >>> maximum(scores, axis=1).backward()
    >>> scores.grad.tolist()
    [[0.0, 0.5, 0.5]]
    """
    (a,) = operands("max", a)
    axes = normal_axes("max", axis, a.data.ndim)
    if any(a.shape[one] == 0 for one in axes):
        raise ValueError(f"max: shape {a.shape} is empty along axis={axis!r}, so nothing is largest.")
    largest = a.data.max(axis=axes, keepdims=True)

    def rule(gradient: Array) -> tuple[Any]:
        winners = (a.data == largest).astype(a.dtype)
        share = gradient.reshape(largest.shape) / winners.sum(axis=axes, keepdims=True)
        return (winners * share,)

    result = largest if keepdims else largest.squeeze(axes)
    return record("max", result, (a,), rule, needs=(a,), result=True)


def _spread(gradient: Any, shape: tuple[int, ...], axes: tuple[int, ...]) -> Array:
    """Repeat a gradient along the axes that were summed away."""
    kept = tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    return np.broadcast_to(gradient.reshape(kept), shape)
