"""What every augmentation offers, and how a choice is cut into parts."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

Choice = dict[str, Any]
"""Tensors whose first axis counts images, by name; a value may be such a dict itself."""

PARTNER = "partner"
"""Name of the entry that says, for each image, which other one of the batch it is mixed with."""


class Augmentation:
    """Base: a subclass gives ``sample`` and ``apply``; the whole can be handed to ``fit(augment=...)``.

    An augmentation that moves things gives ``apply_masks`` and ``apply_boxes`` too; one that moves nothing inherits
    them from ``Still``.
    """

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw a choice for each of ``batch`` images."""
        raise NotImplementedError

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c i j"]:
        """Carry a choice out; the images that came in are left as they are."""
        raise NotImplementedError

    def apply_masks(self, masks: Shaped[Tensor, "b *m h w"], choice: Choice) -> Shaped[Tensor, "b *m i j"]:
        """Carry the same choice out on masks: bools or whole numbers below 2**24, never blended.

        Raises:
            TypeError: where the augmentation does not say what becomes of masks.
        """
        raise TypeError(f"{self!r} does not say what becomes of masks: expected a method apply_masks.")

    def apply_boxes(
        self, boxes: Float[Tensor, "b *k 4"], choice: Choice, size: tuple[int, int]
    ) -> Float[Tensor, "b *k 4"]:
        """Carry the same choice out on boxes.

        Args:
            boxes: left, top, right and bottom edge in pixels; a pixel is one wide, so the whole picture is
                (0, 0, width, height). Four zeros stand for no box, and come back for one that has left the picture.
            choice: as drawn by ``sample``.
            size: height and width of the images, before.

        Raises:
            TypeError: where the augmentation does not say what becomes of boxes.
        """
        raise TypeError(f"{self!r} does not say what becomes of boxes: expected a method apply_boxes.")

    def apply_labels(self, labels: Any, choice: Choice, size: tuple[int, int]) -> Any:
        """Return the labels of the changed images; most augmentations change none.

        Args:
            labels: ``(b,)``, or soft ``(b, k)``.
            choice: as drawn by ``sample``.
            size: height and width of the images, before.
        """
        return labels

    def resized(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return height and width of the images that ``apply`` makes of images of this size."""
        return size

    def replay(self, images: Any, labels: Any, choice: Choice) -> tuple[Any, Any]:
        """Carry a choice out on images and their labels."""
        return self.apply(images, choice), self.apply_labels(labels, choice, tuple(images.shape[-2:]))

    def __call__(self, images: Any, labels: Any, generator: torch.Generator) -> tuple[Any, Any]:
        """Draw and apply in one go, as ``fit`` does."""
        return self.replay(images, labels, self.sample(generator, len(images)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class Still(Augmentation):
    """Base of augmentations that change brightness or colour and move nothing: masks and boxes stay as they are."""

    def apply_masks(self, masks: Shaped[Tensor, "b *m h w"], choice: Choice) -> Shaped[Tensor, "b *m h w"]:
        """Return the masks: nothing has moved."""
        return masks

    def apply_boxes(
        self, boxes: Float[Tensor, "b *k 4"], choice: Choice, size: tuple[int, int]
    ) -> Float[Tensor, "b *k 4"]:
        """Return the boxes: nothing has moved."""
        return boxes


def rows(choice: Choice, start: int, stop: int) -> Choice:
    """Return the choice of the images from ``start`` up to, not including, ``stop``.

    Raises:
        ValueError: where images are mixed with others of the batch, which the part may lack.

    >>> rows({"flip": torch.tensor([True, False, True])}, 1, 3)
    {'flip': tensor([False,  True])}
    """
    if PARTNER in choice:
        raise ValueError(
            "Mixup and CutMix mix images of the whole batch, so their choice cannot be cut into parts: "
            "train with one process, or leave them out."
        )
    return {
        name: rows(value, start, stop) if isinstance(value, dict) else value[start:stop]
        for name, value in choice.items()
    }
