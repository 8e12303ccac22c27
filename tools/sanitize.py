"""Compare texts and pictures the way nbval does: what may differ between machines is blanked first."""

from __future__ import annotations

import base64
import binascii
import io
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

SANITIZE = Path(__file__).resolve().parents[1] / "notebooks" / "nbval_sanitize.cfg"
MEAN_LEVELS = 2.0  # mean absolute difference of two pictures that look the same, of 255 levels
RARE_LEVELS = 32.0  # all but one pixel value in a thousand may differ by this much at most
RARE = 99.9


@lru_cache
def patterns(path: Path = SANITIZE) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the (regex, replacement) pairs of a sanitising file, read as nbval reads it."""
    text = path.read_text(encoding="ascii")
    pairs = re.findall("^regex: (.*)$\n^replace: (.*)$", text, flags=re.MULTILINE)
    return tuple((re.compile(regex), replacement) for regex, replacement in pairs)


def sanitize(text: str, path: Path = SANITIZE) -> str:
    """Return ``text`` without what may differ from machine to machine.

    >>> sanitize("accuracy ≈ 97.3 %") == sanitize("accuracy ≈  8.12 %")
    True
    >>> sanitize("accuracy 97.3 %")
    'accuracy 97.3 %'
    """
    for regex, replacement in patterns(path):
        text = regex.sub(replacement, text)
    return text


def sanitized(value: Any) -> Any:
    """Return a copy of a JSON value with every text in it sanitised."""
    if isinstance(value, str):
        return sanitize(value)
    if isinstance(value, dict):
        return {key: sanitized(item) for key, item in value.items()}
    if isinstance(value, list):
        return [sanitized(item) for item in value]
    return value


def looks_same(stored: str, fresh: str) -> bool:
    """Say whether two base64 PNG pictures look the same to a person.

    They do if they have one size, differ by at most ``MEAN_LEVELS`` of 255 on average, and if 99.9 %
    of the pixel values differ by at most ``RARE_LEVELS``: other font smoothing passes, a moved curve
    does not. A picture that cannot be decoded looks like nothing but itself.
    """
    if stored.strip() == fresh.strip():
        return True
    import numpy

    try:
        left, right = _pixels(stored), _pixels(fresh)
    except (binascii.Error, OSError, ValueError):
        return False
    if left.shape != right.shape:
        return False
    difference = numpy.abs(left - right)
    return bool(difference.mean() <= MEAN_LEVELS and numpy.percentile(difference, RARE) <= RARE_LEVELS)


def _pixels(png: str) -> Any:
    """Return the float32 values (h, w, 4) of a base64 PNG, 0 to 255."""
    import numpy
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(png))) as picture:
        return numpy.asarray(picture.convert("RGBA"), dtype=numpy.float32)
