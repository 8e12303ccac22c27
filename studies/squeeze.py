"""Squeeze-and-excitation against a control that spends as many parameters on wider layers, on CIFAR-10."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from studies.records import HERE, Records
from visioncourse.data import load
from visioncourse.metrics import accuracy
from visioncourse.models import count_multiply_adds, count_parameters, create
from visioncourse.models.mbconv import SqueezeExcitation
from visioncourse.models.residual import Residual
from visioncourse.train import fit
from visioncourse.train.recipe import read_recipe

TITLE = "ResNet-8 with squeeze-and-excitation behind each branch, against a wider ResNet-8 with as many parameters"
COMMAND = "python -m studies squeeze --root DATA_FOLDER"
ARMS = ("se", "control")
SEEDS = range(5)
EPOCHS = 2
CONTROL_WIDTH = 17  # against 16, which makes about as many parameters as the gates have


def add_excitation(model: nn.Module) -> None:
    """Put squeeze-and-excitation, as wide inside as outside, at the end of each block's branch."""
    for block in [module for module in model.modules() if isinstance(module, Residual)]:
        wide = next(layer.out_channels for layer in reversed(block.branch) if isinstance(layer, nn.Conv2d))
        block.branch.append(SqueezeExcitation(wide, wide))


def build(arm: str, seed: int, num_classes: int) -> nn.Module:
    """Return the network of an arm, its first weights drawn from the seed."""
    torch.manual_seed(seed)
    model = create("resnet8", num_classes, 3, width=CONTROL_WIDTH if arm == "control" else 16)
    if arm == "se":
        add_excitation(model)
    return model


def study(root: Path | None, out: Path = HERE, smoke: bool = False, cache: Path | None = None) -> None:
    """Fill ``squeeze.json``; a smoke run trains one epoch on a few grey digits, elsewhere."""
    recipe = read_recipe("cifar10_resnet20")
    name, how = ("mnist5k", {"channels": 3, "size": 32}) if smoke else (recipe.data, {"root": root})
    train, test = (load(name, part, **how) for part in ("train", "test"))
    if smoke:
        train, test = train.few(10, 0), test.few(10, 0)
    records = Records("squeeze", TITLE, COMMAND, ("arm", "seed"), out)
    for seed in [0] if smoke else SEEDS:
        for arm in ARMS:
            if not records.has(arm=arm, seed=seed):
                records.add(run(arm, seed, train, test, 1 if smoke else EPOCHS))


def run(arm: str, seed: int, train: Any, test: Any, epochs: int) -> dict[str, Any]:
    """Train and measure one network."""
    recipe = read_recipe("cifar10_resnet20")
    model = build(arm, seed, len(train.classes))
    counts = {"parameters": count_parameters(model), "multiply_adds": count_multiply_adds(model, (3, 32, 32))}
    fit(model, train, epochs=epochs, batch_size=min(recipe.batch_size, len(train)), lr=recipe.lr,
        optimizer=recipe.optimizer, weight_decay=recipe.weight_decay, augment=recipe.augment(), seed=seed,
        progress=False)  # fmt: skip
    return {"arm": arm, "seed": seed, "epochs": epochs, **counts, "test_accuracy": round(accuracy(model, test), 4)}
