"""One's own pictures, and sets that stay on disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from visioncourse.data import ImageSet, LazySet, load, require_classes


def paint(path: Path, value: int, size: tuple[int, int] = (24, 16)) -> None:
    """Save a picture of one colour, so that an image tells which file it came from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size[1], size[0], 3), value, np.uint8)).save(path)


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    for label, name in enumerate(("cat", "dog")):
        for number in range(20):
            paint(tmp_path / "pets" / name / f"{number:02d}.png", 100 * label + 5 * number)
    return tmp_path / "pets"


def shades(image_set: LazySet) -> list[int]:
    return [int((image.mean() * 255).round()) for images, _ in image_set.batches(7) for image in images]


def test_a_folder_is_parted_stratified_for_ever_and_without_overlap(pets):
    parts = {split: load(f"folder:{pets}", split) for split in ("train", "valid", "test")}
    assert {split: len(part) for split, part in parts.items()} == {"train": 28, "valid": 4, "test": 8}
    seen = [shade for part in parts.values() for shade in shades(part)]
    assert sorted(seen) == sorted({100 * label + 5 * number for label in range(2) for number in range(20)})
    for split, part in parts.items():
        assert isinstance(part, LazySet) and part.classes == ("cat", "dog")
        assert part.labels.bincount().tolist() == [len(part) // 2] * 2
        assert [int(shade >= 100) for shade in shades(part)] == part.labels.tolist()
        assert shades(part) == shades(load(f"folder:{pets}", split))


def test_train_and_test_folders(tmp_path):
    for part, count in (("train", 10), ("test", 3)):
        for name in ("a", "b"):
            for number in range(count):
                paint(tmp_path / part / name / f"{number}.jpg", number)
    sizes = {split: len(load(f"folder:{tmp_path}", split)) for split in ("train", "valid", "test")}
    assert sizes == {"train": 18, "valid": 2, "test": 6}
    shutil.copytree(tmp_path / "test", tmp_path / "val")
    sizes = {split: len(load(f"folder:{tmp_path}", split)) for split in ("train", "valid", "test")}
    assert sizes == {"train": 20, "valid": 6, "test": 6}
    shutil.rmtree(tmp_path / "test")
    sizes = {split: len(load(f"folder:{tmp_path}", split)) for split in ("train", "valid", "test")}
    assert sizes == {"train": 16, "valid": 6, "test": 4}


def test_size_channels_and_batches(pets):
    lazy = load(f"folder:{pets}", size=10, channels=1)
    assert repr(lazy) == "LazySet folder:pets train: 28 images of 1×10×10, 2 classes"
    images, labels = next(iter(lazy.batches(6)))
    assert images.shape == (6, 1, 10, 10) and images.dtype == torch.float32 and labels.dtype == torch.int64
    assert [len(labels) for _, labels in lazy.batches(12)] == [12, 12, 4]
    assert load(f"folder:{pets}").size == 128


def test_shuffle_follows_the_generator_and_spares_the_global_state(pets):
    lazy = load(f"folder:{pets}", size=4)
    before = torch.get_rng_state()

    def run(seed):
        generator = torch.Generator().manual_seed(seed)
        return torch.cat([labels for _, labels in lazy.batches(5, shuffle=True, generator=generator)])

    assert torch.equal(run(0), run(0)) and not torch.equal(run(0), run(1))
    assert torch.equal(run(0).sort().values, lazy.labels.sort().values)
    assert torch.equal(torch.get_rng_state(), before)


def test_subset_and_few_stay_lazy(pets):
    lazy = load(f"folder:{pets}", size=4)
    part = lazy.subset([5, 2]).subset([1, 0, 0])
    assert isinstance(part, LazySet)
    assert shades(part) == [shades(lazy)[i] for i in (2, 5, 5)]
    assert part.labels.tolist() == lazy.labels[[2, 5, 5]].tolist()
    few = lazy.few(3, seed=1)
    assert isinstance(few, LazySet) and few.labels.bincount().tolist() == [3, 3]
    assert shades(few) == shades(lazy.few(3, seed=1))
    with pytest.raises(ValueError, match="per_class=99 is too many: class 'cat' has only 14 images"):
        lazy.few(99)
    with pytest.raises(ValueError, match="1 class only"):
        require_classes(lazy.subset((lazy.labels == 0).numpy()))


def test_images_are_not_in_memory_unless_asked_for(pets):
    lazy = load(f"folder:{pets}", "test", size=4)
    with pytest.raises(AttributeError, match=r"stays on disk and has no .images: loop over .batches\(\)"):
        _ = lazy.images
    held = lazy.in_memory()
    assert isinstance(held, ImageSet) and torch.equal(held.labels, lazy.labels)
    assert held.images.shape == (8, 3, 4, 4)


def test_hidden_files_and_folders_are_passed_over(pets):
    for name in (".ipynb_checkpoints", "__MACOSX", "cat/.thumbnails"):
        (pets / name).mkdir()
    for name in ("cat/._00.png", "cat/.DS_Store", "dog/Thumbs.db", "dog/desktop.ini", "cat/.thumbnails/00.png"):
        (pets / name).write_bytes(b"what systems leave behind")
    lazy = load(f"folder:{pets}")
    assert lazy.classes == ("cat", "dog") and len(lazy) == 28 and lazy.skipped == ()


def test_folders_that_cannot_be_used(tmp_path, pets):
    with pytest.raises(FileNotFoundError, match="does not exist; give a folder with one folder per class"):
        load(f"folder:{tmp_path / 'nowhere'}")
    with pytest.raises(NotADirectoryError, match="unpack an archive first"):
        load(f"folder:{pets / 'cat' / '00.png'}")
    (tmp_path / "bare").mkdir()
    with pytest.raises(FileNotFoundError, match="holds no class folders"):
        load(f"folder:{tmp_path / 'bare'}")
    (pets / "owl").mkdir()
    with pytest.raises(FileNotFoundError, match="owl' holds no pictures"):
        load(f"folder:{pets}")


def test_classes_must_agree_and_splits_must_hold_something(tmp_path):
    paint(tmp_path / "train" / "a" / "0.png", 1)
    paint(tmp_path / "train" / "b" / "0.png", 1)
    with pytest.raises(ValueError, match=r"split='test' of folder .* is empty: its classes have too few pictures"):
        load(f"folder:{tmp_path}", "test")
    paint(tmp_path / "test" / "a" / "0.png", 1)
    with pytest.raises(ValueError, match=r"has the classes \('a',\), but train has \('a', 'b'\)"):
        load(f"folder:{tmp_path}", "test")
