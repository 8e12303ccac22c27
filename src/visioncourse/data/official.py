"""Read the downloaded sets through torchvision and give them the splits of this course."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Int, UInt8

from visioncourse.data.catalogue import CATALOGUE
from visioncourse.data.embedded import DIGITS, mnist5k_bytes, split_indices
from visioncourse.data.lazy import Files, LazySet
from visioncourse.data.manifest import file_problems
from visioncourse.data.pixels import fit_images
from visioncourse.data.sets import ImageSet
from visioncourse.data.sources import FOLDERS
from visioncourse.data.splits import by_group, stratified

# torchvision's class, and its arguments for each published part.
FLAG = {"train": {"train": True}, "test": {"train": False}}
PARTS: dict[str, tuple[str, dict[str, dict[str, Any]]]] = {
    "mnist": ("MNIST", FLAG),
    "fashion_mnist": ("FashionMNIST", FLAG),
    "cifar10": ("CIFAR10", FLAG),
    "cifar100": ("CIFAR100", FLAG),
    "flowers102": (
        "Flowers102",
        {k: {"split": v} for k, v in (("train", "train"), ("valid", "val"), ("test", "test"))},
    ),
    "oxford_pet": ("OxfordIIITPet", {"train": {"split": "trainval"}, "test": {"split": "test"}}),
    "gtsrb": ("GTSRB", {"train": {"split": "train"}, "test": {"split": "test"}}),
    "pcam": ("PCAM", {k: {"split": v} for k, v in (("train", "train"), ("valid", "val"), ("test", "test"))}),
}
TRAIN_SHARES = (0.9, 0.1)  # train, valid: of a training part without a published validation part


def load_official(name: str, split: str, size: int | None, channels: int | None, base: Path) -> ImageSet | LazySet:
    """Load one split of a set that lies under ``base``.

    Raises:
        FileNotFoundError: it does not lie there.
        ValueError: it lies there, damaged.
    """
    check_present(name, base)
    part = split if split in PARTS[name][1] else "train"
    dataset = open_part(name, part, base)
    labels = labels_of(dataset)
    index = choose(name, dataset, labels, split)
    chosen, classes = torch.from_numpy(labels[index]), classes_of(name, dataset)
    if CATALOGUE[name].lazy:
        side, depth = size or CATALOGUE[name].shape[-1], channels or 3
        source = pictures_of(dataset, labels)
        return LazySet(source, chosen, classes, name, split, torch.from_numpy(index), side, depth)
    pixels = torch.from_numpy(pixels_of(dataset)[index]).float() / 255
    return ImageSet(fit_images(pixels, size, channels), chosen, classes, name, split)


def check_present(name: str, base: Path) -> None:
    """Raise where the set does not lie under ``base``, or its files changed since they were verified."""
    folder = base / FOLDERS[name]
    if not folder.is_dir():
        raise FileNotFoundError(
            f"data set {name!r} is not under {str(base)!r}: `visioncourse data fetch {name}` "
            "(or load(..., download=True)) gets it"
        )
    problems = file_problems(folder, deep=not CATALOGUE[name].lazy)
    if problems:
        raise ValueError(damaged(name, base, problems[0]))


def damaged(name: str, base: Path, why: object) -> str:
    """Return the sentence about a set that lies there but cannot be used."""
    again = f"`visioncourse data fetch {name}` replaces it"
    return f"data set {name!r} under {str(base)!r} is incomplete or damaged ({why}): {again}"


def open_part(name: str, part: str, base: Path) -> Any:
    """Open one published part by torchvision, never with a download."""
    from torchvision import datasets

    kind, arguments = PARTS[name]
    try:
        return getattr(datasets, kind)(base, **arguments[part])
    except ImportError:
        raise
    except Exception as error:  # torchvision asserts, unpickles and reads tables: many kinds of errors
        if "h5py" in str(error):
            raise ImportError("data set 'pcam' needs h5py: pip install h5py") from error
        raise ValueError(damaged(name, base, str(error).splitlines()[0] if str(error) else error)) from error


def choose(name: str, dataset: Any, labels: Int[np.ndarray, " n"], split: str) -> Int[np.ndarray, " _"]:
    """Return the images of ``split`` in the opened part."""
    if (split in PARTS[name][1] and "valid" in PARTS[name][1]) or split == "test":
        return np.arange(len(labels))
    if name == "gtsrb":
        train, valid = by_group(labels, tracks_of(dataset), TRAIN_SHARES)
    elif name == "mnist":
        kept = np.flatnonzero(~tests_of_mnist5k(pixels_of(dataset)))
        train, valid = (kept[part] for part in stratified(labels[kept], TRAIN_SHARES))
    else:
        train, valid = stratified(labels, TRAIN_SHARES)
    return train if split == "train" else valid


def tests_of_mnist5k(pixels: UInt8[np.ndarray, "n 1 28 28"]) -> Bool[np.ndarray, " n"]:
    """Say which images are, byte by byte, among the 1,000 test digits of ``mnist5k``.

    ``mnist5k`` was drawn from MNIST's training part: a network trained on all of that part has seen them.
    """
    rows, labels = mnist5k_bytes()
    tests = {row.tobytes() for row in rows[split_indices(labels)["test"]]}
    return np.array([image.tobytes() in tests for image in pixels])


def tracks_of(dataset: Any) -> Int[np.ndarray, " n"]:
    """Return which pictures of GTSRB show one and the same sign: ``CLASS/TRACK_NUMBER.ppm``."""
    names = [Path(path) for path, _ in dataset._samples]
    return np.unique([f"{p.parent.name}/{p.stem.split('_')[0]}" for p in names], return_inverse=True)[1]


def labels_of(dataset: Any) -> Int[np.ndarray, " n"]:
    """Return the labels of an opened part without reading its pictures."""
    for attribute in ("targets", "_labels"):
        if hasattr(dataset, attribute):
            return np.asarray(getattr(dataset, attribute), dtype=np.int64)
    if hasattr(dataset, "_samples"):
        return np.array([label for _, label in dataset._samples], dtype=np.int64)
    with dataset.h5py.File(dataset._base_folder / dataset._FILES[dataset._split]["targets"][0]) as file:
        return np.asarray(file["y"][:, 0, 0, 0], dtype=np.int64)


def pixels_of(dataset: Any) -> UInt8[np.ndarray, "n c h w"]:
    """Return all pixels of MNIST, Fashion-MNIST or CIFAR."""
    array = np.asarray(dataset.data)
    return array[:, None] if array.ndim == 3 else array.transpose(0, 3, 1, 2)


def pictures_of(dataset: Any, labels: Int[np.ndarray, " n"]) -> Any:
    """Return ``source[i] -> (picture, label)``; files are opened by us, so that errors name the file."""
    for attribute in ("_image_files", "_images"):
        if hasattr(dataset, attribute):
            return Files([Path(path) for path in getattr(dataset, attribute)], labels.tolist())
    if hasattr(dataset, "_samples"):
        return Files([Path(path) for path, _ in dataset._samples], labels.tolist())
    return dataset


def classes_of(name: str, dataset: Any) -> tuple[str, ...]:
    """Return the names of the classes (GTSRB's have numbers only)."""
    if name == "mnist":
        return DIGITS
    if name == "gtsrb":
        return tuple(f"{label:02d}" for label in range(CATALOGUE[name].classes))
    return ("normal", "tumour") if name == "pcam" else tuple(dataset.classes)


def count_problems(name: str, base: Path) -> list[str]:
    """Open every published part and compare its number of images; return one line per problem."""
    problems = []
    for part, want in CATALOGUE[name].counts.items():
        try:
            dataset = open_part(name, part, base)
            labels = labels_of(dataset)
        except ValueError as error:
            problems.append(str(error))
            continue
        if len(labels) != want:
            problems.append(f"{part} holds {len(labels):,} images instead of {want:,}")
        problems += [f"{path} is missing" for path in missing_files(pictures_of(dataset, labels))]
    return problems


def missing_files(source: Any) -> list[Path]:
    """Return the pictures that are not there."""
    return [path for path in source.paths if not path.is_file()] if isinstance(source, Files) else []
