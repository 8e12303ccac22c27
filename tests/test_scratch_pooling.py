from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scratch_against_torch import against_torch

from visioncourse.scratch.autograd import Tensor
from visioncourse.scratch.pooling import avg_pool2d, max_pool2d

Pool = Callable[..., Any]
POOLS = [(max_pool2d, F.max_pool2d), (avg_pool2d, F.avg_pool2d)]
NORMAL = st.integers(0, 2**31).map(lambda seed: np.random.default_rng(seed).standard_normal)
# Few different numbers, so that most windows hold ties; infinities and nan among them.
AWKWARD = st.tuples(st.integers(0, 2**31), st.floats(0, 0.6)).map(
    lambda drawn: lambda shape: _awkward(np.random.default_rng(drawn[0]), drawn[1], shape)
)


def _awkward(numbers: np.random.Generator, odd: float, shape: tuple[int, ...]) -> np.ndarray:
    values, weights = [0.0, 1.0, -np.inf, np.inf, np.nan], [(1 - odd) / 2] * 2 + [odd / 2, odd / 4, odd / 4]
    return numbers.choice(values, shape, p=weights)


@st.composite
def poolings(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> tuple[np.ndarray, dict[str, Any]]:
    """Draw pictures and settings that fit; windows may overlap, leave gaps, or reach over the border."""

    def two(low: int, high: int) -> tuple[int, int]:
        return draw(st.tuples(st.integers(low, high), st.integers(low, high)))

    kernel = two(1, 5)
    padding = tuple(draw(st.integers(0, side // 2)) for side in kernel)
    sides = [draw(st.integers(max(1, k - 2 * p), k + 6)) for k, p in zip(kernel, padding, strict=True)]
    stride = draw(st.none() | st.tuples(st.integers(1, 6), st.integers(1, 6)))
    images = draw(values)((draw(st.integers(0, 3)), draw(st.integers(1, 3)), *sides))
    return images, {"kernel": kernel, "stride": stride, "padding": padding}


@pytest.mark.parametrize("pools", POOLS)
@given(case=poolings(NORMAL))
@settings(max_examples=120, deadline=None)
def test_values_and_gradients_equal_torch(pools: tuple[Pool, Pool], case: tuple[np.ndarray, dict[str, Any]]) -> None:
    (ours, theirs), (images, setting) = pools, case
    against_torch(lambda x: ours(x, **setting), lambda x: theirs(x, *setting.values()), images)


@given(case=poolings(AWKWARD))
@settings(max_examples=200, deadline=None)
def test_ties_infinities_and_nan_go_where_torch_sends_them(case: tuple[np.ndarray, dict[str, Any]]) -> None:
    images, setting = case
    against_torch(lambda x: max_pool2d(x, **setting), lambda x: F.max_pool2d(x, *setting.values()), images)


def test_the_first_of_equals_receives_the_gradient() -> None:
    images = Tensor(np.ones((1, 1, 2, 4)), requires_grad=True)
    max_pool2d(images, 2).sum().backward()
    assert images.grad is not None and images.grad[0, 0].tolist() == [[1, 0, 1, 0], [0, 0, 0, 0]]


def test_a_gradient_that_is_not_finite_stays_at_its_pixel() -> None:
    images = Tensor(np.arange(4.0).reshape(1, 1, 2, 2), requires_grad=True)
    max_pool2d(images, 2).backward(np.full((1, 1, 1, 1), np.nan))
    assert images.grad is not None and np.isnan(images.grad[0, 0]).tolist() == [[False, False], [False, True]]


def test_a_pixel_seen_by_several_windows_adds_up() -> None:
    images = np.zeros((1, 1, 3, 3))
    images[0, 0, 1, 1] = 1
    node = Tensor(images, requires_grad=True)
    max_pool2d(node, 2, stride=1).sum().backward()
    assert node.grad is not None and np.array_equal(node.grad, 4 * images)


def test_kernels_of_more_than_256_entries() -> None:
    images = np.random.default_rng(0).standard_normal((1, 1, 40, 40))
    against_torch(lambda x: max_pool2d(x, 20), lambda x: F.max_pool2d(x, 20), images)


def test_zeros_of_the_padding_count_in_a_mean() -> None:
    assert avg_pool2d(Tensor(np.ones((1, 1, 2, 2))), 2, padding=1).data[0, 0].tolist() == [[0.25, 0.25], [0.25, 0.25]]


@pytest.mark.parametrize("pool", [max_pool2d, avg_pool2d])
def test_single_precision_stays_single(pool: Pool) -> None:
    images = Tensor(np.ones((2, 1, 4, 4), np.float32), requires_grad=True)
    maps = pool(images, 2, padding=1)
    maps.sum().backward()
    assert images.grad is not None and maps.dtype == images.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("shape", "setting", "words"),
    [
        ((4, 4), {"kernel": 2}, r"images \(4, 4\): expected \(n, c, h, w\), where only n may be 0"),
        ((1, 0, 4, 4), {"kernel": 2}, r"images \(1, 0, 4, 4\): expected"),
        ((1, 1, 0, 4), {"kernel": 2, "padding": 1}, r"images \(1, 1, 0, 4\): expected"),
        ((1, 1, 4, 4), {"kernel": 5}, "kernel spans 5 pixels, but the padded picture has only 4"),
        ((1, 1, 4, 4), {"kernel": 0}, "kernel=0: expected a whole number of at least 1"),
        ((1, 1, 4, 4), {"kernel": 2, "stride": 0}, "stride=0: expected a whole number of at least 1"),
        ((1, 1, 4, 4), {"kernel": 3, "padding": 2}, "padding=2 is more than half of kernel=3"),
        ((1, 1, 4, 4), {"kernel": (4, 1), "padding": 1}, r"padding=1 is more than half of kernel=\(4, 1\)"),
        ((1, 1, 4, 4), {"kernel": 2, "padding": -1}, "padding=-1: expected a whole number of at least 0"),
    ],
)
@pytest.mark.parametrize("pool", [max_pool2d, avg_pool2d])
def test_what_does_not_fit_is_named(pool: Pool, shape: tuple[int, ...], setting: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pool(Tensor(np.ones(shape)), **setting)
