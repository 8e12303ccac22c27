"""Augmentations against torchvision: the same pixels for the same numbers, and its policies beside ours."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms.v2 import functional

from visioncourse.augment import Affine, Augmentation, Brightness, Colour, Compose, Contrast, Flip, Policy, Rotate

POLICIES = [v2.TrivialAugmentWide(), v2.RandAugment(), v2.AutoAugment(), v2.AugMix()]


def photo(seed: int = 0) -> Tensor:
    return torch.rand(1, 3, 12, 17, generator=torch.Generator().manual_seed(seed))


@settings(max_examples=30)
@given(st.floats(-180, 180), st.floats(0.5, 2), st.floats(-60, 60), st.integers(-5, 5), st.integers(-5, 5))
def test_affine_is_torchvisions(angle: float, scale: float, shear: float, down: int, across: int) -> None:
    choice = {name: torch.tensor([value]) for name, value in (("angle", angle), ("scale", scale), ("shear", shear))}
    choice |= {"shift": torch.tensor([[float(down), float(across)]])}
    numbers = {"angle": -angle, "translate": [across, down], "scale": scale, "shear": [-shear, 0.0]}
    theirs = functional.affine(photo(), **numbers, interpolation=InterpolationMode.BILINEAR)
    ours = Affine(180, 1, 60, 5).apply(photo(), choice)
    assert torch.allclose(ours, theirs, atol=2e-4)  # torchvision counts pixels in float32 from the centre


@pytest.mark.parametrize("degrees", [-90.0, 30.0, 180.0])
def test_rotation_is_torchvisions(degrees: float) -> None:
    choice = Rotate(180).sample(torch.Generator(), 1) | {"angle": torch.tensor([degrees])}
    theirs = functional.rotate(photo(), degrees, interpolation=InterpolationMode.BILINEAR)
    assert torch.allclose(Rotate(180).apply(photo(), choice), theirs, atol=2e-4)


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0, 1.7])
def test_brightness_contrast_and_colour_are_torchvisions(share: float) -> None:
    pairs = [
        (Brightness(1), functional.adjust_brightness),
        (Contrast(1), functional.adjust_contrast),
        (Colour(1), functional.adjust_saturation),
    ]
    for ours, theirs in pairs:
        for images in (photo(), photo()[:, :1]):
            expected = theirs(images, share)
            assert torch.allclose(ours.apply(images, {"share": torch.tensor([share])}), expected, atol=1e-5)


@pytest.mark.parametrize("chans", [1, 3])
@pytest.mark.parametrize("transform", POLICIES, ids=lambda one: type(one).__name__)
def test_a_policy_changes_each_image_by_its_own_seed(transform: v2.Transform, chans: int) -> None:
    images = photo()[:, :chans].expand(6, chans, 12, 17)
    augment: Augmentation = Compose([Policy(transform), Flip()])
    state = torch.get_rng_state()
    choice = augment.sample(torch.Generator().manual_seed(0), 6)
    first = augment.apply(images, choice)
    torch.rand(3)  # whatever was drawn in between
    assert torch.equal(augment.apply(images, choice), first)
    assert len(first.unique(dim=0)) > 1 and 0 <= first.min() <= first.max() <= 1
    torch.set_rng_state(state)


def test_the_global_random_state_is_left_alone_even_by_one_that_fails() -> None:
    def broken(image: Tensor) -> Tensor:
        torch.rand(1)
        raise RuntimeError("no such policy")

    state = torch.get_rng_state()
    Policy(v2.RandomErasing(1.0))(photo(), None, torch.Generator())
    with pytest.raises(RuntimeError, match="no such policy"):
        Policy(broken)(photo(), None, torch.Generator())
    assert torch.equal(state, torch.get_rng_state())


def test_a_policy_sees_bytes_and_may_return_shares() -> None:
    seen: list[torch.dtype] = []

    def look(image: Tensor) -> Tensor:
        seen.append(image.dtype)
        return image

    augment = Policy(look)
    assert (augment(photo(), None, torch.Generator())[0] - photo()).abs().max() <= 0.5 / 255 + 1e-6
    assert seen == [torch.uint8]
    half = Policy(lambda image: image.float() / 510)
    assert torch.allclose(half(photo(), None, torch.Generator())[0], photo() / 2, atol=1e-3)
