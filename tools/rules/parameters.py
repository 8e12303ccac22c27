"""Rules on the parameters cell and on the metadata that name the parameters of the smoke profile."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from .lesson import Cell, Lesson, Problem

LATEST = 4  # the index at which the parameters cell may stand at most: title, question, plan come first
TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float, int),
    "str": (str,),
    "bool": (bool,),
    "list": (list,),
    "tuple": (tuple, list),
    "dict": (dict,),
    "None": (type(None),),
}


def _cell(lesson: Lesson) -> Cell | None:
    """Return the cell tagged ``parameters``."""
    return next((cell for cell in lesson.code if "parameters" in cell.tags), None)


def _statements(lesson: Lesson) -> list[ast.stmt]:
    """Return the statements of the parameters cell."""
    cell = _cell(lesson)
    return cell.tree.body if cell and cell.tree else []


def defaults(lesson: Lesson) -> dict[str, tuple[str, Any]]:
    """Return {name: (annotation, value)} of the parameters that are written as they should be."""
    found = {}
    for node in _statements(lesson):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and _is_literal(node.value):
            assert node.value is not None
            found[node.target.id] = (ast.unparse(node.annotation), ast.literal_eval(node.value))
    return found


def _is_literal(value: ast.expr | None) -> bool:
    """Say whether an expression is a plain value such as 3, -0.5, "a" or [1, 2]."""
    try:
        return value is not None and ast.literal_eval(value) is not Ellipsis
    except (ValueError, TypeError, SyntaxError):
        return False


def fits(value: Any, annotation: str) -> bool:
    """Say whether a value has the annotated type; a type that is not known fits everything.

    >>> fits(3, "float"), fits(True, "int"), fits("a", "int | None")
    (True, False, False)
    """
    allowed: list[type] = []
    for part in annotation.split("|"):
        name = part.strip().split("[")[0]
        if name not in TYPES:
            return True
        allowed += TYPES[name]
    return isinstance(value, tuple(allowed)) and (not isinstance(value, bool) or bool in allowed)


def missing_parameters(lesson: Lesson) -> Iterator[Problem]:
    """One code cell, the first, has the tag ``parameters``; it stands near the top."""
    cell = _cell(lesson)
    if cell is None:
        yield Problem("missing-parameters", None, "no code cell has the tag parameters")
    elif cell.number != 1 or cell.index > LATEST:
        yield Problem("missing-parameters", cell.index, "the parameters cell is not the first code cell near the top")
    elif sum("parameters" in other.tags for other in lesson.code) > 1:
        yield Problem("missing-parameters", cell.index, "more than one cell has the tag parameters")


def literal_parameters(lesson: Lesson) -> Iterator[Problem]:
    """Parameters are literals of their annotated type, and nothing else happens in their cell."""
    cell = _cell(lesson)
    for node in _statements(lesson):
        text = ast.unparse(node)
        assert cell is not None
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not _is_literal(node.value):
            yield Problem("literal-parameters", cell.index, f"`{text}` is not a name with a literal value")
        elif isinstance(node, ast.AnnAssign) and not fits(_value(node), ast.unparse(node.annotation)):
            yield Problem("literal-parameters", cell.index, f"the value in `{text}` has another type")


def _value(node: ast.AnnAssign) -> Any:
    """Return the literal value of an assignment."""
    assert node.value is not None
    return ast.literal_eval(node.value)


def annotated_parameters(lesson: Lesson) -> Iterator[Problem]:
    """Parameters carry their types: ``seed: int = 0``."""
    cell = _cell(lesson)
    for node in _statements(lesson):
        if isinstance(node, ast.Assign) and cell is not None:
            sentence = f"`{ast.unparse(node)}` has no type; write `name: int = 0`"
            yield Problem("annotated-parameters", cell.index, sentence)


def lesson_metadata(lesson: Lesson) -> Iterator[Problem]:
    """``metadata.visioncourse`` has question, minutes and a smoke profile of existing parameters."""
    course, name = lesson.course, "lesson-metadata"
    if not (isinstance(course.get("question"), str) and course["question"].strip()):
        yield Problem(name, None, "metadata.visioncourse.question is not a text")
    if not fits(course.get("minutes"), "int") or course["minutes"] <= 0:
        yield Problem(name, None, f"metadata.visioncourse.minutes is {course.get('minutes')!r}, expected minutes > 0")
    smoke = (course.get("profiles") or {}).get("smoke")
    if not isinstance(smoke, dict):
        yield Problem(name, None, "metadata.visioncourse.profiles.smoke is not a table of parameters")
        return
    known = defaults(lesson)
    if _cell(lesson) is None:  # another rule's matter
        return
    for key, value in smoke.items():
        if key not in known:
            yield Problem(name, None, f"profiles.smoke names {key!r}, which is no parameter of this lesson")
        elif not fits(value, known[key][0]):
            yield Problem(name, None, f"profiles.smoke.{key} is {value!r}, expected {known[key][0]}")


RULES = (missing_parameters, literal_parameters, annotated_parameters, lesson_metadata)
