"""Recipes: how a network is trained on a set, in a file that anybody can run again."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.nn import functional

from visioncourse.augment import Augmentation, Compose, Flip, ShiftCrop
from visioncourse.loop import cross_entropy
from visioncourse.textual import unknown

SHIPPED = files("visioncourse.train") / "recipes"


@dataclass(frozen=True)
class Recipe:
    """Settings of one training run; see ``fit`` for those that are not explained here.

    Attributes:
        model: name for ``models.create``.
        data: name for ``data.load``.
        flip: mirror half of the images in training.
        shift: largest shift of images in training, pixels; 0 for none.
        label_smoothing: share of the target that is spread evenly over all classes.
        options: further options of the model.
    """

    model: str = "small_cnn"
    data: str = "mnist5k"
    epochs: int = 10
    batch_size: int = 64
    lr: float = 1e-3
    optimizer: str = "adamw"
    weight_decay: float = 0.0
    schedule: str = "onecycle"
    flip: bool = False
    shift: int = 0
    label_smoothing: float = 0.0
    options: dict[str, Any] | None = None

    def changed(self, **values: Any) -> Recipe:
        """Return a copy with the values that are not None."""
        return replace(self, **{name: value for name, value in values.items() if value is not None})

    def augment(self) -> Augmentation | None:
        """Return what is done to training images; None for nothing."""
        steps: list[Augmentation] = [Flip()] if self.flip else []
        steps += [ShiftCrop(self.shift)] if self.shift else []
        return Compose(steps) if steps else None

    def loss(self) -> Callable[[Any, Any], Tensor]:
        """Return the cross-entropy, in float32."""
        if not self.label_smoothing:
            return cross_entropy
        smoothing = self.label_smoothing
        return lambda outputs, labels: functional.cross_entropy(outputs.float(), labels, label_smoothing=smoothing)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


def recipe_names() -> list[str]:
    """Return the names of the recipes that come with the package."""
    return sorted(entry.name.removesuffix(".toml") for entry in SHIPPED.iterdir() if entry.name.endswith(".toml"))


def read_recipe(name: str) -> Recipe:
    """Read a recipe.

    Args:
        name: of a recipe that comes with the package, or path of a TOML file.

    Raises:
        FileNotFoundError: for a path where nothing lies.
        ValueError: for an unknown name or entry, a value of the wrong type, or a file that is not TOML.
    """
    if name in recipe_names():
        text = (SHIPPED / f"{name}.toml").read_text("utf-8")
    elif not name.endswith(".toml"):
        raise ValueError(unknown("recipe", name, recipe_names()) + " A path must end in .toml.")
    elif not Path(name).is_file():
        raise FileNotFoundError(f"recipe {name!r}: no such file.")
    else:
        text = Path(name).read_text("utf-8")
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise ValueError(f"recipe {name!r} is not a TOML file: {problem}.") from None
    return check_entries(name, entries)


def check_entries(name: str, entries: dict[str, Any]) -> Recipe:
    """Compare a recipe's entries with what a recipe may say.

    Raises:
        ValueError: naming the entry.
    """
    kinds: dict[str, type] = {field.name: type(field.default) for field in fields(Recipe)} | {"options": dict}
    for entry, value in entries.items():
        if entry not in kinds:
            raise ValueError(f"recipe {name!r}: " + unknown("entry", entry, kinds))
        whole_for_float = kinds[entry] is float and type(value) is int
        if type(value) is not kinds[entry] and not whole_for_float:
            raise ValueError(f"recipe {name!r}: {entry} = {value!r}, expected a value of type {kinds[entry].__name__}.")
    values: dict[str, Any] = {entry: float(v) if kinds[entry] is float else v for entry, v in entries.items()}
    return Recipe(**values)
