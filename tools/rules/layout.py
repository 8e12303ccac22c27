"""Rules on the shape of a lesson: title, seed, short cells, a sentence before each."""

from __future__ import annotations

import ast
import math
import re
import statistics
from collections.abc import Iterator

from .lesson import Cell, Lesson, Problem, called

MOST_LINES = 30
MEDIAN_LINES = 6
P90_LINES = 18
QUESTIONS = frozenset({"predict"})
ANSWERS = frozenset({"check", "hint", "solution"})
COMMENTED_CALL = re.compile(r"^\s*#\s*(?:hint|solution)\(", re.MULTILINE)


def title(lesson: Lesson) -> Iterator[Problem]:
    """The first cell is a text that begins with ``# ``, and no other heading of that level follows."""
    first = lesson.cells[0] if lesson.cells else None
    if first is None or first.kind != "markdown" or not re.match(r"# \S", first.source):
        yield Problem("title", 0, "the first cell does not begin with `# ` and a title")


def seeded(lesson: Lesson) -> Iterator[Problem]:
    """The first cell that imports calls ``seed_everything(seed)``."""
    imports = (ast.Import, ast.ImportFrom)
    cell = next((one for one in lesson.code if any(isinstance(node, imports) for node in one.nodes)), None)
    if cell is None:
        yield Problem("seeded", None, "no cell imports anything, so none calls seed_everything(seed)")
        return
    for call in cell.calls("seed_everything"):
        if [ast.unparse(argument) for argument in call.args] == ["seed"]:
            return
    yield Problem("seeded", cell.index, "the imports cell does not call seed_everything(seed)")


def long_cell(lesson: Lesson) -> Iterator[Problem]:
    """No code cell has more than 30 lines that are not blank."""
    for cell in lesson.code:
        if len(cell.lines) > MOST_LINES:
            sentence = f"has {len(cell.lines)} lines, at most {MOST_LINES}: grow it over several cells"
            yield Problem("long-cell", cell.index, sentence)


def cell_lengths(lesson: Lesson) -> Iterator[Problem]:
    """Half of the code cells have at most 6 lines that are not blank, nine of ten at most 18."""
    lengths = sorted(len(cell.lines) for cell in lesson.code)
    if not lengths:
        return
    median = statistics.median(lengths)
    p90 = lengths[math.ceil(0.9 * len(lengths)) - 1]
    if median > MEDIAN_LINES:
        yield Problem("cell-lengths", None, f"code cells have {median:g} lines in the median, at most {MEDIAN_LINES}")
    if p90 > P90_LINES:
        yield Problem("cell-lengths", None, f"one code cell in ten has {p90} lines or more, at most {P90_LINES}")


def unexplained_cell(lesson: Lesson) -> Iterator[Problem]:
    """A text stands before every code cell, except before a check, a hint or a solution, and after ``predict``."""
    for before, cell in zip([None, *lesson.cells], lesson.cells, strict=False):
        if cell.kind != "code" or (before and before.kind == "markdown" and before.source.strip()):
            continue
        if not (before and before.kind == "code" and (_answers(cell) or _only_calls(before, QUESTIONS))):
            yield Problem("unexplained-cell", cell.index, "is code without a sentence before it")


def _answers(cell: Cell) -> bool:
    """Say whether a cell only checks an answer, or only offers hints and solutions in comments."""
    if cell.tree is not None and not cell.tree.body:
        return bool(COMMENTED_CALL.search(cell.source))
    return _only_calls(cell, ANSWERS)


def _only_calls(cell: Cell, names: frozenset[str]) -> bool:
    """Say whether a cell does nothing but call functions with these names."""
    if cell.tree is None or not cell.tree.body:
        return False
    calls = [node.value for node in cell.tree.body if isinstance(node, ast.Expr)]
    only_calls = len(calls) == len(cell.tree.body)
    return only_calls and all(isinstance(call, ast.Call) and called(call) in names for call in calls)


RULES = (title, seeded, long_cell, cell_lengths, unexplained_cell)
