"""Augmentations: the choice can be replayed, cut and checked by hand."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from visioncourse.augment import Augmentation, Compose, Flip, ShiftCrop, rows

EVERY = [Flip(), ShiftCrop(2), Compose([Flip(), ShiftCrop(3)])]


def drawn(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("augment", EVERY, ids=lambda one: type(one).__name__)
@given(st.integers(2, 9), st.integers(1, 3), st.integers(0, 1000))
def test_a_part_is_changed_as_within_the_whole(augment: Augmentation, batch: int, chans: int, seed: int) -> None:
    images = torch.rand(batch, chans, 6, 7)
    before = images.clone()
    choice = augment.sample(drawn(seed), batch)
    whole = augment.apply(images, choice)
    cut = batch // 2
    parts = [augment.apply(images[a:b], rows(choice, a, b)) for a, b in ((0, cut), (cut, batch))]
    assert torch.equal(torch.cat(parts), whole)
    assert torch.equal(images, before)
    assert whole.shape == images.shape
    again, labels = augment(images, torch.arange(batch), drawn(seed))
    assert torch.equal(again, whole) and torch.equal(labels, torch.arange(batch))


def test_flip_mirrors_those_that_are_chosen() -> None:
    images = torch.arange(8.0).reshape(2, 1, 2, 2)
    flipped = Flip().apply(images, {"flip": torch.tensor([False, True])})
    assert flipped[0].equal(images[0]) and flipped[1].flip(2).equal(images[1])
    share = Flip().sample(drawn(0), 10_000)["flip"].float().mean()
    assert float(share) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(("down", "across"), [(0, 0), (2, -1), (-3, 3)])
def test_shift_moves_the_window(down: int, across: int) -> None:
    image = torch.arange(49.0).reshape(1, 1, 7, 7)
    moved = ShiftCrop(3).apply(image, {"shift": torch.tensor([[down, across]])})[0, 0]
    for row in range(7):
        for column in range(7):
            y, x = row + down, column + across
            if 0 <= y < 7 and 0 <= x < 7:
                assert moved[row, column] == image[0, 0, y, x]


def test_shifts_reach_both_ends_alike() -> None:
    shifts = ShiftCrop(2).sample(drawn(0), 5_000)["shift"]
    assert torch.bincount((shifts + 2).flatten()).min() > 1_800 and int(shifts.abs().max()) == 2


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="pixels=0: expected a whole number"):
        ShiftCrop(0)
    with pytest.raises(ValueError, match="pixels=4: expected less than the side of the images, 4"):
        ShiftCrop(4)(torch.rand(1, 1, 4, 8), torch.zeros(1), drawn(0))
