"""Exercises of lesson 05: two optimisers, a schedule, how to begin, six patients, and the whole in torch."""

from __future__ import annotations

from visioncourse.exercises.lesson_05.adamw import ADAMW
from visioncourse.exercises.lesson_05.beginning import BEGINNING
from visioncourse.exercises.lesson_05.diagnosis import DIAGNOSIS
from visioncourse.exercises.lesson_05.nesterov import NESTEROV
from visioncourse.exercises.lesson_05.schedule import SCHEDULE
from visioncourse.exercises.lesson_05.training import TRAINING

EXERCISES = [NESTEROV, ADAMW, SCHEDULE, BEGINNING, DIAGNOSIS, TRAINING]
