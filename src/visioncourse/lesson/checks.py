"""Checks, hints and solutions: what a learner sees of an exercise's judge."""

from __future__ import annotations

import inspect
from typing import Any

from visioncourse.exercises import get
from visioncourse.exercises.judge import judge
from visioncourse.lesson.box import box

KINDS = {"right": "good", "wrong": "bad", "not started": "open"}


def check(id: str, answer: Any) -> None:
    """Judge an answer and say what is right or which mistake was made; never raises because of the answer.

    Args:
        id: lesson and number of the exercise, "02.3".
        answer: a function, a value, or a trained model, as the exercise asks.
    """
    exercise = get(id)
    result = judge(exercise, answer)
    sign = {"right": "✓", "wrong": "✗", "not started": "○"}[result.status]
    title = f"{sign} Exercise {id}, {result.status}."
    box(KINDS[result.status], title, [result.message], {"check": {"id": id, "status": result.status}})


def hint(id: str, number: int = 1) -> None:
    """Show the first, second, … hint of an exercise."""
    hints = get(id).hints
    if not 1 <= number <= len(hints):
        raise ValueError(f"number={number!r}: exercise {id} has hints 1 to {len(hints)}.")
    more = [f'The next one: hint("{id}", {number + 1})'] if number < len(hints) else []
    box("ask", f"Hint {number} of {len(hints)}.", [hints[number - 1], *more])


def solution(id: str) -> None:
    """Show one way to solve an exercise, with the idea behind it."""
    exercise = get(id)
    reference = exercise.reference
    code = inspect.getsource(reference) if callable(reference) else f"answer = {reference!r}\n"
    box("ask", f"One solution of exercise {id}.", [exercise.idea])
    print(inspect.cleandoc(code) if not callable(reference) else code)
