"""Ways to put a network into train mode but for its batch norm, most of them wrong, for exercise 07.4."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

KINDS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def train_mode(model: Any) -> Any:
    """Put everything into train mode, then batch norm back into eval mode, however deep it lies."""
    model.train()
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            module.eval()
    return model


def network(training: bool | None) -> nn.Sequential:
    """Build a network with three kinds of batch norm at three depths; it is only looked at, and never run.

    Args:
        training: the mode in which it is; None for some layers in this mode and some in that.
    """
    with torch.random.fork_rng(devices=[]):  # weights are drawn, and torch's random state is left as it was
        model = nn.Sequential(
            *layers(), nn.Sequential(*layers(), nn.Sequential(*layers())), nn.Sequential(nn.Dropout(0.1))
        )
    for running in model.buffers():
        running.fill_(3)
    for number, module in enumerate(model.modules()):
        module.training = number % 3 == 0 if training is None else training
    return model


def layers() -> list[nn.Module]:
    """Make one layer of each kind."""
    norms = [nn.BatchNorm1d(2), nn.BatchNorm2d(2), nn.BatchNorm3d(2), nn.GroupNorm(1, 2)]
    return [nn.Conv2d(2, 2, 1), *norms, nn.ReLU(), nn.Dropout(0.3)]


def whole_blocks(model: Any) -> Any:
    """Put whole blocks into eval mode where there is batch norm in them."""
    model.train()
    for child in model.children():
        if any(map(is_norm, child.modules())):
            child.eval()
    return model


def switched(choose: Callable[[nn.Module], bool], *, reach: str = "modules", first: bool = True) -> Callable[..., Any]:
    """Make a way to switch.

    Args:
        choose: says of a module whether it goes into eval mode.
        reach: "modules", however deep, or "children", those at the top.
        first: whether train mode comes first, or last.
    """

    def way(model: Any) -> Any:
        if first:
            model.train()
        for module in getattr(model, reach)():
            if choose(module):
                module.eval()
        return model if first else model.train()

    return way


def is_norm(module: nn.Module) -> bool:
    """Say whether a module is batch norm, as one should."""
    return isinstance(module, KINDS)


def with_settings(change: Callable[[Any], Any], keep: bool = True) -> Callable[..., Any]:
    """Make a way that changes something else about the batch norm, too, or instead of switching it."""

    def way(model: Any) -> Any:
        (train_mode if keep else nn.Module.train)(model)
        for module in model.modules():
            if is_norm(module):
                change(module)
        return model

    return way


def all_but_root(model: Any) -> Any:
    """Switch what is in the network, and not the network itself."""
    for child in model.children():
        train_mode(child)
    return model


def root_alone(model: Any) -> Any:
    """Set the mark of the network itself, and no other."""
    model.training = True
    return model


def swapped(model: Any) -> Any:
    """Put batch norm into train mode, and all the rest into eval mode."""
    model.eval()
    for module in model.modules():
        if is_norm(module):
            module.train()
    return model


def norms_only(model: Any) -> Any:
    """Put batch norm into eval mode, and leave the rest as it came."""
    for module in model.modules():
        if is_norm(module):
            module.eval()
    return model


def two_deep(model: Any) -> Any:
    """Switch at the top and beneath it, and no deeper."""
    model.train()
    for child in model.children():
        for module in [child, *child.children()]:
            if is_norm(module):
                module.eval()
    return model


def first_alone(model: Any) -> Any:
    """Leave the loop too early."""
    model.train()
    for module in model.modules():
        if is_norm(module):
            module.eval()
            return model
    return model


def leaves_only(model: Any) -> Any:
    """Switch layers, and forget the modules that hold them."""
    for module in model.modules():
        if not list(module.children()):
            module.train(not is_norm(module))
    return model


def without_norm(model: Any) -> Any:
    """Take the batch norm out."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if is_norm(child):
                setattr(module, name, nn.Identity())
    return model.train()
