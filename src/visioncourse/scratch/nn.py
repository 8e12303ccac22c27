"""Layers: functions that own the numbers they learn, named and shaped as in ``torch.nn``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from visioncourse.scratch.autograd import Tensor
from visioncourse.scratch.convolution import Pair, pair
from visioncourse.scratch.convolve import conv2d
from visioncourse.scratch.elementwise import relu, sigmoid, tanh
from visioncourse.scratch.normalise import batch_norm
from visioncourse.scratch.pooling import avg_pool2d, max_pool2d


class Module:
    """A layer, or a network of layers: call it. Subclasses keep Tensors and Modules as attributes, or in lists.

    Attributes:
        training: True at first; BatchNorm2d and Dropout act differently when it is False.
    """

    training = True

    def __call__(self, x: Any) -> Any:
        """Compute the layer's result."""
        raise NotImplementedError

    def parameters(self) -> list[Tensor]:
        """List what is learned, in the order in which the layers were made."""
        found: list[Tensor] = []
        for part in self._parts():
            found += part.parameters() if isinstance(part, Module) else [part]
        return found

    def train(self, training: bool = True) -> Module:
        """Prepare this layer and all within it for training."""
        self.training = training
        for part in self._parts():
            if isinstance(part, Module):
                part.train(training)
        return self

    def eval(self) -> Module:
        """Prepare for use: batch norm takes its running statistics, dropout lets everything pass."""
        return self.train(False)

    def _parts(self) -> Iterator[Module | Tensor]:
        for value in vars(self).values():
            for part in value if isinstance(value, list | tuple) else [value]:
                if isinstance(part, Module | Tensor):
                    yield part


class Sequential(Module):
    """One layer after the other.

    >>> rng = np.random.default_rng(0)
    >>> net = Sequential(Conv2d(1, 8, 3, rng=rng), ReLU(), MaxPool2d(2), Flatten(), Linear(8 * 13 * 13, 10, rng=rng))
    >>> net(np.ones((64, 1, 28, 28), np.float32)).shape, [parameter.shape for parameter in net.parameters()]
    ((64, 10), [(8, 1, 3, 3), (8,), (10, 1352), (10,)])
    """

    def __init__(self, *layers: Module) -> None:
        self.layers = list(layers)

    def __call__(self, x: Any) -> Any:
        """Apply all layers."""
        for layer in self.layers:
            x = layer(x)
        return x


class Linear(Module):
    """Weighted sums, ``(..., inputs)`` to ``(..., outputs)``: x Wᵀ + b, with W as ``(outputs, inputs)``.

    W begins normal with variance 2 / inputs (He et al., 2015, Delving deep into rectifiers, eq. 10), b at 0.
    """

    def __init__(self, inputs: int, outputs: int, *, rng: np.random.Generator, dtype: Any = np.float32) -> None:
        _check_sizes(inputs=inputs, outputs=outputs)
        self.weight = _he((outputs, inputs), rng, dtype)
        self.bias = _parameter(np.zeros(outputs, dtype))

    def __call__(self, x: Any) -> Any:
        """Map ``(..., inputs)`` to ``(..., outputs)``."""
        return x @ self.weight.T + self.bias


class Conv2d(Module):
    """Convolution, ``(n, in_chans, h, w)`` to ``(n, out_chans, i, j)``.

    Weights begin normal with variance 2 / (numbers under a kernel), as in Linear; the bias at 0. Without ``bias``
    there is none: batch norm, where it follows, would take it away again.
    """

    def __init__(
        self, in_chans: int, out_chans: int, kernel: Pair, stride: Pair = 1, padding: Pair = 0, dilation: Pair = 1,
        groups: int = 1, bias: bool = True, *, rng: np.random.Generator, dtype: Any = np.float32,
    ) -> None:  # fmt: skip
        _check_sizes(in_chans=in_chans, out_chans=out_chans, groups=groups)
        if in_chans % groups or out_chans % groups:
            raise ValueError(f"groups={groups} does not divide {in_chans} input and {out_chans} output channels.")
        self.settings: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        self.weight = _he((out_chans, in_chans // groups, *pair(kernel, "kernel", 1)), rng, dtype)
        self.bias = _parameter(np.zeros(out_chans, dtype)) if bias else None

    def __call__(self, x: Any) -> Any:
        """Map pictures to maps."""
        return conv2d(x, self.weight, self.bias, **self.settings)


class BatchNorm2d(Module):
    """Batch normalisation of each channel; the weight begins at 1, the bias at 0, and so do mean 0 and variance 1.

    Attributes:
        running_mean: ``(chans,)``, updated at each call in training.
        running_variance: likewise.
    """

    def __init__(
        self, chans: int, momentum: float | int = 0.1, eps: float | int = 1e-5, *, dtype: Any = np.float32
    ) -> None:
        _check_sizes(chans=chans)
        self.momentum, self.eps = momentum, eps
        self.weight, self.bias = _parameter(np.ones(chans, dtype)), _parameter(np.zeros(chans, dtype))
        self.running_mean, self.running_variance = np.zeros(chans, dtype), np.ones(chans, dtype)

    def __call__(self, x: Any) -> Any:
        """Normalise ``(n, c, h, w)`` or ``(n, c)``."""
        statistics = (self.running_mean, self.running_variance)
        return batch_norm(x, self.weight, self.bias, *statistics, self.training, self.momentum, self.eps)


class Dropout(Module):
    """In training, put each number to 0 with probability ``p`` and divide the others by 1 - p; else do nothing.

    Source: Srivastava et al. (2014), Dropout.
    """

    def __init__(self, p: float | int = 0.5, *, rng: np.random.Generator) -> None:
        if not 0 <= p < 1:
            raise ValueError(f"p={p!r}: expected a probability from 0 to below 1.")
        self.p, self.rng = p, rng

    def __call__(self, x: Any) -> Any:
        """Keep the shape."""
        if not self.training:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return x * (kept / (1 - self.p)).astype(x.dtype)


class ReLU(Module):
    """Keep what is positive."""

    def __call__(self, x: Any) -> Any:
        """Keep the shape."""
        return relu(x)


class Tanh(Module):
    """Squeeze into (-1, 1)."""

    def __call__(self, x: Any) -> Any:
        """Keep the shape."""
        return tanh(x)


class Sigmoid(Module):
    """Squeeze into (0, 1)."""

    def __call__(self, x: Any) -> Any:
        """Keep the shape."""
        return sigmoid(x)


class MaxPool2d(Module):
    """Keep the largest number of each window."""

    def __init__(self, kernel: Pair, stride: Pair | None = None, padding: Pair = 0) -> None:
        self.settings = (kernel, stride, padding)

    def __call__(self, x: Any) -> Any:
        """Map ``(n, c, h, w)`` to ``(n, c, i, j)``."""
        return max_pool2d(x, *self.settings)


class AvgPool2d(Module):
    """Average each window."""

    def __init__(self, kernel: Pair, stride: Pair | None = None, padding: Pair = 0) -> None:
        self.settings = (kernel, stride, padding)

    def __call__(self, x: Any) -> Any:
        """Map ``(n, c, h, w)`` to ``(n, c, i, j)``."""
        return avg_pool2d(x, *self.settings)


class GlobalAverage(Module):
    """Average each map: ``(n, c, h, w)`` to ``(n, c)``."""

    def __call__(self, x: Any) -> Any:
        """Average over all places."""
        return x.mean(axis=(2, 3))


class Flatten(Module):
    """Put all numbers of a picture in a row: ``(n, ...)`` to ``(n, m)``."""

    def __call__(self, x: Any) -> Any:
        """Keep the batch."""
        return x.reshape(x.shape[0], math.prod(x.shape[1:]))


def _parameter(values: Any) -> Tensor:
    return Tensor(values, requires_grad=True)


def _he(shape: tuple[int, ...], rng: np.random.Generator, dtype: Any) -> Tensor:
    """Draw weights so that signals keep their size through ReLU layers: variance 2 / inputs of a unit."""
    deviation = math.sqrt(2 / math.prod(shape[1:]))
    return _parameter((deviation * rng.standard_normal(shape)).astype(dtype))


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name}={size!r}: expected a whole number of at least 1.")
