"""A notebook as the rules see it: cells with their places, syntax trees, prose and outputs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lesson_files import Notebook, lesson_number, tags

CODE = re.compile(r"```.*?```|~~~.*?~~~|`[^`\n]+`", re.DOTALL)
MATH = re.compile(r"\$\$.*?\$\$|(?<![\\\w])\$[^$\n]+?\$", re.DOTALL)
HTML = re.compile(r"<!--.*?-->|</?[a-zA-Z][^>]*>", re.DOTALL)
LINK_TARGET = re.compile(r"(?<=\])\([^)\s]*(?:\s+\"[^\"]*\")?\)|https?://\S+")


@dataclass(frozen=True)
class Problem:
    """A breach of a rule: which, in which cell (index in the notebook; None: the whole), one sentence."""

    rule: str
    cell: int | None
    sentence: str

    def __str__(self) -> str:
        place = "" if self.cell is None else f"cell {self.cell + 1}: "
        return f"{place}{self.sentence} [{self.rule}]"


@dataclass(frozen=True)
class Cell:
    """One cell: its index in the notebook, and for code its number among the code cells, from 1."""

    index: int
    number: int
    raw: dict[str, Any]

    @property
    def kind(self) -> str:
        """Return "code", "markdown" or "raw"."""
        return str(self.raw["cell_type"])

    @property
    def source(self) -> str:
        """Return the text of the cell."""
        return str(self.raw["source"])

    @property
    def tags(self) -> list[str]:
        """Return the tags of the cell."""
        return tags(self.raw)

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """Return the stored outputs of the cell."""
        return list(self.raw.get("outputs", []))

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines that are not blank."""
        return [line for line in self.source.splitlines() if line.strip()]

    @cached_property
    def tree(self) -> ast.Module | None:
        """Return the syntax tree of the code; None where it is not Python."""
        try:
            return ast.parse(self.source)
        except SyntaxError:
            return None

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Return every node of the syntax tree; none where the cell is not Python."""
        return list(ast.walk(self.tree)) if self.tree else []

    @cached_property
    def prose(self) -> str:
        """Return what a reader reads: the text without code, formulas, HTML tags and addresses."""
        text = self.source
        for pattern in (CODE, MATH, HTML, LINK_TARGET):
            text = pattern.sub(" ", text)
        return text

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """Yield the calls of functions with one of these names, plain or as an attribute."""
        for node in self.nodes:
            if isinstance(node, ast.Call) and called(node) in names:
                yield node


def called(call: ast.Call) -> str:
    """Return the last part of the name that is called: ``fit`` for ``train.fit(...)``."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


class Lesson:
    """A notebook, its path and its number (``"02"``; None where neither path nor metadata says it)."""

    def __init__(self, notebook: Notebook, path: Path) -> None:
        self.notebook = notebook
        self.path = path
        self.number = lesson_number(path, notebook)
        self.cells: list[Cell] = []
        count = 0
        for index, raw in enumerate(notebook["cells"]):
            count += raw["cell_type"] == "code"
            self.cells.append(Cell(index, count, raw))

    @cached_property
    def code(self) -> list[Cell]:
        """Return the code cells."""
        return [cell for cell in self.cells if cell.kind == "code"]

    @cached_property
    def markdown(self) -> list[Cell]:
        """Return the text cells."""
        return [cell for cell in self.cells if cell.kind == "markdown"]

    @property
    def course(self) -> dict[str, Any]:
        """Return ``metadata.visioncourse`` of the notebook."""
        found = self.notebook.get("metadata", {}).get("visioncourse")
        return found if isinstance(found, dict) else {}
