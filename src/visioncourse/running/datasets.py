"""What the ``visioncourse data`` commands print."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from visioncourse.running.table import columns

HEADS = ("name", "title", "classes", "shape", "images", "licence", "where")


def catalogue_lines() -> list[str]:
    """Return a table of all data sets."""
    from visioncourse.data.catalogue import CATALOGUE

    rows = [HEADS]
    for name, entry in CATALOGUE.items():
        shape = "x".join(str(size) for size in entry.shape)
        images = f"{sum(entry.counts.values()):,}"
        where = "installed" if entry.kind == "embedded" else "download"
        rows.append((name, entry.title, str(entry.classes), shape, images, entry.licence, where))
    return columns(rows, left=len(HEADS))


def problems_of(name: str | None, root: Path | None) -> dict[str, list[str]]:
    """Return for each verified data set what is wrong with it; an empty list where nothing is.

    Args:
        name: of a data set; None for those that are installed or have been fetched.
        root: the data folder; None for the usual one.

    Raises:
        ValueError: unknown name.
        FileNotFoundError: the root that was named does not exist.
    """
    from visioncourse.data.downloads import verify

    names = [name] if name else list(present(root))
    return {one: verify(one, root) for one in names}


def present(root: Path | None) -> Iterable[str]:
    """Yield the data sets of which there is something to verify."""
    from visioncourse.data.catalogue import CATALOGUE
    from visioncourse.data.roots import existing_root
    from visioncourse.data.sources import FOLDERS

    base = existing_root(root)
    for name, entry in CATALOGUE.items():
        if entry.kind == "embedded" or (base / FOLDERS[name]).is_dir():
            yield name
