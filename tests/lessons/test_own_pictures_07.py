"""Lesson 07 as it stands, on a folder of one's own pictures and with a network of torchvision's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from harness import run_sabotaged

SIZES = [(80, 60), (33, 47), (120, 120), (64, 200)]  # width, height
QUICK = {"epochs": 1, "draws": 1, "labels": [1, 2], "steps": 3}


def photograph(folder: Path, count: int) -> None:
    """Save JPEGs of two kinds and several sizes, in a folder for each kind."""
    from PIL import Image

    random = np.random.default_rng(0)
    for kind, colour in (("leaf", (60, 160, 60)), ("stone", (120, 120, 130))):
        home = folder / kind
        home.mkdir(parents=True)
        for number in range(count):
            width, height = SIZES[number % len(SIZES)]
            pixels = random.normal(colour, 25, (height, width, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(home / f"{number}.jpg")


def publish_resnet18(home: Path) -> None:
    """Put random weights where torch looks for the published ones; without them it would ask the network."""
    from torchvision.models import ResNet18_Weights, resnet18

    file = home / "hub" / "checkpoints" / ResNet18_Weights.DEFAULT.url.rpartition("/")[2]
    file.parent.mkdir(parents=True)
    torch.save(resnet18().state_dict(), file)


@pytest.mark.slow
def test_the_same_cells_run_on_a_folder_of_photographs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photograph(tmp_path / "pictures", count=12)
    publish_resnet18(tmp_path / "home")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    parameters = QUICK | {"dataset": f"folder:{tmp_path / 'pictures'}", "backbone": "torchvision/resnet18"}
    verdicts = run_sabotaged("07", [], ["07.6", "07.14"], parameters=parameters)
    assert verdicts["07.6"]  # counted, so true of every network
