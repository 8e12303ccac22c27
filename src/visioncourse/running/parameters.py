"""The parameters of a lesson: names, types and defaults, read from the cell tagged ``parameters``."""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from typing import Any

CONTAINERS: dict[str, type] = {"list": list, "tuple": tuple, "dict": dict, "set": set}
SCALARS: dict[str, type] = {"int": int, "str": str, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """One parameter: ``epochs: int = 3``."""

    name: str
    annotation: str
    default: Any

    def __str__(self) -> str:
        return f"{self.name}: {self.annotation} = {self.default!r}"


def read_parameters(source: str) -> dict[str, Parameter]:
    """Return the parameters that a cell assigns; assignments of anything but literals are left out.

    Args:
        source: the cell's code.

    Raises:
        SyntaxError: the cell is not Python.

    >>> read_parameters("seed: int = 0")["seed"]
    Parameter(name='seed', annotation='int', default=0)
    """
    found: dict[str, Parameter] = {}
    for node in ast.parse(source).body:
        if not isinstance(node, ast.AnnAssign | ast.Assign) or node.value is None:
            continue
        annotation = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else ""
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        known, default = literal(ast.unparse(node.value))
        if known and isinstance(target, ast.Name):
            # Without an annotation the default tells the type; None tells nothing.
            kind = annotation or ("Any" if default is None else type(default).__name__)
            found[target.id] = Parameter(target.id, kind, default)
    return found


def literal(text: str) -> tuple[bool, Any]:
    """Return whether ``text`` is a Python literal, and its value."""
    try:
        return True, ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return False, None


def convert(parameter: Parameter, text: str) -> Any:
    """Return the value that ``text``, typed in a shell, means for this parameter.

    Args:
        parameter: what the lesson says of it.
        text: ``3``, ``1e-3``, ``true``, ``none``, ``mnist5k``, ``[8, 16]`` and the like.

    Raises:
        ValueError: the text is not of the parameter's type.

    >>> convert(Parameter("lr", "float", 0.1), "1")
    1.0
    """
    plain = {"true": "True", "false": "False", "none": "None"}.get(text.strip().lower(), text)
    known, value = literal(plain)
    candidates = [value, text] if known else [text]
    if parameter.annotation == "str":
        candidates = [text]
    for candidate in candidates:
        if fits(candidate, parameter.annotation):
            return as_float(candidate, parameter.annotation)
    raise ValueError(f"parameter {parameter.name!r} got {text!r}, expected {parameter.annotation}")


def as_float(value: Any, annotation: str) -> Any:
    """Return a whole number as float where the annotation asks for floats only."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if whole and "float" in annotation and not fits(0, annotation, strict=True) else value


def fits(value: Any, annotation: str, strict: bool = False) -> bool:
    """Tell whether ``value`` is of the type that ``annotation`` writes.

    Knows int, float (finite; a whole number will do unless ``strict``), str, bool, None, Any,
    unions, Optional, Literal, and list, tuple, dict with or without the type of their members.
    A type beyond these is not judged.

    >>> fits([8, 16], "list[int]"), fits(True, "int"), fits(None, "int | None")
    (True, False, True)
    """
    try:
        node = ast.parse(annotation, mode="eval").body
    except SyntaxError:
        return True
    return _fits(value, node, strict)


def _fits(value: Any, node: ast.expr, strict: bool) -> bool:
    """Judge ``value`` by the syntax tree of an annotation."""
    if isinstance(node, ast.Constant):
        return value is None if node.value is None else fits(value, str(node.value), strict)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _fits(value, node.left, strict) or _fits(value, node.right, strict)
    if isinstance(node, ast.Subscript):
        return _fits_members(value, node, strict)
    name = _last_name(node)
    if name == "float":
        kinds = (float,) if strict else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)
    if name in SCALARS:
        return type(value) is SCALARS[name]
    return isinstance(value, CONTAINERS[name]) if name in CONTAINERS else True


def _fits_members(value: Any, node: ast.Subscript, strict: bool) -> bool:
    """Judge ``value`` by ``list[int]``, ``Literal["a", "b"]``, ``int or None`` in old spelling."""
    name = _last_name(node.value)
    inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "Literal":
        return any(literal(ast.unparse(choice)) == (True, value) for choice in inside)
    if name in {"Optional", "Union"}:
        empty = name == "Optional" and value is None
        return empty or any(_fits(value, choice, strict) for choice in inside)
    if name not in CONTAINERS:
        return True
    return isinstance(value, CONTAINERS[name]) and _each_fits(value, inside, strict)


def _each_fits(value: Any, inside: list[ast.expr], strict: bool) -> bool:
    """Judge the members of a list, tuple or dict."""
    if isinstance(value, dict):
        pairs = value.items()
        return all(_fits(part, kind, strict) for pair in pairs for part, kind in zip(pair, inside, strict=False))
    endless = len(inside) == 2 and isinstance(inside[1], ast.Constant) and inside[1].value is ...
    if isinstance(value, tuple) and not endless:
        members = zip(value, inside, strict=False)
        return len(value) == len(inside) and all(_fits(part, kind, strict) for part, kind in members)
    return all(_fits(part, inside[0], strict) for part in value)


def _last_name(node: ast.expr) -> str:
    """Return ``Any`` of ``typing.Any``, ``list`` of ``list``."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
