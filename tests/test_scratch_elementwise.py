from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from scratch_against_torch import against_torch, close, float32_throughout, normal_arrays

from visioncourse.scratch import autograd
from visioncourse.scratch.autograd import Tensor

few = settings(max_examples=25, deadline=None, derandomize=True)
shapes = st.lists(st.integers(0, 5), max_size=4).map(tuple)
TWO = {"add": torch.add, "subtract": torch.sub, "multiply": torch.mul, "divide": torch.div}
ONE = {
    "negative": torch.neg, "exp": torch.exp, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid,
    "log": torch.log,
}  # fmt: skip
Arrays = tuple[np.ndarray, np.ndarray]
CORNERS = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 1e3, -1e3, 1e308, np.inf, -np.inf, np.nan])


@st.composite
def pairs(draw: st.DrawFn) -> Arrays:
    """Draw two arrays whose shapes broadcast, axes of length 0 and 1 among them."""
    both = draw(mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=4, max_dims=4)).input_shapes
    first, second = (draw(normal_arrays(st.just(shape))) for shape in both)
    return first, second


@pytest.mark.parametrize("name", TWO)
@given(pairs())
@few
def test_two_operands_equal_torch(name: str, arrays: Arrays) -> None:
    against_torch(getattr(autograd, name), TWO[name], *arrays)


@pytest.mark.parametrize("name", ONE)
@given(normal_arrays(shapes))
@few
def test_one_operand_equals_torch(name: str, array: np.ndarray) -> None:
    against_torch(getattr(autograd, name), ONE[name], array if name != "log" else np.abs(array) + 0.01)


@given(pairs())
@few
def test_powers_equal_torch(arrays: Arrays) -> None:
    base, exponent = arrays
    against_torch(autograd.power, torch.pow, np.abs(base) + 0.01, exponent)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, 2.5, np.float32(1.5)])
@given(array=normal_arrays(shapes))
@settings(few, max_examples=10)
def test_powers_by_a_number_equal_torch(exponent: Any, array: np.ndarray) -> None:
    against_torch(lambda x: x**exponent, lambda x: x ** float(exponent), array)


@pytest.mark.parametrize("name", [*TWO, "power"])
def test_every_pair_of_corners_is_as_in_torch(name: str) -> None:
    for first, second in product(CORNERS, repeat=2):  # one at a time: a large entry would excuse errors of small ones
        against_torch(getattr(autograd, name), TWO.get(name, torch.pow), np.array(first), np.array([second]))


@pytest.mark.parametrize("name", ONE)
def test_every_corner_is_as_in_torch(name: str) -> None:
    for corner in CORNERS:
        against_torch(getattr(autograd, name), ONE[name], np.array(corner))


def test_relu_sends_nothing_to_what_it_cut_off_not_even_nan() -> None:
    against_torch(lambda x: x.relu().log(), lambda x: x.relu().log(), np.array([-1.0, 0.0, 2.0]))


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: x + 2, lambda x: 2 + x, lambda x: x - 2, lambda x: 2 - x, lambda x: x * 3, lambda x: 3 * x,
        lambda x: x / 4, lambda x: 4 / x, lambda x: 2**x, lambda x: x**2, lambda x: -x, lambda x: x + x,
        lambda x: x * x, lambda x: x / x, lambda x: x - x, lambda x: x**x,
    ],
)  # fmt: skip
@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_operators_take_numbers_on_either_side(operation: Callable[[Any], Any], shape: tuple[int, ...]) -> None:
    against_torch(operation, operation, np.random.default_rng(1).uniform(0.5, 2, shape))


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow])
def test_arrays_on_the_left_leave_the_work_to_the_tensor(operation: Callable[[Any, Any], Any]) -> None:
    array, tensor = np.array([[1.0], [2.0]]), Tensor([3.0, 4.0, 5.0], requires_grad=True)
    result = operation(array, tensor)
    assert isinstance(result, Tensor)
    close(result.data, operation(array, tensor.data), 1e-12, "the value")


@pytest.mark.parametrize("name", [*TWO, "power", *ONE])
def test_float32_stays_float32(name: str) -> None:
    a, b = (Tensor(np.full(shape, 0.5, np.float32), requires_grad=True) for shape in [(2, 3), (3,)])
    function = getattr(autograd, name)
    for operands in [(a,)] if name in ONE else [(a, b), (a, 0.1), (2, a)]:
        result = function(*operands)
        assert float32_throughout(result)
        result.backward(np.ones((2, 3)))
        assert a.grad.dtype == np.float32


def test_float32_with_float64_gives_float64_and_each_leaf_its_own_gradient() -> None:
    a, b = Tensor(np.ones(2, np.float32), requires_grad=True), Tensor(np.ones(2), requires_grad=True)
    product = a * b
    product.backward([1.0, 1.0])
    assert product.dtype == b.grad.dtype == np.float64 and a.grad.dtype == np.float32


@pytest.mark.parametrize("name", [*TWO, "power"])
def test_what_needs_no_gradient_gets_none(name: str) -> None:
    a, b = Tensor([2.0], requires_grad=True), Tensor([3.0])
    getattr(autograd, name)(a, b).backward()
    getattr(autograd, name)(b, a).backward()
    assert a.grad is not None and b.grad is None


@pytest.mark.parametrize(
    ("name", "spoils"), [("add", ""), ("subtract", ""), ("multiply", "ab"), ("divide", "ab"), ("power", "ab")]
)
def test_only_values_that_a_rule_reads_may_not_be_edited(name: str, spoils: str) -> None:
    for edited in "ab":
        nodes = {letter: Tensor([2.0], requires_grad=True) for letter in "ab"}
        result = getattr(autograd, name)(nodes["a"], nodes["b"])
        with autograd.no_grad():
            nodes[edited][:] = 5.0
        if edited in spoils:
            with pytest.raises(
                RuntimeError, match=f"backward: {name} needs a value of shape .* edited in place 1 time"
            ):
                result.backward()
        else:
            result.backward()


def test_a_factor_may_be_edited_where_the_other_needs_no_gradient() -> None:
    weights = Tensor([2.0], requires_grad=True)
    doubled = weights * 2
    with autograd.no_grad():
        weights[:] = 7.0
    doubled.backward()
    assert weights.grad.tolist() == [2.0]


def test_a_logarithm_needs_its_operand() -> None:
    x = Tensor([2.0], requires_grad=True)
    result = x.log()
    with autograd.no_grad():
        x[:] = 1.0
    with pytest.raises(RuntimeError, match=r"backward: log needs a value of shape \(1,\) as it was"):
        result.backward()


@pytest.mark.parametrize("name", ["exp", "relu", "tanh", "sigmoid", "__rpow__"])
def test_a_result_that_its_rule_reads_may_not_be_edited(name: str) -> None:
    x = Tensor([2.0], requires_grad=True)
    result = getattr(x, name)(*([3.0] if name == "__rpow__" else []))
    with autograd.no_grad():
        result[:] = 1.0
    with pytest.raises(RuntimeError, match=r"backward: (\w+) needs a value of shape .* made by \1 as it was"):
        result.backward()


@pytest.mark.parametrize("name", [*TWO, "power"])
def test_shapes_that_do_not_broadcast_are_named(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name}: shapes \(2, 3\) and \(4,\) do not broadcast: 3 against 4\.$"):
        getattr(autograd, name)(Tensor(np.ones((2, 3))), np.ones(4))
