"""Compare two answers of any kind: numbers, arrays, tensors, words, tuples and dictionaries of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

MOST = 160  # characters of a value that are shown
ENTRIES = 40  # of an array that are shown
NUMBERS = (bool, int, float, complex, np.generic, np.ndarray, Tensor)


def is_numeric(value: Any) -> bool:
    """Say whether a value is a number or an array of numbers (a list of numbers counts as an array)."""
    if isinstance(value, list | tuple):
        return len(value) > 0 and all(is_numeric(item) for item in value)
    return isinstance(value, NUMBERS)


def as_array(value: Any) -> NDArray[Any]:
    """Return numbers as a NumPy array in double precision (integers and truth values as they are)."""
    if isinstance(value, Tensor):
        value = value.detach().cpu()
        value = value.to(torch.float64).numpy() if value.is_floating_point() else value.numpy()
    if isinstance(value, list | tuple) and any(isinstance(item, Tensor) for item in value):
        value = [as_array(item) for item in value]
    return np.asarray(value)


def same(one: Any, other: Any, tolerance: float = 1e-5) -> bool:
    """Say whether two answers agree: shapes exactly, numbers within a tolerance, NaN with NaN, all else by ``==``."""
    try:
        return _same(one, other, tolerance)
    except Exception:  # what cannot even be compared (sparse or meta tensors, arrays of words) is not the answer
        return False


def _same(one: Any, other: Any, tolerance: float) -> bool:
    """Compare, or raise where the values have no common ground."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key], tolerance) for key in one)
    if is_numeric(one) and is_numeric(other):
        return _same_numbers(one, other, tolerance)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(same(a, b, tolerance) for a, b in pairs)
    if is_numeric(one) or is_numeric(other):
        return False
    return bool(one == other) if type(one) is type(other) else False


def _same_numbers(one: Any, other: Any, tolerance: float) -> bool:
    """Compare two arrays; ragged lists are compared item by item."""
    try:
        left, right = as_array(one), as_array(other)
    except ValueError:
        ragged = isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other)
        return ragged and all(same(a, b, tolerance) for a, b in zip(one, other, strict=True))
    if left.shape != right.shape:
        return False
    return bool(np.allclose(left, right, rtol=tolerance, atol=tolerance, equal_nan=True))


def kind_of(value: Any) -> str:
    """Return what a value is in the learner's words, with its shape where it has one.

    >>> kind_of(np.zeros((2, 3))), kind_of(None), kind_of(3)
    ('an array of shape (2, 3)', 'None', 'a number')
    """
    if value is None:
        return "None"
    if isinstance(value, Tensor) and value.dim():
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    if isinstance(value, NUMBERS):
        return "a number"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)} value{'s' * (len(value) != 1)}"
    names: dict[type, str] = {str: "text", dict: "a dictionary"}
    return names.get(type(value), f"a {type(value).__name__}")


def in_words(value: Any, most: int = MOST) -> str:
    """Return a value as short text, numbers rounded to four digits."""
    try:
        text = _in_words(value)
    except Exception:  # a value that cannot be shown must not stop the check
        text = f"a {type(value).__name__}"
    return text if len(text) <= most else f"{text[:most]} …"


def in_brief(value: Any) -> str:
    """Return a value in words, or what it is and its shape where it is an array too long to show whole."""
    return kind_of(value) if isinstance(value, Tensor | np.ndarray) and not is_shown_whole(value) else in_words(value)


def is_shown_whole(value: Any) -> bool:
    """Say whether ``in_words`` shows a value without leaving anything out."""
    try:
        return len(_in_words(value)) <= MOST and (not is_numeric(value) or as_array(value).size <= ENTRIES)
    except Exception:  # what cannot be shown at all
        return False


def _in_words(value: Any) -> str:
    """Return a value as text of any length."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Tensor | np.ndarray):
        formatter: Any = {"float_kind": _entry}
        text = np.array2string(as_array(value), separator=", ", threshold=ENTRIES, formatter=formatter)
        text = " ".join(text.split()).replace("[ ", "[")
    elif isinstance(value, float):
        text = number(value)
    elif isinstance(value, tuple | list):
        comma = "," * (len(value) == 1 and isinstance(value, tuple))
        text = ", ".join(map(_in_words, value)) + comma
        text = f"({text})" if isinstance(value, tuple) else f"[{text}]"
    else:
        text = getattr(value, "__name__", None) or repr(value)
    return text


def number(value: int | float | complex, digits: int = 4) -> str:
    """Return a number as text, whole numbers in full, others with so many digits; never minus zero.

    >>> number(407050), number(2 / 3), number(-0.0)
    ('407050', '0.6667', '0')
    """
    return f"{value}" if isinstance(value, int) else f"{value + 0.0:.{digits}g}"


def _entry(value: float) -> str:
    """Return an entry of an array as text, rounded to four digits after the point; never minus zero."""
    if not 0 <= abs(value) < 1e8:  # NaN included
        return number(value)
    return np.format_float_positional(round(float(value), 4) + 0.0, trim=".")
