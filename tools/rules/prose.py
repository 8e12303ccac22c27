"""Rules on the text: words that say nothing, signs that shout, links that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from .lesson import CODE, MATH, Lesson, Problem

BANNED = re.compile(
    r"\b(?:let['\u2019]s|simply|obviously|as we can see|in this section,? we will"
    r"|delv(?:e|es|ed|ing)|crucial(?:ly)?)\b",
    re.IGNORECASE,
)
EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u26ff\u2705\u2728\u274c\u274e\u2753-\u2757\u2764\u2795-\u2797"
    "\u231a\u231b\u23e9-\u23f3\u2b50\u2b55\ufe0f]"
)
SHOUT = re.compile(r"[^\W\d_]['\"\u201d\u2019)*_]*!+(?=['\"\u201d\u2019)*_]*(?:\s|$))")
LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\)|(?:src|href)=[\"']([^\"']+)[\"']")
ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|#")


def banned_word(lesson: Lesson) -> Iterator[Problem]:
    """The text does without words that promise or belittle."""
    for cell in lesson.markdown:
        prose = " ".join(cell.prose.split())
        for match in BANNED.finditer(prose):
            yield Problem("banned-word", cell.index, f"says {match.group()!r}")


def emoji(lesson: Lesson) -> Iterator[Problem]:
    """No emoji, in text or code."""
    for cell in lesson.cells:
        if match := EMOJI.search(cell.source):
            yield Problem("emoji", cell.index, f"holds the emoji {match.group()!r}")


def exclamation(lesson: Lesson) -> Iterator[Problem]:
    """No sentence ends with an exclamation mark; ``5!`` and ``!=`` are not sentences."""
    for cell in lesson.markdown:
        if match := SHOUT.search(cell.prose):
            start = max(0, match.start() - 20)
            yield Problem("exclamation", cell.index, f"shouts: {cell.prose[start : match.end()].strip()!r}")


def broken_link(lesson: Lesson) -> Iterator[Problem]:
    """Every relative link leads to a file beside the lesson."""
    for cell in lesson.markdown:
        text = MATH.sub(" ", CODE.sub(" ", cell.source))
        for match in LINK.finditer(text):
            target = match.group(1) or match.group(2)
            if ELSEWHERE.match(target):
                continue
            if not (lesson.path.parent / unquote(target.partition("#")[0])).exists():
                yield Problem("broken-link", cell.index, f"links to {target!r}, which does not exist")


RULES = (banned_word, emoji, exclamation, broken_link)
