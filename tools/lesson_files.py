"""Where lessons lie, how one is named on a command line, and what the tools read out of one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nbformat.v4 import nbjson

from visioncourse.textual import unknown

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
RECORDS = ROOT / "runs" / "nbval"
HARDWARE = "nbval-skip"  # a cell with this tag needs hardware that most machines lack; nobody executes it

Notebook = dict[str, Any]
Cell = dict[str, Any]


def find_lessons(folder: Path = NOTEBOOKS) -> list[Path]:
    """Return the lessons in ``folder`` (``NN_name.ipynb``) in the order of their numbers."""
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))


def resolve(names: Iterable[str], folder: Path = NOTEBOOKS) -> list[Path]:
    """Return the lessons that are meant: by number (``02``, ``2``), by name or by path; all for none.

    Raises:
        ValueError: for a name that no lesson has.
    """
    lessons = {path.stem: path for path in find_lessons(folder)}
    numbers = {stem[:2]: stem for stem in lessons}
    found: list[Path] = []
    for name in names:
        stem = Path(name).name.removesuffix(".ipynb")
        stem = numbers.get(stem.zfill(2), stem)
        if stem not in lessons:
            raise ValueError(unknown("lesson", name, lessons))
        found.append(lessons[stem])
    return list(dict.fromkeys(found)) or list(lessons.values())


def read(path: Path) -> Notebook:
    """Return the notebook stored in ``path``, its multi-line texts joined, nothing added or repaired.

    Raises:
        ValueError: if the file is not a notebook of format 4.
    """
    try:
        notebook: Notebook = nbjson.reads(path.read_text(encoding="utf-8"))  # type: ignore[no-untyped-call]
        if notebook.get("nbformat") != 4 or not isinstance(notebook.get("cells"), list):
            raise ValueError("nbformat")
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name} is not a Jupyter notebook of format 4 that can be read") from error
    return notebook


def code_cells(notebook: Notebook) -> list[Cell]:
    """Return the code cells of a notebook, in order."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def tags(cell: Cell) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.get("metadata", {}).get("tags", []))


def code_sha256(notebook: Notebook) -> str:
    """Return the SHA-256 of all code of a notebook: a record made by other code is stale."""
    text = "\0".join(cell["source"].strip() for cell in code_cells(notebook))
    return hashlib.sha256(text.encode()).hexdigest()


def code_so_far(notebook: Notebook) -> list[str]:
    """Return, for each code cell, a short hash of all code up to and including that cell."""
    digest = hashlib.sha256()
    short = []
    for cell in code_cells(notebook):
        digest.update(cell["source"].strip().encode() + b"\0")
        short.append(digest.hexdigest()[:6])
    return short


def claims(outputs: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the claims that travel in the metadata of ``outputs``."""
    for output in outputs:
        course = (output.get("metadata") or {}).get("visioncourse") or {}
        if "claim" in course:
            yield dict(course["claim"])


def all_claims(notebook: Notebook) -> list[dict[str, Any]]:
    """Return every claim that is stored in a notebook, in order."""
    return [claim for cell in code_cells(notebook) for claim in claims(cell.get("outputs", []))]


def lesson_number(path: Path, notebook: Notebook) -> str | None:
    """Return ``"02"`` for ``02_convolution.ipynb``, else ``metadata.visioncourse.lesson``, else None."""
    match = re.match(r"(\d\d)_", path.name)
    stated = notebook.get("metadata", {}).get("visioncourse", {}).get("lesson")
    return match.group(1) if match else stated
