"""The table of lesson 6: gathers what ``python -m visioncourse.train`` left in the folders of finished runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from studies.records import HERE, Records

TITLE = "Networks of at most 0.3 million parameters on CIFAR-10, 5,000 training images held out"
COMMAND = "python -m studies cifar10 RUN_FOLDER ..."
LABELS = {"resnet20": "ResNet-20", "densenet_bc_40_12": "DenseNet-BC", "efficientnet_small": "EfficientNet-style"}
RECIPES = {"resnet20": "cifar10_resnet20", "densenet_bc_40_12": "cifar10_densenet",
           "efficientnet_small": "cifar10_efficientnet"}  # fmt: skip
FULL = {"resnet20": 40, "densenet_bc_40_12": 100, "efficientnet_small": 100}  # epochs of the recipes


def row(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of one run as the table keeps them."""
    model, epochs, curve = facts["model"], facts["recipe"]["epochs"], facts["curve"]
    recipe = RECIPES[model]
    return {
        "model": model, "label": LABELS[model], "parameters": facts["parameters"],
        "multiply_adds": facts["multiply_adds"], "recipe": recipe, "seed": facts["seed"], "epochs": epochs,
        "command": f"python -m visioncourse.train --recipe {recipe} --epochs {epochs} --seed {facts['seed']}",
        "hardware": facts["hardware"], "valid_accuracy": facts["valid_accuracy"],
        "test_accuracy": facts["test_accuracy"], "seconds": round(sum(curve["seconds"])),
        "note": "" if epochs >= FULL[model] else "short run",
        "curve": {name: [round(value, 4) for value in curve[name]] for name in ("loss", "accuracy", "valid_accuracy")},
    }  # fmt: skip


def gather(folders: list[Path], out: Path = HERE) -> None:
    """Record the runs that lie in ``folders``."""
    records = Records("cifar10", TITLE, COMMAND, ("model", "epochs", "seed"), out)
    for folder in folders:
        records.add(row(json.loads((folder / "run.json").read_text("utf-8"))))
