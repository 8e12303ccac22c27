"""Weights that the project has trained itself and ships, each with a card in ``data/weights``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import nn

from visioncourse.checkpoint import load_weights
from visioncourse.shipped import shipped_folder
from visioncourse.textual import unknown

INDEX = "index.json"


def published() -> dict[str, dict[str, Any]]:
    """Return what is shipped: for each ``MODEL/SET`` the file, its SHA-256, channels and classes."""
    index: dict[str, dict[str, Any]] = json.loads((shipped_folder("weights") / INDEX).read_text("utf-8"))
    return index


def checked_file(entry: dict[str, Any]) -> Path:
    """Return the path of shipped weights after comparing their hash.

    Raises:
        ValueError: for a file that is missing or was changed.
    """
    path = shipped_folder("weights") / str(entry["file"])
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
        raise ValueError(f"weights file {path.name!r} is missing or not as it was shipped; install visioncourse again.")
    return path


def load_pretrained(
    build: Callable[..., nn.Module], name: str, weights: str, num_classes: int, in_chans: int, **options: Any
) -> nn.Module:
    """Build a network with shipped weights; its last layer is a fresh one if the number of classes differs.

    Raises:
        ValueError: for weights that are not shipped for this network, other channels, options that make another
            network of it, or a file that was changed.
    """
    index = published()
    key = f"{name}/{weights}"
    if key not in index:
        mine = [known.partition("/")[2] for known in index if known.startswith(f"{name}/")]
        if not mine:
            raise ValueError(f"weights={weights!r}: none are shipped for {name}, only for {', '.join(sorted(index))}.")
        raise ValueError(unknown(f"weights of {name}", weights, mine))
    entry = index[key]
    if in_chans != entry["in_chans"]:
        raise ValueError(f"in_chans={in_chans}: expected {entry['in_chans']}, for which weights={weights!r} were made.")
    model: Any = build(num_classes=entry["num_classes"], in_chans=in_chans, **options)
    load_weights(checked_file(entry), model)
    if num_classes != entry["num_classes"]:
        model.head[-1] = nn.Linear(model.head[-1].in_features, num_classes)
    return model  # type: ignore[no-any-return]
