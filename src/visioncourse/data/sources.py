"""Which files make up each downloadable set: addresses and MD5s as torchvision names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# The folder under the data root that holds each set, as torchvision lays it out.
FOLDERS = {
    "mnist": "MNIST",
    "fashion_mnist": "FashionMNIST",
    "cifar10": "cifar-10-batches-py",
    "cifar100": "cifar-100-python",
    "flowers102": "flowers-102",
    "oxford_pet": "oxford-iiit-pet",
    "gtsrb": "gtsrb",
    "pcam": "pcam",
}

# torchvision keeps these inside a method; a test compares them with its source text.
GTSRB_ADDRESS = "https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/"
GTSRB_FILES = (
    ("GTSRB-Training_fixed.zip", "513f3c79a4c5141765e10e952eaa2478"),
    ("GTSRB_Final_Test_Images.zip", "c7e4e6327067d32654124b0fe9e82185"),
    ("GTSRB_Final_Test_GT.zip", "fe31e9c9270bbcd7b84b7f21a9d9d9e5"),
)


@dataclass(frozen=True)
class Source:
    """One file to fetch.

    Args:
        path: where it lies under the data root (``/`` as separator).
        md5: its checksum.
        urls: addresses, tried in turn.
        drive_id: Google Drive's name for it, where it lies there.
        packed: whether it is an archive to unpack beside itself.
    """

    path: str
    md5: str
    urls: tuple[str, ...] = ()
    drive_id: str = ""
    packed: bool = True


def sources(name: str) -> list[Source]:
    """Return the files of a downloadable set."""
    from torchvision import datasets

    if name in ("mnist", "fashion_mnist"):
        return idx_sources(datasets.MNIST if name == "mnist" else datasets.FashionMNIST)
    if name in ("cifar10", "cifar100"):
        kind = datasets.CIFAR10 if name == "cifar10" else datasets.CIFAR100
        return [Source(kind.filename, kind.tgz_md5, (kind.url,))]
    if name == "flowers102":
        return flowers_sources(datasets.Flowers102)
    if name == "oxford_pet":
        resources = datasets.OxfordIIITPet._RESOURCES
        return [Source(f"oxford-iiit-pet/{url.rsplit('/', 1)[-1]}", md5, (url,)) for url, md5 in resources]
    if name == "gtsrb":
        return [Source(f"gtsrb/{file}", md5, (GTSRB_ADDRESS + file,)) for file, md5 in GTSRB_FILES]
    return pcam_sources(datasets.PCAM)


def idx_sources(kind: Any) -> list[Source]:
    """Return the four files of MNIST or Fashion-MNIST."""
    folder = f"{kind.__name__}/raw"
    return [
        Source(f"{folder}/{file}", md5, tuple(mirror + file for mirror in kind.mirrors)) for file, md5 in kind.resources
    ]


def flowers_sources(kind: Any) -> list[Source]:
    """Return the archive of photographs and the two tables of 102 Flowers."""
    return [
        Source(f"flowers-102/{file}", md5, (kind._download_url_prefix + file,), packed=what == "image")
        for what, (file, md5) in kind._file_dict.items()
    ]


def pcam_sources(kind: Any) -> list[Source]:
    """Return the six files of PatchCamelyon, which lie on Google Drive."""
    return [
        Source(f"pcam/{file}.gz", md5, drive_id=drive_id)
        for part in kind._FILES.values()
        for file, drive_id, md5 in part.values()
    ]
