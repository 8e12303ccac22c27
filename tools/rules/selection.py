"""The rule that nothing is chosen by looking at test data. A heuristic: it follows names, not values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .lesson import Cell, Lesson, Problem, called

PICKERS = {"max", "min", "sorted", "nlargest", "nsmallest"}  # as plain functions; x.max() looks at a range
PLACES = {"argmax", "argmin"}  # with an axis they read off predictions
MODULES = ("torch", "np", "numpy")
SCORES = ("acc", "loss", "err", "score", "metric")
FINE = "not-a-choice"  # the tag of a cell that ranks test data and chooses nothing by it


def test_selection(lesson: Lesson) -> Iterator[Problem]:
    """Test data is given neither to ``fit`` nor to ``max``, ``sorted``, ``argmax`` or early stopping."""
    held_out = _test_names(lesson)
    for cell in lesson.code:
        if FINE in cell.tags:
            continue
        for place, what in _uses(cell, held_out):
            sentence = f"line {place} {what}: choose on valid (or tag the cell {FINE} if nothing is chosen)"
            yield Problem("test-selection", cell.index, sentence)


def _test_names(lesson: Lesson) -> set[str]:
    """Return the names that hold test data, and the scores computed from it."""
    names = {"test"}
    assignments = [node for cell in lesson.code for node in cell.nodes if isinstance(node, ast.Assign)]
    for node in assignments:
        targets = [name for target in node.targets for name in _names(target)]
        for name in targets:
            loaded = isinstance(node.value, ast.Call) and _loads_test(node.value)
            scored = any(score in name.lower() for score in SCORES) and _mentions(node.value, names)
            if loaded or scored:
                names.add(name)
    return names


def _loads_test(call: ast.Call) -> bool:
    """Say whether a call is ``load(name, "test")`` or has ``split="test"``."""
    splits = [keyword.value for keyword in call.keywords if keyword.arg == "split"]
    if called(call) == "load":
        splits += call.args[1:2]
    return any(isinstance(split, ast.Constant) and split.value == "test" for split in splits)


def _names(node: ast.AST) -> list[str]:
    """Return the plain names in an expression."""
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _mentions(node: ast.AST, held_out: set[str]) -> bool:
    """Say whether an expression uses test data."""
    calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    return bool(held_out & set(_names(node))) or any(map(_loads_test, calls))


def _uses(cell: Cell, held_out: set[str]) -> Iterator[tuple[int, str]]:
    """Yield (line, what happens) for each use of test data that chooses something."""
    for node in cell.nodes:
        if isinstance(node, ast.Call) and _mentions(node, held_out):
            name = called(node)
            given = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
            if name == "fit" and any(_mentions(argument, held_out) for argument in given):
                yield node.lineno, "gives test data to fit"
            elif _picks(node, name):
                yield node.lineno, f"chooses by {name} on test data"
        elif isinstance(node, ast.Compare) and _mentions(node, held_out) and "best" in ast.unparse(node):
            yield node.lineno, "compares test data with the best so far"


def _picks(call: ast.Call, name: str) -> bool:
    """Say whether a call picks one of several things."""
    if name in PICKERS:
        return isinstance(call.func, ast.Name) or name.startswith("n")
    if name in PLACES:
        function = isinstance(call.func, ast.Name) or ast.unparse(call.func) in {f"{m}.{name}" for m in MODULES}
        return not call.keywords and len(call.args) == (1 if function else 0)
    return "early" in name.lower() and "stop" in name.lower()


RULES = (test_selection,)
