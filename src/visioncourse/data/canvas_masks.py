"""From masks to boxes, to targets of detectors, and to targets of segmentation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from visioncourse.data.batches import Indices, as_indices, batch_indices
from visioncourse.data.sets import check_values, counted, title

Target = dict[str, Tensor]
"""What is on one image, as torchvision's detectors and torchmetrics take it: ``boxes`` (k, 4), ``labels`` (k,),
``masks`` (k, h, w)."""


def target(boxes: Float[Tensor, "k 4"], labels: Int[Tensor, " k"], instances: UInt8[Tensor, "h w"]) -> Target:
    """Return what is on one image; digit ``i`` owns the pixels of ``instances`` that are ``i + 1``."""
    numbers = torch.arange(1, len(labels) + 1, dtype=torch.uint8)[:, None, None]
    return {"boxes": boxes, "labels": labels, "masks": instances == numbers}


def semantic(instances: UInt8[Tensor, "n h w"], labels: Int[Tensor, "n k"]) -> UInt8[Tensor, "n h w"]:
    """Return the class of every pixel: 0 where there is no digit, else the digit's label + 1.

    Args:
        instances: number of the digit that owns the pixel, 0 for none.
        labels: of digits 1 to ``k`` of each image, in that order; any value where an image has fewer.
    """
    classes = torch.zeros_like(instances)
    for slot in range(labels.shape[1]):
        value = (labels[:, slot] + 1).to(torch.uint8)[:, None, None]
        classes = torch.where(instances == slot + 1, value, classes)
    return classes


def check_parts(**parts: Any) -> None:
    """Raise ValueError unless parts are equally many, at least one, and masks as high and wide as images.

    >>> check_parts(images=torch.zeros(2, 1, 8, 8), masks=torch.zeros(3, 8, 8))
    Traceback (most recent call last):
    ValueError: images and masks must be equally many, got 2 and 3
    """
    *first, last = parts
    numbers = [len(part) for part in parts.values()]
    if len(set(numbers)) > 1:
        got = f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
        raise ValueError(f"{', '.join(first)} and {last} must be equally many, got {got}")
    if numbers[0] == 0:
        raise ValueError("images is empty: a set needs at least one image")
    images, masks = tuple(parts["images"].shape[2:]), tuple(parts["masks"].shape[1:])
    if images != masks:
        raise ValueError(f"images and masks must be equally high and wide, got {images} and {masks}")


@dataclass(frozen=True, eq=False, repr=False)
class SegmentationSet:
    """Images with the class of every pixel; can be handed to ``fit``.

    Args:
        images: float32, shape ``(n, c, h, w)``, values in [0, 1].
        masks: uint8, shape ``(n, h, w)``, each an index into ``classes``.
        classes: name of each class, the background first.
        name: of the data set.
        split: train, valid or test.

    Raises:
        ValueError: values of images outside [0, 1], an empty set, masks that name no class.
    """

    images: Float[Tensor, "n c h w"]
    masks: UInt8[Tensor, "n h w"]
    classes: tuple[str, ...]
    name: str = ""
    split: str = ""

    def __post_init__(self) -> None:
        check_parts(images=self.images, masks=self.masks)
        check_values(self.images)
        if int(self.masks.max()) >= len(self.classes):
            raise ValueError(f"masks must lie in 0..{len(self.classes) - 1}, got {int(self.masks.max())}")

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        shape = "×".join(str(side) for side in self.images.shape[1:])
        what = f"{counted(len(self), 'image')} of {shape}, {counted(len(self.classes), 'class')} of pixels"
        return f"SegmentationSet{title(self.name, self.split)}: {what}"

    def subset(self, indices: Indices) -> SegmentationSet:
        """Return the images at ``indices`` (whole numbers, or one bool per image), in that order."""
        index = as_indices(indices, len(self))
        return SegmentationSet(self.images[index], self.masks[index], self.classes, self.name, self.split)

    def batches(
        self,
        batch_size: int = 64,
        shuffle: bool = False,
        generator: torch.Generator | None = None,
        share: tuple[int, int] | None = None,
    ) -> Iterator[tuple[Float[Tensor, "b c h w"], Int[Tensor, "b h w"]]]:
        """Yield ``(images, masks)`` batches, masks int64 as cross-entropy wants them; as ``ImageSet.batches``."""
        portions = batch_indices(len(self), batch_size, shuffle, generator, share)
        return ((self.images[portion], self.masks[portion].long()) for portion in portions)
