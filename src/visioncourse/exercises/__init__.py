"""Exercises of all lessons: what is asked, one solution, the typical mistakes and what to say about them."""

from __future__ import annotations

from importlib import import_module

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.textual import unknown

LESSONS = ("00", "01", "02", "03", "04", "05", "06", "07")

__all__ = ["LESSONS", "Exercise", "Mistake", "every", "get", "of_lesson"]


def of_lesson(lesson: str) -> dict[str, Exercise]:
    """Return a lesson's exercises by id."""
    if lesson not in LESSONS:
        raise ValueError(unknown("lesson", lesson, LESSONS))
    module = import_module(f"visioncourse.exercises.lesson_{lesson}")
    return {exercise.id: exercise for exercise in module.EXERCISES}


def every() -> list[Exercise]:
    """Return the exercises of all lessons in order."""
    return [exercise for lesson in LESSONS for exercise in of_lesson(lesson).values()]


def get(id: str) -> Exercise:
    """Return one exercise.

    Raises:
        ValueError: for an unknown id, with the ids that the lesson has.
    """
    found = of_lesson(str(id).partition(".")[0])
    if id not in found:
        raise ValueError(unknown("exercise", id, found))
    return found[id]
