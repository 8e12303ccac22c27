"""Recorded results: figures of runs too long for a lesson, in files that say how they were made."""

from __future__ import annotations

import json
from typing import Any

from visioncourse.shipped import shipped_file


def load(name: str) -> dict[str, Any]:
    """Read a file of recorded results.

    Args:
        name: of the file in ``results/``, without ".json".

    Returns:
        ``title``, ``command`` (which makes the file again), ``hardware``, ``versions``, and ``runs``: one dictionary
        for each training run, with its ``seed``.

    Raises:
        ValueError: for an unknown name, with the nearest ones.
    """
    text = shipped_file("results", name, ".json").read_text("utf-8")
    results: dict[str, Any] = json.loads(text)
    return results
