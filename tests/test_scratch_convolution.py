from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visioncourse.scratch.convolution import check_channels, conv2d, im2col, output_size, pair

Setting = dict[str, Any]


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, Setting]:
    """Draw pictures, kernels, a bias or none, and settings that fit each other."""

    def two(low: int, high: int) -> tuple[int, int]:
        return draw(st.tuples(st.integers(low, high), st.integers(low, high)))

    groups, kernel, padding, dilation = draw(st.integers(1, 3)), two(1, 4), two(0, 3), two(1, 3)
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    sides = [draw(st.integers(max(1, s - 2 * p), s + 6)) for s, p in zip(spans, padding, strict=True)]
    chans, outs, n = groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 3)), draw(st.integers(1, 3))
    numbers = np.random.default_rng(draw(st.integers(0, 2**31)))
    images = numbers.standard_normal((n, chans, *sides))
    weights = numbers.standard_normal((outs, chans // groups, *kernel))
    bias = numbers.standard_normal(outs) if draw(st.booleans()) else None
    return images, weights, bias, {"stride": two(1, 3), "padding": padding, "dilation": dilation, "groups": groups}


def by_loops(
    images: np.ndarray, weights: np.ndarray, bias: np.ndarray | None, stride: tuple[int, int],
    padding: tuple[int, int], dilation: tuple[int, int], groups: int,
) -> np.ndarray:  # fmt: skip
    """Convolve as a lesson would first write it: multiply and add, one number at a time."""
    (n, c, h, w), (o, per_group, kh, kw) = images.shape, weights.shape
    padded = np.zeros((n, c, h + 2 * padding[0], w + 2 * padding[1]))
    padded[:, :, padding[0] : padding[0] + h, padding[1] : padding[1] + w] = images
    high = (padded.shape[2] - dilation[0] * (kh - 1) - 1) // stride[0] + 1
    wide = (padded.shape[3] - dilation[1] * (kw - 1) - 1) // stride[1] + 1
    maps = np.zeros((n, o, high, wide))
    for image, out, i, j in np.ndindex(maps.shape):
        first = (out // (o // groups)) * per_group
        total = 0.0 if bias is None else bias[out]
        for chan, y, x in np.ndindex(per_group, kh, kw):
            pixel = padded[image, first + chan, i * stride[0] + y * dilation[0], j * stride[1] + x * dilation[1]]
            total += weights[out, chan, y, x] * pixel
        maps[image, out, i, j] = total
    return maps


@given(convolutions())
@settings(max_examples=150, deadline=None)
def test_it_equals_torch(case: tuple[Any, ...]) -> None:
    images, weights, bias, setting = case
    theirs = torch.nn.functional.conv2d(
        torch.from_numpy(images), torch.from_numpy(weights), None if bias is None else torch.from_numpy(bias), **setting
    )
    ours = conv2d(images, weights, bias, **setting)
    assert ours.dtype == np.float64
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-12, atol=1e-12)


@given(convolutions())
@settings(max_examples=25, deadline=None)
def test_it_equals_plain_loops(case: tuple[Any, ...]) -> None:
    images, weights, bias, setting = case
    np.testing.assert_allclose(
        conv2d(images, weights, bias, **setting), by_loops(images, weights, bias, **setting), rtol=1e-12, atol=1e-12
    )


@given(convolutions())
@settings(max_examples=40, deadline=None)
def test_windows_are_those_of_unfold(case: tuple[Any, ...]) -> None:
    images, weights, _, setting = case
    del setting["groups"]
    columns = im2col(images, weights.shape[2:], **setting)
    theirs = torch.nn.functional.unfold(torch.from_numpy(images), weights.shape[2:], **setting).numpy()
    assert np.array_equal(columns.reshape(theirs.shape), theirs)
    for axis, side in ((0, columns.shape[4]), (1, columns.shape[5])):
        sizes = [setting[name][axis] for name in ("stride", "padding", "dilation")]
        assert side == output_size(images.shape[2 + axis], weights.shape[2 + axis], *sizes)


@given(
    size=st.integers(1, 30), kernel=st.integers(1, 5), stride=st.integers(1, 4),
    padding=st.integers(0, 3), dilation=st.integers(1, 3),
)  # fmt: skip
def test_positions_are_counted_one_by_one(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    span, padded = dilation * (kernel - 1) + 1, size + 2 * padding
    starts = [start for start in range(0, padded, stride) if start + span <= padded]
    if starts:
        assert output_size(size, kernel, stride, padding, dilation) == len(starts)
    else:
        with pytest.raises(ValueError, match=f"kernel spans {span} pixels, but the padded picture has only {padded}"):
            output_size(size, kernel, stride, padding, dilation)


def test_one_number_stands_for_two() -> None:
    images, weights = np.random.default_rng(0).standard_normal((2, 2, 9, 9)), np.ones((3, 2, 3, 3))
    one = conv2d(images, weights, stride=2, padding=1, dilation=2)
    two = conv2d(images, weights, stride=(2, 2), padding=(1, 1), dilation=(2, 2))
    assert np.array_equal(one, two) and pair(3, "stride", 1) == pair((3, 3), "stride", 1) == (3, 3)


def test_single_precision_stays_single() -> None:
    images, weights = np.ones((1, 1, 5, 5), np.float32), np.ones((1, 1, 3, 3), np.float32)
    assert conv2d(images, weights, np.ones(1, np.float32), padding=1).dtype == np.float32


def test_the_kernel_is_not_flipped() -> None:
    images = np.zeros((1, 1, 3, 3))
    images[0, 0, 0, 2] = 1
    weights = np.arange(9.0).reshape(1, 1, 3, 3)
    assert conv2d(images, weights).item() == weights[0, 0, 0, 2]


def test_windows_without_padding_share_memory_and_nothing_is_written() -> None:
    images = np.arange(32.0).reshape(1, 2, 4, 4)
    assert np.shares_memory(im2col(images, 3), images)
    assert not im2col(images, 3).flags.writeable
    before = images.copy()
    conv2d(images, np.ones((1, 2, 3, 3)), padding=1)
    assert np.array_equal(images, before)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"weights": (1, 1, 3, 3)}, r"weights \(1, 1, 3, 3\) want 1 channels, but images \(1, 2, 5, 5\) in 1 groups"),
        ({"weights": (4, 2, 3, 3), "groups": 2}, "in 2 groups have 1 each"),
        ({"weights": (3, 1, 3, 3), "groups": 2}, "groups=2 does not divide 2 input and 3 output channels"),
        ({"groups": 3}, "groups=3 does not divide 2 input"),
        ({"groups": 0}, "groups=0"),
        ({"weights": (1, 2, 6, 3)}, "kernel spans 6 pixels, but the padded picture has only 5"),
        ({"dilation": 3}, "kernel spans 7 pixels"),
        ({"stride": 0}, "stride=0: expected a whole number of at least 1, or two of them"),
        ({"stride": (1, 0)}, r"stride=\(1, 0\): expected"),
        ({"padding": -1}, "padding=-1: expected a whole number of at least 0"),
        ({"dilation": 0}, "dilation=0: expected"),
    ],
)
def test_what_does_not_fit_is_named(settings: Setting, words: str) -> None:
    weights = np.ones(settings.pop("weights", (1, 2, 3, 3)))
    with pytest.raises(ValueError, match=words):
        conv2d(np.ones((1, 2, 5, 5)), weights, **settings)


@pytest.mark.parametrize("shapes", [((5, 5), (1, 1, 3, 3)), ((1, 1, 5, 5), (3, 3))])
def test_four_dimensions_are_asked_for(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="expected four dimensions each"):
        check_channels(*shapes, groups=1)
