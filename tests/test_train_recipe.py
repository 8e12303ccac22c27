"""Recipe files: those that are shipped, and what a bad one is told."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from visioncourse.augment import Compose, Flip
from visioncourse.data import CATALOGUE
from visioncourse.loop import cross_entropy
from visioncourse.models import count_parameters, create
from visioncourse.train.recipe import Recipe, read_recipe, recipe_names


@pytest.mark.parametrize("name", recipe_names())
def test_a_shipped_recipe_can_be_run_and_says_what_it_gave(name: str) -> None:
    recipe = read_recipe(name)
    assert recipe.data in CATALOGUE
    assert count_parameters(create(recipe.model, 10, 3)) <= 300_000
    header = (files("visioncourse.train") / "recipes" / f"{name}.toml").read_text("utf-8").partition("\nmodel")[0]
    for word in ("hardware:", "versions:", "runs:", "accuracy:"):
        assert f"# {word}" in header


def test_entries_become_settings(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('model = "resnet8"\nlr = 1\nflip = true\nshift = 2\n[options]\nnorm = "group"\n')
    recipe = read_recipe(str(path))
    assert (recipe.model, recipe.lr, recipe.options) == ("resnet8", 1.0, {"norm": "group"})
    assert isinstance(recipe.augment(), Compose)
    assert isinstance(recipe.augment().steps[0], Flip)
    assert recipe.changed(epochs=3, lr=None).epochs == 3
    assert Recipe().augment() is None
    assert recipe.as_dict()["shift"] == 2


def test_the_loss_smooths_labels_only_if_it_should() -> None:
    logits, labels = torch.randn(4, 3), torch.tensor([0, 1, 2, 0])
    assert Recipe().loss() is cross_entropy
    smoothed = Recipe(label_smoothing=0.1).loss()(logits, labels)
    assert torch.equal(smoothed, F.cross_entropy(logits, labels, label_smoothing=0.1))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("epochs = 1.5", r"epochs = 1.5, expected a value of type int"),
        ("flip = 1", r"flip = 1, expected a value of type bool"),
        ("epohcs = 3", r"unknown entry 'epohcs': did you mean epochs"),
        ("epochs =", "is not a TOML file"),
    ],
)
def test_a_bad_file_is_told_what_is_wrong(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=sentence):
        read_recipe(str(path))


def test_unknown_recipes_are_told_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean cifar10_resnet20"):
        read_recipe("cifar_resnet")
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_recipe("nowhere.toml")
