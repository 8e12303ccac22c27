"""Sets of canvases: one digit on each (``CanvasSet``), or several (``SceneSet``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from visioncourse.data.batches import Indices, as_indices, batch_indices
from visioncourse.data.canvas_masks import SegmentationSet, Target, check_parts, semantic, target
from visioncourse.data.sets import ImageSet, check_values, choose_few, counted, kinds, title

BACKGROUND = "background"


@dataclass(frozen=True, eq=False, repr=False)
class CanvasSet(ImageSet):
    """Canvases with one digit each: an ``ImageSet`` that also knows where the digit is.

    Args:
        images: float32, shape ``(n, c, h, w)``, values in [0, 1].
        labels: int64, shape ``(n,)``: which digit it is.
        classes: name of each class.
        name: of the data set.
        split: train, valid or test.
        boxes: float32, shape ``(n, 4)``: x1, y1, x2, y2 in pixels, tight around the mask, so that
            ``image[:, y1:y2, x1:x2]`` cuts the digit out.
        masks: bool, shape ``(n, h, w)``: the pixels of the digit's ink.
    """

    boxes: Float[Tensor, "n 4"] = field(kw_only=True)
    masks: Bool[Tensor, "n h w"] = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_parts(images=self.images, boxes=self.boxes, masks=self.masks)

    def __repr__(self) -> str:
        return f"CanvasSet{super().__repr__().removeprefix('ImageSet')}"

    def subset(self, indices: Indices) -> CanvasSet:
        """Return the canvases at ``indices`` (whole numbers, or one bool per image), in that order."""
        at = as_indices(indices, len(self))
        plain = super().subset(at)
        return CanvasSet(
            plain.images, plain.labels, self.classes, self.name, self.split, boxes=self.boxes[at], masks=self.masks[at]
        )

    def few(self, per_class: int, seed: int = 0) -> CanvasSet:
        """Return ``per_class`` random canvases of every class; as ``ImageSet.few``."""
        return self.subset(choose_few(self.labels, self.classes, per_class, seed))

    def target(self, index: int) -> Target:
        """Return what is on one canvas as a detector's target; as ``SceneSet.target``, with one digit."""
        (at,) = as_indices([index], len(self)).tolist()
        return target(self.boxes[at, None], self.labels[at, None], self.masks[at].to(torch.uint8))

    def segmentation(self) -> SegmentationSet:
        """Return the same images with a class for every pixel: ``background``, or the digit's."""
        masks = semantic(self.masks.to(torch.uint8), self.labels[:, None])
        return SegmentationSet(self.images, masks, (BACKGROUND, *self.classes), self.name, self.split)


@dataclass(frozen=True, eq=False, repr=False)
class SceneSet:
    """Canvases with several digits each, or with none.

    Args:
        images: float32, shape ``(n, c, h, w)``, values in [0, 1].
        labels: for each image the classes of its digits, int64, shape ``(k,)``.
        boxes: for each image the boxes of its digits, float32, shape ``(k, 4)``: x1, y1, x2, y2 in pixels, tight
            around what is visible of the digit; ``image[:, y1:y2, x1:x2]`` cuts it out.
        masks: uint8, shape ``(n, h, w)``: 0 where there is no digit, else the digit's number, from 1 on, in the order
            of ``labels`` and ``boxes``.
        classes: name of each class.
        name: of the data set.
        split: train, valid or test.

    Raises:
        ValueError: parts that are not equally long, an empty set, values of images outside [0, 1].
    """

    images: Float[Tensor, "n c h w"]
    labels: tuple[Int[Tensor, " _"], ...]
    boxes: tuple[Float[Tensor, "_ 4"], ...]
    masks: UInt8[Tensor, "n h w"]
    classes: tuple[str, ...]
    name: str = ""
    split: str = ""

    def __post_init__(self) -> None:
        check_parts(images=self.images, labels=self.labels, boxes=self.boxes, masks=self.masks)
        uneven = [at for at in range(len(self)) if len(self.labels[at]) != len(self.boxes[at])]
        if uneven:
            at = uneven[0]
            pair = f"{len(self.labels[at])} labels and {len(self.boxes[at])} boxes"
            raise ValueError(f"each image needs as many labels as boxes, but image {at} has {pair}")
        check_values(self.images)

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        shape = "×".join(str(side) for side in self.images.shape[1:])
        numbers = sorted({len(labels) for labels in self.labels})
        each = counted(numbers[-1], "digit") if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]} digits"
        what = f"{counted(len(self), 'image')} of {shape}, {each} each, {kinds(self)}"
        return f"SceneSet{title(self.name, self.split)}: {what}"

    def subset(self, indices: Indices) -> SceneSet:
        """Return the canvases at ``indices`` (whole numbers, or one bool per image), in that order."""
        at = as_indices(indices, len(self))
        labels, boxes = (tuple(part[one] for one in at.tolist()) for part in (self.labels, self.boxes))
        return SceneSet(self.images[at], labels, boxes, self.masks[at], self.classes, self.name, self.split)

    def target(self, index: int) -> Target:
        """Return what is on one canvas: ``boxes`` (k, 4), ``labels`` (k,) and ``masks`` (k, h, w) of bool.

        torchmetrics takes it as it is. torchvision's own detectors count the background as class 0: add 1 to the
        labels for them.
        """
        (at,) = as_indices([index], len(self)).tolist()
        return target(self.boxes[at], self.labels[at], self.masks[at])

    def batches(
        self,
        batch_size: int = 64,
        shuffle: bool = False,
        generator: torch.Generator | None = None,
        share: tuple[int, int] | None = None,
    ) -> Iterator[tuple[Float[Tensor, "b c h w"], list[Target]]]:
        """Yield ``(images, targets)`` batches, one ``target`` an image; otherwise as ``ImageSet.batches``."""
        portions = batch_indices(len(self), batch_size, shuffle, generator, share)
        return ((self.images[portion], [self.target(at) for at in portion.tolist()]) for portion in portions)

    def segmentation(self) -> SegmentationSet:
        """Return the same images with a class for every pixel: ``background``, or that of the digit it belongs to."""
        masks = semantic(self.masks, pad_sequence(list(self.labels), batch_first=True))
        return SegmentationSet(self.images, masks, (BACKGROUND, *self.classes), self.name, self.split)
