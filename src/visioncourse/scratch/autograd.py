"""Tensor: an array that remembers how it was computed, so that it can say what each number contributed.

    x = Tensor([3.0], requires_grad=True)
    loss = (x * x).sum()
    loss.backward()
    x.grad                     # array([6.]): d(x²)/dx = 2x

Everything that lessons compute with is found here; each file beside this one holds one kind of operation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from visioncourse.scratch import elementwise, products, reductions, shapes
from visioncourse.scratch.convolve import conv2d
from visioncourse.scratch.elementwise import (
    add,
    divide,
    exp,
    log,
    multiply,
    negative,
    power,
    relu,
    sigmoid,
    subtract,
    tanh,
)
from visioncourse.scratch.graph import Array, Node, no_grad
from visioncourse.scratch.losses import cross_entropy, log_softmax
from visioncourse.scratch.normalise import batch_norm
from visioncourse.scratch.pooling import avg_pool2d, max_pool2d
from visioncourse.scratch.products import matmul
from visioncourse.scratch.reductions import maximum, mean, sum
from visioncourse.scratch.shapes import index, pad, reshape, transpose

__all__ = [
    "Tensor", "add", "avg_pool2d", "batch_norm", "conv2d", "cross_entropy", "divide", "exp", "index", "log",
    "log_softmax", "matmul", "max_pool2d", "maximum", "mean", "multiply", "negative", "no_grad", "pad", "power",
    "relu", "reshape", "sigmoid", "subtract", "sum", "tanh", "transpose",
]  # fmt: skip


class Tensor(Node):
    """An array of float32 or float64 that remembers how it was computed.

    Operators and methods are the functions under other names: ``a + b`` is ``add(a, b)``, ``a.sum()`` is ``sum(a)``.
    There is no in-place arithmetic: ``a += b`` makes a new Tensor. ``a[key] = values`` does edit in place, and
    ``backward`` refuses to use a value that was edited after it was needed.

    >>> weights = Tensor(np.zeros((784, 10)), requires_grad=True)
    >>> logits = np.ones((64, 784)) @ weights + 1.0
    >>> logits.mean().backward()
    >>> logits.shape, weights.grad.shape
    ((64, 10), (784, 10))
    """

    __slots__ = ()
    __array_ufunc__ = None  # so that `array + tensor` asks the Tensor, instead of adding it to each entry

    __add__ = __radd__ = elementwise.add
    __mul__ = __rmul__ = elementwise.multiply
    __sub__ = elementwise.subtract
    __truediv__ = elementwise.divide
    __pow__ = elementwise.power
    __neg__ = elementwise.negative
    __matmul__ = products.matmul
    __getitem__ = shapes.index

    exp, log = elementwise.exp, elementwise.log
    relu, tanh, sigmoid = elementwise.relu, elementwise.tanh, elementwise.sigmoid
    sum, mean, max = reductions.sum, reductions.mean, reductions.maximum

    def __rsub__(self, other: Any) -> Any:
        return elementwise.subtract(other, self)

    def __rtruediv__(self, other: Any) -> Any:
        return elementwise.divide(other, self)

    def __rpow__(self, other: Any) -> Any:
        return elementwise.power(other, self)

    def __rmatmul__(self, other: Any) -> Any:
        return products.matmul(other, self)

    def __setitem__(self, key: Any, values: Any) -> None:
        self.assign(values, key)

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[Any]:
        return (self[row] for row in range(len(self)))

    def __repr__(self) -> str:
        numbers = np.array2string(self.data, separator=", ", prefix="Tensor(")
        kind = "" if self.dtype == np.float64 else f", {self.dtype}"
        origin = f", made by {self.operation}" if self.operation else ", requires_grad=True"
        return f"Tensor({numbers}{kind}{origin if self.requires_grad else ''})"

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return len(self.shape)

    @property
    def T(self) -> Any:  # noqa: N802 - NumPy's name
        """The axes in reverse order: rows become columns."""
        return shapes.transpose(self)

    def reshape(self, *shape: Any) -> Any:
        """Read the numbers as another shape: ``x.reshape(64, -1)`` or ``x.reshape((64, -1))``."""
        return shapes.reshape(self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Any:
        """Reorder the axes: ``x.transpose(0, 2, 1)`` or ``x.transpose((0, 2, 1))``; reversed without any."""
        return shapes.transpose(self, axes[0] if len(axes) == 1 else axes or None)

    def numpy(self) -> Array:
        """Copy the numbers into an array that may be edited."""
        return self.data.copy()

    def item(self) -> float:
        """Return the only number.

        Raises:
            ValueError: where there are more, or none.
        """
        if self.data.size != 1:
            raise ValueError(f"item: shape {self.shape} holds {self.data.size} numbers: expected one.")
        return float(self.data.item())
