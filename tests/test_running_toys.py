"""Toy lessons for the tests of ``visioncourse list`` and ``visioncourse run``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

# What visioncourse.lesson.claim leaves behind, without importing torch into the kernel.
CLAIM = """
from IPython.display import publish_display_data

def claim(id, value, at_least):
    facts = {"id": id, "statement": f"at least {at_least}", "value": value, "bound": {"at_least": at_least},
             "holds": value >= at_least, "kind": "live", "source": None}
    publish_display_data({"text/plain": "a claim"}, metadata={"visioncourse": {"claim": facts}})
"""
PARAMETERS = """
seed: int = 0
lr: float = 0.1
quick: bool = False
name: str = "plain"
sizes: tuple[int, ...] = (1, 2)
limit: int | None = None
"""


def write_lesson(path: Path, *cells: str, parameters: str = PARAMETERS, **about: Any) -> Path:
    """Write a lesson of code cells; a cell's tag may follow its code behind ``#tag``."""
    about = {"question": "Does it run?", "minutes": 5, **about}
    notebook = nbformat.v4.new_notebook(metadata={"visioncourse": about})
    notebook.cells.append(nbformat.v4.new_markdown_cell(f"# Play with {path.stem[3:]}"))
    notebook.cells.append(nbformat.v4.new_code_cell(parameters.strip(), metadata={"tags": ["parameters"]}))
    for cell in cells:
        source, _, tag = cell.partition("#tag ")
        notebook.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": [tag] if tag else []}))
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def write_course(root: Path) -> Path:
    """Write a course of four lessons: one holds its claim, one raises, one kills its kernel, one misses."""
    folder = root / "notebooks"
    show = "print([seed, lr, quick, name, sizes, limit])"
    good = [CLAIM, "block = bytes(bytearray(150_000_000)); del block", "claim('00.1', 0.5 + seed / 10, at_least=0.3)"]
    write_lesson(
        folder / "00_good.ipynb", *good, "1 / 0#tag raises-exception", show, profiles={"smoke": {"sizes": [7]}}
    )
    write_lesson(
        folder / "01_raises.ipynb", CLAIM, "claim('01.1', 1, at_least=0)", "raise ValueError('no <more>\\nof it')"
    )
    write_lesson(folder / "02_killed.ipynb", "x = 1", "import os, signal\nos.kill(os.getpid(), 9)")
    write_lesson(
        folder / "03_misses.ipynb",
        CLAIM,
        "claim('03.1', 0.25, at_least=0.3)",
        "check('03.1', None)#tag raises-exception",
    )
    return folder


def test_toys_are_valid_notebooks(tmp_path: Path) -> None:
    for path in write_course(tmp_path).iterdir():
        nbformat.validate(nbformat.read(path, as_version=4))
