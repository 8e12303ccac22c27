"""Exercises of lesson 07: freeze, keep features, two learning rates, batch norm left in eval, four choices."""

from __future__ import annotations

from visioncourse.exercises.lesson_07.caching import CACHING
from visioncourse.exercises.lesson_07.choices import CHOICES
from visioncourse.exercises.lesson_07.freezing import FREEZING
from visioncourse.exercises.lesson_07.grouping import GROUPING
from visioncourse.exercises.lesson_07.modes import MODES

EXERCISES = [FREEZING, CACHING, GROUPING, MODES, CHOICES]
