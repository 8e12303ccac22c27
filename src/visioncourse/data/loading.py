"""``load``: one call for every data set."""

from __future__ import annotations

from pathlib import Path

from visioncourse.data.catalogue import CATALOGUE
from visioncourse.data.downloads import fetch
from visioncourse.data.embedded import load_embedded
from visioncourse.data.folders import load_folder
from visioncourse.data.lazy import LazySet
from visioncourse.data.official import load_official
from visioncourse.data.pixels import check_form
from visioncourse.data.roots import existing_root
from visioncourse.data.sets import ImageSet
from visioncourse.data.splits import SPLITS
from visioncourse.textual import unknown

FOLDER = "folder:"


def load(
    name: str,
    split: str = "train",
    *,
    size: int | None = None,
    channels: int | None = None,
    root: str | Path | None = None,
    download: bool = False,
) -> ImageSet | LazySet:
    """Load one split of a data set.

    Args:
        name: a name in ``CATALOGUE``, or ``folder:PATH`` for one's own pictures.
        split: train, valid or test; fixed for ever, and stratified.
        size: height and width, pixels (antialiased bilinear, of the central square); None for the set's own. For
            ``canvas`` it is the canvas that becomes larger, not the digit on it.
        channels: 1 (grey, by luma weights) or 3 (grey repeated); None for the set's own.
        root: folder of downloaded sets; else ``VISIONCOURSE_DATA``, else ``data/``.
        download: fetch the set where it is not there; nothing is ever fetched without being asked for.

    Returns:
        An ``ImageSet`` in memory (for ``canvas`` a ``CanvasSet``, which has boxes and masks, too), or a ``LazySet`` for
        sets that may not fit.

    Raises:
        ValueError: unknown name or split, a wrong size or number of channels, damaged files.
        FileNotFoundError: a set that was not fetched, a root or folder that does not exist.

    >>> load("mnist5k")
    ImageSet mnist5k train: 3,500 images of 1×28×28, 10 classes
    >>> load("digits", "test", size=28, channels=3).images.shape
    torch.Size([359, 3, 28, 28])
    """
    check_form(size, channels)
    if split not in SPLITS:
        raise ValueError(unknown("split", split, SPLITS))
    if name.startswith(FOLDER):
        return load_folder(Path(name.removeprefix(FOLDER)).expanduser(), split, size, channels)
    if name not in CATALOGUE:
        raise ValueError(unknown("data set", name, [*CATALOGUE, "folder:PATH"]))
    if CATALOGUE[name].kind == "embedded":
        return load_embedded(name, split, size, channels)
    if download:
        fetch(name, root)
    return load_official(name, split, size, channels, existing_root(root))
