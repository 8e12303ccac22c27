"""``LazySet``: labelled images that stay on disk and are read batch by batch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from visioncourse.data.batches import Indices, as_indices, batch_indices
from visioncourse.data.damage import DamagedPictureError, UnreadablePictures
from visioncourse.data.pixels import check_form, fit_picture, open_picture
from visioncourse.data.sets import Batch, ImageSet, check_labels, choose_few, counted, kinds, title


class Files:
    """Picture files and their labels: ``source[i] -> (picture, label)``.

    Args:
        paths: of the pictures.
        labels: one per picture.
        home: the folder of one's own pictures; with it, a damaged picture costs a warning. Without it, as for
            published sets, which are verified as a whole, it is an error.
        skipped: files of ``home`` that are no readable pictures.
    """

    def __init__(
        self, paths: list[Path], labels: list[int], home: Path | None = None, skipped: Sequence[Path] = ()
    ) -> None:
        """Keep the files; none is opened yet."""
        self.paths, self.labels, self.home, self.skipped = paths, labels, home, list(skipped)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        """Return the decoded picture and its label, or raise ValueError naming the file."""
        return open_picture(self.paths[index]), self.labels[index]

    def skip(self, index: int, error: DamagedPictureError) -> None:
        """Add a picture to ``skipped`` with a warning, once; raise the error where nothing may be skipped."""
        if self.home is None:
            raise error
        if self.paths[index] not in self.skipped:
            self.skipped.append(self.paths[index])
            warnings.warn(
                f"{error}; another picture of its class takes its place "
                f"(skipped up to now: {counted(len(self.skipped), 'file')})",
                UnreadablePictures,
                stacklevel=2,
            )


class Pictures(Dataset[Tensor]):
    """Pictures of a set, each brought to one size and number of channels when it is asked for."""

    def __init__(self, of: LazySet) -> None:
        """Keep the set."""
        self.of = of

    def __len__(self) -> int:
        return len(self.of)

    def __getitem__(self, position: int) -> Tensor:
        """Return the picture as float32 ``(c, h, w)`` in [0, 1]; the next of its class where it is damaged."""
        of = self.of
        for place in alike(of.labels, position):
            index = int(of.indices[place])
            try:
                picture = of.source[index][0]
            except DamagedPictureError as error:
                of.source.skip(index, error)
            else:
                return fit_picture(picture, of.size, of.channels)
        raise ValueError(f"{of!r}: no picture of class {of.classes[of.labels[position]]!r} can be decoded any more")

    def gather(self, images: list[Tensor]) -> Float[Tensor, "b c h w"]:
        """Return one tensor of the images of a batch, which may be none."""
        size = self.of.size
        return torch.stack(images) if images else torch.zeros(0, self.of.channels, size, size)


def alike(labels: Int[Tensor, " n"], position: int) -> Iterator[int]:
    """Yield a position, then those of the other images of its class, from there on and round.

    >>> list(alike(torch.tensor([0, 1, 0, 0, 1]), 2))
    [2, 3, 0]
    """
    yield position
    same = (labels == labels[position]).nonzero().flatten()
    yield from torch.cat([same[same > position], same[same < position]]).tolist()


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

    @property
    def skipped(self) -> tuple[Path, ...]:
        """Files of one's own folder that are not used: found when it was loaded, or when a picture was decoded."""
        return tuple(getattr(self.source, "skipped", ()))

    def batches(
        self,
        batch_size: int = 64,
        shuffle: bool = False,
        generator: torch.Generator | None = None,
        share: tuple[int, int] | None = None,
    ) -> Iterator[Batch]:
        """Yield ``(images, labels)`` batches, read from disk as they are asked for.

        Where a picture of one's own cannot be decoded, although it looked whole when the folder was loaded, training
        goes on: the next picture of the same class in this set takes its place, and a warning names the file once.

        Args:
            batch_size: images per batch; a smaller last batch is kept.
            shuffle: in a random order.
            generator: source of that order, drawn when this is called; without one, torch's default.
            share: number of a process and how many there are: only its part of every batch.

        Raises:
            ValueError: naming the file, when a picture of a published set cannot be decoded, or when a file of any
                set is gone; naming the class, when none of its pictures can be decoded.
        """
        portions = batch_indices(len(self), batch_size, shuffle, generator, share)
        pictures = Pictures(self)
        loader = DataLoader(
            pictures,
            batch_sampler=[portion.tolist() for portion in portions],
            collate_fn=pictures.gather,
            num_workers=0,  # worker processes are slow to start on Windows and macOS
            generator=torch.Generator(),  # else the loader draws a seed from the global random state
        )
        return ((images, self.labels[portion]) for images, portion in zip(loader, portions, strict=True))

    def in_memory(self) -> ImageSet:
        """Return an ``ImageSet`` of all images, read now."""
        images = torch.cat([images for images, _ in self.batches(256)])
        return ImageSet(images, self.labels, self.classes, self.name, self.split)
