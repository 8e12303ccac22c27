"""Rules on the code of a lesson: what works in JupyterLab only, and what hides outputs."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

from .lesson import Cell, Lesson, Problem

MOST_IGNORED = 2
MAGIC = re.compile(r"^\s*(?:[%!]|\w+\s*=\s*[%!]\w|\?|[\w.]+\?{1,2}\s*$)", re.MULTILINE)
SHELL = {"run_line_magic", "run_cell_magic", "system", "magic"}
SILENT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def magic(lesson: Lesson) -> Iterator[Problem]:
    """No ``%`` or ``!`` magics, no ``?``: a lesson is plain Python."""
    for cell in lesson.code:
        broken = MAGIC.search(cell.source) if cell.tree is None else None
        if broken or any(True for _ in cell.calls(*SHELL)):
            yield Problem("magic", cell.index, "uses a magic of IPython, expected plain Python")


def syntax(lesson: Lesson) -> Iterator[Problem]:
    """Every code cell can be parsed."""
    for cell in lesson.code:
        if cell.tree is None and not MAGIC.search(cell.source):
            yield Problem("syntax", cell.index, "is not Python that can be parsed")


def trailing_semicolon(lesson: Lesson) -> Iterator[Problem]:
    """No ``;`` at the end of a cell: nbval does not honour it."""
    for cell in lesson.code:
        if _last_token(cell) == ";":
            yield Problem("trailing-semicolon", cell.index, "ends with `;`, which nbval ignores: end with show(...)")


def _last_token(cell: Cell) -> str:
    """Return the last token that is not a comment or layout; nothing for code that cannot be read."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(cell.source).readline))
    except (tokenize.TokenError, SyntaxError):
        return ""
    return next((token.string for token in reversed(tokens) if token.type not in SILENT), "")


def clear_output(lesson: Lesson) -> Iterator[Problem]:
    """No ``clear_output``: nbval sees what was cleared."""
    for cell in lesson.code:
        if re.search(r"\bclear_output\b", cell.source):
            yield Problem("clear-output", cell.index, "calls clear_output, which nbval does not follow")


def ignored_outputs(lesson: Lesson) -> Iterator[Problem]:
    """At most two cells keep their output out of the comparison."""
    ignored = [cell for cell in lesson.code if _marked(cell, "nbval-ignore-output")]
    if len(ignored) > MOST_IGNORED:
        sentence = f"{len(ignored)} cells have nbval-ignore-output, at most {MOST_IGNORED}"
        yield Problem("ignored-outputs", ignored[MOST_IGNORED].index, sentence)


def skipped_cell(lesson: Lesson) -> Iterator[Problem]:
    """Only a cell that needs hardware is skipped."""
    for cell in lesson.code:
        if _marked(cell, "nbval-skip") and not {"hardware", "nbval-skip"} <= set(cell.tags):
            sentence = "has nbval-skip without the tag hardware: only cells that need hardware are skipped"
            yield Problem("skipped-cell", cell.index, sentence)


def _marked(cell: Cell, tag: str) -> bool:
    """Say whether a cell has a tag of nbval or the comment that means the same."""
    comment = tag.upper().replace("-", "_")
    return tag in cell.tags or bool(re.search(rf"^\s*#+\s*{comment}\s*$", cell.source, re.MULTILINE))


def uncommented_hint(lesson: Lesson) -> Iterator[Problem]:
    """Calls of ``hint`` and ``solution`` are stored commented out."""
    for cell in lesson.code:
        for call in cell.calls("hint", "solution"):
            yield Problem("uncommented-hint", cell.index, f"line {call.lineno} gives the answer away: comment it out")


RULES = (
    magic,
    syntax,
    trailing_semicolon,
    clear_output,
    ignored_outputs,
    skipped_cell,
    uncommented_hint,
)
