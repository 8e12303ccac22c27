from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import basic_indices, integer_array_indices
from scratch_against_torch import against_torch, float32_throughout, normal_arrays

from visioncourse.scratch.autograd import Tensor, index, no_grad, pad, reshape, transpose

few = settings(max_examples=100, deadline=None, derandomize=True)
anything = normal_arrays(st.lists(st.integers(0, 4), max_size=4).map(tuple))
filled = normal_arrays(st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple))


@given(anything, st.data())
@few
def test_reshape_equals_torch(array: np.ndarray, data: st.DataObject) -> None:
    shape = tuple(data.draw(st.permutations((*array.shape, 1))))
    if array.size:
        shape = data.draw(st.sampled_from([shape, (-1,), (*shape[1:], -1), (1, -1, shape[-1])]))
    against_torch(lambda x: x.reshape(*shape), lambda x: x.reshape(shape), array)


@given(anything, st.data())
@few
def test_transpose_equals_torch(array: np.ndarray, data: st.DataObject) -> None:
    axes = [
        data.draw(st.sampled_from([axis, axis - array.ndim])) for axis in data.draw(st.permutations(range(array.ndim)))
    ]
    against_torch(lambda x: transpose(x, axes), lambda x: x.permute(axes), array)


def test_methods_take_numbers_or_a_tuple() -> None:
    tensor = Tensor(np.zeros((2, 3, 4)))
    assert tensor.reshape(6, 4).shape == tensor.reshape((6, 4)).shape == (6, 4)
    assert tensor.reshape(24).shape == tensor.reshape(-1).shape == tensor.reshape((24,)).shape == (24,)
    assert tensor.transpose(0, 2, 1).shape == tensor.transpose((0, 2, 1)).shape == (2, 4, 3)
    assert tensor.transpose().shape == tensor.T.shape == (4, 3, 2)
    assert Tensor(1.0).T.shape == Tensor(1.0).transpose().shape == () and Tensor([1.0]).reshape(()).shape == ()


@given(filled, st.data())
@few
def test_basic_keys_equal_torch(array: np.ndarray, data: st.DataObject) -> None:
    key = data.draw(basic_indices(array.shape, allow_newaxis=True))
    parts = key if isinstance(key, tuple) else (key,)
    if any(isinstance(part, slice) and (part.step or 1) < 0 for part in parts):
        return  # torch has no negative steps; the next test has
    against_torch(lambda x: x[key], lambda x: x[key], array)


def test_steps_may_be_negative() -> None:
    against_torch(lambda x: x[::-1, 1], lambda x: x.flip(0)[:, 1], np.arange(6.0).reshape(3, 2))


@given(filled, st.data())
@few
def test_arrays_as_keys_equal_torch_repeats_included(array: np.ndarray, data: st.DataObject) -> None:
    key = data.draw(integer_array_indices(array.shape))
    against_torch(lambda x: index(x, key), lambda x: x[tuple(map(torch.from_numpy, key))], array)


@pytest.mark.parametrize(
    "key",
    [
        (np.arange(4), np.array([0, 2, 2, 1])), ([0, 0, 3], slice(1, 3)), (slice(None), [2, 2]), [3, 3, 3, 3],
        (..., np.array([[0, 1], [1, 1]])), (2, [0, 0]), (None, [1, 1], 0), ([], slice(None)), -1, (), ..., None,
        np.array([True, False, False, True]), (np.array([True, True, False, True]), 1), (np.int64(2), [0, 0]),
        np.arange(12).reshape(4, 3) % 2 == 0, ([0, 1], slice(None)), (np.array(1), np.array(2)), (slice(0, 0), 1),
    ],
)  # fmt: skip
def test_mixed_keys_equal_torch(key: Any) -> None:
    theirs = tuple(torch.from_numpy(part) if isinstance(part, np.ndarray) else part for part in key) if (
        isinstance(key, tuple)
    ) else torch.from_numpy(key) if isinstance(key, np.ndarray) else key  # fmt: skip
    against_torch(lambda x: x[key], lambda x: x[theirs], np.random.default_rng(0).standard_normal((4, 3)))


def test_a_key_may_be_edited_after_its_use() -> None:
    tensor, key = Tensor([1.0, 2.0, 3.0], requires_grad=True), np.array([0, 0])
    picked = tensor[key]
    key[:] = 2
    picked.backward([1.0, 1.0])
    assert tensor.grad.tolist() == [2.0, 0.0, 0.0]


@given(anything, st.data())
@few
def test_pad_equals_torch(array: np.ndarray, data: st.DataObject) -> None:
    widths = [data.draw(st.tuples(st.integers(0, 3), st.integers(0, 3))) for _ in array.shape]
    flat = [width for both in reversed(widths) for width in both]
    against_torch(lambda x: pad(x, widths), lambda x: torch.nn.functional.pad(x, flat), array)


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: reshape(x, (3, 2)),
        transpose,
        lambda x: index(x, 0),
        lambda x: index(x, ...),
        lambda x: pad(x, [(0, 0)] * 2),
    ],
)
def test_results_share_no_memory_and_keep_float32(operation: Any) -> None:
    tensor = Tensor(np.ones((2, 3), np.float32), requires_grad=True)
    result = operation(tensor)
    assert float32_throughout(result)
    with no_grad():
        tensor[...] = 5.0
        assert result.data.max() == 1
        result[...] = 7.0
    assert tensor.data.max() == 5
    result.backward(np.ones(result.shape))
    assert tensor.grad.dtype == np.float32


@pytest.mark.parametrize("shape", [(4,), (2, 2), (4, -1), (-1, -1), (0, -1), (2, 3, 0), (2.0, 3), (None,)])
def test_reshape_names_both_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError) as caught:
        reshape(Tensor(np.ones((2, 3))), shape)
    assert str(caught.value) == f"reshape: 6 entries of shape (2, 3) do not fill shape {shape}."


def test_reshape_refuses_other_negative_lengths() -> None:
    with pytest.raises(
        ValueError, match=r"^reshape: shape \(-2, 3\): expected lengths of at least 0, or a single -1\.$"
    ):
        reshape(Tensor(np.ones((2, 3))), (-2, 3))


@pytest.mark.parametrize(
    ("axes", "sentence"),
    [
        (0, r"axes=0: expected each of the 2 axes of shape \(2, 3\) once\."),
        ((0,), r"axes=\(0,\): expected each of the 2 axes of shape \(2, 3\) once\."),
        ((0, 2), r"axis=\(0, 2\) names no axis: there are 2, numbered from 0\."),
        ((0, 0), r"axis=\(0, 0\) names an axis twice\."),
    ],
)
def test_transpose_wants_every_axis_once(axes: tuple[int, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^transpose: {sentence}$"):
        Tensor(np.ones((2, 3))).transpose(axes)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (2, "out of bounds"), (([0, 3],), "out of bounds"), ((0, 0, 0), "too many indices"), (1.5, "only integers"),
        ("x", "only integers"), (np.array([True] * 3), "boolean index did not match"), (Tensor([1.0]), "array"),
        (slice(0, 2, 0), "step cannot be zero"),
    ],
)  # fmt: skip
def test_keys_that_do_not_fit_are_refused(key: Any, reason: str) -> None:
    with pytest.raises(IndexError, match=rf"^index: shape \(2, 3\): .*{reason}"):
        Tensor(np.ones((2, 3)))[key]


@pytest.mark.parametrize(
    "widths", [1, (1, 1), [(1, 1)], [(1, 1)] * 3, [(1, 1), (-1, 0)], [(1, 1), (1, 1, 1)], [(1, 1), (1.5, 1)]]
)
def test_pad_wants_two_lengths_for_each_axis(widths: Any) -> None:
    with pytest.raises(ValueError) as caught:
        pad(Tensor(np.ones((2, 3))), widths)
    expected = "expected two lengths, at least 0, for each axis of shape (2, 3)"
    assert str(caught.value) == f"pad: widths={widths}: {expected}."
