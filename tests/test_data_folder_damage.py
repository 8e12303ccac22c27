"""Files in one's own folders that are no readable pictures: named, counted, left out; the rest works."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from visioncourse.data import LazySet, load
from visioncourse.data.damage import DamagedPictureError, UnreadablePictures, is_readable, looks_whole, passes
from visioncourse.data.lazy import Files
from visioncourse.train import fit


def photo(seed: int, kind: str = "JPEG", **options: object) -> bytes:
    """Return the file of a small picture of blurred noise."""
    noise = Image.fromarray(np.random.RandomState(seed).randint(0, 255, (6, 8, 3)).astype(np.uint8))
    out = io.BytesIO()
    noise.resize((64, 48)).save(out, kind, **options)
    return out.getvalue()


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Twenty photographs of either class."""
    for label, name in enumerate(("cat", "dog")):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(20):
            (tmp_path / "pets" / name / f"{number:02d}.jpg").write_bytes(photo(100 * label + number))
    return tmp_path / "pets"


def spoil(pets: Path) -> list[Path]:
    """Put five files there that are no readable pictures."""
    whole = (pets / "dog" / "03.jpg").read_bytes()
    files = {
        "cat/00.jpg": b"this is text",
        "cat/notes.txt": b"so is this",
        "dog/03.jpg": whole[: len(whole) // 2],  # its head is whole
        "dog/99.PNG": photo(0, "PNG")[:-100],
        "dog/old/empty.png": b"",
    }
    for name, data in files.items():
        (pets / name).parent.mkdir(exist_ok=True)
        (pets / name).write_bytes(data)
    return [pets / name for name in files]


def quietly(pets: Path, split: str = "train", size: int = 8) -> LazySet:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnreadablePictures)
        lazy = load(f"folder:{pets}", split, size=size)
    assert isinstance(lazy, LazySet)
    return lazy


def files_of(lazy: LazySet) -> list[Path]:
    return [lazy.source.paths[i] for i in lazy.indices]


def test_one_warning_names_and_counts_what_is_left_out(pets):
    bad = spoil(pets)
    with pytest.warns(UnreadablePictures) as caught:
        lazy = load(f"folder:{pets}")
    assert [str(warning.message) for warning in caught] == [
        "folder:pets: skipped 5 of 43 files, no readable pictures: "
        "cat/00.jpg, cat/notes.txt, dog/03.jpg, dog/99.PNG, dog/old/empty.png"
    ]
    assert lazy.skipped == tuple(bad) and lazy.few(2).skipped == tuple(bad)


def test_of_many_files_five_are_named(pets):
    for number in range(8):
        (pets / "cat" / f"a{number}.jpg").write_bytes(b"no picture")
    with pytest.warns(UnreadablePictures, match=r"skipped 8 of 48 files, .*: cat/a0.jpg, .*, cat/a4.jpg and 3 more$"):
        load(f"folder:{pets}")


def test_splits_stay_disjoint_and_do_not_change_when_the_bad_files_are_removed(pets):
    bad = spoil(pets)
    parts = {split: files_of(quietly(pets, split)) for split in ("train", "valid", "test")}
    seen = [path for part in parts.values() for path in part]
    assert len(seen) == len(set(seen)) == 38 and not set(seen) & set(bad)
    assert {split: len(part) for split, part in parts.items()} == {"train": 28, "valid": 2, "test": 8}
    for file in bad:
        file.unlink()
    assert {split: files_of(load(f"folder:{pets}", split)) for split in parts} == parts


def test_the_rest_works_like_any_set(pets):
    spoil(pets)
    lazy, valid = quietly(pets), quietly(pets, "valid")
    held = lazy.in_memory()
    assert held.images.shape == (28, 3, 8, 8) and torch.equal(held.labels, lazy.labels)
    assert torch.equal(lazy.subset([3, 1]).in_memory().images, held.images[[3, 1]])
    assert lazy.few(5).labels.bincount().tolist() == [5, 5]
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))
    history = fit(model, lazy, valid, epochs=2, batch_size=8, device="cpu", progress=False)
    assert history.epochs == 2 and all(np.isfinite(history.valid_loss))


def test_a_class_without_any_usable_picture_is_refused(pets):
    (pets / "owl").mkdir()
    (pets / "owl" / "0.jpg").write_bytes(b"no picture")
    (pets / "owl" / "1.jpg").write_bytes(photo(0)[:300])
    with pytest.raises(ValueError, match=r"^class 'owl' of .* has no picture that can be read: owl/0.jpg, owl/1.jpg$"):
        load(f"folder:{pets}")
    for number in range(2):
        (pets / "owl" / f"{number}.jpg").rename(pets / "owl" / f"{number}.txt")
    with pytest.raises(FileNotFoundError, match="owl' holds no pictures"):
        load(f"folder:{pets}")


KINDS = {
    "jpg": ("JPEG", {}),
    "progressive": ("JPEG", {"progressive": True}),
    "png": ("PNG", {}),
    "webp": ("WEBP", {}),
    "bmp": ("BMP", {}),
    "tif": ("TIFF", {}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_called_readable_is_what_can_be_decoded(tmp_path, kind):
    name, options = KINDS[kind]
    random, file = np.random.RandomState(0), tmp_path / "file"
    for seed in range(30):
        data = bytearray(photo(seed, name, **options))
        file.write_bytes(data)
        assert is_readable(file)
        assert passes(looks_whole, file) or name not in ("JPEG", "PNG"), "the quick look must do for whole files"
        file.write_bytes(data[: random.randint(len(data))])
        assert is_readable(file) == decodes(file)
        place = random.randint(len(data) // 2, len(data) - 20)
        data[place : place + 20] = random.bytes(20)
        file.write_bytes(data)
        # Between the scans of a progressive JPEG lie tables; the quick look does not read them.
        assert is_readable(file) == decodes(file) or (kind == "progressive" and is_readable(file))


def decodes(file: Path) -> bool:
    try:
        with Image.open(file) as picture:
            picture.load()
    except Exception:
        return False
    return True


@pytest.mark.parametrize("data", [photo(0) + b"notes of a camera", photo(0) + photo(1), photo(0, "PNG")[:-12]])
def test_more_or_less_after_the_last_pixel_does_no_harm(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    assert is_readable(tmp_path / "file")


def test_a_picture_that_breaks_later_is_replaced_by_one_of_its_class_and_named_once(pets):
    lazy = load(f"folder:{pets}", size=8)
    before, victim = lazy.in_memory().images, 4
    stand_in = next(i for i in range(5, 28) if lazy.labels[i] == lazy.labels[victim])
    path = files_of(lazy)[victim]
    path.write_bytes(path.read_bytes()[:400])
    said = re.escape(f"cannot read picture {str(path)!r}: ") + ".*; another picture of its class takes its place"
    with pytest.warns(UnreadablePictures, match=said + r" \(skipped up to now: 1 file\)$") as caught:
        epochs = [list(lazy.batches(6)) for _ in range(2)]
    assert len(caught) == 1 and lazy.skipped == (path,)
    for batches in epochs:
        images, labels = (torch.cat(part) for part in zip(*batches, strict=True))
        assert torch.equal(labels, lazy.labels)
        assert torch.equal(images[victim], before[stand_in])
        assert torch.equal(images[5:], before[5:]) and torch.equal(images[:4], before[:4])


def test_a_class_that_breaks_as_a_whole_and_a_file_that_goes_are_errors(pets):
    lazy = load(f"folder:{pets}", size=8)
    files_of(lazy)[0].unlink()
    with pytest.raises(ValueError, match=r"cannot read picture '.*jpg'.*No such file"):
        next(lazy.batches())
    cats = lazy.subset((lazy.labels == 0).numpy())
    for path in files_of(cats):
        path.write_bytes(b"no picture")
    with (
        pytest.warns(UnreadablePictures),
        pytest.raises(ValueError, match="no picture of class 'cat' can be decoded any more"),
    ):
        list(cats.batches())


def test_a_published_set_is_strict(tmp_path):
    (tmp_path / "a.jpg").write_bytes(photo(0)[:400])
    strict = LazySet(Files([tmp_path / "a.jpg"], [0]), torch.tensor([0]), ("a",))
    with pytest.raises(DamagedPictureError, match=r"cannot read picture '.*a.jpg'"):
        next(strict.batches())


def test_processes_share_the_batches_and_labels_are_those_of_the_set(pets):
    lazy = load(f"folder:{pets}", size=8).subset(range(5))
    lazy = replace(lazy, labels=1 - lazy.labels)
    whole = list(lazy.batches(4))
    parts = [list(lazy.batches(4, share=(rank, 2))) for rank in range(2)]
    assert [len(labels) for _, labels in parts[1]] == [2, 0] and parts[1][1][0].shape == (0, 3, 8, 8)
    for batch, *pieces in zip(whole, *parts, strict=True):
        for number in range(2):
            assert torch.equal(torch.cat([piece[number] for piece in pieces]), batch[number])
    assert torch.equal(torch.cat([labels for _, labels in whole]), lazy.labels)
