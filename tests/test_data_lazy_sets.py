"""The large torchvision sets, in miniature: laid out as the authors do, read lazily."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import io
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision import datasets

from visioncourse.data import CATALOGUE, LazySet, fetch, load, sources, verify
from visioncourse.data.sources import FOLDERS, GTSRB_ADDRESS, GTSRB_FILES


def picture(value: int, ending: str, size: tuple[int, int] = (20, 30)) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.full((*size, 3), value, np.uint8)).save(out, {"jpg": "JPEG", "ppm": "PPM"}[ending])
    return out.getvalue()


def put_tar(path: Path, members: dict[str, bytes]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as packed:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return hashlib.md5(path.read_bytes()).hexdigest()


def put_zip(path: Path, members: dict[str, bytes]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return hashlib.md5(path.read_bytes()).hexdigest()


def set_counts(monkeypatch: pytest.MonkeyPatch, name: str, **counts: int) -> None:
    monkeypatch.setitem(CATALOGUE, name, replace(CATALOGUE[name], counts=counts))


@pytest.fixture
def flowers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from scipy.io import savemat

    folder = tmp_path / "flowers-102"
    checksum = put_tar(
        folder / "102flowers.tgz", {f"jpg/image_{i:05d}.jpg": picture(20 * i, "jpg") for i in range(1, 9)}
    )
    savemat(folder / "imagelabels.mat", {"labels": np.array([[1, 2, 1, 2, 1, 2, 102, 102]])})
    savemat(folder / "setid.mat", {"trnid": [[1, 2]], "valid": [[3, 4]], "tstid": [[5, 6, 7, 8]]})
    sums = [hashlib.md5((folder / name).read_bytes()).hexdigest() for name in ("imagelabels.mat", "setid.mat")]
    table = {
        "image": ("102flowers.tgz", checksum),
        "label": ("imagelabels.mat", sums[0]),
        "setid": ("setid.mat", sums[1]),
    }
    monkeypatch.setattr(datasets.Flowers102, "_file_dict", table)
    set_counts(monkeypatch, "flowers102", train=2, valid=2, test=4)
    return tmp_path


@pytest.fixture
def pets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    names = [f"{breed}_{i}" for breed in ("Abyssinian", "american_bulldog") for i in range(12)]
    lines = [f"{name} {1 + i // 12} {1 + i // 12} 1" for i, name in enumerate(names)]
    train, test = (lines[:10] + lines[12:22]), lines[10:12] + lines[22:]
    folder = tmp_path / "oxford-iiit-pet"
    images = put_tar(folder / "images.tar.gz", {f"images/{name}.jpg": picture(9, "jpg") for name in names})
    tables = {"annotations/trainval.txt": "\n".join(train).encode(), "annotations/test.txt": "\n".join(test).encode()}
    address = "http://127.0.0.1:9/"
    sums = (
        (address + "images.tar.gz", images),
        (address + "annotations.tar.gz", put_tar(folder / "annotations.tar.gz", tables)),
    )
    monkeypatch.setattr(datasets.OxfordIIITPet, "_RESOURCES", sums)
    set_counts(monkeypatch, "oxford_pet", train=20, test=4)
    return tmp_path


@pytest.fixture
def signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tracks = {
        f"GTSRB/Training/{label:05d}/{track:05d}_{i:05d}.ppm": picture(40 * label + 4 * track, "ppm", (15, 19))
        for label in range(3)
        for track in range(10)
        for i in range(3)
    }
    rows = "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\n" + "".join(
        f"{i:05d}.ppm;19;15;1;1;9;9;{i % 3}\n" for i in range(6)
    )
    tests = {f"GTSRB/Final_Test/Images/{i:05d}.ppm": picture(i, "ppm") for i in range(6)}
    parts = (tracks, tests, {"GT-final_test.csv": rows.encode()})
    files = [
        (name, put_zip(tmp_path / "gtsrb" / name, part)) for (name, _), part in zip(GTSRB_FILES, parts, strict=True)
    ]
    monkeypatch.setattr(sources, "GTSRB_FILES", tuple(files))
    set_counts(monkeypatch, "gtsrb", train=90, test=6)
    return tmp_path


def test_flowers_keep_their_published_splits(flowers):
    sets = {split: load("flowers102", split, root=flowers, download=True) for split in ("train", "valid", "test")}
    assert {split: part.labels.tolist() for split, part in sets.items()} == {
        "train": [0, 1],
        "valid": [0, 1],
        "test": [0, 1, 101, 101],
    }
    assert isinstance(sets["test"], LazySet) and len(sets["test"].classes) == 102
    images, _ = next(sets["test"].batches(4))
    assert images.shape == (4, 3, 128, 128)
    assert (images.mean((1, 2, 3)) * 255).round().tolist() == [100, 120, 140, 160]
    assert next(load("flowers102", root=flowers, size=16, channels=1).batches(2))[0].shape == (2, 1, 16, 16)


def test_pets_give_a_tenth_of_their_training_part_as_valid(pets):
    sets = {split: load("oxford_pet", split, root=pets, download=True) for split in ("train", "valid", "test")}
    assert {split: part.labels.bincount().tolist() for split, part in sets.items()} == {
        "train": [9, 9],
        "valid": [1, 1],
        "test": [2, 2],
    }
    assert sets["train"].classes == ("Abyssinian", "American Bulldog")
    files = [{part.source.paths[i] for i in part.indices} for part in sets.values()]
    assert len(set.union(*files)) == 24


def test_tracks_of_signs_are_wholly_in_train_or_in_valid(signs):
    train, valid, test = (load("gtsrb", split, root=signs, download=True) for split in ("train", "valid", "test"))
    assert (len(train), len(valid), len(test)) == (81, 9, 6) and test.labels.tolist() == [0, 1, 2, 0, 1, 2]
    tracks = [
        {(path.parent.name, path.name[:5]) for path in (part.source.paths[i] for i in part.indices)}
        for part in (train, valid)
    ]
    assert not tracks[0] & tracks[1] and len(tracks[1]) == 3
    assert next(valid.batches(2, False))[0].shape == (2, 3, 48, 48)


def test_a_lost_picture_is_found(pets):
    folder = fetch("oxford_pet", pets, progress=False)
    (folder / "images" / "Abyssinian_3.jpg").unlink()
    assert verify("oxford_pet", pets) == [f"oxford_pet: {folder / 'images' / 'Abyssinian_3.jpg'} is missing"]
    (folder / ".verified.json").unlink()
    assert "Abyssinian_3.jpg is missing" in verify("oxford_pet", pets)[0]
    with pytest.raises(ValueError, match=r"cannot read picture '.*Abyssinian_3.jpg'"):
        [list(load("oxford_pet", split, root=pets).batches()) for split in ("train", "valid", "test")]


def test_the_addresses_of_gtsrb_are_torchvisions():
    text = inspect.getsource(datasets.GTSRB.download)
    assert GTSRB_ADDRESS in text and all(name in text and md5 in text for name, md5 in GTSRB_FILES)


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_every_source_lies_where_torchvision_looks(name):
    found = sources.sources(name)
    assert found and all(len(source.md5) == 32 and (source.urls or source.drive_id) for source in found)
    assert all(source.path.startswith(FOLDERS[name] + "/") for source in found if not name.startswith("cifar"))


@pytest.mark.skipif(importlib.util.find_spec("h5py") is not None, reason="h5py is installed")
def test_pcam_says_what_it_needs(tmp_path):
    with pytest.raises(ImportError, match=r"data set 'pcam' needs h5py.*: pip install h5py"):
        fetch("pcam", tmp_path)
    (tmp_path / "pcam").mkdir()
    with pytest.raises(ImportError, match="data set 'pcam' needs h5py: pip install h5py"):
        load("pcam", root=tmp_path)


def test_pcam_is_read_by_h5py(tmp_path, monkeypatch):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed (optional, for pcam)")
    (tmp_path / "pcam").mkdir()
    for number, files in enumerate(datasets.PCAM._FILES.values()):
        with h5py.File(tmp_path / "pcam" / files["images"][0], "w") as file:
            file["x"] = np.full((4, 96, 96, 3), 10 * number, np.uint8)
        with h5py.File(tmp_path / "pcam" / files["targets"][0], "w") as file:
            file["y"] = np.array([0, 1, 1, 0]).reshape(4, 1, 1, 1)
    set_counts(monkeypatch, "pcam", train=4, valid=4, test=4)
    assert verify("pcam", tmp_path) == []
    valid = load("pcam", "valid", root=tmp_path)
    images, labels = next(valid.batches(4))
    assert labels.tolist() == [0, 1, 1, 0] and images.shape == (4, 3, 96, 96)
