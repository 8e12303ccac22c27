"""One's own pictures: ``folder:PATH`` with one folder per class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int

from visioncourse.data.lazy import Files, LazySet
from visioncourse.data.splits import SPLITS, stratified

NAMES = {"train": ("train",), "valid": ("valid", "val"), "test": ("test",)}
TEST_SHARES = (0.8, 0.2)  # rest, test
VALID_SHARES = (0.9, 0.1)  # train, valid


def load_folder(folder: Path, split: str, size: int | None = None, channels: int | None = None) -> LazySet:
    """Load pictures from ``folder/CLASS/…`` or ``folder/train/CLASS/…`` (and ``valid``, ``test``).

    A ``test`` or ``valid`` folder that is not there is cut out of the training pictures: a fifth of every
    class for test, then a tenth of the rest for valid; always the same pictures.

    Args:
        folder: the pictures; class folders whose name begins with a dot are passed over.
        split: train, valid or test.
        size: height and width to which each picture's central square is resized, pixels; 128 by default.
        channels: 1 or 3 (the default).

    Raises:
        FileNotFoundError: no such folder, no class folders, no pictures.
        ValueError: files that are no readable pictures (named), classes that differ between the parts,
            a split without pictures.
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
    check_readable([source.paths[i] for i in index])
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


def class_names(home: Path) -> tuple[str, ...]:
    """Return the names of the class folders, sorted as torchvision's ImageFolder sorts them."""
    names = sorted(path.name for path in home.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not names:
        raise FileNotFoundError(f"folder {str(home)!r} holds no class folders; put the pictures into CLASS/ folders")
    return tuple(names)


def list_pictures(home: Path, classes: tuple[str, ...]) -> Files:
    """Return the picture files of every class (by torchvision's list of endings)."""
    from torchvision.datasets.folder import IMG_EXTENSIONS, make_dataset

    numbers = {name: label for label, name in enumerate(classes)}
    found = make_dataset(str(home), numbers, extensions=IMG_EXTENSIONS, allow_empty=True)
    pairs = [(Path(path), label) for path, label in found if not Path(path).name.startswith(".")]
    empty = [name for name, label in numbers.items() if label not in {label for _, label in pairs}]
    if empty:
        raise FileNotFoundError(f"folder {str(home / empty[0])!r} holds no pictures ({' '.join(IMG_EXTENSIONS)})")
    return Files([path for path, _ in pairs], [label for _, label in pairs])


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


def check_readable(paths: list[Path]) -> None:
    """Raise ValueError naming the files whose first bytes are not those of a picture."""
    from PIL import Image

    bad = []
    for path in paths:
        try:
            with Image.open(path):  # reads the header only
                pass
        except Exception:  # Pillow reports broken files by many kinds of errors
            bad.append(str(path))
    if bad:
        more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
        raise ValueError(f"cannot read these as pictures: {', '.join(bad[:5])}{more}; repair or remove them")
