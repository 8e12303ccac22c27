"""What canvases are made of: glyphs and pieces, resizing, places, paint."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import interpolate

from visioncourse.data.canvas_glyphs import INK, PIECE, SIDE, Glyphs, cut_out, pieces, read_glyphs, rescale
from visioncourse.data.canvas_layout import anywhere, apart, in_cells, overlapping, visible
from visioncourse.data.canvas_painting import Sheets
from visioncourse.data.embedded import mnist5k_bytes


@pytest.fixture(scope="module")
def everything() -> Glyphs:
    """All 5,000 digits."""
    rows, labels = mnist5k_bytes()
    return cut_out(rows.reshape(-1, 28, 28), labels)


def test_a_cut_out_digit_is_whole(everything):
    rows, labels = mnist5k_bytes()
    assert np.array_equal(everything.tiles.sum((1, 2), dtype=int), rows.sum(1, dtype=int))
    assert np.array_equal(everything.labels, labels) and everything.sizes.max() == SIDE
    for tile, (height, width) in zip(everything.tiles[::50], everything.sizes[::50], strict=True):
        assert tile[0].any() and tile[:, 0].any() and tile[height - 1].any() and tile[:, width - 1].any()
        assert not tile[height:].any() and not tile[:, width:].any()


def test_splits_of_glyphs():
    assert [len(read_glyphs(split)) for split in ("train", "valid", "test")] == [3500, 500, 1000]


def test_taking_nothing_gives_an_empty_tile(everything):
    some = everything.take(np.array([3, -1]))
    assert some.labels.tolist() == [everything.labels[3], -1] and some.sizes[1].tolist() == [0, 0]
    assert not some.tiles[1].any() and everything.tiles[-1].any()


def test_a_piece_is_a_part_of_a_digit_and_shows_ink(everything):
    some = pieces(everything, 300, np.random.RandomState(0))
    assert some.tiles.shape == (300, PIECE, PIECE) and ((some.tiles >= INK).sum((1, 2)) > 0).all()
    places = np.lib.stride_tricks.sliding_window_view(everything.tiles, (PIECE, PIECE), (1, 2))
    for tile, label in zip(some.tiles[:20], some.labels[:20], strict=True):
        assert (places[everything.labels == label] == tile).all((3, 4)).any()


@pytest.mark.parametrize("scale", [0.5, 0.7, 1.3, 3.0])
def test_resizing_equals_torchs(everything, scale):
    some = everything.take(np.arange(0, 5000, 250))
    large = rescale(some, scale, scale, np.random.RandomState(0))
    for at, (height, width) in enumerate(large.sizes.tolist()):
        tall, wide = some.sizes[at]
        digit = torch.from_numpy(some.tiles[at, :tall, :wide]).double()[None, None]
        theirs = interpolate(digit, (height, width), mode="bilinear", antialias=True, align_corners=False)[0, 0]
        assert abs(height - tall * scale) <= 0.5 and abs(width - wide * scale) <= 0.5
        assert np.abs(large.tiles[at, :height, :width] - theirs.numpy()).max() <= 0.501
        assert not large.tiles[at, height:].any() and not large.tiles[at, :, width:].any()


def test_no_digit_vanishes_at_the_smallest_scale(everything):
    small = rescale(everything, 0.5, 0.5, np.random.RandomState(0))
    assert (small.tiles >= INK).any((1, 2)).all() and small.sizes.min() >= 1


def test_each_digit_gets_a_scale_of_its_own(everything):
    same = everything.take(np.zeros(200, dtype=np.int64))
    heights = rescale(same, 0.5, 1.5, np.random.RandomState(0)).sizes[:, 0]
    assert len(set(heights.tolist())) > 10


@st.composite
def rectangles(draw: st.DrawFn) -> tuple[np.ndarray, tuple[int, int], int]:
    """Draw rectangles for which there is room at all."""
    side = draw(st.integers(1, 12))
    canvas = draw(st.tuples(st.integers(side, 40), st.integers(side, 40)))
    room = (canvas[0] // side) * (canvas[1] // side)
    many = draw(st.integers(1, min(room, 6)))
    sizes = np.random.RandomState(draw(st.integers(0, 99))).randint(1, side + 1, (5, many, 2))
    sizes[0, :] = side  # as large as can be
    sizes[1, many // 2 :] = 0  # a canvas with fewer
    return sizes.astype(np.int64), canvas, side


def check_apart(sizes: np.ndarray, corners: np.ndarray, canvas: tuple[int, int]) -> None:
    for size, corner in zip(sizes, corners, strict=True):
        taken = np.zeros(canvas, int)
        for (height, width), (top, left) in zip(size, corner, strict=True):
            if height:
                assert top >= 0 and left >= 0 and top + height <= canvas[0] and left + width <= canvas[1]
            taken[top : top + height, left : left + width] += 1
        assert taken.max() <= 1


@given(case=rectangles(), seed=st.integers(0, 999))
def test_rectangles_keep_apart(case, seed):
    sizes, canvas, side = case
    check_apart(sizes, apart(sizes, canvas, side, np.random.RandomState(seed)), canvas)
    check_apart(sizes, in_cells(sizes, canvas, side, np.random.RandomState(seed)), canvas)


def test_a_full_canvas_is_laid_out_all_the_same():
    sizes = np.full((3, 9, 2), 20, dtype=np.int64)  # nine squares of 20 fit on 60×60 in one way only
    corners = apart(sizes, (60, 60), 20, np.random.RandomState(0))
    assert {tuple(corner) for corner in corners[0].tolist()} == {(y, x) for y in (0, 20, 40) for x in (0, 20, 40)}
    assert not np.array_equal(corners[0], corners[1])  # in another order


@given(height=st.integers(5, 30), width=st.integers(7, 30), seed=st.integers(0, 99))
def test_anywhere_is_on_the_canvas_and_reaches_its_borders(height, width, seed):
    corners = anywhere(np.tile([5, 7], (2000, 1)), (height, width), np.random.RandomState(seed))
    assert corners.min() >= 0 and (corners.max(0) <= (height - 5, width - 7)).all()
    assert set(corners[:, 0]) == set(range(height - 4))


def blocks(shade: int, count: int = 1, many: int = 2) -> np.ndarray:
    return np.full((count, many, 4, 4), shade, np.uint8)


def test_at_least_half_of_a_digit_can_be_seen():
    def lying(left: int) -> bool:
        return bool(visible(blocks(255), np.array([[[0, 0], [0, left]]]), (8, 8))[0])

    assert [lying(left) for left in (0, 1, 2, 3, 4)] == [False, False, True, True, True]
    sizes = np.full((50, 2, 2), 4, dtype=np.int64)
    corners = overlapping(blocks(255, 50), sizes, (6, 6), np.random.RandomState(0))
    assert visible(blocks(255, 50), corners, (6, 6)).all()
    with pytest.raises(ValueError, match="digits=2: so many hide each other on canvases of 4×4 pixels; expected fewer"):
        overlapping(blocks(255), sizes[:1], (4, 4), np.random.RandomState(0))


def test_paint_lies_on_top_and_rims_are_nobodys():
    sheets = Sheets(1, (4, 5), 4)
    place = np.array([[0, 0]])
    sheets.paint(np.full((1, 2, 2), 255, np.uint8), place, 1)
    sheets.paint(np.array([[[INK, INK - 1], [0, 200]]], np.uint8), place, 2)
    assert sheets.ink()[0, :2, :2].tolist() == [[INK, 255], [255, 200]]  # faint ink does not cover what is below
    assert sheets.instances()[0, :2, :2].tolist() == [[2, 1], [1, 2]]
    assert sheets.ink().shape == (1, 4, 5) and sheets.instances()[0, 2:].sum() == 0


def test_a_tile_may_reach_over_the_border_with_its_empty_part():
    sheets = Sheets(2, (3, 3), 4)
    tile = np.zeros((2, 4, 4), np.uint8)
    tile[:, 0, 0] = 255
    sheets.paint(tile, np.array([[2, 2], [0, 1]]), 7)
    assert sheets.instances().sum((1, 2)).tolist() == [7, 7]
    assert sheets.instances()[0, 2, 2] == 7 and sheets.instances()[1, 0, 1] == 7
