from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visioncourse.scratch.convolution import im2col
from visioncourse.scratch.windows import Window


@st.composite
def looks(draw: st.DrawFn) -> tuple[Window, np.ndarray]:
    """Draw a window and pictures into which it fits."""

    def two(low: int, high: int) -> tuple[int, int]:
        return draw(st.tuples(st.integers(low, high), st.integers(low, high)))

    window = Window.of(two(1, 4), two(1, 3), two(0, 2), two(1, 3))
    spans = [d * (k - 1) + 1 for k, d in zip(window.kernel, window.dilation, strict=True)]
    sides = [draw(st.integers(max(1, s - 2 * p), s + 5)) for s, p in zip(spans, window.padding, strict=True)]
    numbers = np.random.default_rng(draw(st.integers(0, 2**31)))
    return window, numbers.standard_normal((draw(st.integers(0, 2)), draw(st.integers(1, 2)), *sides))


@given(looks())
@settings(deadline=None)
def test_entries_are_the_columns_of_im2col(case: tuple[Window, np.ndarray]) -> None:
    window, images = case
    columns = im2col(images, window.kernel, window.stride, window.padding, window.dilation)
    assert columns.shape[4:] == window.positions(images.shape)
    entries = list(window.entries(images, outside=0.0))
    assert len(entries) == columns.shape[2] * columns.shape[3]
    for entry, (a, b) in zip(entries, np.ndindex(window.kernel), strict=True):
        assert np.array_equal(entry, columns[:, :, a, b])


@given(looks())
@settings(deadline=None)
def test_gather_is_the_transpose_of_entries(case: tuple[Window, np.ndarray]) -> None:
    """Σ part · entries(x) = Σ gather(part) · x for all parts and all x: what defines a way back."""
    window, images = case
    entries = np.array(list(window.entries(images, outside=0.0)))
    parts = np.random.default_rng(1).standard_normal(entries.shape)
    gathered = window.gather(parts, images)
    assert gathered.shape == images.shape
    np.testing.assert_allclose((gathered * images).sum(), (parts * entries).sum(), rtol=1e-10, atol=1e-10)


def test_gather_counts_how_often_each_pixel_was_seen() -> None:
    images = np.zeros((1, 1, 3, 3), np.float32)
    seen = Window.of(kernel=2, stride=1, padding=0).gather(np.ones((4, 1, 1, 2, 2), np.float32), images)
    assert seen.dtype == np.float32
    assert seen[0, 0].tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]


def test_what_is_outside_can_be_chosen() -> None:
    corner = next(Window.of(kernel=2, stride=1, padding=1).entries(np.zeros((1, 1, 2, 2)), outside=-np.inf))
    assert corner[0, 0].tolist() == [[-np.inf] * 3, [-np.inf, 0, 0], [-np.inf, 0, 0]]


def test_a_window_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="kernel spans 5 pixels, but the padded picture has only 4"):
        Window.of(kernel=5, stride=1, padding=0).positions((1, 1, 4, 9))
    with pytest.raises(ValueError, match=r"kernel=\(3, 0\): expected a whole number of at least 1"):
        Window.of(kernel=(3, 0), stride=1, padding=0)
