"""What ``fit`` refuses, and that it leaves everything as it was."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from training_toys import differing, toy_model, toy_set

from visioncourse.data.sets import ImageSet
from visioncourse.train import fit


class Empty:
    """A set without images."""

    def __len__(self) -> int:
        return 0

    def batches(self, *_: Any, **__: Any) -> Any:
        return iter(())


def one_class() -> ImageSet:
    return ImageSet(torch.rand(8, 1, 8, 8), torch.full((8,), 2), ("a", "b", "c", "d"))


@pytest.mark.parametrize(
    ("train", "options", "words"),
    [
        (toy_set, {"epochs": 0}, "epochs=0: expected a whole number of at least 1"),
        (toy_set, {"batch_size": 0}, "batch_size=0: expected"),
        (toy_set, {"batch_size": 65}, "batch_size=65 is larger than the training set of 64 images"),
        (toy_set, {"lr": -0.001}, "lr=-0.001: expected a learning rate above 0"),
        (toy_set, {"weight_decay": -1.0}, "weight_decay=-1.0"),
        (toy_set, {"optimizer": "adamwww"}, "unknown optimizer .* did you mean adamw"),
        (toy_set, {"schedule": "onecycel"}, "unknown schedule .* did you mean onecycle"),
        (toy_set, {"precision": "float16"}, "unknown precision"),
        (toy_set, {"device": "cupu"}, "unknown device"),
        (toy_set, {"params": []}, "params is empty"),
        (Empty, {}, "train is empty: expected at least one image"),
        (one_class, {"batch_size": 4}, r"train holds one class only \(label 2\)"),
        (lambda: toy_set(channels=3), {}, r"cannot read images of shape \(3, 8, 8\): .*channels"),
        (
            lambda: toy_set(classes=4),
            {"model": toy_model(classes=3)},
            "labels go up to 3, but the model gives 3 logits",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence_and_nothing_changes(
    train: Callable[[], Any], options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    options = {"epochs": 1, "batch_size": 8, "device": "cpu", "model": toy_model(), **options}
    model = options.pop("model").train()
    before = copy.deepcopy(model)
    with pytest.raises(ValueError, match=words) as refusal:
        fit(model, train(), checkpoint=tmp_path / "run.safetensors", **options)
    assert "\n" not in str(refusal.value)
    assert differing(model, before) == [] and list(tmp_path.iterdir()) == []
    assert model.training


def test_nan_images_never_make_a_set() -> None:
    images = toy_set(16).images
    images[3, 0, 2, 2] = float("nan")
    with pytest.raises(ValueError, match="1 of 16 images hold NaN"):
        ImageSet(images, toy_set(16).labels, ("a", "b", "c", "d"))
