"""Answers to the exercises of lesson 01, right and wrong, that are too long to stand beside their hints."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch


def stable_softmax(logits: Any) -> Any:
    """Subtract each row's largest logit first: no exponential is larger than one, and the quotient is unchanged."""
    raised = (logits - logits.max(dim=1, keepdim=True).values).exp()
    return raised / raised.sum(dim=1, keepdim=True)


def mean_cross_entropy(logits: Any, labels: Any) -> Any:
    """Take minus the log share at the label, and average over the pictures."""
    top = logits.max(dim=1, keepdim=True).values
    log_total = (logits - top).exp().sum(dim=1).log() + top[:, 0]
    return (log_total - logits[torch.arange(len(labels)), labels]).mean()


def mlp_forward(images: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Flatten, weigh, bend, weigh."""
    hidden = (images.flatten(1) @ w1 + b1).clamp(min=0)
    return hidden @ w2 + b2


def mlp_parameters(widths: Any) -> Any:
    """Each layer has a weight for every pair of neighbours and a bias for every output."""
    return sum(wide_in * wide_out + wide_out for wide_in, wide_out in pairwise(widths))


def standardise(train: Any, test: Any) -> Any:
    """Use the training pictures' mean and spread for both sets."""
    mean, spread = train.mean(), train.std()
    return (train - mean) / spread, (test - mean) / spread


def naive_softmax(logits: Any) -> Any:
    """Exponentiate as the formula stands, and overflow."""
    return logits.exp() / logits.exp().sum(dim=1, keepdim=True)


def picked(shares: Any, labels: Any) -> Any:
    """Return each row's entry at its label."""
    return shares[torch.arange(len(labels)), labels]


def wrong_forward(images: Any, w1: Any, b1: Any, w2: Any, b2: Any, *, bend: bool, bias: bool, last: bool) -> Any:
    """Leave out the bend or the biases, or bend the logits too."""
    hidden = images.flatten(1) @ w1 + (b1 if bias else 0)
    hidden = hidden.clamp(min=0) if bend else hidden
    logits = hidden @ w2 + (b2 if bias else 0)
    return logits.clamp(min=0) if last else logits
