"""Words for people that several modules need: the nearest names to an unknown one, a bar for long work."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TypeVar

Item = TypeVar("Item")


def nearest(word: str, words: Iterable[str], most: int = 3) -> list[str]:
    """Return the names most like ``word``, best first.

    Args:
        word: what somebody typed.
        words: the names that exist.
        most: how many names to return at most.

    >>> nearest("mnits", ["mnist", "cifar10"])
    ['mnist']
    """
    return get_close_matches(word, list(words), n=most, cutoff=0.5)


def unknown(kind: str, word: object, words: Iterable[str]) -> str:
    """Return one sentence that says which name is unknown and which are nearest or exist.

    >>> unknown("data set", "mnits", ["mnist", "cifar10"])
    "unknown data set 'mnits': did you mean mnist? Known: cifar10, mnist."
    """
    names = sorted(words)
    close = nearest(str(word), names)
    guess = f"did you mean {' or '.join(close)}? " if close else ""
    return f"unknown {kind} {word!r}: {guess}Known: {', '.join(names)}."


def static() -> bool:
    """Say whether plain output is wanted: no widgets, no bars (``VISIONCOURSE_STATIC=1``, as stored notebooks need)."""
    return os.environ.get("VISIONCOURSE_STATIC", "") == "1"


def progress_bar(items: Iterable[Item], wanted: bool, what: str) -> Iterable[Item]:
    """Return the items, with a bar where somebody watches: a terminal or a notebook, unless output is static."""
    watched = "ipykernel" in sys.modules or sys.stderr.isatty()
    if not wanted or static() or not watched:
        return items
    from tqdm.auto import tqdm

    bar: Iterable[Item] = tqdm(items, desc=what, leave=False)
    return bar
