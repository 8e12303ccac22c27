"""Rules on stored outputs: nothing that differs between machines, every picture described."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .lesson import HTML, MATH, Cell, Lesson, Problem

TEXTS = ("text/plain", "text/html", "text/markdown", "text/latex")
APPROXIMATELY = "\u2248"
# A decimal or scientific number that is neither part of a name, a version (1.2.3) nor a larger number.
DECIMAL = re.compile(r"(?<![\w.])(?:\d[\d,]*\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)(?![\w]|\.\d)")
MEASURED = re.compile(APPROXIMATELY + r"[^\S\n]*[-+\u2212]?\Z")
NAMED = re.compile(r"\b(?:claims?|checks?|exercises?|lessons?)\s+\Z", re.IGNORECASE)
ABSOLUTE = re.compile(
    r"(?<![\w.~/:}\-])/(?:home|Users|tmp|var|root|work|mnt|media|opt|usr|etc|private|content|kaggle|srv)\b"
    r"|(?<![\w\\])[A-Z]:\\{1,2}\w"
)


def texts(output: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) for every text of an output."""
    if output["output_type"] == "stream":
        yield "stream", output["text"]
    for kind in TEXTS:
        if isinstance(output.get("data", {}).get(kind), str):
            yield kind, output["data"][kind]


def _by_package(output: dict[str, Any]) -> bool:
    """Say whether claim, check or predict made this output: those print their numbers as they must be."""
    course = output.get("metadata", {}).get("visioncourse") or {}
    return bool({"claim", "check", "predict"} & set(course))


def error_output(lesson: Lesson) -> Iterator[Problem]:
    """No stored error, except in a cell tagged ``raises-exception``."""
    for cell in lesson.code:
        if "raises-exception" in cell.tags:
            continue
        for output in cell.outputs:
            if output["output_type"] == "error":
                sentence = f"stores the error {output.get('ename')}; a deliberate one needs the tag raises-exception"
                yield Problem("error-output", cell.index, sentence)


def stderr_output(lesson: Lesson) -> Iterator[Problem]:
    """No stored warnings or progress bars."""
    for cell in lesson.code:
        for output in cell.outputs:
            if output["output_type"] == "stream" and output["name"] == "stderr":
                first = output["text"].strip().splitlines()[:1]
                yield Problem("stderr-output", cell.index, f"stores stderr: {''.join(first)[:80]!r}")


def svg_output(lesson: Lesson) -> Iterator[Problem]:
    """No SVG: its text holds random ids, which nbval compares."""
    for cell in lesson.code:
        if any("image/svg+xml" in output.get("data", {}) for output in cell.outputs):
            yield Problem("svg-output", cell.index, "stores an SVG picture, expected PNG by show(...)")


def absolute_path(lesson: Lesson) -> Iterator[Problem]:
    """No path of somebody's machine, neither in the source nor in an output."""
    for cell in lesson.cells:
        source = MATH.sub(" ", cell.source) if cell.kind == "markdown" else cell.source
        found = [source] + [text for output in cell.outputs for _, text in texts(output)]
        for match in filter(None, map(ABSOLUTE.search, found)):
            sentence = f"holds the absolute path {match.string[match.start() :].split()[0][:60]!r}"
            yield Problem("absolute-path", cell.index, sentence)


def missing_alt(lesson: Lesson) -> Iterator[Problem]:
    """Every picture has an alternative text."""
    for cell in lesson.code:
        for output in cell.outputs:
            for kind in _pictures(output):
                alt = output.get("metadata", {}).get(kind, {}).get("alt")
                if not (isinstance(alt, str) and alt.strip()):
                    yield Problem("missing-alt", cell.index, f"has an {kind} without alt text: use show(fig, alt=…)")


def missing_caption(lesson: Lesson) -> Iterator[Problem]:
    """Every picture is followed by its caption, a separate text/markdown output of the same cell."""
    for cell in lesson.code:
        for output, after in zip(cell.outputs, [*cell.outputs[1:], {}], strict=False):
            if _pictures(output) and not after.get("data", {}).get("text/markdown", "").strip():
                sentence = "has a picture without a caption after it: use show(fig, caption=…)"
                yield Problem("missing-caption", cell.index, sentence)


def _pictures(output: dict[str, Any]) -> list[str]:
    """Return the kinds of pictures in an output."""
    return [kind for kind in output.get("data", {}) if kind.startswith("image/")]


def missing_approximately(lesson: Lesson) -> Iterator[Problem]:
    """A measured number stands after ≈; exact ones are in cells tagged ``exact``."""
    for cell in lesson.code:
        if {"exact", "nbval-ignore-output"} & set(cell.tags):
            continue
        for number in dict.fromkeys(_bare_decimals(cell)):
            sentence = f"prints {number} without \u2248 before it; if it is exact arithmetic, tag the cell exact"
            yield Problem("missing-approximately", cell.index, sentence)


def _bare_decimals(cell: Cell) -> Iterator[str]:
    """Yield the decimal numbers in the outputs of a cell that do not stand after ≈."""
    for output in cell.outputs:
        if _by_package(output) or _pictures(output):
            continue
        for kind, text in texts(output):
            plain = HTML.sub(" ", text) if kind in ("text/html", "text/markdown") else text
            for match in DECIMAL.finditer(plain):
                before = plain[: match.start()]
                before = before.removesuffix("-").removesuffix("\u2212")
                if not (MEASURED.search(before) or NAMED.search(before)):
                    yield match.group()


def approximately_in_table(lesson: Lesson) -> Iterator[Problem]:
    """No ≈ in a DataFrame: the widths of its columns change with the numbers."""
    for cell in lesson.code:
        for output in cell.outputs:
            html = output.get("data", {}).get("text/html", "")
            if not _by_package(output) and "<table" in html and APPROXIMATELY in html:
                sentence = "shows measured numbers in a DataFrame: print the table as lines of text"
                yield Problem("approximately-in-table", cell.index, sentence)


RULES = (
    error_output,
    stderr_output,
    svg_output,
    absolute_path,
    missing_alt,
    missing_caption,
    missing_approximately,
    approximately_in_table,
)
