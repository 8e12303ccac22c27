"""Masks and boxes move with their images: transform the mask, and the box around it is the transformed box."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from visioncourse.augment import (
    Affine,
    Augmentation,
    Brightness,
    Compose,
    Contrast,
    Crop,
    CutMix,
    Cutout,
    Flip,
    Maybe,
    Noise,
    Rotate,
    ShiftCrop,
    boxes_of,
)

SIZE = (20, 26)
EXACT = [
    Flip(),
    ShiftCrop(7),
    ShiftCrop(19),
    ShiftCrop(7, "zero"),
    Crop(11),
    Compose([ShiftCrop(5, "zero"), Flip(), Crop(13), Crop(9)]),
    Maybe(Compose([Flip(1), ShiftCrop(4)]), 0.5),
    Compose([Brightness(0.5), Contrast(0.5), Noise(0.1), Cutout(9)]),
]
ROUNDED = [
    Affine(scale=0.5),
    Affine(shift=5.5),
    Rotate(45),
    Affine(25, 0.3, 15, 4.0),
    Compose([Flip(), Affine(25, 0.3, 15, 4.0)]),
    Maybe(Rotate(180), 0.7),
]
exact = pytest.mark.parametrize("augment", EXACT, ids=repr)
rounded = pytest.mark.parametrize("augment", ROUNDED, ids=repr)
EDGES = st.lists(st.tuples(*[st.integers(0, side) for side in (*SIZE, *SIZE)]), min_size=1, max_size=5)


def rectangles(edges: list[tuple[int, ...]]) -> Tensor:
    """Return a full rectangle a mask, ``(b, 1, h, w)``; some are empty."""
    masks = torch.zeros(len(edges), 1, *SIZE, dtype=torch.bool)
    for mask, (top, left, bottom, right) in zip(masks, edges, strict=True):
        mask[0, min(top, bottom) : max(top, bottom), min(left, right) : max(left, right)] = True
    return masks


def moved(augment: Augmentation, masks: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Return the boxes of the moved masks, and the moved boxes of the masks."""
    choice = augment.sample(torch.Generator().manual_seed(seed), len(masks))
    return boxes_of(augment.apply_masks(masks, choice)), augment.apply_boxes(boxes_of(masks), choice, SIZE)


@exact
@settings(max_examples=40)
@given(EDGES, st.integers(0, 10_000))
def test_boxes_move_exactly_as_masks(augment: Augmentation, edges: list[tuple[int, ...]], seed: int) -> None:
    from_masks, from_boxes = moved(augment, rectangles(edges), seed)
    assert torch.equal(from_masks, from_boxes)


@rounded
@settings(max_examples=40)
@given(
    st.lists(st.tuples(*[st.integers(0, 9)] * 2, *[st.integers(4, 9)] * 2), min_size=1, max_size=5),
    st.integers(0, 10_000),
)
def test_turned_boxes_hold_turned_rectangles(augment: Augmentation, edges: list[tuple[int, ...]], seed: int) -> None:
    masks = rectangles([(top, left, top + high, left + wide) for top, left, high, wide in edges])
    from_masks, from_boxes = moved(augment, masks, seed)
    seen = from_masks.any(-1)
    inside = torch.cat([from_masks[..., :2] - from_boxes[..., :2], from_boxes[..., 2:] - from_masks[..., 2:]], -1)
    assert inside[seen].min() > -0.51 if seen.any() else True  # a pixel counts by its centre
    height, width = SIZE
    whole = (from_boxes > 0.01).all(-1) & (from_boxes[..., 2] < width - 0.01) & (from_boxes[..., 3] < height - 0.01)
    assert inside[whole].max() < 1.5 if whole.any() else True  # the tip of a corner may fall between pixel centres


@pytest.mark.parametrize("augment", [*ROUNDED, *EXACT, Compose([ShiftCrop(5), Crop(9)])], ids=repr)
@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_turned_boxes_hold_things_of_any_shape(augment: Augmentation, seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    from_masks, from_boxes = moved(augment, torch.rand(4, 2, *SIZE, generator=draw) < 0.03, seed)
    seen = from_masks.any(-1)
    assert (from_masks[..., :2] - from_boxes[..., :2])[seen].min() > -0.51
    assert (from_boxes[..., 2:] - from_masks[..., 2:])[seen].min() > -0.51


@pytest.mark.parametrize("augment", [*EXACT[:-1], CutMix(3)], ids=repr)
def test_masks_move_exactly_as_images(augment: Augmentation) -> None:
    numbers = torch.randint(0, 5, (6, *SIZE))
    choice = augment.sample(torch.Generator().manual_seed(0), 6)
    as_images = augment.apply(numbers[:, None].float(), choice)[:, 0]
    for dtype in (torch.int64, torch.uint8, torch.float32):
        masks = augment.apply_masks(numbers.to(dtype), choice)
        assert masks.dtype == dtype and torch.equal(masks.float(), as_images)
    assert torch.equal(augment.apply_masks(numbers[:, None, None], choice)[:, 0, 0].float(), as_images)


@rounded
def test_masks_are_never_blended(augment: Augmentation) -> None:
    numbers = torch.full((6, *SIZE), 7)
    numbers[:, 4:12, 5:20] = 2
    choice = augment.sample(torch.Generator().manual_seed(0), 6)
    masks = augment.apply_masks(numbers, choice)
    assert set(masks.unique().tolist()) <= {0, 2, 7}
    blended = augment.apply((numbers[:, None] == 2).float(), choice)[:, 0]
    assert ((blended > 0.5) == (masks == 2)).float().mean() > 0.97  # and yet they agree


def test_a_mirrored_piece_of_a_thing_is_within_its_box() -> None:
    masks = torch.zeros(1, 1, 8, dtype=torch.int64)
    masks[0, 0, 1:3] = 1
    shift = {"shift": torch.tensor([[0, -3]])}
    wide = masks.expand(1, 8, 8)
    assert ShiftCrop(3).apply_masks(wide, shift)[0, 0].tolist() == [0, 1, 1, 0, 1, 1, 0, 0]
    assert ShiftCrop(3).apply_boxes(boxes_of(wide), shift, (8, 8)).tolist() == [[1, 0, 6, 8]]
    assert ShiftCrop(3, "zero").apply_boxes(boxes_of(wide), shift, (8, 8)).tolist() == [[4, 0, 6, 8]]


def test_what_has_left_the_picture_and_what_never_was_are_four_zeros() -> None:
    boxes = torch.tensor([[[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0], [5.0, 3.0, 8.0, 8.0]]])
    gone = ShiftCrop(4, "zero").apply_boxes(boxes, {"shift": torch.tensor([[0, 3]])}, (8, 8))
    assert gone.tolist() == [[[0, 0, 0, 0], [0, 0, 0, 0], [2, 3, 5, 8]]]
    for augment in (*EXACT, *ROUNDED):
        choice = augment.sample(torch.Generator().manual_seed(0), 3)
        assert not augment.apply_boxes(torch.zeros(3, 2, 4), choice, SIZE).any()


def test_boxes_of_empty_and_full_masks() -> None:
    masks = torch.zeros(2, 3, 4)
    masks[1] = 0.5
    assert boxes_of(masks).tolist() == [[0, 0, 0, 0], [0, 0, 4, 3]]
    assert boxes_of(masks[0]).tolist() == [0, 0, 0, 0]


def test_a_mirrored_plane_gives_no_boxes() -> None:
    augment = Rotate(10, "mirror")
    with pytest.raises(ValueError, match=r"border='mirror': boxes are moved for border='zero' only; take boxes_of"):
        augment.apply_boxes(torch.zeros(1, 4), augment.sample(torch.Generator(), 1), SIZE)
