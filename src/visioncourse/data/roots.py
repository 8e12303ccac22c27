"""Where downloaded data sets lie."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path


def data_root(root: str | Path | None = None) -> Path:
    """Return the folder of downloaded data sets; it need not exist.

    It is ``root`` where given, else the environment variable ``VISIONCOURSE_DATA``, else ``data/`` in the
    project (a folder above the working directory whose ``pyproject.toml`` names visioncourse), else
    ``data/`` in the working directory.

    >>> data_root("somewhere").name
    'somewhere'
    """
    chosen = root or os.environ.get("VISIONCOURSE_DATA")
    if chosen:
        return Path(chosen).expanduser()
    here = Path.cwd()
    projects = (folder for folder in (here, *here.parents) if is_project(folder))
    return next(projects, here) / "data"


def is_project(folder: Path) -> bool:
    """Say whether ``folder`` is a checkout of this project."""
    try:
        with (folder / "pyproject.toml").open("rb") as file:
            name = tomllib.load(file).get("project", {}).get("name")
    except (OSError, ValueError):  # none there, not readable, not TOML
        return False
    return bool(name == "visioncourse")


def existing_root(root: str | Path | None = None, create: bool = False) -> Path:
    """Return the data root, or raise where a folder that somebody named does not exist.

    Args:
        root: as in ``data_root``.
        create: make the default folder (never one that somebody named, which may be a slip).

    Raises:
        FileNotFoundError: the folder named by ``root`` or ``VISIONCOURSE_DATA`` does not exist.
        NotADirectoryError: it is a file.
    """
    folder = data_root(root)
    origin = "root" if root else "VISIONCOURSE_DATA" if os.environ.get("VISIONCOURSE_DATA") else ""
    if folder.is_file():
        raise NotADirectoryError(f"{origin or 'data root'}={str(folder)!r} is a file; a folder is needed")
    if origin and not folder.is_dir():
        raise FileNotFoundError(f"{origin}={str(folder)!r} does not exist; make that folder or name another")
    if create:
        folder.mkdir(parents=True, exist_ok=True)
    return folder
