"""Five classes of CIFAR-10 to the other five: frozen features, fine-tuning and a fresh start over labels per class."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studies.records import HERE, Records
from visioncourse.checkpoint import load_weights, save_weights
from visioncourse.data import ImageSet, load
from visioncourse.metrics import accuracy
from visioncourse.models import create
from visioncourse.train import fit
from visioncourse.train.job import only_classes
from visioncourse.train.recipe import Recipe, read_recipe

TITLE = "Five CIFAR-10 classes to the other five: a ResNet-20 trained on the first, used on the second"
COMMAND = "python -m studies transfer --root DATA_FOLDER"
FIRST, SECOND = [0, 2, 4, 6, 8], [1, 3, 5, 7, 9]
PER_CLASS = (5, 20, 100, 500)
ARMS = ("frozen", "fine-tuned", "scratch")
SEEDS = range(5)
SETTINGS: dict[str, Any] = {"optimizer": "adamw", "weight_decay": 0.01, "progress": False}


def backbone(recipe: Recipe, train: ImageSet, path: Path, epochs: int) -> nn.Module:
    """Return the network that was trained on the first five classes; train it if the file is not there."""
    torch.manual_seed(0)
    model = create(recipe.model, len(train.classes), 3)
    if path.exists():
        load_weights(path, model)
        return model
    fit(model, train, epochs=epochs, batch_size=recipe.batch_size, lr=recipe.lr, optimizer=recipe.optimizer,
        weight_decay=recipe.weight_decay, augment=recipe.augment(), progress=False)  # fmt: skip
    save_weights(path, model)
    return model


@torch.no_grad()
def features(model: nn.Module, data: ImageSet) -> ImageSet:
    """Return a set whose images are the pooled features ``(n, 64, 1, 1)``, brought to [0, 1] by one factor."""
    model.eval()
    pooled = torch.cat([model.head[:-1](model.forward_features(images)) for images, _ in data.batches(256)])  # type: ignore[index,operator]
    values: Tensor = pooled.flatten(1)[:, :, None, None]
    return replace(data, images=(values / values.max()).clamp(0, 1))


def measure(arm: str, source: nn.Module, few: ImageSet, test: ImageSet, seed: int, steps: int, recipe: Recipe) -> float:
    """Train one arm on a few labels and return its accuracy on all test images."""
    torch.manual_seed(seed)
    batch = min(32, len(few))
    epochs = max(1, steps * batch // len(few), 10 if steps > 1 else 1)
    if arm == "frozen":
        both = features(source, replace(few, images=torch.cat([few.images, test.images]),
                                        labels=torch.cat([few.labels, test.labels])))  # fmt: skip
        head = nn.Sequential(nn.Flatten(), nn.Linear(both.images.shape[1], len(few.classes)))
        fit(head, both.subset(range(len(few))), epochs=epochs, batch_size=batch, lr=0.03, seed=seed, **SETTINGS)
        return accuracy(head, both.subset(range(len(few), len(both))))
    model: Any = copy.deepcopy(source) if arm == "fine-tuned" else create(recipe.model, len(few.classes), 3)
    model.head[-1] = nn.Linear(model.head[-1].in_features, len(few.classes))
    rate = 1e-3 if arm == "fine-tuned" else 3e-3
    fit(model, few, epochs=epochs, batch_size=batch, lr=rate, seed=seed, augment=recipe.augment(), **SETTINGS)
    return accuracy(model, test)


def trials(smoke: bool) -> Iterator[tuple[int, int, str]]:
    """Yield labels per class, seed and arm of every run; one of each arm for a smoke run."""
    for seed in SEEDS if not smoke else [0]:
        for per_class in PER_CLASS if not smoke else [5]:
            for arm in ARMS:
                yield per_class, seed, arm


def study(root: Path | None, out: Path = HERE, smoke: bool = False, cache: Path = Path("runs/transfer")) -> None:
    """Fill ``transfer.json``; a smoke run takes single steps on small grey digits, elsewhere."""
    recipe = read_recipe("cifar10_resnet20")
    name, how = ("mnist5k", {"channels": 3, "size": 32}) if smoke else (recipe.data, {"root": root})
    data: dict[str, Any] = {part: load(name, part, **how) for part in ("train", "test")}
    if smoke:
        recipe = replace(recipe, model="resnet8", data=name, batch_size=32)
        data = {part: some.few(10, 0) for part, some in data.items()}
    cache.mkdir(parents=True, exist_ok=True)
    source = backbone(recipe, only_classes(data["train"], FIRST), cache / f"{name}.safetensors", 1 if smoke else 15)
    train, test = (only_classes(data[part], SECOND) for part in ("train", "test"))
    records = Records("transfer", TITLE, COMMAND, ("arm", "per_class", "seed"), out)
    for per_class, seed, arm in trials(smoke):
        if records.has(arm=arm, per_class=per_class, seed=seed):
            continue
        share = measure(arm, source, train.few(per_class, seed), test, seed, 1 if smoke else 300, recipe)
        records.add({"arm": arm, "per_class": per_class, "seed": seed, "test_accuracy": round(share, 4)})
