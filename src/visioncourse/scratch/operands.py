"""What operations share: turning operands into nodes, undoing broadcasting, and saying what does not fit."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from visioncourse.scratch.graph import Array, Node, _made

# Overflow, 0 / 0 and the like give inf and nan without a word, as in torch. Used as a decorator: `@quiet`.
quiet = np.errstate(all="ignore")


def operands(operation: str, *values: Any) -> tuple[Any, ...]:
    """Turn what an operation was given into nodes of one class.

    Args:
        operation: its name, for messages.
        values: Tensors, arrays and numbers, at least one of them a Tensor; it says which dtype numbers take.

    Returns:
        One node for each value. Arrays are copied: edits that nobody notices cannot spoil a gradient.

    Raises:
        TypeError: where there is no Tensor, or something that is none of these.
    """
    first = next((value for value in values if isinstance(value, Node)), None)
    if first is None:
        kinds = ", ".join(type(value).__name__ for value in values)
        raise TypeError(f"{operation}: got {kinds}: expected at least one Tensor.")
    return tuple(_as_node(operation, value, first) for value in values)


def _as_node(operation: str, value: Any, like: Node) -> Any:
    """Wrap one value as a node of the class of ``like``."""
    if isinstance(value, Node):
        return value
    if isinstance(value, Real):  # Python's numbers and NumPy's, but no arrays
        return _made(type(like), np.asarray(value, dtype=like.dtype))
    if not isinstance(value, np.ndarray):
        raise TypeError(f"{operation}: got {type(value).__name__}: expected a Tensor, an array or a number.")
    if value.dtype not in (np.float32, np.float64):
        raise TypeError(f"{operation}: got an array of {value.dtype}: expected float32 or float64.")
    return _made(type(like), value.copy())


def unbroadcast(gradient: Any, shape: tuple[int, ...]) -> Array:
    """Sum a gradient over the axes along which its operand was repeated.

    Args:
        gradient: with respect to the operand as it was used, repeated.
        shape: of the operand itself.

    Returns:
        The gradient in ``shape``: what was copied to many places receives from all of them.

    >>> unbroadcast(np.ones((4, 2, 3)), (2, 1)).tolist()
    [[12.0], [12.0]]
    """
    if gradient.shape == shape:
        return np.asarray(gradient)  # NumPy makes scalars of arrays without axes
    new = gradient.ndim - len(shape)  # axes that broadcasting put in front
    stretched = tuple(new + axis for axis, size in enumerate(shape) if size == 1)
    return np.asarray(gradient.sum(axis=(*range(new), *stretched))).reshape(shape)


def keep_where(mask: Any, gradient: Array) -> Array:
    """Return ``np.where(mask, gradient, 0)``, 15 times as fast where the mask is irregular.

    A choice at every entry costs more than arithmetic: here the entries' bits, read as whole numbers, are multiplied
    by 0 or 1. (A product of the entries themselves would turn 0 · inf into nan.)

    >>> keep_where(np.array([True, False]), np.array([2.5, np.inf])).tolist()
    [2.5, 0.0]
    """
    bits = np.asarray(gradient.view(f"i{gradient.itemsize}") * mask)
    return bits.view(gradient.dtype)


def crosswise(a: Node, b: Node) -> tuple[Node, ...]:
    """Return the factors that a product's rule reads again: each one if the other wants a gradient."""
    return tuple(read for read, other in ((b, a), (a, b)) if other.requires_grad)


def check_broadcast(operation: str, a: Node, b: Node) -> None:
    """Compare shapes from the last axis on: they must agree, or one of them must be 1.

    Raises:
        ValueError: naming both shapes.
    """
    for one, other in zip(reversed(a.shape), reversed(b.shape), strict=False):
        if one != other and 1 not in (one, other):
            raise ValueError(f"{operation}: shapes {a.shape} and {b.shape} do not broadcast: {one} against {other}.")


def check_dtypes(operation: str, *nodes: Node) -> None:
    """Demand one dtype, as torch does for products.

    Raises:
        TypeError: naming those that were given.
    """
    kinds = [str(node.dtype) for node in nodes]
    if len(set(kinds)) > 1:
        raise TypeError(f"{operation}: operands are {' and '.join(kinds)}: expected one dtype.")


def normal_axes(operation: str, axis: Any, ndim: int) -> tuple[int, ...]:
    """Return axes as numbers from 0 on, in the order given.

    Args:
        operation: its name, for messages.
        axis: one axis, several, or None for all; negative ones count from the end.
        ndim: how many axes there are.

    Raises:
        ValueError: where one is out of range or comes twice.

    >>> normal_axes("sum", (-1, 0), ndim=3), normal_axes("sum", None, ndim=3)
    ((2, 0), (0, 1, 2))
    """
    if axis is None:
        return tuple(range(ndim))
    given = tuple(axis) if isinstance(axis, tuple | list) else (axis,)
    for one in given:
        if isinstance(one, bool) or not isinstance(one, int | np.integer) or not -ndim <= one < ndim:
            raise ValueError(f"{operation}: axis={axis!r} names no axis: there are {ndim}, numbered from 0.")
    axes = tuple(int(one) % ndim for one in given)
    if len(set(axes)) < len(axes):
        raise ValueError(f"{operation}: axis={axis!r} names an axis twice.")
    return axes
