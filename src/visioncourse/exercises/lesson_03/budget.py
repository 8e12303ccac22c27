"""Exercise 03.4, the network under a budget: what is measured, a right answer and the wrong ones."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from visioncourse.data import load
from visioncourse.metrics import accuracy
from visioncourse.models import count_parameters, create
from visioncourse.train import fit

BUDGET, GOAL = 10_000, 0.97
HINTS = {
    "too large": "The network has too many parameters",
    "wrong outputs": "The network must give ten logits a picture",
    "untrained": "The network reads hardly more than guessing would",
    "not good enough": "Small enough, and not good enough yet",
}


def small_network() -> Any:
    """Build a thin network with two convolutions a stage, and train it."""
    torch.manual_seed(0)
    network = create("small_cnn", widths=(8, 16, 24), depth=2, pool="max")
    fit(network, load("mnist5k"), epochs=12, lr=1e-2)
    return network


def measure_small_network(network: Any) -> str | None:
    """Return what is wrong with a trained network, measured on the validation pictures, or None."""
    if not isinstance(network, nn.Module):
        return "Hand over the trained network itself, a torch module, not its accuracy or its class."
    size = count_parameters(network)
    if size >= BUDGET:
        return f"{HINTS['too large']}: {size:,}, and fewer than {BUDGET:,} are allowed. Where do most of them sit?"
    valid = load("mnist5k", "valid")
    with torch.no_grad():
        logits = network(valid.images[:2])
    if tuple(logits.shape) != (2, len(valid.classes)):
        return f"{HINTS['wrong outputs']}: shape (n, 10); for two pictures yours gives {tuple(logits.shape)}."
    share = accuracy(network, valid)
    if share < 0.3:
        return f"{HINTS['untrained']} ({share:.1%}): has it been trained, and with the right labels?"
    if share < GOAL:
        return f"{HINTS['not good enough']}: {share:.1%} of the validation pictures, {GOAL:.0%} is asked for."
    return None


def wrong_network(mistake: str) -> nn.Module:
    """Make a network with one typical mistake.

    Args:
        mistake: a key of ``HINTS``.
    """
    torch.manual_seed(0)
    if mistake == "too large":
        return create("small_cnn")
    if mistake == "wrong outputs":
        return create("small_cnn", num_classes=1, widths=(8, 16, 24))
    if mistake == "untrained":
        return create("small_cnn", widths=(8, 16, 24))
    network = create("linear")
    fit(network, load("mnist5k"), epochs=2)
    return network
