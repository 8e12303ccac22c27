"""Predictions: the reader commits to an answer before the result appears."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase

from visioncourse.lesson.box import box
from visioncourse.textual import static


def predict(question: str, options: Sequence[str]) -> None:
    """Ask what will happen next; nothing is graded.

    With widgets the reader ticks an option; without them the question and its options stand as text.

    Args:
        question: one sentence.
        options: two or more answers.
    """
    if len(options) < 2:
        raise ValueError(f"options={list(options)!r}: expected at least two answers to choose from.")
    letters = [f"{letter}) {option}" for letter, option in zip(ascii_lowercase, options, strict=False)]
    box("ask", "Before you go on:", [question, *([] if not static() else letters)], {"predict": question})
    if not static():
        _ask(letters)


def _ask(letters: list[str]) -> None:
    """Show radio buttons that answer with one line."""
    import ipywidgets as widgets
    from IPython.display import display

    choice = widgets.RadioButtons(options=letters, value=None, layout={"width": "max-content"})
    said = widgets.HTML()
    choice.observe(lambda change: said.set_trait("value", f"Noted: {change['new']}. Now run the next cell."), "value")
    display(widgets.VBox([choice, said]))
