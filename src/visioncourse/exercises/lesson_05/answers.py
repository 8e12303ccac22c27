"""Right answers to the exercises of lesson 05, as `solution` shows them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F


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
