"""One's own pictures: ``folder:PATH`` with one folder per class."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int

from visioncourse.data.damage import UnreadablePictures, is_readable, name_files
from visioncourse.data.lazy import Files, LazySet
from visioncourse.data.sets import counted
from visioncourse.data.splits import SPLITS, stratified

NAMES = {"train": ("train",), "valid": ("valid", "val"), "test": ("test",)}
TEST_SHARES = (0.8, 0.2)  # rest, test
VALID_SHARES = (0.9, 0.1)  # train, valid
LEFT_BEHIND = ("thumbs.db", "desktop.ini", "__macosx")


def load_folder(folder: Path, split: str, size: int | None = None, channels: int | None = None) -> LazySet:
    """Load pictures from ``folder/CLASS/…`` or ``folder/train/CLASS/…`` (and ``valid``, ``test``).

    A ``test`` or ``valid`` folder that is not there is cut out of the training pictures: a fifth of every
    class for test, then a tenth of the rest for valid; always the same pictures. Files that are no readable pictures
    are left out before that, with a warning that names them: deleting them changes no split. Hidden files, and those
    that systems leave behind, are passed over in silence.

    Args:
        folder: the pictures.
        split: train, valid or test.
        size: height and width to which each picture's central square is resized, pixels; 128 by default.
        channels: 1 or 3 (the default).

    Raises:
        FileNotFoundError: no such folder, no class folders, no pictures.
        ValueError: a class of which no picture can be read, classes that differ between the parts, a split without
            pictures.

    Warns:
        UnreadablePictures: naming up to five of the files that are left out, with their number.
    """
    check_folder(folder)
    homes = {part: part_folder(folder, part) for part in SPLITS}
    home = homes[split] or homes["train"] or folder
    classes = class_names(homes["train"] or folder)
    if class_names(home) != classes:
        raise ValueError(f"folder {str(home)!r} has the classes {class_names(home)}, but train has {classes}")
    source = list_pictures(home, classes)
    labels = np.array(source.labels, dtype=np.int64)
    whole = homes[split] is not None and split != "train"
    index = np.arange(len(labels)) if whole else cut(labels, split, homes)
    if len(index) == 0:
        raise ValueError(f"split={split!r} of folder {str(folder)!r} is empty: its classes have too few pictures")
    if source.skipped:
        what = f"skipped {len(source.skipped):,} of {counted(len(source.skipped) + len(source), 'file')}"
        names = name_files(source.skipped, home)
        warnings.warn(f"folder:{folder.name}: {what}, no readable pictures: {names}", UnreadablePictures, stacklevel=3)
    chosen, order = torch.from_numpy(labels[index]), torch.from_numpy(index)
    return LazySet(source, chosen, classes, f"folder:{folder.name}", split, order, size or 128, channels or 3)


def check_folder(folder: Path) -> None:
    """Raise FileNotFoundError unless ``folder`` is a folder."""
    if folder.is_file():
        raise NotADirectoryError(f"folder:{folder} is a file; give a folder (unpack an archive first)")
    if not folder.is_dir():
        raise FileNotFoundError(f"folder:{folder} does not exist; give a folder with one folder per class in it")


def part_folder(folder: Path, part: str) -> Path | None:
    """Return the folder of train, valid or test; None where there is none."""
    if not (folder / "train").is_dir():
        return None  # then the class folders lie in the folder itself, even one that is called "test"
    return next((folder / name for name in NAMES[part] if (folder / name).is_dir()), None)


def is_hidden(name: str) -> bool:
    """Say whether a file or folder is one that systems hide or leave behind."""
    return name.startswith(".") or name.lower() in LEFT_BEHIND


def class_names(home: Path) -> tuple[str, ...]:
    """Return the names of the class folders, sorted as torchvision's ImageFolder sorts them."""
    names = sorted(path.name for path in home.iterdir() if path.is_dir() and not is_hidden(path.name))
    if not names:
        raise FileNotFoundError(f"folder {str(home)!r} holds no class folders; put the pictures into CLASS/ folders")
    return tuple(names)


def list_pictures(home: Path, classes: tuple[str, ...]) -> Files:
    """Return the readable pictures of every class, and which other files there are.

    Raises:
        FileNotFoundError: a class has no file that is called a picture (by torchvision's list of endings).
        ValueError: none of its pictures can be read.
    """
    from torchvision.datasets.folder import IMG_EXTENSIONS

    found = list_files(home, classes)
    named = [(path, label) for path, label in found if path.name.lower().endswith(IMG_EXTENSIONS)]
    good = [(path, label) for path, label in named if is_readable(path)]
    hoped, sure = {label for _, label in named}, {label for _, label in good}
    for label, name in enumerate(classes):
        if label not in hoped:
            raise FileNotFoundError(f"folder {str(home / name)!r} holds no pictures ({' '.join(IMG_EXTENSIONS)})")
        if label not in sure:
            names = name_files([path for path, number in named if number == label], home)
            raise ValueError(f"class {name!r} of folder {str(home)!r} has no picture that can be read: {names}")
    kept = {path for path, _ in good}
    skipped = [path for path, _ in found if path not in kept]
    return Files([path for path, _ in good], [label for _, label in good], home, skipped)


def list_files(home: Path, classes: tuple[str, ...]) -> list[tuple[Path, int]]:
    """Return all files below the class folders with their labels, in torchvision's order, but for hidden ones."""
    from torchvision.datasets.folder import make_dataset

    numbers = {name: label for label, name in enumerate(classes)}
    every = make_dataset(str(home), numbers, is_valid_file=lambda path: True, allow_empty=True)
    pairs = [(Path(path), label) for path, label in every]
    return [(path, label) for path, label in pairs if not any(map(is_hidden, path.relative_to(home).parts))]


def cut(labels: Int[np.ndarray, " n"], split: str, homes: dict[str, Path | None]) -> Int[np.ndarray, " _"]:
    """Cut the split out of the training pictures, beside the parts that have no folder of their own."""
    rest, test = np.arange(len(labels)), np.arange(0)
    if homes["test"] is None:
        rest, test = stratified(labels, TEST_SHARES)
    if split == "test":
        return test
    if homes["valid"] is not None:
        return rest
    train, valid = stratified(labels[rest], VALID_SHARES)
    return np.asarray(rest[train if split == "train" else valid])
