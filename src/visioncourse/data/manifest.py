"""A list of a set's files with sizes and SHA-256, written when the set is known to be in order."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

MANIFEST = ".verified.json"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path) -> None:
    """List every file under ``folder`` in ``folder/.verified.json``."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    listing = {
        path.relative_to(folder).as_posix(): [path.stat().st_size, sha256_of(path)]
        for path in found
        if path.name != MANIFEST
    }
    (folder / MANIFEST).write_text(json.dumps(listing, indent=0), encoding="utf-8")


def file_problems(folder: Path, deep: bool = True) -> list[str]:
    """Compare the files under ``folder`` with the list.

    Args:
        folder: of one set. Without a list (files laid there by other means) no problem is found.
        deep: compare contents too, not only sizes.

    Returns:
        One line per file that is missing or differs.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return []
    try:
        listing = json.loads(path.read_text(encoding="utf-8"))
        return [line for name, want in listing.items() if (line := problem(folder / name, want[0], want[1], deep))]
    except (ValueError, TypeError, AttributeError, LookupError):
        return [f"{path} is damaged"]


def problem(path: Path, size: int, sha256: str, deep: bool) -> str:
    """Return what is wrong with one file, or nothing."""
    if not path.is_file():
        return f"{path} is missing"
    if path.stat().st_size != size:
        return f"{path} has {path.stat().st_size:,} bytes instead of {size:,}"
    return f"{path} has changed since it was verified" if deep and sha256_of(path) != sha256 else ""
