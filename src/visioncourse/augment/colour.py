"""Augmentations of brightness, contrast and colour, each image by its own factor."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from visioncourse.augment.base import Choice, Still
from visioncourse.augment.boxes import each
from visioncourse.augment.draws import number, uniform

GREY = (0.2989, 0.587, 0.114)  # shares of red, green and blue in how bright we see (ITU-R BT.601), as torchvision has


class Blend(Still):
    """Base: blend each image with a dull copy, or go away from it, and keep the values in [0, 1].

    Args:
        strength: from 0 to 1; the image's share is drawn from 1 - strength to 1 + strength.
    """

    def __init__(self, strength: int | float) -> None:
        self.strength = number("strength", strength, 0, 1)

    def dull(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b _ _ _"]:
        """Return what an image becomes where its share is 0."""
        raise NotImplementedError

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``share``, one number an image."""
        return {"share": uniform(generator, (batch,), 1 - self.strength, 1 + self.strength)}

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Blend images in [0, 1]."""
        share = each(choice["share"].to(images.dtype), images)
        return (images * share + self.dull(images) * (1 - share)).clamp(0, 1)


class Brightness(Blend):
    """Make images brighter or darker.

    >>> Brightness(0.5).apply(torch.full((1, 1, 1, 1), 0.5), {"share": torch.tensor([1.5])}).item()
    0.75
    """

    def dull(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b _ _ _"]:
        """Return black."""
        return images.new_zeros(len(images), 1, 1, 1)


class Contrast(Blend):
    """Move all pixels towards the mean grey of their image, or away from it.

    >>> Contrast(0.5).apply(torch.tensor([[[[0.2, 0.6]]]]), {"share": torch.tensor([0.5])}).round(decimals=2)
    tensor([[[[0.3000, 0.5000]]]])
    """

    def dull(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b _ _ _"]:
        """Return the mean grey."""
        return grey(images).mean((2, 3), keepdim=True)


class Colour(Blend):
    """Make colours paler or stronger; images of one channel stay as they are.

    >>> Colour(1.0).apply(torch.tensor([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1), {"share": torch.zeros(1)}).flatten()
    tensor([0.2989, 0.2989, 0.2989])
    """

    def dull(self, images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b _ _ _"]:
        """Return the image in grey.

        Raises:
            ValueError: for images of neither one nor three channels.
        """
        if images.shape[1] not in (1, 3):
            raise ValueError(
                f"images have {images.shape[1]} channels: Colour expects 1 (grey) or 3 (red, green, blue)."
            )
        return grey(images)


def grey(images: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 1 h w"]:
    """Return how bright each pixel looks; the mean of the channels where they are not three."""
    if images.shape[1] != 3:
        return images.mean(1, keepdim=True)
    shares = torch.tensor(GREY, dtype=images.dtype, device=images.device).reshape(3, 1, 1)
    return (images * shares).sum(1, keepdim=True)
