from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from scratch_against_torch import against_torch, float32_throughout, normal_arrays

from visioncourse.scratch.autograd import Tensor, matmul, no_grad

few = settings(max_examples=150, deadline=None, derandomize=True)
Arrays = tuple[np.ndarray, np.ndarray]


@st.composite
def factors(draw: st.DrawFn) -> Arrays:
    """Draw two arrays that can be multiplied: vectors, matrices, batches; axes of length 0 and 1 among them."""
    drawn = draw(mutually_broadcastable_shapes(signature=np.matmul.signature, min_side=0, max_side=4, max_dims=2))
    shapes = list(drawn.input_shapes)
    if len(shapes[0]) > 1 or len(shapes[1]) > 1:
        number = draw(st.integers(0, 2))
        if number < 2 and len(shapes[number]) == 2:  # a vector in place of the matrix
            shapes[number] = shapes[number][1:] if number == 0 else shapes[number][:1]
    first, second = (draw(normal_arrays(st.just(shape))) for shape in shapes)
    return first, second


@given(factors())
@few
def test_it_equals_torch(arrays: Arrays) -> None:
    against_torch(matmul, torch.matmul, *arrays)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((5, 4, 2, 3), (3,)), ((3,), (5, 4, 3, 2)), ((5, 2, 3), (3, 4)),
        ((2, 3), (5, 3, 4)), ((5, 1, 2, 3), (4, 3, 2)), ((0,), (0,)), ((2, 0), (0, 3)), ((0, 3), (3, 2)),
        ((5, 0, 3), (3, 2)), ((0, 2, 3), (3, 2)), ((0, 2, 3), (1, 3, 2)), ((1, 1), (1, 1)),
    ],
)  # fmt: skip
def test_every_combination_of_axes_equals_torch(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    numbers = np.random.default_rng(0)
    against_torch(lambda x, y: x @ y, torch.matmul, numbers.standard_normal(a), numbers.standard_normal(b))


def test_a_transposed_factor_and_a_square_of_itself() -> None:
    matrix = np.random.default_rng(0).standard_normal((3, 3))
    against_torch(lambda x: x @ x.T, lambda x: x @ x.T, matrix)
    against_torch(lambda x: x @ x, lambda x: x @ x, matrix)


def test_nan_and_infinities_propagate_as_in_torch() -> None:
    against_torch(matmul, torch.matmul, np.array([[np.inf, 1.0], [np.nan, 2.0]]), np.array([[0.0, 1.0], [2.0, 3.0]]))


def test_arrays_on_either_side() -> None:
    array, tensor = np.ones((2, 3)), Tensor(np.ones((3, 2)), requires_grad=True)
    assert (array @ tensor).shape == (2, 2) and (tensor @ array).shape == (3, 3)


def test_float32_stays_float32() -> None:
    a, b = (Tensor(np.ones(shape, np.float32), requires_grad=True) for shape in [(4, 2, 3), (3,)])
    product = a @ b
    assert float32_throughout(product)
    product.backward(np.ones((4, 2)))
    assert a.grad.dtype == b.grad.dtype == np.float32


def test_factors_may_not_be_edited() -> None:
    a, b = Tensor(np.ones((2, 3)), requires_grad=True), Tensor(np.ones((3, 2)), requires_grad=True)
    product = (a @ b).sum()
    with no_grad():
        b[0] = 5.0
    with pytest.raises(RuntimeError, match=r"backward: matmul needs a value of shape \(3, 2\) as it was"):
        product.backward()


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        ((2, 3), (4, 5), "rows of 3 against columns of 4"),
        ((3,), (4,), "rows of 3 against columns of 4"),
        ((2, 3), (4,), "rows of 3 against columns of 4"),
        ((3,), (5, 4, 3), "rows of 3 against columns of 4"),
        ((), (3,), "both operands need an axis"),
        ((3,), (), "both operands need an axis"),
        ((2, 5, 3), (4, 3, 5), "the axes in front do not broadcast"),
    ],
)
def test_shapes_that_do_not_fit_are_named(a: tuple[int, ...], b: tuple[int, ...], sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        matmul(Tensor(np.ones(a)), np.ones(b))
    assert str(caught.value) == f"matmul: shapes {a} and {b} do not fit: {sentence}."


def test_different_dtypes_are_refused() -> None:
    with pytest.raises(TypeError, match=r"^matmul: operands are float64 and float32: expected one dtype\.$"):
        matmul(Tensor(np.ones((2, 3))), np.ones((3, 2), np.float32))
