"""One convolution three ways: Python loops, im2col in NumPy as lesson 03 builds it, and torch."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from benchmarks.speed import Ratios
from visioncourse.scratch.convolution import conv2d


def naive(images: Float[np.ndarray, "n c h w"], weights: Float[np.ndarray, "o c k k"]) -> Float[np.ndarray, "n o i j"]:
    """Convolve by loops over lists, which are quicker than loops over arrays."""
    pixels, kernels = images.tolist(), weights.tolist()
    side = range(len(kernels[0][0]))
    rows, columns = (range(size - len(side) + 1) for size in images.shape[2:])

    def at(image: list[Any], kernel: list[Any], i: int, j: int) -> float:
        planes = zip(image, kernel, strict=True)
        return float(sum(p[i + a][j + b] * k[a][b] for p, k in planes for a in side for b in side))

    maps = [[[[at(image, kernel, i, j) for j in columns] for i in rows] for kernel in kernels] for image in pixels]
    return np.array(maps, dtype=images.dtype)


def compare_convolutions(rounds: int) -> dict[str, Ratios]:
    """Measure the three on 4 pictures of 8×28×28 and 8 kernels of 3×3, interleaved, after one untimed round.

    Returns:
        How many times as fast as the Python loops the other two are.

    Raises:
        AssertionError: where the three disagree.
    """
    draw = np.random.default_rng(0)
    images = draw.random((4, 8, 28, 28), dtype=np.float32)
    weights = draw.random((8, 8, 3, 3), dtype=np.float32)
    tensors = torch.from_numpy(images), torch.from_numpy(weights)
    slow = partial(naive, images, weights)
    ways: dict[str, Callable[[], Any]] = {
        "Python loops": slow,
        "im2col": lambda: conv2d(images, weights),
        "torch": lambda: torch.nn.functional.conv2d(*tensors),
    }
    answers = [np.asarray(way()) for way in ways.values()]
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], rtol=1e-4)
    times = [{name: _clock(way, 1 if way is slow else 50) for name, way in ways.items()} for _ in range(rounds)]
    return {name: Ratios(tuple(row["Python loops"] / row[name] for row in times)) for name in list(ways)[1:]}


def _clock(way: Callable[[], Any], calls: int) -> float:
    """Return the mean seconds of a call."""
    start = time.perf_counter()
    for _ in range(calls):
        way()
    return (time.perf_counter() - start) / calls
