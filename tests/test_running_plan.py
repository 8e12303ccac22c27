from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_running_toys import PARAMETERS, write_course, write_lesson

from visioncourse.running.lessons import Lesson, find_lessons, read_lesson
from visioncourse.running.plan import make_jobs


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> list[Lesson]:
    return find_lessons(write_course(tmp_path_factory.mktemp("course")))


def test_one_job_a_lesson_with_its_own_parameters(lessons: list[Lesson]) -> None:
    jobs = make_jobs(lessons)
    assert [job.name for job in jobs] == [lesson.name for lesson in lessons]
    assert all(job.is_default and not job.changes for job in jobs)
    assert jobs[0].parameters["sizes"] == (1, 2)


def test_parameters_go_to_the_lessons_that_have_them(lessons: list[Lesson], tmp_path: Path) -> None:
    deep = read_lesson(write_lesson(tmp_path / "09_deep.ipynb", parameters="seed: int = 0\ndepth: int = 3"))
    jobs = make_jobs([lessons[0], deep], [("depth", "5"), ("seed", "2")])
    assert [job.changes for job in jobs] == [{"seed": 2}, {"depth": 5, "seed": 2}]
    assert [job.is_default for job in jobs] == [True, False]
    assert jobs[1].altered == ["depth"]


def test_a_value_equal_to_the_default_changes_nothing(lessons: list[Lesson]) -> None:
    (job,) = make_jobs(lessons[:1], [("lr", "0.1"), ("quick", "false")])
    assert job.changes == {} and job.is_default


def test_seeds_number_the_jobs(lessons: list[Lesson]) -> None:
    jobs = make_jobs(lessons[:2], seeds=3)
    assert [job.name for job in jobs] == [
        f"{name}.seed{seed}" for name in ("00_good", "01_raises") for seed in range(3)
    ]
    assert [job.seed for job in jobs] == [0, 1, 2] * 2
    assert all(job.is_default for job in jobs)


def test_a_profile_sets_parameters_and_is_no_default_run(lessons: list[Lesson]) -> None:
    good, other = make_jobs(lessons[:2], profile="smoke")
    assert good.changes == {"sizes": (7,)} and other.changes == {}
    assert not good.is_default and not other.is_default
    assert make_jobs(lessons[:1], [("sizes", "(9,)")], "smoke")[0].changes == {"sizes": (9,)}


@pytest.mark.parametrize(
    ("given", "seeds", "message"),
    [
        ([("sede", "1")], None, "unknown parameter 'sede': did you mean seed.*any of 4 lessons"),
        ([("seed", "one")], None, "'seed' got 'one', expected int .00_good has seed: int = 0"),
        ([("seed", "1"), ("seed", "2")], None, "'seed' is given 2 times"),
        ([("seed", "1")], 2, "leave out -p seed"),
    ],
)
def test_refuses(lessons: list[Lesson], given: list[tuple[str, str]], seeds: int | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_jobs(lessons, given, seeds=seeds)


def test_names_the_one_lesson_that_lacks_a_parameter(lessons: list[Lesson]) -> None:
    with pytest.raises(ValueError, match="looked for in 00_good"):
        make_jobs(lessons[:1], [("depth", "1")])


def test_seeds_need_a_seed(tmp_path: Path) -> None:
    lesson = read_lesson(write_lesson(tmp_path / "00_a.ipynb", parameters="size: int = 1"))
    with pytest.raises(ValueError, match="00_a has no parameter 'seed'"):
        make_jobs([lesson], seeds=2)


@pytest.mark.parametrize(
    ("smoke", "message"),
    [({"size": 1}, "profile 'smoke': unknown parameter 'size'"), ({"seed": "1"}, "'seed' is '1', expected int")],
)
def test_refuses_a_wrong_profile(tmp_path: Path, smoke: dict[str, Any], message: str) -> None:
    lesson = read_lesson(write_lesson(tmp_path / "00_a.ipynb", parameters=PARAMETERS, profiles={"smoke": smoke}))
    with pytest.raises(ValueError, match=message):
        make_jobs([lesson], profile="smoke")
