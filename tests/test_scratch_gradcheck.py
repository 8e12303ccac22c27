"""The gradient check: it passes what is right, finds what is wrong, and says what it cannot judge."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visioncourse.scratch.autograd import Tensor
from visioncourse.scratch.convolve import conv2d
from visioncourse.scratch.gradcheck import gradcheck
from visioncourse.scratch.graph import Node, record
from visioncourse.scratch.losses import cross_entropy
from visioncourse.scratch.normalise import batch_norm
from visioncourse.scratch.pooling import max_pool2d

RIGHT, WRONG = 1e-6, 1e-3
Rule = Callable[[Any], tuple[Any, ...]]


def leaf(*shape: int, seed: int = 0, requires_grad: bool = True) -> Node:
    """Return numbers of size about 1, none of them near 0."""
    numbers = np.random.default_rng(seed).uniform(0.5, 2.0, shape)
    return Node(numbers, requires_grad)


def square(a: Node, factor: float = 2.0) -> Any:
    return record("square", a.data**2, (a,), lambda g: (factor * g * a.data,), needs=(a,))


def multiply(a: Node, b: Node) -> Any:
    return record("multiply", a.data * b.data, (a, b), lambda g: (g * b.data, g * a.data), needs=(a, b))


def matmul(a: Node, b: Node) -> Any:
    return record("matmul", a.data @ b.data, (a, b), lambda g: (g @ b.data.T, a.data.T @ g), needs=(a, b))


def add_bias(a: Node, bias: Node, rule: Rule = lambda g: (g, g.sum(0))) -> Any:
    return record("add", a.data + bias.data, (a, bias), rule)


@given(st.lists(st.integers(0, 3), max_size=3), st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_right_rules_pass_in_every_shape(shape: list[int], seed: int) -> None:
    a, b = leaf(*shape, seed=seed), leaf(*shape, seed=seed + 1)
    assert gradcheck(multiply, a, b) < RIGHT
    assert gradcheck(lambda a: square(square(a)), a) < RIGHT


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=15, deadline=None)
def test_products_and_sums_pass(n: int, m: int, k: int) -> None:
    assert gradcheck(matmul, leaf(n, m), leaf(m, k)) < RIGHT
    assert gradcheck(add_bias, leaf(n, m), leaf(m)) < RIGHT


def test_a_value_used_twice_passes() -> None:
    assert gradcheck(lambda a: multiply(a, square(a)), leaf(3, 2)) < RIGHT


BUGS: dict[str, tuple[Callable[..., Any], tuple[Node, ...]]] = {
    "sign": (lambda a: record("negative", -a.data, (a,), lambda g: (g,)), (leaf(3),)),
    "sign of one operand": (
        lambda a, b: record("subtract", a.data - b.data, (a, b), lambda g: (g, g)), (leaf(3), leaf(3))
    ),
    "factor forgotten": (lambda a: square(a, factor=1.0), (leaf(2, 3),)),
    "factor off by a hundredth": (lambda a: square(a, factor=2.02), (leaf(2, 3),)),
    "accumulation forgotten": (
        lambda a: record("square", a.data * a.data, (a,), lambda g: (g * a.data,)), (leaf(4),)
    ),
    "accumulation forgotten where an index repeats": (
        lambda a: record("index", a.data[[0, 0, 1]], (a,), lambda g: (np.array([g[1], g[2]]),)), (leaf(2),)
    ),
    "wrong axis after broadcasting": (
        lambda a, bias: add_bias(a, bias, lambda g: (g, g.sum(1))), (leaf(3, 3), leaf(3))
    ),
    "mean instead of sum after broadcasting": (
        lambda a, bias: add_bias(a, bias, lambda g: (g, g.mean(0))), (leaf(2, 3), leaf(3))
    ),
    "operands swapped": (
        lambda a, b: record("matmul", a.data @ b.data, (a, b), lambda g: (g @ b.data, a.data @ g)),
        (leaf(3, 3), leaf(3, 3, seed=1)),
    ),
    "one entry of many": (
        lambda a: record("exp", np.exp(a.data), (a,), lambda g: (g * np.exp(a.data) * (np.arange(50) != 17),)),
        (leaf(50),)
    ),
    "no gradient at all": (
        lambda a, b: record("multiply", a.data * b.data, (a, b), lambda g: (g * b.data, None)), (leaf(2), leaf(2))
    ),
}  # fmt: skip


@pytest.mark.parametrize("bug", BUGS)
def test_planted_bugs_are_found(bug: str) -> None:
    function, inputs = BUGS[bug]
    assert gradcheck(function, *inputs) > WRONG


@given(st.floats(-12, 6), st.sampled_from([0.5, 0.99, 1.01, 2.0, -1.0]))
@settings(max_examples=30, deadline=None)
def test_the_size_of_a_gradient_does_not_hide_a_bug(size: float, factor: float) -> None:
    def scaled(a: Node, wrong: float = 1.0) -> Any:
        return record("scale", a.data * 10.0**size, (a,), lambda g: (wrong * g * 10.0**size,))

    assert gradcheck(scaled, leaf(4)) < RIGHT
    assert gradcheck(lambda a: scaled(a, factor), leaf(4)) > WRONG


def test_a_bug_in_a_small_gradient_beside_a_large_one_is_found() -> None:
    def function(a: Node, b: Node) -> Any:
        return record("add", 1e5 * a.data + b.data, (a, b), lambda g: (1e5 * g, 1.01 * g))

    small = Node([1e-6, 2e-6], requires_grad=True)  # so that the result is not much larger than what b gives to it
    assert gradcheck(function, small, leaf(2)) > WRONG


def test_large_inputs_lose_nothing_to_rounded_steps() -> None:
    assert gradcheck(lambda a: record("copy", a.data * 1.0, (a,), lambda g: (g,)), Node([3e5, -7e4], True)) < RIGHT


def test_a_gradient_that_is_zero_up_to_rounding_passes() -> None:
    def centred(a: Node) -> Any:  # adding a number to all entries changes nothing
        return record("centre", a.data - a.data.mean(), (a,), lambda g: (g - g.mean(),))

    def shifted(a: Node, b: Node) -> Any:
        return centred(record("add", a.data + b.data, (a, b), lambda g: (g, g.sum())))

    assert gradcheck(shifted, leaf(30), leaf()) < RIGHT


def test_a_whole_network_passes() -> None:
    rng, labels = np.random.default_rng(0), np.array([2, 0])
    one, zero = np.ones(2), np.zeros(2)

    def loss(images: Any, kernels: Any, shift: Any, scale: Any, weight: Any) -> Any:
        maps = batch_norm(
            conv2d(images, kernels, shift, padding=1), scale, zero, zero.copy(), one.copy(), training=True
        )
        return cross_entropy(max_pool2d(maps.tanh(), 2).mean(axis=(2, 3)) @ weight, labels)

    shapes = [(2, 1, 4, 4), (2, 1, 3, 3), (2,), (2,), (2, 3)]  # batch norm takes the third away: its gradient is 0
    inputs = [Tensor(rng.standard_normal(shape), requires_grad=True) for shape in shapes]
    assert gradcheck(loss, *inputs) < RIGHT


def test_the_callers_tensors_stay_as_they_are() -> None:
    a, held = leaf(3), leaf(3, seed=1, requires_grad=False)
    a.grad = np.ones(3)
    before = a.data.copy(), held.data.copy()
    gradcheck(multiply, a, held)
    assert a.grad.tolist() == [1, 1, 1] and held.grad is None and a.version == 0
    assert np.array_equal(a.data, before[0]) and np.array_equal(held.data, before[1])


def test_inputs_that_require_nothing_are_held() -> None:
    wrong_for_b = lambda a, b: record("multiply", a.data * b.data, (a, b), lambda g: (g * b.data, 7 * g))  # noqa: E731
    assert gradcheck(wrong_for_b, leaf(3), leaf(3, requires_grad=False)) < RIGHT
    assert gradcheck(wrong_for_b, leaf(3), leaf(3)) > WRONG


def nan_inside(a: Node) -> Any:
    return record("log", np.where(a.data < 0.5, np.nan, a.data), (a,), lambda g: (g,))


def nan_gradient(a: Node) -> Any:
    return record("copy", a.data * 1, (a,), lambda g: (g * np.nan,))


def restless() -> Callable[[Node], Any]:
    counter = itertools.count()
    return lambda a: record("drop", a.data * next(counter), (a,), lambda g: (g,))


@pytest.mark.parametrize(
    ("function", "inputs", "error", "sentence"),
    [
        (square, [Node([1.0, np.nan], True)], ValueError, "gradcheck: input 0 holds NaN or infinity"),
        (multiply, [leaf(1), Node([np.inf], True)], ValueError, "gradcheck: input 1 holds NaN or infinity"),
        (nan_inside, [Node([0.1], True)], ValueError, "gradcheck: the function's result holds NaN or infinity"),
        (nan_inside, [Node([0.5], True)], ValueError, "gives NaN or infinity within h=1e-06 of the inputs"),
        (nan_gradient, [leaf(2)], ValueError, "gradcheck: the gradient of input 0 holds NaN or infinity"),
        (square, [Node(np.ones(2, np.float32), True)], TypeError, "input 0 holds float32: expected float64"),
        (square, [np.ones(2)], TypeError, "gradcheck: input 0 is a ndarray: expected a tensor."),
        (multiply, [leaf(1), 3], TypeError, "gradcheck: input 1 is a int: expected a tensor."),
        (square, [leaf(2, requires_grad=False)], ValueError, "none of the inputs requires a gradient"),
        (square, [], ValueError, "none of the inputs requires a gradient"),
        (lambda a: a.data, [leaf(2)], TypeError, "the function's result is a ndarray: expected a float64 tensor."),
        (lambda a: record("cast", a.data.astype(np.float32), (a,), lambda g: (g,)), [leaf(2)], TypeError,
         "the function's result holds float32: expected a float64 tensor."),
        (restless(), [leaf(2)], ValueError, "gives another result the second time"),
        (lambda a: Node(a.data), [leaf(2)], RuntimeError, "depends on nothing that requires a gradient"),
        (lambda a, bias: add_bias(a, bias, lambda g: (g, g.sum(1))), [leaf(2, 3), leaf(3)], ValueError,
         r"gradcheck: input 1 has shape \(3,\), but its gradient has \(2,\)."),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_refused_in_one_sentence(
    function: Callable[..., Any], inputs: list[Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence) as refusal:
        gradcheck(function, *inputs)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("h", [0.0, -1e-6, float("nan"), 2.0])
def test_a_step_of_no_use_is_refused(h: float) -> None:
    with pytest.raises(ValueError, match=r"h=.*: expected a small number above 0"):
        gradcheck(square, leaf(1), h=h)
