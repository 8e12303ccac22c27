"""Ways to keep the features of images, most of them wrong, for exercise 07.2."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

MOST = 256  # images at a time


def cache(model: Any, images: Any) -> Any:
    """Compute the pooled features of all images, 256 at a time, and leave the model in the mode in which it came."""
    mode = model.training
    model.eval()
    with torch.no_grad():
        features = [model.head[:-1](model.forward_features(some)) for some in images.split(256)]
    model.train(mode)
    return torch.cat(features)


def pooled(model: Any, images: Tensor) -> Any:
    """Compute the pooled features of a few images, as one should."""
    return model.head[:-1](model.forward_features(images))


def left(model: Any, mode: bool) -> None:
    """Do nothing about the mode."""


def kept_by(
    some: Callable[[Any, Tensor], Any] = pooled,
    gather: Callable[[list[Any]], Any] = torch.cat,
    *,
    begin: Callable[[Any], Any] = lambda model: model.eval(),
    guard: Callable[[], AbstractContextManager[Any]] = torch.no_grad,
    cut: Callable[[Tensor], Any] = lambda images: images.split(100),
    end: Callable[[Any, bool], Any] = lambda model, mode: model.train(mode),
) -> Callable[..., Any]:
    """Make a way to keep features: how one batch becomes features, how all become one, and what frames that.

    ``begin`` and ``end`` are called with the model before and behind the looks, ``end`` with its first mode, too.
    """

    def way(model: Any, images: Any) -> Any:
        mode = model.training
        begin(model)
        with guard():
            features = [some(model, batch) for batch in cut(images)]
        end(model, mode)
        return gather(features)

    return way


def of_maps(change: Callable[[Tensor], Any]) -> Callable[..., Any]:
    """Make a way that makes something else of the maps."""
    return kept_by(lambda model, images: change(model.forward_features(images)))


def mean_over(*axes: int) -> Callable[..., Any]:
    """Make a way that takes the mean over these axes of the maps."""
    return of_maps(lambda maps: maps.mean(dim=axes))


def frozen(model: Any) -> None:
    """Freeze the weights, in order to have no gradients."""
    model.eval().requires_grad_(False)


def shuffled(images: Tensor) -> Any:
    """Cut into batches in another order; torch's own random state is left as it was."""
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(1))
    return images[order].split(100)


def full_ones(size: int) -> Callable[[Tensor], Any]:
    """Cut into full batches, and lose the rest."""
    return lambda images: [images[start : start + size] for start in range(0, len(images) - size + 1, size)]


def for_good(model: Any, images: Any) -> Any:
    """Switch gradients off, and not on again."""
    torch.set_grad_enabled(False)
    return cache(model, images)
