"""Mixup and CutMix: labels are mixed exactly as the images are."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_train_command import one_of_two

from visioncourse.augment import Augmentation, Compose, Crop, CutMix, Flip, Maybe, Mixup, rows

KINDS = 4
MIXING = [Mixup(KINDS), Mixup(KINDS, 1), CutMix(KINDS), CutMix(KINDS, 0.3)]
MADE = [Compose([Flip(), CutMix(KINDS)]), Maybe(Mixup(KINDS), 0.5), Compose([Crop(5), CutMix(KINDS), Mixup(KINDS)])]
each = pytest.mark.parametrize("augment", [*MIXING, *MADE], ids=repr)


def drawn(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@each
@settings(max_examples=30)
@given(st.integers(1, 8), st.integers(0, 1000))
def test_labels_are_mixed_as_the_images_are(augment: Augmentation, batch: int, seed: int) -> None:
    labels = torch.randint(0, KINDS, (batch,), generator=drawn(seed))
    images = torch.nn.functional.one_hot(labels, KINDS).float()[:, :, None, None].expand(batch, KINDS, 9, 7)
    mixed, soft = augment(images, labels, drawn(seed))
    assert torch.allclose(mixed.mean((2, 3)), soft, atol=1e-5)
    assert torch.allclose(soft.sum(1), torch.ones(batch), atol=1e-5)
    again, softer = augment(images, images[:, :, 0, 0], drawn(seed))  # labels that are soft already
    assert torch.equal(again, mixed) and torch.equal(softer, soft)


def test_shares_follow_their_distribution() -> None:
    even, few = (Mixup(10, alpha).sample(drawn(0), 4000)["share"] for alpha in (1.0, 0.2))
    assert float(even.mean()) == pytest.approx(0.5, abs=0.02) and float(even.var()) == pytest.approx(1 / 12, abs=0.01)
    assert float(few.mean()) == pytest.approx(0.5, abs=0.02) and float(few.var()) == pytest.approx(1 / 5.6, abs=0.01)
    assert sorted(Mixup(10).sample(drawn(0), 50)["partner"].tolist()) == list(range(50))


def test_cutmix_pastes_one_rectangle() -> None:
    images = torch.arange(100.0).reshape(100, 1, 1, 1).expand(100, 1, 8, 8)
    mixed, soft = CutMix(100)(images, torch.arange(100), drawn(0))
    for number, (image, label) in enumerate(zip(mixed[:, 0], soft, strict=True)):
        pasted = (image != number).nonzero()
        sides = (pasted.amax(0) - pasted.amin(0) + 1) if len(pasted) else torch.zeros(2)
        assert int(sides.prod()) == len(pasted)
        assert float(label[number]) == pytest.approx(1 - len(pasted) / 64)


@each
def test_a_choice_with_partners_cannot_be_cut(augment: Augmentation) -> None:
    with pytest.raises(ValueError, match=r"mix images of the whole batch, so their choice cannot be cut into parts"):
        rows(augment.sample(drawn(0), 4), 0, 2)
    with pytest.raises(ValueError, match=r"train with one process, or leave them out\."):
        one_of_two(augment).change(torch.rand(2, 1, 8, 8), torch.tensor([0, 1]), 4)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (torch.tensor([0, 4]), r"labels go from 0 to 4: expected 0 to 3, for num_classes=4\."),
        (torch.tensor([-1, 2]), r"labels go from -1 to 2: expected 0 to 3"),
        (torch.tensor([0.5, 2.0]), r"labels are \(2,\): expected whole numbers \(b,\), or soft labels \(b, 4\)\."),
        (torch.rand(2, 5), r"labels are \(2, 5\): expected whole numbers"),
        (None, r"labels are NoneType: expected whole numbers"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Mixup(KINDS)(torch.rand(2, 1, 8, 8), labels, drawn(0))
