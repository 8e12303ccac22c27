from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_running_toys import write_course, write_lesson

from visioncourse.running.lessons import Lesson, choose, find_folder, find_lessons, read_lesson


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def lessons(course: Path) -> list[Lesson]:
    return find_lessons(course)


def test_finds_the_folder_from_anywhere_in_the_course(course: Path) -> None:
    deep = course.parent / "docs" / "more"
    deep.mkdir(parents=True)
    assert {find_folder(start) for start in (course, course.parent, deep)} == {course.resolve()}


def test_says_where_it_looked(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "scratch.ipynb").write_text("{}")
    with pytest.raises(FileNotFoundError, match=r"no lessons here: .*--lessons DIR"):
        find_folder(tmp_path)
    with pytest.raises(FileNotFoundError, match="expected notebooks named like 00_name"):
        find_lessons(tmp_path / "notebooks")


def test_describes_a_lesson(lessons: list[Lesson]) -> None:
    last = lessons[3]
    assert (last.name, last.number, last.title, last.question) == ("03_misses", 3, "Play with misses", "Does it run?")
    assert (last.minutes, last.claims, last.exercises) == (5, 1, 1)
    assert last.parameters["sizes"].default == (1, 2)
    assert lessons[0].profiles == {"smoke": {"sizes": [7]}}


def test_counts_calls_and_stored_verdicts_once(tmp_path: Path) -> None:
    path = write_lesson(
        tmp_path / "00_a.ipynb", "claim('00.1', 1)\nclaim('00.2', 2)", "%magic", "check('00.1')\nclaim(x)"
    )
    notebook = json.loads(path.read_text("utf-8"))
    facts = {"visioncourse": {"claim": {"id": "00.2"}}}
    others = [{"visioncourse": {"check": {"id": "00.9"}}}, {"visioncourse": None}, {}]
    notebook["cells"][2]["outputs"] = [{"output_type": "display_data", "metadata": meta} for meta in [facts, *others]]
    path.write_text(json.dumps(notebook), "utf-8")
    assert (read_lesson(path).claims, read_lesson(path).exercises) == (2, 2)


def test_fingerprint_sees_sources_only(tmp_path: Path) -> None:
    path = write_lesson(tmp_path / "00_a.ipynb", "x = 1")
    before = read_lesson(path).sha256
    notebook = json.loads(path.read_text("utf-8"))
    notebook["cells"][2] |= {
        "execution_count": 2,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}],
    }
    notebook["cells"][2]["source"] = ["x = 1"]
    path.write_text(json.dumps(notebook), "utf-8")
    assert read_lesson(path).sha256 == before
    write_lesson(path, "x = 2")
    assert read_lesson(path).sha256 != before


def test_reads_a_bare_notebook(tmp_path: Path) -> None:
    (tmp_path / "00_bare.ipynb").write_text('{"cells": [{"cell_type": "code", "source": "x = 1"}]}')
    lesson = read_lesson(tmp_path / "00_bare.ipynb")
    assert (lesson.title, lesson.question, lesson.minutes, lesson.parameters) == ("00_bare", "", None, {})


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"cells": 3}', '{"cells": [], "metadata": 3}'])
def test_says_which_file_is_no_notebook(tmp_path: Path, text: str) -> None:
    (tmp_path / "00_bad.ipynb").write_text(text)
    with pytest.raises(ValueError, match=r"00_bad\.ipynb is not a Jupyter notebook"):
        find_lessons(tmp_path)


def test_says_which_parameters_cell_is_no_python(tmp_path: Path) -> None:
    write_lesson(tmp_path / "00_bad.ipynb", parameters="seed: int = ")
    with pytest.raises(ValueError, match=r"00_bad\.ipynb: its parameters cell is not Python"):
        find_lessons(tmp_path)


@pytest.mark.parametrize("word", ["1", "01", "raises", "01_raises", "01_raises.ipynb", "notebooks/01_raises.ipynb"])
def test_chooses_by_number_name_or_file(lessons: list[Lesson], word: str) -> None:
    assert [lesson.name for lesson in choose(lessons, [word])] == ["01_raises"]


def test_chooses_in_the_order_of_the_course(lessons: list[Lesson]) -> None:
    assert [lesson.number for lesson in choose(lessons, ["3", "good", "03"])] == [0, 3]
    assert choose(lessons, []) == lessons


def test_offers_the_nearest_lesson(lessons: list[Lesson]) -> None:
    with pytest.raises(ValueError, match="unknown lesson '01_rises': did you mean 01_raises"):
        choose(lessons, ["00", "01_rises"])
