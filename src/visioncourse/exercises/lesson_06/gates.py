"""Squeeze-and-excitation, right and wrong, and the maps on which exercise 06.3 tries it."""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import Any

import torch


def drawn(seed: int, *shapes: tuple[int, ...]) -> tuple[torch.Tensor, ...]:
    """Draw tensors of these shapes, maps first, with means of both signs."""
    draw = torch.Generator().manual_seed(seed)
    maps, *weights = (torch.randn(shape, generator=draw) for shape in shapes)
    return (maps + torch.randn((*maps.shape[:2], 1, 1), generator=draw), *weights)


SMALL = torch.tensor([[[[1.0, 3.0]], [[-2.0, 0.0]]]]), torch.tensor([[1.0, -1.0]]), torch.tensor([[1.0], [-2.0]])
OBLONG = drawn(1, (2, 4, 3, 5), (2, 4), (4, 2))
CUBE = drawn(2, (3, 3, 3, 3), (3, 3), (3, 3))  # every product runs


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


def swapped(maps: Any, reduce: Any, expand: Any) -> Any:
    """Use the matrices in the wrong order."""
    return squeeze_excite(maps, expand, reduce)


def multiplied(
    raw: Callable[[Any, Any, Any], Any],
    lay: Callable[[Any, Any], Any] = lambda maps, gates: gates[:, :, None, None],
    squeeze: Callable[[Any], Any] = mean,
) -> Callable[..., Any]:
    """Make a layer with other products.

    Args:
        raw: takes what was squeezed and the two matrices, and returns what goes into the sigmoid.
        lay: takes the maps and the gates, and returns gates that maps can be multiplied with.
        squeeze: takes the maps.
    """
    return lambda maps, reduce, expand: maps * lay(maps, torch.sigmoid(raw(squeeze(maps), reduce, expand)))


def kept(maps: Any) -> Any:
    """Squeeze, and keep the axes of the places: shape (b, c, 1, 1)."""
    return maps.mean(dim=(2, 3), keepdim=True)


def as_they_are(maps: Any, gates: Any) -> Any:
    """Give the gates no further axes."""
    return gates


def reshaped(maps: Any, gates: Any) -> Any:
    """Force gates into the shape (b, c, 1, 1), in whatever order they are."""
    return gates.reshape(*maps.shape[:2], 1, 1)


def turned(means: Any, reduce: Any, expand: Any) -> Any:
    """Multiply as one should."""
    return torch.relu(means @ reduce.T) @ expand.T


def of_one_picture(means: Any, reduce: Any, expand: Any) -> Any:
    """Multiply as with the means of one picture alone."""
    return expand @ torch.relu(reduce @ means)


def in_columns(means: Any, reduce: Any, expand: Any) -> Any:
    """Multiply from the left, a column for each picture, and leave the result like that: (c, b)."""
    return of_one_picture(means.T, reduce, expand)


def columns_forced(means: Any, reduce: Any, expand: Any) -> Any:
    """Reshape the means to columns, where they should be transposed."""
    return of_one_picture(means.reshape(means.shape[::-1]), reduce, expand)


PRODUCTS: list[Callable[[Any, Any, Any], Any]] = [  # a matrix stands as it is, or on the left
    lambda means, reduce, expand: torch.relu(means @ reduce) @ expand,
    of_one_picture,
    lambda means, reduce, expand: torch.relu(means @ reduce) @ expand.T,
    lambda means, reduce, expand: torch.relu(means @ reduce.T) @ expand,
    lambda means, reduce, expand: torch.relu(reduce @ means) @ expand.T,
    lambda means, reduce, expand: expand @ torch.relu(means @ reduce.T),
]
UNTURNED = [multiplied(raw) for raw in PRODUCTS] + [multiplied(raw, as_they_are) for raw in PRODUCTS]
IN_COLUMNS = [
    multiplied(in_columns, reshaped),
    multiplied(in_columns),
    multiplied(in_columns, as_they_are),
    multiplied(columns_forced, reshaped),
    multiplied(columns_forced, lambda maps, gates: gates.T[:, :, None, None]),
]
KEPT = [multiplied(raw, as_they_are, kept) for raw in (turned, *PRODUCTS)]
ONE_AXIS = [
    multiplied(raw, lay, methodcaller("mean", dim=axis))
    for axis in (3, 2)
    for raw in (turned, of_one_picture)
    for lay in (
        lambda maps, gates: gates[:, :, None, None],
        lambda maps, gates: gates[..., None],
        lambda maps, gates: gates[:, :, None],
    )
]
