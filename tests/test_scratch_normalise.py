from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scratch_against_torch import against_torch

from visioncourse.scratch.autograd import Tensor
from visioncourse.scratch.graph import no_grad
from visioncourse.scratch.normalise import batch_norm

SHAPES = st.tuples(st.integers(0, 4), st.integers(1, 4)) | st.tuples(*[st.integers(0, 4), *[st.integers(1, 4)] * 3])


@given(
    shape=SHAPES, training=st.booleans(), momentum=st.sampled_from([0.0, 0.1, 1.0]), eps=st.sampled_from([1e-5, 1e-3]),
    seed=st.integers(0, 2**31),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_values_gradients_and_running_statistics_equal_torch(
    shape: tuple[int, ...], training: bool, momentum: float, eps: float, seed: int
) -> None:
    if training and shape[0] * int(np.prod(shape[2:])) == 1:
        return  # refused; see below
    numbers = np.random.default_rng(seed)
    images, weight, bias = (numbers.standard_normal(size) for size in (shape, shape[1], shape[1]))
    statistics = numbers.standard_normal(shape[1]), numbers.random(shape[1])
    twins = [torch.tensor(each) for each in statistics]
    against_torch(
        lambda x, w, b: batch_norm(x, w, b, *statistics, training, momentum, eps),
        lambda x, w, b: F.batch_norm(x, *twins, w, b, training, momentum, eps),
        images, weight, bias,
    )  # fmt: skip
    for ours, theirs in zip(statistics, twins, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-10, atol=1e-12)


def test_each_channel_gets_mean_zero_and_variance_one() -> None:
    images = Tensor(5 + 3 * np.random.default_rng(0).standard_normal((8, 4, 6, 6)))
    maps = batch_norm(images, np.ones(4), np.zeros(4), np.zeros(4), np.ones(4), training=True).data
    np.testing.assert_allclose(maps.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(maps.var(axis=(0, 2, 3)), 1, rtol=1e-5)


def test_a_large_mean_does_not_drown_the_variance() -> None:
    images = (1000 + np.random.default_rng(0).standard_normal((64, 2, 8, 8))).astype(np.float32)
    one, zero = np.ones(2, np.float32), np.zeros(2, np.float32)
    maps = batch_norm(Tensor(images), one, zero, zero.copy(), one.copy(), training=True).data
    np.testing.assert_allclose(maps.std(axis=(0, 2, 3)), 1, rtol=1e-3)


def test_running_statistics_approach_those_of_the_data_and_rest_in_use() -> None:
    numbers, mean, variance = np.random.default_rng(0), np.zeros(2), np.ones(2)
    for _ in range(100):
        batch = Tensor(7 + 2 * numbers.standard_normal((64, 2)))
        batch_norm(batch, np.ones(2), np.zeros(2), mean, variance, training=True)
    np.testing.assert_allclose(mean, 7, atol=0.3)
    np.testing.assert_allclose(variance, 4, rtol=0.2)
    before = mean.copy(), variance.copy()
    batch_norm(batch, np.ones(2), np.zeros(2), mean, variance, training=False)
    assert np.array_equal(before, (mean, variance))


def test_nan_stays_in_its_channel() -> None:
    images = np.random.default_rng(0).standard_normal((4, 2, 3, 3))
    images[0, 0, 0, 0] = np.nan
    statistics, twins = (np.zeros(2), np.ones(2)), (torch.zeros(2).double(), torch.ones(2).double())
    against_torch(
        lambda x, w, b: batch_norm(x, w, b, *statistics, training=True),
        lambda x, w, b: F.batch_norm(x, *twins, w, b, training=True),
        images, np.ones(2), np.zeros(2),
    )  # fmt: skip


def test_single_precision_stays_single() -> None:
    arrays = [np.ones(shape, np.float32) for shape in ((4, 2, 3, 3), 2, 2)]
    nodes, statistics = [Tensor(array, requires_grad=True) for array in arrays], np.ones((2, 2), np.float32)
    maps = batch_norm(*nodes, *statistics, training=True)
    maps.sum().backward()
    assert maps.dtype == np.float32 and {node.grad.dtype for node in nodes} == {np.dtype(np.float32)}


@pytest.mark.parametrize("training", [True, False])
def test_running_statistics_edited_later_do_not_change_the_gradient(training: bool) -> None:
    def gradients(later: float) -> list[Any]:
        numbers = np.random.default_rng(0)
        nodes = [Tensor(numbers.standard_normal(shape), requires_grad=True) for shape in ((4, 2), 2, 2)]
        statistics = np.ones((2, 2))
        maps = batch_norm(*nodes, *statistics, training=training)
        statistics *= later
        (maps * maps).sum().backward()
        return [node.grad for node in nodes]

    assert all(np.array_equal(a, b) for a, b in zip(gradients(1.0), gradients(5.0), strict=True))


def test_an_edited_weight_is_noticed() -> None:
    images, weight = (Tensor(np.ones(shape), requires_grad=True) for shape in ((4, 2), 2))
    maps = batch_norm(images, weight, np.zeros(2), np.zeros(2), np.ones(2), training=True)
    with no_grad():
        weight[0] = 2.0
    with pytest.raises(RuntimeError, match=r"batch_norm needs a value of shape \(2,\) as it was"):
        maps.sum().backward()


@pytest.mark.parametrize(
    ("shapes", "setting", "error", "words"),
    [
        (((1, 2), 2, 2, 2), {}, ValueError, r"images \(1, 2\): one number in each channel has no variance"),
        (((1, 2, 1, 1), 2, 2, 2), {}, ValueError, "one number in each channel"),
        (((3,), 3, 3, 3), {}, ValueError, r"images \(3,\): expected \(n, c\) or \(n, c, h, w\)"),
        (((3, 2, 4), 2, 2, 2), {}, ValueError, r"images \(3, 2, 4\): expected"),
        (((3, 0), 0, 0, 0), {}, ValueError, "at least one channel"),
        (((3, 2), 3, 2, 2), {}, ValueError, r"weight \(3,\) against images \(3, 2\): expected \(2,\)"),
        (((3, 2), 2, 1, 2), {}, ValueError, r"bias \(1,\) against images \(3, 2\): expected \(2,\)"),
        (((3, 2), 2, 2, 3), {}, ValueError, r"running_mean \(3,\) against images \(3, 2\): expected \(2,\)"),
        (((3, 2), 2, 2, 2), {"eps": 0.0}, ValueError, "eps=0.0: expected more than 0"),
        (((3, 2), 2, 2, 2), {"kind": np.float32}, TypeError, "running_mean holds float32, images float64"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_remembered(
    shapes: Any, setting: dict[str, Any], error: type[Exception], words: str
) -> None:
    kind = setting.pop("kind", np.float64)
    statistics = np.ones((2, shapes[3]), kind)
    nodes = [Tensor(np.zeros(shape)) for shape in shapes[:3]]
    with pytest.raises(error, match=words):
        batch_norm(*nodes, *statistics, training=True, **setting)
    assert np.array_equal(statistics, np.ones_like(statistics))


def test_dtypes_must_agree() -> None:
    images, one = Tensor(np.zeros((3, 2), np.float32)), Tensor(np.ones(2))
    with pytest.raises(TypeError, match="batch_norm: operands are float32 and float64 and float64"):
        batch_norm(images, one, one, np.ones(2), np.ones(2), training=True)
