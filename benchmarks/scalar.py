"""An engine on single numbers in the style of micrograd, and how many times as fast arrays are.

It is as quick as plain Python gets: slots, closures, a loop instead of recursion (a sum of 784 terms is 784 deep).
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.engine import BATCH, seconds
from benchmarks.speed import Ratios
from benchmarks.work import digits
from visioncourse.scratch.autograd import Tensor
from visioncourse.scratch.graph import Array

WIDTHS = (784, 64, 10)
ARRAY_CALLS = 500  # a round, so that they are long enough to be timed
BATCHED = f"engine, batch of {BATCH}"
Layer = tuple[list[list["Value"]], list["Value"]]


class Value:
    """A number that remembers how it was computed."""

    __slots__ = ("data", "grad", "parents", "rule")

    def __init__(self, data: float, parents: tuple[Value, ...] = ()) -> None:
        self.data, self.grad, self.parents = data, 0.0, parents
        self.rule: Callable[[], None] | None = None

    def __add__(self, other: Value) -> Value:
        out = Value(self.data + other.data, (self, other))

        def rule() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out.rule = rule
        return out

    def __mul__(self, other: Value) -> Value:
        out = Value(self.data * other.data, (self, other))

        def rule() -> None:
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.rule = rule
        return out

    def relu(self) -> Value:
        """Return the number if it is positive, else 0."""
        out = Value(self.data if self.data > 0 else 0.0, (self,))

        def rule() -> None:
            if out.data > 0:
                self.grad += out.grad

        out.rule = rule
        return out

    def backward(self) -> None:
        """Walk back from here."""
        order: list[Value] = []
        seen: set[int] = set()
        stack = [(self, False)]
        while stack:
            value, finished = stack.pop()
            if finished:
                order.append(value)
            elif id(value) not in seen:
                seen.add(id(value))
                stack.append((value, True))
                stack.extend((parent, False) for parent in value.parents)
        self.grad = 1.0
        for value in reversed(order):
            if value.rule is not None:
                value.rule()


def scalar_step(layers: list[Layer], pixels: list[float], label: int) -> Value:
    """Send one picture through the network and back; return the squared error."""
    values = [Value(pixel) for pixel in pixels]
    for number, (weights, biases) in enumerate(layers):
        sums = []
        for row, bias in zip(weights, biases, strict=True):
            total = bias
            for weight, value in zip(row, values, strict=True):
                total = total + weight * value
            sums.append(total.relu() if number < len(layers) - 1 else total)
        values = sums
    errors = [value + Value(-1.0 if place == label else 0.0) for place, value in enumerate(values)]
    loss = Value(0.0)
    for error in errors:
        loss = loss + error * error
    loss.backward()
    return loss


def array_step(params: list[Tensor], images: Array, targets: Array) -> Tensor:
    """Do the same by the engine for as many pictures as there are."""
    for param in params:
        param.grad = None
    first, bias, second, other_bias = params
    logits = (Tensor(images) @ first + bias).relu() @ second + other_bias
    loss: Any = ((logits - targets) ** 2).sum()
    loss.backward()
    return Tensor(loss.data)


def compare_scalars(rounds: int) -> dict[str, Ratios]:
    """Measure both on the same network 784 → 64 → 10, interleaved, after one untimed round; scalars take one picture.

    Returns:
        How many times as many multiply-adds the engine does in the same time, forward and backward, if it takes a
        batch a step or one picture too.

    Raises:
        AssertionError: where the two disagree about the first picture.
    """
    work = digits(BATCH)
    images, targets = work.images.flatten(1).numpy(), np.eye(WIDTHS[-1], dtype=np.float32)[work.labels.numpy()]
    arrays = _parameters()
    layers = _as_values(arrays)
    _compare_first(arrays, layers, images[:1], targets[:1])
    pixels, label = images[0].tolist(), int(work.labels[0])
    found: dict[str, list[float]] = {BATCHED: [], "engine, one picture": []}
    for _ in range(rounds):
        slow = _undisturbed(lambda: scalar_step(layers, pixels, label))
        for ratios, count in zip(found.values(), (BATCH, 1), strict=True):
            fast = seconds(partial(array_step, arrays, images[:count], targets[:count]), ARRAY_CALLS)
            ratios.append(slow * count / fast)
    return {name: Ratios(tuple(ratios)) for name, ratios in found.items()}


def _undisturbed(call: Callable[[], Any]) -> float:
    """Return the seconds of a call without the search for garbage, which would take most of the scalars' time."""
    gc.collect()
    gc.disable()
    try:
        return seconds(call, 1)
    finally:
        gc.enable()


def _parameters() -> list[Tensor]:
    """Draw weights and biases of the network, layer by layer."""
    rng, found = np.random.default_rng(0), []
    for inputs, outputs in pairwise(WIDTHS):
        weights = rng.standard_normal((inputs, outputs), np.float32) * np.float32((2 / inputs) ** 0.5)
        found += [Tensor(values, requires_grad=True) for values in (weights, np.zeros(outputs, np.float32))]
    return found


def _as_values(params: list[Tensor]) -> list[Layer]:
    """Return the same parameters as scalars, a row of weights for each output."""
    found = []
    for weights, biases in zip(params[::2], params[1::2], strict=True):
        rows = [[Value(weight) for weight in row] for row in weights.data.T.tolist()]
        found.append((rows, [Value(bias) for bias in biases.data.tolist()]))
    return found


def _compare_first(arrays: list[Tensor], layers: list[Layer], images: Array, targets: Array) -> None:
    """Compare loss and gradients of one picture, up to the rounding of float32."""
    loss = scalar_step(layers, images[0].tolist(), int(targets[0].argmax()))
    np.testing.assert_allclose(array_step(arrays, images, targets).item(), loss.data, rtol=1e-4)
    for array, (rows, _) in zip(arrays[::2], layers, strict=True):
        expected = np.array([[value.grad for value in row] for row in rows]).T
        np.testing.assert_allclose(np.asarray(array.grad), expected, atol=1e-4 * np.abs(expected).max())
