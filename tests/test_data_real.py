"""The real MNIST, Fashion-MNIST and CIFAR-10, where they lie beside the project."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from visioncourse.data import CATALOGUE, fetch, load, verify
from visioncourse.data.embedded import mnist5k_bytes
from visioncourse.data.official import open_part, pixels_of


@pytest.fixture(scope="module")
def root(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with the official archives of MNIST and Fashion-MNIST, fetched from there without a network."""
    folder = tmp_path_factory.mktemp("real")
    for name in ("MNIST", "FashionMNIST"):
        shutil.copytree(real_data / name, folder / name, copy_function=shutil.copyfile)
    for name in ("mnist", "fashion_mnist"):
        fetch(name, folder, progress=False)
    return folder


def as_bytes(images: torch.Tensor) -> list[bytes]:
    return [image.tobytes() for image in (images * 255).round().byte().numpy()]


def test_mnist_without_the_test_digits_of_mnist5k(root):
    train, valid, test = (load("mnist", split, root=root) for split in ("train", "valid", "test"))
    assert len(train) + len(valid) == 59_000 and len(test) == 10_000
    assert abs(len(valid) - 5_900) <= 5
    held = set(as_bytes(load("mnist5k", "test").images))
    assert len(held) == 1_000
    seen = as_bytes(train.images) + as_bytes(valid.images) + as_bytes(test.images)
    assert not held & set(seen)
    shares = train.labels.bincount() / len(train) - valid.labels.bincount() / len(valid)
    assert shares.abs().max() < 0.001


def test_all_of_mnist5k_is_in_mnists_training_part(root):
    official = open_part("mnist", "train", root)
    place = {
        image.tobytes(): label for image, label in zip(pixels_of(official), official.targets.tolist(), strict=True)
    }
    rows, labels = mnist5k_bytes()
    assert [place.get(row.tobytes()) for row in rows] == labels.tolist()


def test_fashion_mnist(root):
    sizes = {split: load("fashion_mnist", split, root=root) for split in ("train", "valid", "test")}
    assert {split: part.labels.bincount().tolist() for split, part in sizes.items()} == {
        "train": [5_400] * 10,
        "valid": [600] * 10,
        "test": [1_000] * 10,
    }
    assert sizes["test"].classes[sizes["test"].labels[0]] == "Ankle boot"


def test_verify_and_licence(root):
    assert verify("fashion_mnist", root) == []
    assert (root / "FashionMNIST" / "LICENSE").is_file()


@pytest.mark.slow
def test_cifar10(real_data, tmp_path):
    subprocess.run([sys.executable, str(real_data / "unpack.py"), str(tmp_path)], check=True, capture_output=True)
    assert verify("cifar10", tmp_path) == []
    fetch("cifar10", tmp_path, progress=False)  # in order: needs no network
    parts = {split: load("cifar10", split, root=tmp_path) for split in ("train", "valid", "test")}
    assert {split: part.labels.bincount().tolist() for split, part in parts.items()} == {
        "train": [4_500] * 10,
        "valid": [500] * 10,
        "test": [1_000] * 10,
    }
    assert tuple(parts["train"].images.shape[1:]) == CATALOGUE["cifar10"].shape
    assert parts["test"].classes[:3] == ("airplane", "automobile", "bird")
    means = parts["train"].images.mean((0, 2, 3)).numpy()
    assert np.allclose(means, [0.4914, 0.4822, 0.4465], atol=0.002)
    batch = tmp_path / "cifar-10-batches-py" / "test_batch"
    batch.write_bytes(batch.read_bytes()[:-1])
    with pytest.raises(ValueError, match="incomplete or damaged"):
        load("cifar10", "test", root=tmp_path)
