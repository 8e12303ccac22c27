"""In which order images come, and in how large portions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

Indices = Sequence[int] | Int[Tensor, " k"] | Bool[Tensor, " k"] | np.ndarray | range


def batch_indices(
    count: int,
    batch_size: int = 64,
    shuffle: bool = False,
    generator: torch.Generator | None = None,
    share: tuple[int, int] | None = None,
) -> tuple[Int[Tensor, " _"], ...]:
    """Cut ``0..count-1`` into batches; a smaller last batch is kept.

    Args:
        count: number of images.
        batch_size: images per batch, at least 1.
        shuffle: draw a random order first (one ``torch.randperm``).
        generator: source of that order; without one, torch's default generator, which
            ``seed_everything`` seeds.
        share: number of a process and how many there are: only its part of every batch, in order, sizes differing
            by one image at most.

    Raises:
        ValueError: where ``batch_size`` is not a positive whole number.

    >>> [batch.tolist() for batch in batch_indices(5, batch_size=2)]
    [[0, 1], [2, 3], [4]]
    >>> [batch.tolist() for batch in batch_indices(5, batch_size=4, share=(1, 2))]
    [[2, 3], []]
    """
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        raise ValueError(f"batch_size={batch_size!r} must be a whole number, at least 1")
    order = torch.randperm(count, generator=generator) if shuffle else torch.arange(count)
    rank, size = share or (0, 1)
    wholes = (order[start : start + batch_size] for start in range(0, count, batch_size))
    return tuple(whole.tensor_split(size)[rank] for whole in wholes)


def as_indices(indices: Indices, count: int) -> Int[Tensor, " _"]:
    """Turn a list, range, array, tensor or mask into int64 indices of ``count`` images.

    Raises:
        TypeError: where the indices are not whole numbers (or one bool per image).
        IndexError: where one lies outside ``-count..count-1``.

    >>> as_indices([0, -1], count=5).tolist()
    [0, 4]
    """
    index = torch.as_tensor(np.asarray(indices))
    if index.dtype == torch.bool:
        if index.shape != (count,):
            raise IndexError(f"indices is a mask of shape {tuple(index.shape)}; the set has {count} images")
        return index.nonzero().flatten()
    if index.numel() == 0:
        return torch.zeros(0, dtype=torch.int64)
    if index.ndim != 1 or index.is_floating_point() or index.is_complex():
        raise TypeError(f"indices must be whole numbers in one row, got {index.dtype} {tuple(index.shape)}")
    index = index.long()
    low, high = int(index.min()), int(index.max())
    if low < -count or high >= count:
        raise IndexError(f"indices holds {high if high >= count else low}; the set has {count} images")
    return torch.where(index < 0, index + count, index)
