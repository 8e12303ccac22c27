"""From logits to one number to make small: the logarithm of the softmax, and the cross-entropy."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Integer

from visioncourse.scratch.graph import Array, record
from visioncourse.scratch.operands import normal_axes, operands, quiet


@quiet
def log_softmax(logits: Any, axis: int = -1) -> Any:
    """Turn logits into the logarithms of probabilities: log p = z - log Σ exp(z).

    The largest logit is subtracted first. That changes nothing in the formula, and keeps exp from overflowing.
    On the way back dL/dz = g - p Σ g, where g = dL/d log p.

    Args:
        logits: any shape.
        axis: the one along which the classes lie.

    Returns:
        Logarithms of probabilities, in the shape of ``logits``.

    Raises:
        ValueError: where there is no such axis.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> log_softmax(Tensor([[1000.0, 1000.0]])).data.round(4).tolist()
    [[-0.6931, -0.6931]]
    """
    (logits,) = operands("log_softmax", logits)
    normal_axes("log_softmax", axis, len(logits.shape))
    result = _log_softmax(logits.data, axis)

    def rule(gradient: Array) -> tuple[Array]:
        return (gradient - np.exp(result) * gradient.sum(axis=axis, keepdims=True),)

    return record("log_softmax", result, (logits,), rule, result=True)


@quiet
def cross_entropy(logits: Any, labels: Any) -> Any:
    """Average -log p(label) over the batch.

    On the way back dL/dz = (p - 1 at the label) / n: what the network believes, minus what is true.

    Args:
        logits: ``(n, k)``.
        labels: whole numbers ``(n,)`` from 0 to k - 1.

    Returns:
        One number; nan for an empty batch, as in torch.

    Raises:
        ValueError: where shapes do not fit, or a label is out of range.
        TypeError: for labels that are no whole numbers.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> round(cross_entropy(Tensor(np.zeros((64, 10))), np.zeros(64, int)).data.item(), 4)  # log 10
    2.3026
    """
    (logits,) = operands("cross_entropy", logits)
    labels = _check_labels(np.array(labels), logits.shape)  # a copy: later edits must not reach the rule
    n, result = len(labels), _log_softmax(logits.data, axis=1)
    at_labels = (np.arange(n), labels)

    def rule(gradient: Array) -> tuple[Array]:
        sent = np.exp(result)
        sent[at_labels] -= 1
        return (sent / n * gradient,)

    return record("cross_entropy", -result[at_labels].sum() / n, (logits,), rule)


def _log_softmax(logits: Array, axis: int) -> Array:
    """Compute it without a graph."""
    shifted = logits - logits.max(axis=axis, keepdims=True, initial=-np.inf)
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
    return result


def _check_labels(labels: Any, shape: tuple[int, ...]) -> Integer[np.ndarray, " n"]:
    """Compare labels with the shape of the logits."""
    if len(shape) != 2:
        raise ValueError(f"cross_entropy: logits {shape}: expected two dimensions, (n, k).")
    if not np.issubdtype(labels.dtype, np.integer):
        raise TypeError(f"cross_entropy: labels hold {labels.dtype}: expected whole numbers, e.g. int64.")
    n, k = shape
    if labels.shape != (n,):
        raise ValueError(f"cross_entropy: labels {labels.shape} against logits {shape}: expected shape ({n},).")
    for place in np.flatnonzero((labels < 0) | (labels >= k)):
        label = labels[place]
        raise ValueError(f"cross_entropy: labels[{place}] is {label}, but there are {k} classes, numbered from 0.")
    checked: Integer[np.ndarray, " n"] = labels
    return checked
