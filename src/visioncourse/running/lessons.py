"""Find the lessons of a course, read what each says of itself, and choose among them by name."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from visioncourse.running.parameters import Parameter, read_parameters
from visioncourse.textual import unknown

LESSON_NAME = re.compile(r"(\d\d)_(.+)\.ipynb")


@dataclass(frozen=True)
class Lesson:
    """A lesson as its file describes it, not executed.

    ``claims`` and ``exercises`` are counts, ``minutes`` is a person's time, ``sha256`` covers the
    cells' sources and tags only: executing a lesson and storing it again leaves it as it was.
    """

    path: Path
    title: str
    question: str
    minutes: int | None
    claims: int
    exercises: int
    sha256: str
    parameters: dict[str, Parameter] = field(default_factory=dict)
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """``01_pixels`` of ``01_pixels.ipynb``."""
        return self.path.stem

    @property
    def number(self) -> int:
        """The number that the file's name begins with."""
        return int(self.name[:2])


def find_folder(start: Path) -> Path:
    """Return the nearest ``notebooks`` folder with lessons in it, in ``start`` or above.

    Raises:
        FileNotFoundError: there is none.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if any(lesson_files(folder / "notebooks")):
            return folder / "notebooks"
    raise FileNotFoundError(
        f"no lessons here: neither {start.resolve()} nor a folder above it holds notebooks/ with files like "
        "00_name.ipynb; go into the course's folder or name one with --lessons DIR"
    )


def lesson_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that are named like lessons, in their order."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    yield from (path for path in files if LESSON_NAME.fullmatch(path.name))


def find_lessons(folder: Path) -> list[Lesson]:
    """Return the lessons of a folder, in their order.

    Raises:
        FileNotFoundError: the folder is missing or holds no lesson.
        ValueError: one of them is not a notebook.
    """
    lessons = [read_lesson(path) for path in lesson_files(folder)]
    if not lessons:
        raise FileNotFoundError(f"no lessons in {folder}: expected notebooks named like 00_name.ipynb")
    return lessons


def read_lesson(path: Path) -> Lesson:
    """Read one lesson's file.

    Raises:
        ValueError: it is not a notebook of format 4, or its parameters cell is not Python.
    """
    cells, about = read_notebook(path)
    code = [text_of(cell) for cell in cells if cell.get("cell_type") == "code"]
    try:
        parameters = read_parameters("\n".join(text_of(cell) for cell in cells if "parameters" in tags_of(cell)))
    except SyntaxError as error:
        raise ValueError(f"{path.name}: its parameters cell is not Python ({error.msg})") from None
    minutes = about.get("minutes")
    return Lesson(
        path=path,
        title=title_of(cells) or path.stem,
        question=str(about.get("question", "")),
        minutes=minutes if isinstance(minutes, int) else None,
        claims=len({*called(code, "claim"), *stored(cells, "claim")}),
        exercises=len({*called(code, "check"), *stored(cells, "check")}),
        sha256=fingerprint(cells),
        parameters=parameters,
        profiles=about.get("profiles") or {},
    )


def read_notebook(path: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return a notebook's cells and what it says of itself in ``metadata["visioncourse"]``.

    Raises:
        ValueError: the file is not a notebook of format 4.
    """
    try:
        notebook = json.loads(path.read_text("utf-8"))
        return list(notebook["cells"]), dict(notebook.get("metadata", {}).get("visioncourse") or {})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{path.name} is not a Jupyter notebook of format 4: it cannot be read") from None


def text_of(cell: dict[str, Any]) -> str:
    """Return a cell's source; a file may hold it as one string or as a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def tags_of(cell: dict[str, Any]) -> list[str]:
    """Return a cell's tags."""
    return list(cell.get("metadata", {}).get("tags") or [])


def title_of(cells: Iterable[dict[str, Any]]) -> str:
    """Return the first heading of the first level."""
    texts = (text_of(cell) for cell in cells if cell.get("cell_type") == "markdown")
    heads = (line[2:].strip() for text in texts for line in text.splitlines() if line.startswith("# "))
    return next(heads, "")


def fingerprint(cells: Iterable[dict[str, Any]]) -> str:
    """Return the SHA-256 of the cells' kinds, sources and tags."""
    content = [[cell.get("cell_type"), text_of(cell), tags_of(cell)] for cell in cells]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def called(sources: Iterable[str], function: str) -> set[str]:
    """Return the first arguments, where they are strings, of all calls of ``function``."""
    names: set[str] = set()
    for source in sources:
        try:
            calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
        except SyntaxError:  # a cell with a magic, or with a deliberate mistake
            continue
        for call in calls:
            first = call.args[0] if call.args else None
            if isinstance(call.func, ast.Name) and call.func.id == function and isinstance(first, ast.Constant):
                names.add(str(first.value))
    return names


def stored(cells: Iterable[dict[str, Any]], kind: str) -> set[str]:
    """Return the ids of the stored claims (``kind="claim"``) or exercise verdicts (``"check"``)."""
    return {str(mark["id"]) for mark in marks(cells, kind)}


def marks(cells: Iterable[dict[str, Any]], kind: str) -> Iterator[dict[str, Any]]:
    """Yield what ``claim`` or ``check`` left in the metadata of the outputs."""
    outputs = (output for cell in cells for output in cell.get("outputs") or [])
    for output in outputs:
        ours = (output.get("metadata") or {}).get("visioncourse")
        mark = ours.get(kind) if isinstance(ours, dict) else None
        if isinstance(mark, dict) and "id" in mark:
            yield mark


def choose(lessons: Sequence[Lesson], words: Sequence[str]) -> list[Lesson]:
    """Return the lessons that ``words`` name, in the course's order; all of them without words.

    A word is a number (``1``, ``01``), a name with or without it (``01_pixels``, ``pixels``) or a file.

    Raises:
        ValueError: a word names no lesson; the nearest are offered.
    """
    chosen = {find(lessons, word).path for word in words}
    return [lesson for lesson in lessons if not words or lesson.path in chosen]


def find(lessons: Sequence[Lesson], word: str) -> Lesson:
    """Return the lesson that one word names."""
    plain = Path(word).name.removesuffix(".ipynb")
    for lesson in lessons:
        same_number = plain.isdecimal() and int(plain) == lesson.number
        if same_number or plain in {lesson.name, lesson.name[3:]}:
            return lesson
    raise ValueError(unknown("lesson", word, [lesson.name for lesson in lessons]))
