"""Shipped weights and results: whole, described, in the wheel, and refused where they do not fit."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from visioncourse import results, shipped
from visioncourse.checkpoint import load_tensors
from visioncourse.models import create, pretrained

ROOT = Path(__file__).parents[1]
WEIGHTS = ROOT / "data" / "weights"
KEYS = list(json.loads((WEIGHTS / "index.json").read_text("utf-8")))


@pytest.mark.parametrize("key", KEYS)
def test_every_file_has_its_hash_and_card(key: str) -> None:
    entry = pretrained.published()[key]
    path = pretrained.checked_file(entry)
    card = path.with_suffix(".md").read_text("utf-8")
    assert hashlib.sha256(path.read_bytes()).hexdigest() in card
    assert path.stat().st_size <= 5_000_000
    for word in ("Recipe", "Command", "Accuracy", "Hardware", "Versions", "Intended use", "Limits", "Licence"):
        assert word in card


@pytest.mark.parametrize("key", KEYS)
def test_create_loads_the_shipped_numbers(key: str) -> None:
    name, _, data = key.partition("/")
    entry = pretrained.published()[key]
    stored, _ = load_tensors(WEIGHTS / entry["file"])
    whole = create(name, entry["num_classes"], entry["in_chans"], weights=data)
    assert all(torch.equal(value, stored[tensor]) for tensor, value in whole.state_dict().items())
    other = create(name, 3, entry["in_chans"], weights=data)
    maps = torch.rand(2, entry["in_chans"], 32, 32)
    assert other.eval()(maps).shape == (2, 3)
    assert torch.equal(whole.eval().forward_features(maps), other.forward_features(maps))


def test_no_file_lies_there_that_nobody_describes() -> None:
    files = {path.name for path in WEIGHTS.glob("*.safetensors")}
    assert files == {entry["file"] for entry in pretrained.published().values()}


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("resnet20", {"weights": "cifar100"}, "unknown weights of resnet20 'cifar100': did you mean cifar10"),
        (
            "resnet8",
            {"weights": "cifar10"},
            "weights='cifar10': none are shipped for resnet8, only for resnet20/cifar10",
        ),
        ("resnet20", {"weights": "cifar10", "in_chans": 1}, "in_chans=1: expected 3"),
        ("resnet20", {"weights": "cifar10", "width": 8}, "belongs to another architecture"),
    ],
)
def test_weights_that_do_not_fit_are_refused(name: str, options: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        create(name, **{"in_chans": 3, **options})


def test_a_changed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(WEIGHTS, tmp_path / "shipped" / "weights")
    monkeypatch.setattr(shipped, "HERE", tmp_path)
    path = next((tmp_path / "shipped" / "weights").glob("*.safetensors"))
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ValueError, match="missing or not as it was shipped"):
        create("resnet20", 10, 3, weights="cifar10")


def test_an_install_without_them_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "HERE", tmp_path / "a" / "b" / "c")
    with pytest.raises(FileNotFoundError, match="weights are missing"):
        create("resnet20", 10, 3, weights="cifar10")


@pytest.mark.parametrize("path", sorted((ROOT / "results").glob("*.json")), ids=lambda path: path.stem)
def test_results_say_how_they_were_made(path: Path) -> None:
    facts = results.load(path.stem)
    assert {"title", "command", "hardware", "versions", "runs"} <= facts.keys()
    assert facts["runs"] and all("seed" in run and 0 <= run["test_accuracy"] <= 1 for run in facts["runs"])


def test_unknown_results_are_told_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean cifar10"):
        results.load("cifar")


@pytest.mark.slow
def test_the_wheel_holds_weights_results_and_recipes(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(
        ROOT, copy, ignore=shutil.ignore_patterns(".venv", ".git", "runs", "build", "*.egg-info", ".*_cache")
    )
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        tmp_path,
        copy,
    ]
    subprocess.run([str(part) for part in build], check=True, capture_output=True)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    for inside in ("shipped/weights/index.json", "shipped/results/cifar10.json", "train/recipes/cifar10_resnet20.toml"):
        assert f"visioncourse/{inside}" in names
    assert {f"visioncourse/shipped/weights/{path.name}" for path in WEIGHTS.iterdir()} <= set(names)
