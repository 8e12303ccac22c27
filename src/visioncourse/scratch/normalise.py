"""Batch normalisation: every channel is brought to mean 0 and variance 1, then to a scale that is learned."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jaxtyping import Float

from visioncourse.scratch.graph import Array, Node, record
from visioncourse.scratch.operands import check_dtypes, operands, quiet

Channels = Float[np.ndarray, " c"]
Rows = Float[np.ndarray, "n c p"]  # pictures with their p pixels in a row


@quiet
def batch_norm(
    images: Any,
    weight: Any,
    bias: Any,
    running_mean: Channels,
    running_variance: Channels,
    training: bool,
    momentum: float | int = 0.1,
    eps: float | int = 1e-5,
) -> Any:
    """Normalise each channel: y = weight · (x - mean) / √(variance + eps) + bias.

    In training, mean and variance are those of the batch, so every x moves them. To add a constant to all x changes
    nothing, nor does it to stretch them: from the gradient with respect to the normalised x these two parts are taken.

    Args:
        images: ``(n, c)`` or ``(n, c, h, w)``.
        weight: ``(c,)``.
        bias: ``(c,)``.
        running_mean: ``(c,)``, edited in place in training: it moves towards the batch's mean by ``momentum``.
        running_variance: ``(c,)``, likewise; towards the batch's variance with one less in the denominator, as torch.
        training: whether to use the batch's statistics; else the running ones.
        momentum: the part of the running statistics that is replaced.
        eps: keeps the root away from 0.

    Returns:
        An array in the shape of ``images``.

    Raises:
        ValueError: where shapes do not fit, or a channel has a single number to train on.
        TypeError: where the dtypes differ.

    Source: Ioffe and Szegedy (2015), Batch normalization, algorithm 1.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> one, zero = np.ones(1), np.zeros(1)
    >>> batch_norm(Tensor([[1.0], [3.0]]), one, zero, zero, one, training=True, eps=1e-5).data.round(2).tolist()
    [[-1.0], [1.0]]
    """
    images, weight, bias = operands("batch_norm", images, weight, bias)
    _check((images, weight, bias), (running_mean, running_variance), training, eps)
    n, c, *sides = images.shape
    pixels = images.data.reshape(n, c, math.prod(sides))
    count = max(n * pixels.shape[2], 1)  # an empty batch divides by 1
    mean = pixels.sum(axis=(0, 2)) / count if training else running_mean.copy()
    maps = pixels - mean[:, None]
    variance = _dot(maps, maps) / count if training else running_variance
    inverse = 1 / np.sqrt(variance + eps)
    if training and pixels.size:
        _follow(running_mean, mean, momentum)
        _follow(running_variance, variance * (count / (count - 1)), momentum)
    maps *= (weight.data * inverse)[:, None]  # in place from here on: a new array costs more time than the product
    maps += bias.data[:, None]

    def rule(gradient: Array) -> tuple[Array, Array, Array]:
        rows = gradient.reshape(pixels.shape)
        normal = pixels - mean[:, None]  # computed again: to keep it would double the memory
        normal *= inverse[:, None]
        for_weight, for_bias = _dot(rows, normal), rows.sum(axis=(0, 2))
        if training:
            rows = _remove(rows, normal, for_weight / count, for_bias / count)
        return (rows * (weight.data * inverse)[:, None]).reshape(images.shape), for_weight, for_bias

    return record("batch_norm", maps.reshape(images.shape), (images, weight, bias), rule, needs=(images, weight))


def _dot(a: Rows, b: Rows) -> Channels:
    """Multiply entry by entry and sum over all but the channels, without an array of products in between."""
    total: Channels = np.einsum("ncp,ncp->c", a, b)
    return total


def _remove(gradient: Rows, normal: Rows, slope: Channels, mean: Channels) -> Rows:
    """Take from a gradient its mean and its part along the normalised numbers; overwrites ``normal``."""
    normal *= slope[:, None]
    normal += mean[:, None]
    np.subtract(gradient, normal, out=normal)
    return normal


def _follow(running: Channels, batch: Channels, momentum: float | int) -> None:
    """Move running statistics towards those of a batch, in place."""
    running *= 1 - momentum
    running += momentum * batch


def _check(nodes: tuple[Node, ...], running: tuple[Any, ...], training: bool, eps: float | int) -> None:
    """Compare dtypes and shapes before anything is computed, or remembered."""
    check_dtypes("batch_norm", *nodes)
    shape = nodes[0].shape
    if len(shape) not in (2, 4) or not shape[1]:
        raise ValueError(f"batch_norm: images {shape}: expected (n, c) or (n, c, h, w), at least one channel.")
    names = ("weight", "bias", "running_mean", "running_variance")
    for name, given in zip(names, (*nodes[1:], *running), strict=True):
        if given.shape != shape[1:2]:
            raise ValueError(f"batch_norm: {name} {given.shape} against images {shape}: expected {shape[1:2]}.")
        if given.dtype != nodes[0].dtype:
            raise TypeError(f"batch_norm: {name} holds {given.dtype}, images {nodes[0].dtype}: expected one dtype.")
    if training and shape[0] * math.prod(shape[2:]) == 1:
        raise ValueError(f"batch_norm: images {shape}: one number in each channel has no variance to train with.")
    if training and not eps > 0:
        raise ValueError(f"batch_norm: eps={eps!r}: expected more than 0.")
