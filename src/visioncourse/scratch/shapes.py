"""Operations that move numbers without changing them: reshape, transpose, index, pad.

NumPy would often answer with a view, which shares memory. Here every result is a copy, so that an edit of one value
cannot reach another one unnoticed.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from visioncourse.scratch.graph import Array, record
from visioncourse.scratch.operands import normal_axes, operands


def reshape(a: Any, shape: Any) -> Any:
    """Read the same numbers, row after row, as another shape; the gradient is read back as the old one.

    Args:
        a: what to reshape.
        shape: the new length, or lengths; one of them may be -1 and then follows from the others.

    Raises:
        ValueError: where the number of entries differs, naming both shapes.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> reshape(Tensor(np.zeros((64, 8, 4, 4))), (64, -1)).shape
    (64, 128)
    """
    (a,) = operands("reshape", a)
    wanted = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    try:
        result = a.data.reshape(wanted)
    except (TypeError, ValueError):
        raise ValueError(f"reshape: {a.data.size} entries of shape {a.shape} do not fill shape {wanted}.") from None
    if min(wanted, default=0) < -1:  # NumPy takes any negative number for -1
        raise ValueError(f"reshape: shape {wanted}: expected lengths of at least 0, or a single -1.")
    return record("reshape", result.copy(), (a,), lambda gradient: (gradient.reshape(a.shape),))


def transpose(a: Any, axes: Any = None) -> Any:
    """Reorder axes; the gradient's axes go back where they came from.

    Args:
        a: what to transpose.
        axes: the old axes in their new order; reversed where None.

    Raises:
        ValueError: where an axis is missing, does not exist or comes twice.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> transpose(Tensor(np.zeros((8, 28, 28, 3))), (0, 3, 1, 2)).shape
    (8, 3, 28, 28)
    """
    (a,) = operands("transpose", a)
    ndim = a.data.ndim
    order = tuple(reversed(range(ndim))) if axes is None else normal_axes("transpose", axes, ndim)
    if len(order) != ndim:
        raise ValueError(f"transpose: axes={axes!r}: expected each of the {ndim} axes of shape {a.shape} once.")
    back = np.argsort(order)
    return record("transpose", np.copy(a.data.transpose(order)), (a,), lambda gradient: (gradient.transpose(back),))


def index(a: Any, key: Any) -> Any:
    """Pick entries as NumPy does: numbers, slices, arrays of whole numbers, masks.

    What is not picked receives 0; what is picked several times receives the sum of its gradients.

    Raises:
        IndexError: where an entry does not exist, or the key is of another kind.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> letters = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> index(letters, [0, 2, 2]).backward(np.ones(3))
    >>> letters.grad.tolist()
    [1.0, 0.0, 2.0]
    """
    (a,) = operands("index", a)
    try:
        picked = a.data[key]
    except (IndexError, ValueError) as error:
        raise IndexError(f"index: shape {a.shape}: {error}.") from None
    once = np.may_share_memory(picked, a.data)  # a view cannot hold an entry twice, an array of indices may
    key = deepcopy(key)  # the rule reads it again: edits of an array in it must not matter

    def rule(gradient: Array) -> tuple[Array]:
        whole = np.zeros(a.shape, a.dtype)
        if once:
            whole[key] = gradient
        else:
            np.add.at(whole, key, gradient)
        return (whole,)

    return record("index", picked.copy(), (a,), rule)


def pad(a: Any, widths: Any) -> Any:
    """Put zeros around; the gradient of the frame is dropped.

    Args:
        a: what to pad.
        widths: entries to put before and after, for each axis.

    Raises:
        ValueError: where a width is negative, or their number is not that of the axes.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> pad(Tensor(np.ones((8, 28, 28))), [(0, 0), (2, 2), (2, 2)]).shape
    (8, 32, 32)
    """
    (a,) = operands("pad", a)
    if not isinstance(widths, tuple | list) or len(widths) != a.data.ndim or not all(map(_is_pair, widths)):
        raise ValueError(f"pad: widths={widths!r}: expected two lengths, at least 0, for each axis of shape {a.shape}.")
    inside = tuple(slice(before, before + size) for (before, _), size in zip(widths, a.shape, strict=True))
    result = np.zeros([before + size + after for (before, after), size in zip(widths, a.shape, strict=True)], a.dtype)
    result[inside] = a.data
    return record("pad", result, (a,), lambda gradient: (gradient[inside],))


def _is_pair(both: Any) -> bool:
    """Say whether these are two lengths."""
    pair = isinstance(both, tuple | list) and len(both) == 2
    return pair and all(isinstance(width, int | np.integer) and width >= 0 for width in both)
