"""What to execute: one job for each lesson and seed, its parameters checked before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from visioncourse.running.lessons import Lesson
from visioncourse.running.parameters import as_float, convert, fits
from visioncourse.textual import unknown

# A run is still the one that the text describes when no more than these differ from the lesson's own.
NEUTRAL = frozenset({"seed", "precision", "device"})


@dataclass(frozen=True)
class Job:
    """One execution of one lesson.

    ``changes`` are the parameters that differ from the lesson's own, ``profile`` the profile's name,
    ``numbered`` says that the lesson runs under several seeds, so that its files need the seed in their names.
    """

    lesson: Lesson
    changes: dict[str, Any]
    profile: str = "default"
    numbered: bool = False

    @property
    def name(self) -> str:
        """Name of the job and of its files: ``01_pixels`` or ``01_pixels.seed3``."""
        return f"{self.lesson.name}.seed{self.seed}" if self.numbered else self.lesson.name

    @property
    def parameters(self) -> dict[str, Any]:
        """All parameters of the lesson, as this job sets them."""
        return {name: own.default for name, own in self.lesson.parameters.items()} | self.changes

    @property
    def seed(self) -> Any:
        """The seed, or None where the lesson has none."""
        return self.parameters.get("seed")

    @property
    def altered(self) -> list[str]:
        """Names of the changed parameters that make this another run than the text describes."""
        return sorted(set(self.changes) - NEUTRAL)

    @property
    def is_default(self) -> bool:
        """Whether the claims must hold: the text describes this run."""
        return self.profile == "default" and not self.altered


def make_jobs(
    lessons: Sequence[Lesson],
    given: Sequence[tuple[str, str]] = (),
    profile: str = "default",
    seeds: int | None = None,
) -> list[Job]:
    """Return the jobs of a run, lesson by lesson.

    Args:
        lessons: the lessons to run.
        given: pairs of a parameter's name and its value as text; each lesson gets those that it has.
        profile: ``"default"``, or the name of a profile in the lessons' metadata.
        seeds: run seeds 0 to ``seeds - 1`` of each lesson; None runs each once.

    Raises:
        ValueError: no lesson has such a parameter, a value is of the wrong type, a name is given twice.
    """
    check_names(lessons, given, seeds)
    jobs: list[Job] = []
    for lesson in lessons:
        values = profile_values(lesson, profile) | given_values(lesson, given)
        for seed in [None] if seeds is None else range(seeds):
            wanted = values if seed is None else values | {"seed": seed}
            changes = {name: value for name, value in wanted.items() if differs(lesson, name, value)}
            jobs.append(Job(lesson, changes, profile, numbered=seeds is not None))
    return jobs


def differs(lesson: Lesson, name: str, value: Any) -> bool:
    """Whether a value is another than the lesson's own (``repr`` tells 1 from 1.0 and from True)."""
    return repr(value) != repr(lesson.parameters[name].default)


def check_names(lessons: Sequence[Lesson], given: Sequence[tuple[str, str]], seeds: int | None) -> None:
    """Refuse parameters that no lesson has, names given twice, and seeds for lessons without one."""
    names = [name for name, _ in given]
    known = {name for lesson in lessons for name in lesson.parameters}
    for name in names:
        if name not in known:
            where = lessons[0].name if len(lessons) == 1 else f"any of {len(lessons)} lessons"
            raise ValueError(unknown("parameter", name, known) + f" (looked for in {where})")
        if names.count(name) > 1:
            raise ValueError(f"parameter {name!r} is given {names.count(name)} times, expected once")
    if seeds is not None and "seed" in names:
        raise ValueError(f"--seeds {seeds} sets the parameter 'seed' itself: leave out -p seed")
    without = [lesson.name for lesson in lessons if "seed" not in lesson.parameters]
    if seeds is not None and without:
        raise ValueError(f"--seeds {seeds}: {', '.join(without)} has no parameter 'seed' to set")


def given_values(lesson: Lesson, given: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the given parameters that this lesson has, in its types."""
    values: dict[str, Any] = {}
    for name, text in given:
        if name in lesson.parameters:
            try:
                values[name] = convert(lesson.parameters[name], text)
            except ValueError as error:
                raise ValueError(f"{error} ({lesson.name} has {lesson.parameters[name]})") from None
    return values


def profile_values(lesson: Lesson, profile: str) -> dict[str, Any]:
    """Return what a profile of the lesson sets; a lesson without that profile runs as it is.

    Raises:
        ValueError: the profile sets a parameter that the lesson lacks, or to a wrong type.
    """
    values: dict[str, Any] = {}
    for name, value in dict(lesson.profiles.get(profile) or {}).items():
        if name not in lesson.parameters:
            raise ValueError(f"{lesson.name}, profile {profile!r}: " + unknown("parameter", name, lesson.parameters))
        annotation = lesson.parameters[name].annotation
        # JSON, which keeps the profile, has no tuples.
        value = tuple(value) if isinstance(value, list) and not fits(value, annotation) else value
        if not fits(value, annotation):
            raise ValueError(f"{lesson.name}, profile {profile!r}: {name!r} is {value!r}, expected {annotation}")
        values[name] = as_float(value, annotation)
    return values
