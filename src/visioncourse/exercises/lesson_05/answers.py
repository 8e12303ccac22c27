"""Answers to the exercises of lesson 05, right and wrong, that are too long to stand beside their hints."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def nesterov_step(weight: Any, gradient: Any, velocity: Any, lr: Any, beta: Any) -> Any:
    """Renew the velocity, then step by the gradient and by what friction leaves of the new velocity."""
    velocity = beta * velocity + gradient
    return weight - lr * (gradient + beta * velocity), velocity


def adamw_step(weight: Any, gradient: Any, m: Any, s: Any, t: Any, lr: Any, decay: Any) -> Any:
    """Shrink the weight, renew both means, and step by their corrected quotient."""
    weight = weight - lr * decay * weight
    m = 0.9 * m + 0.1 * gradient
    s = 0.999 * s + 0.001 * gradient**2
    upper, lower = m / (1 - 0.9**t), s / (1 - 0.999**t)
    return weight - lr * upper / (np.sqrt(lower) + 1e-8), m, s


def rate(step: Any, total: Any, warmup: Any, peak: Any) -> Any:
    """Rise in equal parts, then fall along half a cosine over the steps that are left."""
    if step < warmup:
        return peak * (step + 1) / warmup
    done = (step - warmup) / (total - warmup)
    return peak * (1 + math.cos(math.pi * done)) / 2


def he_std(shape: Any) -> Any:
    """Count the inputs of one output neuron, all dimensions but the first, and take the root of 2 over them."""
    inputs = math.prod(shape[1:])
    return math.sqrt(2 / inputs)


def train_and_examine(build: Any, images: Any, labels: Any, others: Any, lr: Any, steps: Any) -> Any:
    """Train in `train` mode, clearing the gradients before each step, and answer in `eval` mode."""
    model = build()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        return model(others)


def nesterov_by(renew: Callable[..., Any], step: Callable[..., Any]) -> Callable[..., Any]:
    """Make a momentum rule.

    Args:
        renew: takes velocity, gradient, lr and beta, and returns the new velocity.
        step: takes gradient, new velocity, lr and beta, and returns what is taken off the weight.
    """

    def rule(weight: Any, gradient: Any, velocity: Any, lr: Any, beta: Any) -> Any:
        new = renew(velocity, gradient, lr, beta)
        return weight - step(gradient, new, lr, beta), new

    return rule


def adamw_by(
    quotient: Callable[..., Any] = lambda m, s: m / (np.sqrt(s) + 1e-8),
    square: Callable[..., Any] = lambda gradient: gradient**2,
    keep: tuple[float, float] = (0.9, 0.999),
) -> Callable[..., Any]:
    """Make a rule like AdamW's.

    Args:
        quotient: takes the corrected means, and returns the step before it is scaled.
        square: takes the gradient, and returns what is gathered in s.
        keep: the share of m and of s that stays at each step.
    """

    def rule(weight: Any, gradient: Any, m: Any, s: Any, t: Any, lr: Any, decay: Any) -> Any:
        m = keep[0] * m + (1 - keep[0]) * gradient
        s = keep[1] * s + (1 - keep[1]) * square(gradient)
        with np.errstate(invalid="ignore"):  # a mean without squares may be negative, and has no root
            step = quotient(m / (1 - keep[0] ** t), s / (1 - keep[1] ** t))
        return weight * (1 - lr * decay) - lr * step, m, s

    return rule


def falls(done: Callable[..., Any], share: Callable[..., Any]) -> Callable[..., Any]:
    """Make a schedule whose warm-up is right.

    Args:
        done: takes step, total and warm-up, and returns how much of the fall is done.
        share: takes that, and returns the share of the peak.
    """

    def schedule(step: Any, total: Any, warmup: Any, peak: Any) -> Any:
        if step < warmup:
            return rate(step, total, warmup, peak)
        return peak * share(done(step, total, warmup))

    return schedule


def half_cosine(done: Any) -> Any:
    """Fall from 1 to 0 along half a cosine."""
    return (1 + math.cos(math.pi * done)) / 2


def since_warmup(step: Any, total: Any, warmup: Any) -> Any:
    """Return how much of the time after the warm-up is over."""
    return (step - warmup) / (total - warmup)


def build_network() -> nn.Module:
    """Build the same small network for images of 1 × 3 × 3 and three classes, whatever torch's random state."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(5)
        return nn.Sequential(nn.Flatten(), nn.Linear(9, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 3))


def trained_by(
    *,
    clear: bool = True,
    loss: Callable[..., Any] = F.cross_entropy,
    training: bool = True,
    settle: bool = True,
    uphill: bool = False,
) -> Callable[..., Any]:
    """Make a way to train and examine.

    Args:
        clear: whether the gradients are cleared before each step.
        loss: takes logits and labels.
        training: whether the network is in train mode while it trains.
        settle: whether it is in eval mode in the exam.
        uphill: whether the steps follow the gradient.
    """

    def way(build: Any, images: Any, labels: Any, others: Any, lr: Any, steps: Any) -> Any:
        model = build().train(training)
        optimizer = torch.optim.SGD(model.parameters(), lr=lr, maximize=uphill)
        for _ in range(steps):
            if clear:
                optimizer.zero_grad()
            loss(model(images), labels).backward()
            optimizer.step()
        with torch.no_grad():
            return model.train(not settle)(others)

    return way
