"""Check lessons against the static rules: ``python tools/lesson_rules.py [FILES]`` (default: all lessons)."""

from __future__ import annotations

import sys
from pathlib import Path

from lesson_files import Notebook, find_lessons, read
from rules import RULES, Lesson, Problem


def check_notebook(notebook: Notebook, path: Path) -> list[Problem]:
    """Return every breach of a rule, in the order of the cells; nothing is executed or changed.

    Args:
        notebook: the notebook as ``lesson_files.read`` returns it.
        path: where it lies; its name says the lesson's number, its folder where links lead.
    """
    lesson = Lesson(notebook, path)
    problems = [problem for rule in RULES.values() for problem in rule(lesson)]
    return sorted(problems, key=lambda problem: -1 if problem.cell is None else problem.cell)


def main(arguments: list[str] | None = None) -> int:
    """Print the problems of the named notebooks, return 1 if there are any."""
    names = sys.argv[1:] if arguments is None else arguments
    paths = [Path(name) for name in names] or find_lessons()
    count = 0
    for path in paths:
        try:
            problems = [str(problem) for problem in check_notebook(read(path), path)]
        except (OSError, ValueError) as error:
            problems = [str(error)]
        for problem in problems:
            print(f"{path.name}: {problem}")
        count += len(problems)
    print(f"{len(paths)} notebooks, {count} problems")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
