"""What a notebook needs to be a lesson: claims, checks, hints, predictions, things to play with."""

from visioncourse.lesson.checks import check, hint, solution
from visioncourse.lesson.claims import claim
from visioncourse.lesson.explore import explore
from visioncourse.lesson.pad import drawing_pad
from visioncourse.lesson.predictions import predict

__all__ = ["check", "claim", "drawing_pad", "explore", "hint", "predict", "solution"]
