"""``ImageSet``: labelled images in memory, checked once when the set is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from visioncourse.data.batches import Indices, as_indices, batch_indices
from visioncourse.data.splits import balanced

Batch = tuple[Float[Tensor, "b c h w"], Int[Tensor, " b"]]


@dataclass(frozen=True, eq=False, repr=False)
class ImageSet:
    """Labelled images in memory.

    Args:
        images: float32, shape ``(n, c, h, w)``, values in [0, 1].
        labels: int64, shape ``(n,)``, each an index into ``classes``.
        classes: name of each class.
        name: of the data set.
        split: train, valid or test.

    Raises:
        TypeError: wrong type or dtype.
        ValueError: wrong rank, lengths that differ, an empty set, values that are not finite or lie
            outside [0, 1], labels outside ``0..len(classes)-1``.

    >>> digits = ImageSet(torch.rand(6, 1, 8, 8), torch.tensor([0, 1, 2, 0, 1, 2]), ("a", "b", "c"))
    >>> digits
    ImageSet: 6 images of 1×8×8, 3 classes
    >>> digits.few(per_class=1).images.shape
    torch.Size([3, 1, 8, 8])
    """

    images: Float[Tensor, "n c h w"]
    labels: Int[Tensor, " n"]
    classes: tuple[str, ...]
    name: str = ""
    split: str = ""

    def __post_init__(self) -> None:
        check_shapes(self.images, self.labels)
        check_values(self.images)
        check_labels(self.labels, self.classes)

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        shape = "×".join(str(side) for side in self.images.shape[1:])
        return f"ImageSet{title(self.name, self.split)}: {counted(len(self), 'image')} of {shape}, {kinds(self)}"

    def subset(self, indices: Indices) -> ImageSet:
        """Return the images at ``indices`` (whole numbers, or one bool per image), in that order."""
        index = as_indices(indices, len(self))
        return ImageSet(self.images[index], self.labels[index], self.classes, self.name, self.split)

    def few(self, per_class: int, seed: int = 0) -> ImageSet:
        """Return ``per_class`` random images of every class.

        The same seed with fewer images per class gives a part of the same images.

        Raises:
            ValueError: where a class has fewer images.
        """
        return self.subset(choose_few(self.labels, self.classes, per_class, seed))

    def batches(
        self,
        batch_size: int = 64,
        shuffle: bool = False,
        generator: torch.Generator | None = None,
        share: tuple[int, int] | None = None,
    ) -> Iterator[Batch]:
        """Yield ``(images, labels)`` batches; a smaller last batch is kept.

        Args:
            batch_size: images per batch.
            shuffle: in a random order.
            generator: source of that order, drawn when this is called; without one, torch's default.
            share: number of a process and how many there are: only its part of every batch.
        """
        portions = batch_indices(len(self), batch_size, shuffle, generator, share)
        return ((self.images[portion], self.labels[portion]) for portion in portions)


def require_classes(image_set: object, at_least: int = 2) -> None:
    """Raise ValueError unless the set holds images of at least ``at_least`` classes.

    >>> require_classes(ImageSet(torch.rand(1, 1, 8, 8), torch.tensor([1]), ("cat", "dog")))
    Traceback (most recent call last):
    ValueError: ImageSet: 1 image of 1×8×8, 2 classes holds images of 1 class only (dog); at least 2 are needed
    """
    labels, classes = image_set.labels, image_set.classes  # type: ignore[attr-defined]
    present = [classes[label] for label in labels.unique().tolist()]
    if len(present) < at_least:
        number = f"{counted(len(present), 'class')} only ({', '.join(present)})"
        raise ValueError(f"{image_set!r} holds images of {number}; at least {at_least} are needed")


def choose_few(labels: Int[Tensor, " n"], classes: Sequence[str], per_class: int, seed: int) -> Int[np.ndarray, " k"]:
    """Choose ``per_class`` indices of every class, or raise ValueError where a class has fewer."""
    if isinstance(per_class, bool) or not isinstance(per_class, int) or per_class < 1:
        raise ValueError(f"per_class={per_class!r} must be a whole number, at least 1")
    counts = torch.bincount(labels, minlength=len(classes)).tolist()
    poorest = min(range(len(classes)), key=counts.__getitem__)
    if counts[poorest] < per_class:
        has = counted(counts[poorest], "image")
        raise ValueError(f"per_class={per_class} is too many: class {classes[poorest]!r} has only {has}")
    return balanced(labels.numpy(), per_class, seed)


def check_shapes(images: object, labels: object) -> None:
    """Raise unless images are float32 of rank 4, labels int64 of rank 1, equally many, at least one."""
    for what, value, dtype, rank in (
        ("images", images, torch.float32, 4),
        ("labels", labels, torch.int64, 1),
    ):
        if not isinstance(value, Tensor):
            raise TypeError(f"{what} must be a torch.Tensor, got {type(value).__name__}")
        if value.dtype != dtype:
            raise TypeError(f"{what} must be {dtype}, got {value.dtype} of shape {tuple(value.shape)}")
        if value.ndim != rank:
            form = "(n, channels, height, width)" if rank == 4 else "(n,)"
            raise ValueError(f"{what} must have shape {form}, got {tuple(value.shape)}")
    assert isinstance(images, Tensor) and isinstance(labels, Tensor)  # for the type checker
    if len(images) != len(labels):
        raise ValueError(f"images and labels must be equally many, got {len(images)} and {len(labels)}")
    if images.numel() == 0:
        raise ValueError(f"images is empty (shape {tuple(images.shape)}): a set needs at least one image")


def check_values(images: Float[Tensor, "n c h w"]) -> None:
    """Raise ValueError unless every value is finite and lies in [0, 1]."""
    low, high = (float(value) for value in images.aminmax())  # NaN if any value is NaN
    if not (np.isfinite(low) and np.isfinite(high)):
        bad = int((~images.isfinite().flatten(1).all(1)).sum())
        raise ValueError(f"images must be finite numbers: {bad} of {len(images)} images hold NaN or infinity")
    if low < 0 or high > 1:
        raise ValueError(f"images must lie in [0, 1], got values from {low:.4g} to {high:.4g}")


def check_labels(labels: Int[Tensor, " n"], classes: Sequence[str]) -> None:
    """Raise ValueError unless every label is an index into ``classes``."""
    if len(labels) == 0:
        raise ValueError("labels is empty: a set needs at least one image")
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= len(classes):
        bad = low if low < 0 else high
        raise ValueError(f"labels must lie in 0..{len(classes) - 1} for {len(classes)} classes, got {bad}")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the right form.

    >>> counted(3500, "image"), counted(1, "class"), counted(2, "class")
    ('3,500 images', '1 class', '2 classes')
    """
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{number:,} {noun if number == 1 else plural}"


def title(name: str, split: str) -> str:
    """Return the name and split as they follow a type's name, or nothing."""
    words = " ".join(word for word in (name, split) if word)
    return f" {words}" if words else ""


def kinds(image_set: object) -> str:
    """Return how many classes a set has."""
    return counted(len(image_set.classes), "class")  # type: ignore[attr-defined]
