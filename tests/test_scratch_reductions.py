from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scratch_against_torch import against_torch, float32_throughout, normal_arrays

from visioncourse.scratch import autograd
from visioncourse.scratch.autograd import Tensor, maximum, no_grad

few = settings(max_examples=80, deadline=None, derandomize=True)
THEIRS = {"sum": torch.sum, "mean": torch.mean, "maximum": torch.amax}
Case = tuple[np.ndarray, Any, bool]


@st.composite
def reductions(draw: st.DrawFn, least: int = 0) -> Case:
    """Draw an array of 1 to 4 axes, the axes to reduce, and whether they stay."""
    array = draw(normal_arrays(st.lists(st.integers(least, 4), min_size=1, max_size=4).map(tuple)))
    some = st.lists(st.integers(0, array.ndim - 1), unique=True, min_size=1).map(tuple)
    axes = tuple(draw(st.sampled_from([axis, axis - array.ndim])) for axis in draw(some))
    return array, draw(st.sampled_from([axes, None, axes[0]])), draw(st.booleans())


def compare(name: str, array: np.ndarray, axis: Any, keepdims: bool) -> None:
    every = tuple(range(array.ndim)) if axis is None else axis
    against_torch(
        lambda x: getattr(autograd, name)(x, axis=axis, keepdims=keepdims),
        lambda x: THEIRS[name](x, dim=every, keepdim=keepdims),
        array,
    )


@pytest.mark.parametrize("name", ["sum", "mean"])
@given(reductions())
@few
def test_sums_and_means_equal_torch(name: str, case: Case) -> None:
    compare(name, *case)


@given(reductions(least=1), st.booleans())
@few
def test_maxima_equal_torch_ties_included(case: Case, ties: bool) -> None:
    array, axis, keepdims = case
    compare("maximum", array.round() if ties else array, axis, keepdims)


@pytest.mark.parametrize("name", THEIRS)
def test_a_single_number_reduces_to_itself(name: str) -> None:
    against_torch(getattr(autograd, name), THEIRS[name], np.array(2.5))


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize(
    "row", [[np.nan, 1.0, 2.0], [np.inf, np.inf, 1.0], [-np.inf, -np.inf, -np.inf], [np.inf, -np.inf, 0.0]]
)
def test_nan_and_infinities_are_as_in_torch(name: str, row: list[float]) -> None:
    compare(name, np.array([row, [1.0, 3.0, 3.0]]), 1, False)


@pytest.mark.parametrize(("shape", "axis"), [((0, 3), 1), ((3, 0), 0), ((2, 0, 3), (0, 2))])
def test_a_maximum_may_run_beside_an_empty_axis(shape: tuple[int, ...], axis: Any) -> None:
    compare("maximum", np.zeros(shape), axis, False)


@pytest.mark.parametrize(("shape", "axis"), [((0, 3), 0), ((3, 0), (0, 1)), ((0,), None)])
def test_nothing_has_no_maximum(shape: tuple[int, ...], axis: Any) -> None:
    with pytest.raises(ValueError) as caught:
        Tensor(np.zeros(shape)).max(axis)
    assert str(caught.value) == f"max: shape {shape} is empty along axis={axis!r}, so nothing is largest."


@pytest.mark.parametrize("name", ["sum", "mean", "max"])
def test_no_axes_leave_everything_as_it_is(name: str) -> None:
    tensor = Tensor([[1.0, 2.0]], requires_grad=True)
    result = getattr(tensor, name)(axis=())
    result.backward([[3.0, 4.0]])
    assert result.data.tolist() == [[1, 2]] and tensor.grad.tolist() == [[3, 4]]


@pytest.mark.parametrize("name", ["sum", "mean", "max"])
def test_axes_that_do_not_exist_are_refused(name: str) -> None:
    tensor = Tensor(np.ones((2, 3)))
    with pytest.raises(ValueError, match=rf"^{name}: axis=2 names no axis: there are 2, numbered from 0\.$"):
        getattr(tensor, name)(2)
    with pytest.raises(ValueError, match=rf"^{name}: axis=\(0, -2\) names an axis twice\.$"):
        getattr(tensor, name)((0, -2))


@pytest.mark.parametrize("axis", [None, 0, (1, 2)])
@pytest.mark.parametrize("name", ["sum", "mean", "max"])
def test_float32_stays_float32(name: str, axis: Any) -> None:
    tensor = Tensor(np.ones((4, 3, 5), np.float32), requires_grad=True)
    result = getattr(tensor, name)(axis)
    assert float32_throughout(result)
    result.backward(np.ones(result.shape))
    assert tensor.grad.dtype == np.float32


def test_a_maximum_keeps_no_memory_of_another_value() -> None:
    tensor = Tensor([[1.0]], requires_grad=True)
    result = maximum(tensor, axis=1)
    with no_grad():
        tensor[0] = 5.0
    assert result.data.tolist() == [1.0]
    with pytest.raises(RuntimeError, match="backward: max needs a value of shape"):
        result.backward()
