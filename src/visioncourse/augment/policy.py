"""Torchvision's automatic policies, or any other transform of one image, beside the augmentations of this package."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from visioncourse.augment.base import Augmentation, Choice
from visioncourse.augment.draws import seeds


class Policy(Augmentation):
    """Apply a transform to each image by itself, as torchvision's policies expect: bytes from 0 to 255.

    The transform draws from torch's own random numbers, which are seeded for each image from the choice and put back
    afterwards. Masks and boxes are refused, because the transform does not tell where things have moved.

    Args:
        transform: maps an image, uint8 ``(c, h, w)``, to one of the same shape, such as
            ``torchvision.transforms.v2.TrivialAugmentWide()`` (Müller and Hutter 2021) or ``RandAugment()`` (Cubuk and
            others 2020).

    >>> from torchvision.transforms import v2
    >>> Policy(v2.RandAugment())(torch.rand(2, 3, 8, 8), None, torch.Generator())[0].shape
    torch.Size([2, 3, 8, 8])
    """

    def __init__(self, transform: Callable[[Any], Any]) -> None:
        if not callable(transform):
            raise TypeError(f"transform={transform!r}: expected a function of one image.")
        self.transform = transform

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``seed``, one whole number an image."""
        return {"seed": seeds(generator, batch)}

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Transform each image, values in [0, 1], on the processor.

        Raises:
            ValueError: where the transform changes the shape.
        """
        pixels = (images.detach().cpu() * 255).round().clamp(0, 255).to(torch.uint8)
        changed = torch.empty(pixels.shape)
        with torch.random.fork_rng(devices=[]):
            for place, seed in enumerate(choice["seed"].tolist()):
                torch.default_generator.manual_seed(seed)
                changed[place] = self.one(pixels[place])
        return changed.to(images)

    def one(self, pixels: Tensor) -> Tensor:
        """Transform one image of bytes, and return it with values in [0, 1]."""
        image: Tensor = self.transform(pixels)
        if not isinstance(image, Tensor) or image.shape != pixels.shape:
            form = tuple(image.shape) if isinstance(image, Tensor) else type(image).__name__
            raise ValueError(
                f"transform={self.transform!r} makes {form} of an image of shape {tuple(pixels.shape)}: "
                "expected the same shape."
            )
        return image if image.is_floating_point() else image / 255
