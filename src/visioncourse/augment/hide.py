"""Augmentations that spoil a part of what is seen: noise, and squares cut out."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from visioncourse.augment.base import Choice, Still
from visioncourse.augment.draws import fitting, number, seeds, uniform, whole


class Noise(Still):
    """Add Gaussian noise to every value, and keep the values in [0, 1].

    The choice holds a seed for each image, so that applying it twice, or on another device, adds the same noise.

    Args:
        strength: standard deviation of the noise; at least 0.

    >>> Noise(0.1)(torch.full((2, 1, 8, 8), 0.5), None, torch.Generator())[0].std() < 0.2
    tensor(True)
    """

    def __init__(self, strength: int | float) -> None:
        self.strength = number("strength", strength, 0)

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``seed``, one whole number an image."""
        return {"seed": seeds(generator, batch)}

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Add the noise that belongs to each seed to images in [0, 1]."""
        draw, noise = torch.Generator(), torch.empty(images.shape)
        for values, seed in zip(noise, choice["seed"].tolist(), strict=True):
            values.normal_(generator=draw.manual_seed(seed))
        return (images + self.strength * noise.to(images)).clamp(0, 1)


class Cutout(Still):
    """Paint a square over each image, its centre anywhere; masks and boxes stay, though the thing may be hidden.

    Source: DeVries and Taylor (2017), Improved regularization of convolutional neural networks with Cutout.

    Args:
        side: of the square, pixels; at most the side of the images. At the border a part of it falls outside.
        fill: value that is painted.

    >>> Cutout(1, fill=7.0).apply(torch.zeros(1, 1, 1, 2), {"centre": torch.tensor([[0.0, 0.9]])}).tolist()
    [[[[0.0, 7.0]]]]
    """

    def __init__(self, side: int, fill: int | float = 0.0) -> None:
        self.side = whole("side", side)
        self.fill = fill

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``centre``: row and column, ``(b, 2)``, as shares of height and width."""
        return {"centre": uniform(generator, (batch, 2))}

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Paint the squares.

        Raises:
            ValueError: for images smaller than the square.
        """
        size = tuple(images.shape[2:])
        fitting("side", self.side, size)
        sides = torch.full((len(images), 2), self.side)
        hole = rectangles(choice["centre"], sides, size).to(images)
        kept = images * (1 - hole)  # faster than masked_fill, which is slow where channels share a mask
        return kept + self.fill * hole if self.fill else kept


def rectangles(
    centres: Float[Tensor, "b 2"], sides: Int[Tensor, "b 2"], size: tuple[int, ...]
) -> Float[Tensor, "b 1 h w"]:
    """Return 1 inside a rectangle and 0 outside, one rectangle an image.

    Args:
        centres: row and column, as shares of height and width.
        sides: height and width in pixels.
        size: height and width of the images.
    """
    inside = []
    for axis, length in enumerate(size):
        start = (centres[:, axis, None] * length).long() - sides[:, axis, None].to(centres.device) // 2
        place = torch.arange(length, device=centres.device) - start
        inside.append(((place >= 0) & (place < sides[:, axis, None].to(centres.device))).float())
    return (inside[0][:, :, None] * inside[1][:, None, :])[:, None]
