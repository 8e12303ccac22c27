"""Rules on how a lesson is stored: counts, freshness, size, metadata."""

from __future__ import annotations

from collections.abc import Iterator

from canonical import WIDGET_VIEW, to_text
from lesson_files import code_so_far

from .lesson import Lesson, Problem

MOST_BYTES = 1_000_000
REFRESH = "run tools/refresh_notebooks.py"


def counts_in_order(lesson: Lesson) -> Iterator[Problem]:
    """Execution counts run 1..n from the top."""
    for cell in lesson.code:
        count = cell.raw.get("execution_count")
        if count is not None and count != cell.number:
            sentence = f"has execution count {count}, expected {cell.number}: {REFRESH}"
            yield Problem("counts-in-order", cell.index, sentence)


def null_count(lesson: Lesson) -> Iterator[Problem]:
    """Every code cell has been executed: nbval compares nothing in a cell without a count."""
    for cell in lesson.code:
        if cell.raw.get("execution_count") is None:
            sentence = f"has no execution count, so nbval would compare nothing: {REFRESH}"
            yield Problem("null-count", cell.index, sentence)


def stale_outputs(lesson: Lesson) -> Iterator[Problem]:
    """The stored outputs were made by the stored code."""
    made_by = str(lesson.course.get("code", "")).split()
    if not made_by and lesson.code:
        yield Problem("stale-outputs", None, f"the outputs do not say which code made them: {REFRESH}")
        return
    now = code_so_far(lesson.notebook)
    if made_by == now:
        return
    same = next((n for n, (old, new) in enumerate(zip(made_by, now, strict=False)) if old != new), None)
    place = min(len(made_by), len(now)) if same is None else same
    index = lesson.code[place].index if place < len(lesson.code) else None
    yield Problem("stale-outputs", index, f"the code changed after the outputs were stored: {REFRESH}")


def oversize(lesson: Lesson) -> Iterator[Problem]:
    """A notebook is at most 1 MB."""
    size = len(to_text(lesson.notebook).encode())
    if size > MOST_BYTES:
        sentence = f"the notebook has {size / 1e6:.2f} MB, at most {MOST_BYTES / 1e6:.0f} MB: smaller pictures"
        yield Problem("oversize", None, sentence)


def widget_state(lesson: Lesson) -> Iterator[Problem]:
    """No widget is stored: a stored one shows nothing and changes with every run."""
    if "widgets" in lesson.notebook.get("metadata", {}):
        yield Problem("widget-state", None, f"the notebook stores widget state: {REFRESH}")
    for cell in lesson.code:
        if any(WIDGET_VIEW in output.get("data", {}) for output in cell.outputs):
            yield Problem("widget-state", cell.index, f"stores a widget instead of its static picture: {REFRESH}")


RULES = (counts_in_order, null_count, stale_outputs, oversize, widget_state)
