"""Fixed, stratified splits: the same images are train, valid and test on every machine and for ever."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

SPLITS = ("train", "valid", "test")
# One number for every set, so that no split can be picked because it flatters a result.
SEED = 20_260_101


def stratified(labels: Int[np.ndarray, " n"], shares: Sequence[float], seed: int = SEED) -> list[Int[np.ndarray, " _"]]:
    """Cut ``0..n-1`` into parts that each hold the same share of every class.

    The stream of ``numpy.random.RandomState`` is frozen by NumPy's compatibility policy (NEP 19), so a
    split never moves. Each part is in a fixed random order, not sorted by class.

    Args:
        labels: class of each image, shape ``(n,)``.
        shares: share of each part; they sum to 1.
        seed: of the random order.

    Returns:
        One array of indices per share.

    >>> [part.tolist() for part in stratified(np.array([0, 0, 1, 1]), (0.5, 0.5), seed=0)]
    [[1, 2], [3, 0]]
    """
    random = np.random.RandomState(seed)
    parts: list[list[np.ndarray]] = [[] for _ in shares]
    edges = np.cumsum(shares)[:-1]
    for label in np.unique(labels):
        order = random.permutation(np.flatnonzero(labels == label))
        cuts = np.round(edges * len(order)).astype(int)
        for part, piece in zip(parts, np.split(order, cuts), strict=True):
            part.append(piece)
    return [random.permutation(np.concatenate(part)) if part else np.arange(0) for part in parts]


def by_group(
    labels: Int[np.ndarray, " n"], groups: Int[np.ndarray, " n"], shares: Sequence[float], seed: int = SEED
) -> list[Int[np.ndarray, " _"]]:
    """Split as ``stratified``, but keep all images of a group in one part.

    Pictures of one and the same object are nearly copies: with one in train and one in valid, validation
    would measure memory.

    Args:
        labels: class of each image, shape ``(n,)``; images of one group share a class.
        groups: group of each image, shape ``(n,)``.
        shares: share of each part (of the groups of a class).
        seed: of the random order.

    >>> labels, groups = np.array([0, 0, 0, 0]), np.array([5, 5, 7, 7])
    >>> sorted(sorted(part.tolist()) for part in by_group(labels, groups, (0.5, 0.5)))
    [[0, 1], [2, 3]]
    """
    names, first = np.unique(groups, return_index=True)
    parts = stratified(labels[first], shares, seed)
    random = np.random.RandomState(seed)
    return [random.permutation(np.flatnonzero(np.isin(groups, names[part]))) for part in parts]


def balanced(labels: Int[np.ndarray, " n"], per_class: int, seed: int) -> Int[np.ndarray, " k"]:
    """Choose ``per_class`` images of every class that ``labels`` holds.

    With the same seed, fewer images per class are always a part of more images per class.

    Args:
        labels: class of each image, shape ``(n,)``.
        per_class: images per class.
        seed: of the choice.

    >>> sorted(balanced(np.array([0, 1, 0, 1, 0]), per_class=2, seed=0).tolist())
    [1, 2, 3, 4]
    """
    random = np.random.RandomState(seed)
    order = [random.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
    return random.permutation(np.concatenate([row[:per_class] for row in order]))
