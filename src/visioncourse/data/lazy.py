"""``LazySet``: labelled images that stay on disk and are read batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import torch
from jaxtyping import Int
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from visioncourse.data.batches import Indices, as_indices, batch_indices
from visioncourse.data.pixels import check_form, fit_picture, open_picture
from visioncourse.data.sets import Batch, ImageSet, check_labels, choose_few, counted, kinds, title


class Files:
    """Picture files and their labels: ``source[i] -> (picture, label)``."""

    def __init__(self, paths: list[Path], labels: list[int]) -> None:
        """Keep the files; none is opened yet."""
        self.paths, self.labels = paths, labels

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        """Return the decoded picture and its label, or raise ValueError naming the file."""
        return open_picture(self.paths[index]), self.labels[index]


class Pictures(Dataset[tuple[Tensor, int]]):
    """Pictures of a source, each brought to one size and number of channels when it is asked for."""

    def __init__(self, source: Any, size: int, channels: int) -> None:
        """Keep ``source[i] -> (PIL picture, label)`` and the form of the result."""
        self.source, self.size, self.channels = source, size, channels

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return the picture as float32 ``(c, h, w)`` in [0, 1], and its label."""
        picture, label = self.source[index]
        return fit_picture(picture, self.size, self.channels), int(label)


@dataclass(frozen=True, eq=False, repr=False)
class LazySet:
    """Labelled images too large for memory: the same verbs as ``ImageSet``, without ``.images``.

    Args:
        source: ``source[i]`` gives a Pillow picture and its label, as torchvision's data sets do.
        labels: int64, shape ``(n,)``; the label of ``source[indices[i]]``.
        classes: name of each class.
        name: of the data set.
        split: train, valid or test.
        indices: int64, shape ``(n,)``: which pictures of the source, in which order; all by default.
        size: height and width, pixels.
        channels: 1 or 3.

    Raises:
        ValueError: an empty set, labels out of range, wrong size or channels.
    """

    source: Any
    labels: Int[Tensor, " n"]
    classes: tuple[str, ...]
    name: str = ""
    split: str = ""
    indices: Int[Tensor, " n"] = field(default=None)  # type: ignore[assignment]
    size: int = 128
    channels: int = 3

    def __post_init__(self) -> None:
        check_form(self.size, self.channels)
        check_labels(self.labels, self.classes)
        if self.indices is None:
            object.__setattr__(self, "indices", torch.arange(len(self.labels)))

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        shape = f"{self.channels}×{self.size}×{self.size}"
        return f"LazySet{title(self.name, self.split)}: {counted(len(self), 'image')} of {shape}, {kinds(self)}"

    @property
    def images(self) -> NoReturn:
        """Raise AttributeError: the images are not in memory."""
        raise AttributeError(
            f"{self!r} stays on disk and has no .images: "
            "loop over .batches(), or take a part that fits into memory with .few(...).in_memory()"
        )

    def subset(self, indices: Indices) -> LazySet:
        """Return the images at ``indices`` (whole numbers, or one bool per image), in that order; still lazy."""
        index = as_indices(indices, len(self))
        return self._with(self.labels[index], self.indices[index])

    def few(self, per_class: int, seed: int = 0) -> LazySet:
        """Return ``per_class`` random images of every class, still lazy.

        Raises:
            ValueError: where a class has fewer images.
        """
        return self.subset(choose_few(self.labels, self.classes, per_class, seed))

    def _with(self, labels: Tensor, indices: Tensor) -> LazySet:
        return LazySet(self.source, labels, self.classes, self.name, self.split, indices, self.size, self.channels)

    def batches(
        self, batch_size: int = 64, shuffle: bool = False, generator: torch.Generator | None = None
    ) -> Iterator[Batch]:
        """Yield ``(images, labels)`` batches, read from disk as they are asked for.

        Args:
            batch_size: images per batch; a smaller last batch is kept.
            shuffle: in a random order.
            generator: source of that order, drawn when this is called; without one, torch's default.

        Raises:
            ValueError: naming the file, when a picture cannot be read.
        """
        portions = batch_indices(len(self), batch_size, shuffle, generator)
        loader = DataLoader(
            Pictures(self.source, self.size, self.channels),
            batch_sampler=[self.indices[portion].tolist() for portion in portions],
            num_workers=0,  # worker processes are slow to start on Windows and macOS
            generator=torch.Generator(),  # else the loader draws a seed from the global random state
        )
        return ((images, labels) for images, labels in loader)

    def in_memory(self) -> ImageSet:
        """Return an ``ImageSet`` of all images, read now."""
        images = torch.cat([images for images, _ in self.batches(256)])
        return ImageSet(images, self.labels, self.classes, self.name, self.split)
