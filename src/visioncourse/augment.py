"""Batched augmentations: what is drawn at random is kept apart from what is done with it.

``sample(generator, batch)`` draws a choice for each of ``batch`` images, and ``apply(images, choice)`` carries it out
without any chance. So a choice can be repeated, cut into the parts of several processes, or applied to masks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

Choice = dict[str, Any]
"""Tensors whose first axis counts images, by name; a value may be such a dict itself."""


class Augmentation:
    """Base: a subclass gives ``sample`` and ``apply``; the whole can be handed to ``fit(augment=...)``."""

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw a choice for each of ``batch`` images."""
        raise NotImplementedError

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Carry a choice out; the images that came in are left as they are."""
        raise NotImplementedError

    def __call__(self, images: Any, labels: Any, generator: torch.Generator) -> tuple[Any, Any]:
        """Draw and apply in one go, as ``fit`` does."""
        return self.apply(images, self.sample(generator, len(images))), labels


def rows(choice: Choice, start: int, stop: int) -> Choice:
    """Return the choice of the images from ``start`` up to, not including, ``stop``.

    >>> rows({"flip": torch.tensor([True, False, True])}, 1, 3)
    {'flip': tensor([False,  True])}
    """
    return {
        name: rows(value, start, stop) if isinstance(value, dict) else value[start:stop]
        for name, value in choice.items()
    }


class Flip(Augmentation):
    """Mirror left and right, each image with probability one half.

    >>> Flip().apply(torch.tensor([[[[1.0, 2.0]]]]), {"flip": torch.tensor([True])}).tolist()
    [[[[2.0, 1.0]]]]
    """

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``flip``, one bool an image."""
        return {"flip": torch.rand(batch, generator=generator) < 0.5}

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Mirror the chosen images."""
        flip = choice["flip"].to(images.device)[:, None, None, None]
        return torch.where(flip, images.flip(3), images)


class ShiftCrop(Augmentation):
    """Move each image by up to ``pixels`` in both directions; what comes in at the border is its mirror image.

    Args:
        pixels: largest shift; at least 1, and less than the side of the images.

    >>> ShiftCrop(1).apply(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), {"shift": torch.tensor([[0, 1]])}).tolist()
    [[[[2.0, 1.0], [4.0, 3.0]]]]
    """

    def __init__(self, pixels: int) -> None:
        if not isinstance(pixels, int) or pixels < 1:
            raise ValueError(f"pixels={pixels!r}: expected a whole number of at least 1.")
        self.pixels = pixels

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``shift``: rows and columns by which the window moves, ``(b, 2)``, from -pixels to pixels."""
        return {"shift": torch.randint(-self.pixels, self.pixels + 1, (batch, 2), generator=generator)}

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Cut the moved windows out of the padded images.

        Raises:
            ValueError: for images that are not larger than the shift.
        """
        height, width = images.shape[2:]
        if self.pixels >= min(height, width):
            raise ValueError(f"pixels={self.pixels}: expected less than the side of the images, {min(height, width)}.")
        padded = F.pad(images, [self.pixels] * 4, mode="reflect").permute(0, 2, 3, 1)  # (b, h+2p, w+2p, c)
        start = choice["shift"].to(images.device) + self.pixels  # (b, 2)
        down = start[:, 0, None] + torch.arange(height, device=images.device)  # (b, h)
        across = start[:, 1, None] + torch.arange(width, device=images.device)  # (b, w)
        image = torch.arange(len(images), device=images.device)[:, None, None]
        return padded[image, down[:, :, None], across[:, None, :]].permute(0, 3, 1, 2)


class Compose(Augmentation):
    """One augmentation after another."""

    def __init__(self, steps: Sequence[Augmentation]) -> None:
        self.steps = list(steps)

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw every step's choice; they are numbered ``"0"``, ``"1"``, ..."""
        return {str(number): step.sample(generator, batch) for number, step in enumerate(self.steps)}

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Apply every step to what the one before has made."""
        for number, step in enumerate(self.steps):
            images = step.apply(images, choice[str(number)])
        return images
