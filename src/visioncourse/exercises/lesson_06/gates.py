"""Squeeze-and-excitation, right and wrong, for exercise 06.3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def squeeze_excite(maps: Any, reduce: Any, expand: Any) -> Any:
    """Scale every map by a gate between 0 and 1, computed from the means of all maps of the image."""
    means = maps.mean(dim=(2, 3))  # (b, c): squeeze
    hidden = torch.relu(means @ reduce.T)  # (b, r)
    gates = torch.sigmoid(hidden @ expand.T)  # (b, c): excite
    return maps * gates[:, :, None, None]


def identity(x: Any) -> Any:
    """Leave out an activation."""
    return x


def mean(maps: Any) -> Any:
    """Squeeze, as one should."""
    return maps.mean(dim=(2, 3))


def gates_of(means: Any, reduce: Any, expand: Any) -> Any:
    """Make gates of means, as one should."""
    return torch.sigmoid(torch.relu(means @ reduce.T) @ expand.T)


def squeezed(squeeze: Callable[[Any], Any]) -> Callable[..., Any]:
    """Make a layer that squeezes otherwise."""
    return lambda maps, reduce, expand: maps * gates_of(squeeze(maps), reduce, expand)[:, :, None, None]


def gated(hide: Callable[[Any], Any] = torch.relu, gate: Callable[[Any], Any] = torch.sigmoid) -> Callable[..., Any]:
    """Make a layer with other activations, in the middle and at the gates."""
    return lambda maps, reduce, expand: maps * gate(hide(mean(maps) @ reduce.T) @ expand.T)[:, :, None, None]


def applied(apply: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Make a layer whose gates are right; ``apply`` takes the maps and the gates, ``(b, c)``."""
    return lambda maps, reduce, expand: apply(maps, gates_of(mean(maps), reduce, expand))


def wrongly_turned(maps: Any, reduce: Any, expand: Any) -> Any:
    """Forget to turn the matrices."""
    return squeeze_excite(maps, reduce.T, expand.T)


def swapped(maps: Any, reduce: Any, expand: Any) -> Any:
    """Use the matrices in the wrong order."""
    return squeeze_excite(maps, expand, reduce)
