"""Matrix products: of matrices, vectors, and batches of either."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from visioncourse.scratch.graph import Array, Node, record
from visioncourse.scratch.operands import check_dtypes, crosswise, operands, quiet, unbroadcast


@quiet
def matmul(a: Any, b: Any) -> Any:
    """Multiply matrices: for C = A B the gradients are dA = dC Bᵀ and dB = Aᵀ dC.

    Args:
        a: ``(..., n, k)``, or ``(k,)`` for one row.
        b: ``(..., k, m)``, or ``(k,)`` for one column.

    Returns:
        ``(..., n, m)``, without n or m where a vector stands for it. The axes in front broadcast.

    Raises:
        ValueError: where the shapes do not fit, naming both.
        TypeError: where the dtypes differ.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> weights = Tensor(np.ones((784, 10)))
    >>> matmul(np.ones((64, 784)), weights).shape, matmul(np.ones((8, 5, 784)), weights).shape
    ((64, 10), (8, 5, 10))
    """
    a, b = operands("matmul", a, b)
    _check(a, b)
    rows, columns = _matrices(a.data, b.data)
    product = rows @ columns
    matrices = product.shape  # (..., n, m), before vectors lose the axis that they were lent

    def rule(gradient: Array) -> tuple[Array | None, Array | None]:
        given = gradient.reshape(matrices)
        return (
            unbroadcast(given @ columns.swapaxes(-1, -2), rows.shape).reshape(a.shape) if a.requires_grad else None,
            unbroadcast(rows.swapaxes(-1, -2) @ given, columns.shape).reshape(b.shape) if b.requires_grad else None,
        )

    return record("matmul", product.reshape(_shape(a, b)), (a, b), rule, needs=crosswise(a, b))


def _matrices(a: Array, b: Array) -> tuple[Array, Array]:
    """Make matrices of vectors, and one tall matrix of a batch that meets a single matrix: one product, not many."""
    if b.ndim < 3:
        return a.reshape(prod(a.shape[:-1]), a.shape[-1]), b.reshape(b.shape[0], prod(b.shape[1:]))
    return (a[None] if a.ndim == 1 else a), b


def _shape(a: Node, b: Node) -> tuple[int, ...]:
    """Return the shape of the product."""
    n, m = a.shape[-2:-1], b.shape[1:][-1:]  # empty for a vector
    return *np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), *n, *m


def _check(a: Node, b: Node) -> None:
    """Compare dtypes, the axes that are summed over, and the axes in front."""
    check_dtypes("matmul", a, b)
    sentence = f"matmul: shapes {a.shape} and {b.shape} do not fit"
    if not a.shape or not b.shape:
        raise ValueError(f"{sentence}: both operands need an axis.")
    row, column = a.shape[-1], b.shape[-2:][0]
    if row != column:
        raise ValueError(f"{sentence}: rows of {row} against columns of {column}.")
    try:
        np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except ValueError:
        raise ValueError(f"{sentence}: the axes in front do not broadcast.") from None
