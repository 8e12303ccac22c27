"""Augmentations: the choice can be replayed, cut and checked by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_train_command import one_of_two
from torch import Tensor
from torchvision.transforms import v2
from training_toys import toy_model, toy_set, train_toy

from visioncourse.augment import (
    Affine,
    Augmentation,
    Brightness,
    Choice,
    Colour,
    Compose,
    Contrast,
    Crop,
    CutMix,
    Cutout,
    Flip,
    Maybe,
    Mixup,
    Noise,
    Policy,
    Rotate,
    ShiftCrop,
    Still,
    rows,
)
from visioncourse.augment.combine import require_augmentation

MOVING = [Flip(), ShiftCrop(2), ShiftCrop(3, "zero"), Crop(4), Affine(20, 0.3, 10, 2.0), Rotate(90, "mirror")]
STILL = [Brightness(0.5), Contrast(1), Colour(0.7), Noise(0.1), Cutout(3), Cutout(6, fill=0.5)]
MIXING = [Mixup(4), CutMix(4), Maybe(Compose([Flip(), CutMix(4)]), 0.5)]
MADE = [Compose([Flip(), ShiftCrop(3)]), Compose([Crop(5), Cutout(4)]), Maybe(Rotate(30), 0.5)]
APART = [*MOVING, *STILL, *MADE]  # those that look at each image by itself
each = pytest.mark.parametrize("augment", APART, ids=repr)


def drawn(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("augment", [*APART, Policy(v2.TrivialAugmentWide())], ids=repr)
@settings(max_examples=15)
@given(st.integers(2, 9), st.sampled_from([1, 3]), st.integers(0, 1000))
def test_a_part_is_changed_as_within_the_whole(augment: Augmentation, batch: int, chans: int, seed: int) -> None:
    images = torch.rand(batch, chans, 6, 7)
    before = images.clone()
    choice = augment.sample(drawn(seed), batch)
    whole = augment.apply(images, choice)
    cut = batch // 2
    parts = [augment.apply(images[a:b], rows(choice, a, b)) for a, b in ((0, cut), (cut, batch))]
    assert torch.allclose(torch.cat(parts), whole, atol=1e-5)
    assert torch.equal(images, before)
    assert whole.shape == (batch, chans, *augment.resized((6, 7)))
    again, labels = augment(images, torch.arange(batch), drawn(seed))
    assert torch.equal(again, whole) and torch.equal(labels, torch.arange(batch))


@pytest.mark.parametrize("augment", [*APART, *MIXING, Policy(v2.RandAugment())], ids=repr)
def test_the_seed_alone_decides(augment: Augmentation) -> None:
    images, labels = torch.rand(6, 3, 6, 7, generator=drawn(0)), torch.arange(6) % 4
    state = torch.get_rng_state()
    first, second, other = (augment(images, labels, drawn(seed)) for seed in (1, 1, 2))
    assert torch.equal(state, torch.get_rng_state())
    assert torch.equal(first[0], second[0]) and torch.equal(first[1], second[1])
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("augment", [*APART, *MIXING], ids=repr)
def test_a_choice_drawn_elsewhere_goes_to_the_images(augment: Augmentation) -> None:
    choice = augment.sample(drawn(0), 3)
    away = torch.rand(3, 3, 6, 7, device="meta")  # a device that refuses to meet another one, as CUDA does
    assert augment.apply(away, choice).device.type == "meta"
    boxes = torch.rand(3, 2, 4, device="meta")
    if augment in MIXING or "mirror" in repr(augment):
        return
    assert augment.apply_masks(away[:, 0] > 0.5, choice).dtype == torch.bool
    assert augment.apply_boxes(boxes, choice, (6, 7)).shape == boxes.shape


@each
def test_an_empty_part_stays_empty(augment: Augmentation) -> None:
    nothing = torch.rand(0, 3, 6, 7)
    assert augment(nothing, torch.zeros(0), drawn(0))[0].shape == (0, 3, *augment.resized((6, 7)))


@each
def test_gradients_find_their_way_back(augment: Augmentation) -> None:
    images = torch.full((2, 3, 6, 7), 0.5, requires_grad=True)
    augment(images, None, drawn(0))[0].sum().backward()
    assert images.grad is not None and float(images.grad.abs().sum()) > 0


@pytest.mark.parametrize("form", [torch.channels_last, torch.contiguous_format])
@each
def test_the_layout_in_memory_changes_nothing(augment: Augmentation, form: torch.memory_format) -> None:
    images = torch.rand(4, 3, 6, 7)
    choice = augment.sample(drawn(0), 4)
    other = augment.apply(images.contiguous(memory_format=form), choice)
    assert torch.allclose(other, augment.apply(images, choice), atol=1e-6)


def test_flip_mirrors_those_that_are_chosen() -> None:
    images = torch.arange(8.0).reshape(2, 1, 2, 2)
    flipped = Flip().apply(images, {"flip": torch.tensor([False, True])})
    assert flipped[0].equal(images[0]) and flipped[1].flip(2).equal(images[1])
    for probability in (0, 0.2, 0.5, 1):
        share = Flip(probability).sample(drawn(0), 10_000)["flip"].float().mean()
        assert float(share) == pytest.approx(probability, abs=0.02)


@pytest.mark.parametrize("border", ["mirror", "zero"])
@pytest.mark.parametrize(("down", "across"), [(0, 0), (2, -1), (-3, 3)])
def test_shift_moves_the_window(down: int, across: int, border: str) -> None:
    image = torch.arange(1.0, 50.0).reshape(1, 1, 7, 7)
    moved = ShiftCrop(3, border).apply(image, {"shift": torch.tensor([[down, across]])})[0, 0]
    for row in range(7):
        for column in range(7):
            y, x = row + down, column + across
            if 0 <= y < 7 and 0 <= x < 7:
                assert moved[row, column] == image[0, 0, y, x]
            elif border == "zero":
                assert moved[row, column] == 0
            else:
                assert moved[row, column] == image[0, 0, 6 - abs(6 - abs(y)), 6 - abs(6 - abs(x))]


def test_shifts_reach_both_ends_alike() -> None:
    shifts = ShiftCrop(2).sample(drawn(0), 5_000)["shift"]
    assert torch.bincount((shifts + 2).flatten()).min() > 1_800 and int(shifts.abs().max()) == 2


def test_crop_finds_every_place_alike() -> None:
    images = torch.arange(30.0).reshape(1, 1, 5, 6).expand(4_000, 1, 5, 6)
    squares, _ = Crop(3)(images, None, drawn(0))
    places = torch.bincount(squares[:, 0, 0, 0].long(), minlength=30).reshape(5, 6)
    assert places[:3, :4].min() > 250 and places.sum() == places[:3, :4].sum()
    assert torch.equal(squares[:, 0, 2, 2] - squares[:, 0, 0, 0], torch.full((4_000,), 14.0))
    assert torch.equal(Crop(5)(images[:2, :, :, :5], None, drawn(0))[0], images[:2, :, :, :5])  # nothing to choose


def test_noise_is_normal_and_each_images_own() -> None:
    noisy, _ = Noise(0.05)(torch.full((50, 1, 20, 20), 0.5), None, drawn(0))
    assert float(noisy.mean()) == pytest.approx(0.5, abs=0.002) and float(noisy.std()) == pytest.approx(0.05, abs=0.002)
    assert len(noisy[:, 0, 0, 0].unique()) == 50


def test_cutout_paints_one_square() -> None:
    images = torch.ones(500, 2, 9, 12)
    painted, _ = Cutout(4)(images, None, drawn(0))
    hidden = (painted == 0).sum((2, 3))
    assert torch.equal(hidden[:, 0], hidden[:, 1]) and int(hidden.max()) == 16 and int(hidden.min()) == 4
    assert (painted == 0).any(0).all()  # every pixel can be hidden
    assert torch.equal(Cutout(4, fill=0.25)(images, None, drawn(0))[0] == 0.25, painted == 0)


def test_factors_lie_on_both_sides_of_one() -> None:
    shares = Contrast(0.4).sample(drawn(0), 1000)["share"]
    assert 0.6 <= shares.min() < 0.61 and 1.39 < shares.max() <= 1.4
    scales = Affine(scale=0.5).sample(drawn(0), 1000)["scale"]
    assert 1 / 1.5 <= scales.min() < 0.68 and 1.48 < scales.max() <= 1.5 and float(scales.log().mean().abs()) < 0.02


def test_maybe_leaves_the_others_alone() -> None:
    images = torch.rand(1000, 1, 4, 4)
    changed, _ = Maybe(Flip(1), 0.3)(images, None, drawn(0))
    flipped = (changed == images.flip(3)).all((1, 2, 3))
    assert float(flipped.float().mean()) == pytest.approx(0.3, abs=0.03)
    assert torch.equal(changed[~flipped], images[~flipped])


class Relabel(Still):
    """Change every label, and no image."""

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        return {"label": torch.randint(9, (batch,), generator=generator)}

    def apply(self, images: Tensor, choice: Choice) -> Tensor:
        return images

    def apply_labels(self, labels: Any, choice: Choice, size: tuple[int, int]) -> Any:
        return choice["label"]


def test_labels_are_changed_in_every_process_as_in_one() -> None:
    images, labels = torch.rand(4, 1, 4, 4), torch.zeros(4, dtype=torch.int64)
    whole = Relabel()(images, labels, drawn(0))[1]
    assert torch.equal(one_of_two(Relabel()).change(images[2:], labels[2:], 4)[1], whole[2:])


def test_training_takes_any_of_them() -> None:
    steps = [
        ShiftCrop(1),
        Maybe(Compose([Rotate(10), Noise(0.05), Cutout(2)]), 0.5),
        Policy(v2.RandAugment(1)),
        CutMix(4),
    ]
    history = train_toy(toy_model(), epochs=10, augment=Compose(steps), valid=toy_set(32, seed=1))
    assert history.valid_accuracy[-1] > 0.9
    again = train_toy(toy_model(), epochs=10, augment=Compose(steps), valid=toy_set(32, seed=1))
    assert again.loss == history.loss


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: ShiftCrop(0), r"pixels=0: expected a whole number of at least 1\."),
        (lambda: Crop(-3), r"side=-3: expected a whole number of at least 1\."),
        (lambda: Cutout(0), r"side=0: expected a whole number of at least 1\."),
        (lambda: Flip(1.5), r"probability=1\.5: expected a number from 0 to 1\."),
        (lambda: Flip(float("nan")), r"probability=nan: expected a number from 0 to 1\."),
        (lambda: Maybe(Flip(), -0.1), r"probability=-0\.1: expected a number from 0 to 1\."),
        (lambda: Brightness(-1), r"strength=-1: expected a number from 0 to 1\."),
        (lambda: Contrast(1.2), r"strength=1\.2: expected a number from 0 to 1\."),
        (lambda: Colour(True), r"strength=True: expected a number from 0 to 1\."),
        (lambda: Noise(-0.5), r"strength=-0\.5: expected a number of at least 0\."),
        (lambda: Noise(float("inf")), r"strength=inf: expected a number of at least 0\."),
        (lambda: Rotate(200), r"degrees=200: expected a number from 0 to 180\."),
        (lambda: Affine(shear=90), r"shear=90: expected a number from 0 to below 90\."),
        (lambda: Affine(scale=-0.5), r"scale=-0\.5: expected a number of at least 0\."),
        (lambda: Affine(shift=-1), r"shift=-1: expected a number of at least 0\."),
        (lambda: ShiftCrop(2, "miror"), r"unknown border 'miror': did you mean mirror\? Known: mirror, zero\."),
        (lambda: Mixup(1), r"num_classes=1: expected a whole number of at least 2\."),
        (lambda: CutMix(10, alpha=-1), r"alpha=-1: expected a number of at least 0\.001\."),
    ],
)
def test_what_cannot_be_is_refused(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.parametrize(
    ("augment", "sentence"),
    [
        (ShiftCrop(4), r"pixels=4: expected less than the side of the images, 4\."),
        (Affine(shift=4), r"shift=4: expected less than the side of the images, 4\."),
        (Crop(5), r"side=5: expected at most the side of the images, 4\."),
        (Cutout(5), r"side=5: expected at most the side of the images, 4\."),
        (Colour(0.5), r"images have 2 channels: Colour expects 1 \(grey\) or 3"),
        (
            Maybe(Crop(2), 0.5),
            r"Crop\(side=2\) makes \(2, 2, 2\) of \(2, 4, 8\): Maybe expects an augmentation that keeps",
        ),
        (Policy(v2.CenterCrop(2)), r"makes \(2, 2, 2\) of an image of shape \(2, 4, 8\): expected the same shape\."),
        (Policy(str), r"makes str of an image"),
    ],
    ids=repr,
)
def test_images_that_do_not_fit_are_refused(augment: Augmentation, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        augment(torch.rand(1, 2, 4, 8), torch.zeros(1), drawn(0))


def test_other_things_are_no_augmentations() -> None:
    with pytest.raises(TypeError, match=r"steps: RandomHorizontalFlip.* is no .*Augmentation; Policy makes one"):
        require_augmentation("steps", v2.RandomHorizontalFlip())
    for make in (lambda: Compose([3]), lambda: Maybe(3, 0.5), lambda: Policy(3)):
        with pytest.raises(TypeError):
            make()
    choice = Policy(v2.RandAugment()).sample(drawn(0), 1)
    with pytest.raises(TypeError, match=r"does not say what becomes of masks: expected a method apply_masks\."):
        Policy(v2.RandAugment()).apply_masks(torch.zeros(1, 4, 4), choice)
    with pytest.raises(TypeError, match=r"Mixup\(.*\) does not say what becomes of boxes"):
        Compose([Mixup(3)]).apply_boxes(torch.zeros(1, 4), {"0": Mixup(3).sample(drawn(0), 1)}, (4, 4))
