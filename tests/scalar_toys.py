"""A tiny scalar engine and graphs made with it, for the tests of drawings."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Scalar:
    """A number that remembers what it was computed from."""

    value: float
    name: str = ""
    parents: tuple[Any, ...] = ()
    slopes: tuple[float, ...] = ()
    grad: float | None = 0.0

    def __add__(self, other: Scalar) -> Scalar:
        return Scalar(self.value + other.value, "+", (self, other), (1.0, 1.0))

    def __sub__(self, other: Scalar) -> Scalar:
        return Scalar(self.value - other.value, "−", (self, other), (1.0, -1.0))

    def __mul__(self, other: Scalar) -> Scalar:
        return Scalar(self.value * other.value, "×", (self, other), (other.value, self.value))

    def tanh(self) -> Scalar:
        height = math.tanh(self.value)
        return Scalar(height, "tanh", (self,), (1 - height**2,))

    def relu(self) -> Scalar:
        return Scalar(max(self.value, 0.0), "relu", (self,), (float(self.value > 0),))

    def square(self) -> Scalar:
        return Scalar(self.value**2, "square", (self,), (2 * self.value,))


def leaves(**values: float) -> list[Scalar]:
    return [Scalar(float(value), name) for name, value in values.items()]


def plain() -> Scalar:
    a, b, c = leaves(a=2, b=3, c=4)
    return a * b + c


def mixed() -> Scalar:
    a, b, c, d = leaves(a=2, b=-3, c=10, d=0.5)
    return (a * b + c) * d.tanh()


def twice() -> Scalar:
    a, b = leaves(a=3, b=2)
    return a * a + a * b


def neuron() -> Scalar:
    x, y, v, w, b, wanted = leaves(x1=2, x2=-1, w1=0.5, w2=1.5, b=0.7, y=1)
    return (x * v + y * w + b).tanh().__sub__(wanted).square()


def hidden() -> Scalar:
    x, v, w, p, q, wanted = leaves(x=1, w1=2, w2=-1, v1=3, v2=2, y=5)
    missed = (x * v).relu() * p + (x * w).relu() * q - wanted
    return missed * missed


def crossing() -> Scalar:
    a, b, c = leaves(a=2, b=3, c=4)
    product = a * b
    return (product + b) * a + product * c


def shared() -> Scalar:
    x, w, b = leaves(x=1, w=3, b=-1)
    h = x * w + b
    return h * h.tanh() + h * x - w


def alone() -> Scalar:
    return Scalar(3.0, "a")


GRAPHS: dict[str, Callable[[], Scalar]] = {
    one.__name__: one for one in (plain, mixed, twice, neuron, hidden, crossing, shared, alone)
}
