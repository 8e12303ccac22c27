"""Exercises of lesson 06: a residual block, channels counted, a gate for each channel, scaling, missing projections."""

from __future__ import annotations

from visioncourse.exercises.lesson_06.dense import DENSE
from visioncourse.exercises.lesson_06.excite import EXCITE
from visioncourse.exercises.lesson_06.residual import RESIDUAL
from visioncourse.exercises.lesson_06.scaling import SCALING
from visioncourse.exercises.lesson_06.shortcuts import SHORTCUTS

EXERCISES = [RESIDUAL, DENSE, EXCITE, SCALING, SHORTCUTS]
