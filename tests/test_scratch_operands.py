from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, floating_dtypes

from visioncourse.scratch.autograd import Tensor
from visioncourse.scratch.operands import (
    check_broadcast,
    check_dtypes,
    crosswise,
    keep_where,
    normal_axes,
    operands,
    unbroadcast,
)

few = settings(max_examples=60, deadline=None, derandomize=True)
sides = st.lists(st.integers(0, 4), max_size=4).map(tuple)


def test_tensors_pass_and_numbers_take_their_dtype() -> None:
    tensor = Tensor(np.ones((2, 3), np.float32))
    same, *numbers = operands("add", tensor, 2, 2.5, True, np.float64(3), np.int32(4))
    assert same is tensor
    assert [number.data.item() for number in numbers] == [2, 2.5, 1, 3, 4]
    assert all(type(number) is Tensor and number.dtype == np.float32 and number.shape == () for number in numbers)


def test_arrays_keep_their_dtype_and_are_copied() -> None:
    array = np.ones(3)
    _, node = operands("add", Tensor(np.ones(3, np.float32)), array)
    array[:] = 7
    assert node.data.tolist() == [1, 1, 1] and node.dtype == np.float64 and not node.requires_grad


class Special(Tensor):
    """A subclass: results and constants are of it too."""

    __slots__ = ()


def test_results_are_of_the_operands_class() -> None:
    assert type(Special([1.0]) + 1) is type(2.0 * Special([1.0])) is type(Special([1.0]).sum()) is Special


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ((np.ones(2), 3.0), r"add: got ndarray, float: expected at least one Tensor\."),
        ((Tensor([1.0]), [1.0]), r"add: got list: expected a Tensor, an array or a number\."),
        ((Tensor([1.0]), "1"), r"add: got str: expected a Tensor, an array or a number\."),
        ((None, Tensor([1.0])), r"add: got NoneType: expected a Tensor, an array or a number\."),
        ((Tensor([1.0]), 1j), r"add: got complex: expected a Tensor, an array or a number\."),
        ((Tensor([1.0]), np.arange(3)), r"add: got an array of int64: expected float32 or float64\."),
        ((Tensor([1.0]), np.ones(3, bool)), r"add: got an array of bool: expected float32 or float64\."),
    ],
)
def test_other_things_are_refused_in_one_sentence(values: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(TypeError, match=f"^{sentence}$"):
        operands("add", *values)


@given(st.data())
@few
def test_unbroadcast_is_the_adjoint_of_broadcasting(data: st.DataObject) -> None:
    wide = data.draw(sides)
    kept = data.draw(st.integers(0, len(wide)))
    shape = tuple(data.draw(st.sampled_from([1, side])) for side in wide[len(wide) - kept :])
    numbers = np.random.default_rng(0)
    operand, gradient = numbers.standard_normal(shape), numbers.standard_normal(wide)
    back = unbroadcast(gradient, shape)
    assert back.shape == shape
    np.testing.assert_allclose((back * operand).sum(), (gradient * np.broadcast_to(operand, wide)).sum(), atol=1e-12)


def test_unbroadcast_keeps_float32() -> None:
    assert unbroadcast(np.ones((4, 3), np.float32), ()).dtype == unbroadcast(np.float32(2), ()).dtype == np.float32


@given(arrays(floating_dtypes(sizes=(32, 64), endianness="="), sides), st.integers(0, 99))
@few
def test_keep_where_is_where(gradient: np.ndarray, seed: int) -> None:
    mask = np.random.default_rng(seed).random(gradient.shape) < 0.5
    for layout in (gradient, np.asfortranarray(gradient), np.broadcast_to(gradient, (2, *gradient.shape))):
        kept = keep_where(mask, layout)
        assert kept.dtype == gradient.dtype
        np.testing.assert_array_equal(kept, np.where(mask, layout, 0))


def test_shapes_and_dtypes_that_fit_pass() -> None:
    check_broadcast("add", Tensor(np.ones((4, 1, 0))), Tensor(np.ones((3, 1))))
    check_dtypes("matmul", Tensor([1.0]), Tensor([2.0]))


def test_different_dtypes_are_named() -> None:
    with pytest.raises(TypeError, match=r"^matmul: operands are float64 and float32: expected one dtype\.$"):
        check_dtypes("matmul", Tensor([1.0]), Tensor(np.ones(1, np.float32)))


def test_crosswise_names_the_factors_that_are_read_again() -> None:
    wanted, constant = Tensor([1.0], requires_grad=True), Tensor([2.0])
    assert crosswise(wanted, constant) == (constant,)
    assert crosswise(constant, wanted) == (constant,)
    assert crosswise(wanted, wanted) == (wanted, wanted)
    assert crosswise(constant, constant) == ()


@pytest.mark.parametrize(
    ("axis", "ndim", "expected"),
    [
        (None, 2, (0, 1)),
        (None, 0, ()),
        (-1, 3, (2,)),
        ((0, -1), 3, (0, 2)),
        ([1], 2, (1,)),
        ((), 2, ()),
        (np.int64(1), 2, (1,)),
    ],
)
def test_axes_are_counted_from_0(axis: Any, ndim: int, expected: tuple[int, ...]) -> None:
    assert normal_axes("sum", axis, ndim) == expected


@pytest.mark.parametrize(
    ("axis", "ndim", "sentence"),
    [
        (2, 2, r"sum: axis=2 names no axis: there are 2, numbered from 0\."),
        (-3, 2, r"sum: axis=-3 names no axis: there are 2, numbered from 0\."),
        (0, 0, r"sum: axis=0 names no axis: there are 0, numbered from 0\."),
        ((0, 1.0), 2, r"sum: axis=\(0, 1\.0\) names no axis: there are 2, numbered from 0\."),
        (True, 2, r"sum: axis=True names no axis: there are 2, numbered from 0\."),
        ((1, -1), 2, r"sum: axis=\(1, -1\) names an axis twice\."),
    ],
)
def test_axes_that_do_not_exist_are_refused(axis: Any, ndim: int, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        normal_axes("sum", axis, ndim)
