from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scratch_against_torch import against_torch

from visioncourse.scratch import convolution
from visioncourse.scratch.autograd import Tensor
from visioncourse.scratch.convolve import conv2d
from visioncourse.scratch.graph import no_grad

Setting = dict[str, Any]


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[list[np.ndarray], Setting]:
    """Draw pictures, kernels, perhaps a bias, and settings that fit; the batch may be empty."""

    def two(low: int, high: int) -> tuple[int, int]:
        return draw(st.tuples(st.integers(low, high), st.integers(low, high)))

    groups, kernel, padding, dilation = draw(st.integers(1, 3)), two(1, 4), two(0, 3), two(1, 3)
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    sides = [draw(st.integers(max(1, s - 2 * p), s + 6)) for s, p in zip(spans, padding, strict=True)]
    chans, outs, n = groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 3)), draw(st.integers(0, 3))
    numbers = np.random.default_rng(draw(st.integers(0, 2**31)))
    shapes = [(n, chans, *sides), (outs, chans // groups, *kernel), (outs,)][: draw(st.integers(2, 3))]
    setting = {"stride": two(1, 3), "padding": padding, "dilation": dilation, "groups": groups}
    return [numbers.standard_normal(shape) for shape in shapes], setting


@given(convolutions())
@settings(max_examples=200, deadline=None)
def test_values_and_gradients_equal_torch(case: tuple[list[np.ndarray], Setting]) -> None:
    arrays, setting = case
    against_torch(lambda *x: conv2d(*x, **setting), lambda *x: F.conv2d(*x, **setting), *arrays)


def test_it_equals_the_function_without_gradients() -> None:
    numbers = np.random.default_rng(0)
    arrays = [numbers.standard_normal(shape) for shape in ((2, 4, 9, 8), (6, 2, 3, 3), (6,))]
    maps = conv2d(Tensor(arrays[0]), *arrays[1:], stride=2, padding=1, groups=2)
    expected = convolution.conv2d(*arrays, stride=2, padding=1, groups=2)
    np.testing.assert_allclose(maps.data, expected, rtol=1e-12, atol=1e-12)


def test_nan_spreads_to_the_windows_that_see_it() -> None:
    images = np.ones((1, 1, 5, 5))
    images[0, 0, 0, 0] = np.nan
    against_torch(conv2d, F.conv2d, images, np.ones((1, 1, 3, 3)))


def test_single_precision_stays_single() -> None:
    nodes = [Tensor(np.ones(shape, np.float32), requires_grad=True) for shape in ((2, 2, 5, 5), (3, 2, 3, 3), (3,))]
    maps = conv2d(*nodes, padding=1)
    maps.backward(np.ones(maps.shape))
    assert maps.dtype == np.float32 and {node.grad.dtype for node in nodes} == {np.dtype(np.float32)}


@pytest.mark.parametrize("wanted", [(True, False, False), (False, True, False), (False, False, True)])
def test_only_what_is_wanted_receives_a_gradient(wanted: tuple[bool, ...]) -> None:
    shapes = ((2, 2, 5, 5), (3, 2, 3, 3), (3,))
    nodes = [Tensor(np.ones(shape), requires_grad=want) for shape, want in zip(shapes, wanted, strict=True)]
    conv2d(*nodes).sum().backward()
    assert tuple(node.grad is not None for node in nodes) == wanted


def test_an_edit_is_noticed_where_it_matters() -> None:
    images, weights = Tensor(np.ones((1, 1, 4, 4))), Tensor(np.ones((1, 1, 1, 1)), requires_grad=True)
    maps = conv2d(images, weights)
    weights_edited = conv2d(images, weights)
    with no_grad():
        weights[...] = 2.0
    weights_edited.sum().backward()  # the images want no gradient, so the weights are not read again
    images[...] = 2.0
    with pytest.raises(RuntimeError, match=r"conv2d needs a value of shape \(1, 1, 4, 4\) as it was"):
        maps.sum().backward()


def test_what_was_kept_for_the_way_back_is_let_go() -> None:
    images, weights = Tensor(np.ones((1, 1, 4, 4))), Tensor(np.ones((1, 1, 3, 3)), requires_grad=True)
    maps = conv2d(images, weights, padding=1)
    rule = weakref.ref(maps._rule)
    maps.sum().backward()
    gc.collect()
    assert rule() is None


@pytest.mark.parametrize(
    ("shapes", "settings", "words"),
    [
        (((1, 2, 5, 5), (1, 1, 3, 3)), {}, r"weights \(1, 1, 3, 3\) want 1 channels, but images \(1, 2, 5, 5\)"),
        (((2, 5, 5), (1, 2, 3, 3)), {}, r"images \(2, 5, 5\) and weights \(1, 2, 3, 3\): expected four dimensions"),
        (((1, 2, 5, 5), (3, 2, 3, 3), (2,)), {}, r"conv2d: bias has shape \(2,\): expected \(3,\)"),
        (((1, 2, 5, 5), (3, 2, 3, 3), (1,)), {}, r"conv2d: bias has shape \(1,\): expected \(3,\)"),
        (((1, 0, 5, 5), (3, 0, 3, 3)), {}, r"images \(1, 0, 5, 5\) and .*: only the batch may be empty"),
        (((1, 2, 0, 5), (3, 2, 3, 3)), {"padding": 2}, "only the batch may be empty"),
        (((1, 2, 5, 5), (0, 2, 3, 3)), {}, "only the batch may be empty"),
        (((1, 2, 5, 5), (3, 2, 0, 0)), {}, r"kernel=\(0, 0\): expected a whole number of at least 1"),
        (((1, 2, 5, 5), (3, 2, 6, 3)), {}, "kernel spans 6 pixels, but the padded picture has only 5"),
        (((1, 2, 5, 5), (3, 2, 3, 3)), {"stride": 0}, "stride=0: expected"),
        (((1, 2, 5, 5), (3, 2, 3, 3)), {"padding": -1}, "padding=-1: expected"),
        (((1, 2, 5, 5), (3, 2, 3, 3)), {"dilation": 0}, "dilation=0: expected"),
        (((1, 2, 5, 5), (3, 1, 3, 3)), {"groups": 2}, "groups=2 does not divide 2 input and 3 output channels"),
    ],
)
def test_what_does_not_fit_is_named(shapes: Any, settings: Setting, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        conv2d(*(Tensor(np.ones(shape)) for shape in shapes), **settings)


def test_dtypes_must_agree() -> None:
    images, weights = Tensor(np.ones((1, 1, 3, 3), np.float32)), Tensor(np.ones((1, 1, 3, 3)))
    with pytest.raises(TypeError, match="conv2d: operands are float32 and float64"):
        conv2d(images, weights)
    with pytest.raises(TypeError, match="conv2d: operands are float32 and float32 and float64"):
        conv2d(images, images, Tensor([1.0]))
