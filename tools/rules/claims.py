"""Rules on claims and checks: ids belong to the lesson, and the text says what the claims measured."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lesson_files import all_claims, claims, find_lessons, read

from .lesson import Cell, Lesson, Problem

ID = r"\d\d\.\d+"
CITED = re.compile(rf"\bclaims?\s+({ID}(?:\s*(?:,|and|or|to|&|\u2013)\s*{ID})*)", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[.?!:])\s+(?!\(claim)|\n\s*\n|\n\s*(?:[-*]|\d+\.)\s|\|")
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
RESULT = re.compile(r"([-+\u2212]?\d+(?:,\d{3})*(?:\.\d+)?)[\s\u00a0\u202f]*(?:%|percent\b|(?:percentage )?points?\b)")


def _called_ids(cell: Cell, name: str) -> Iterator[str | None]:
    """Yield the first argument of each call of ``name``; None where it is no literal text."""
    for call in cell.calls(name):
        if isinstance(call.func, ast.Name) or name == "claim":
            first = call.args[0] if call.args else None
            literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
            yield first.value if literal else None  # type: ignore[union-attr]


def claim_ids(lesson: Lesson) -> Iterator[Problem]:
    """Ids of claims are literal, begin with the lesson's number, and are used once."""
    seen: Counter[str] = Counter()
    for cell in lesson.code:
        called = list(_called_ids(cell, "claim"))
        shown = [str(claim.get("id")) for claim in claims(cell.outputs)]
        if None in called:
            yield Problem("claim-ids", cell.index, 'calls claim without a literal id such as claim("02.1", ...)')
        for name in dict.fromkeys([*filter(None, called), *shown]):
            yield from _prefixed(lesson, cell, "claim-ids", name)
            seen[name] += max(called.count(name), shown.count(name))
            if seen[name] > 1:
                yield Problem("claim-ids", cell.index, f"claims {name} a second time")


def check_ids(lesson: Lesson) -> Iterator[Problem]:
    """Ids of exercises begin with the lesson's number."""
    for cell in lesson.code:
        for name in _called_ids(cell, "check"):
            if name is None:
                yield Problem("check-ids", cell.index, 'calls check without a literal id such as check("02.1", f)')
            else:
                yield from _prefixed(lesson, cell, "check-ids", name)


def _prefixed(lesson: Lesson, cell: Cell, rule: str, name: str) -> Iterator[Problem]:
    """Yield a problem if an id does not begin with the number of the lesson."""
    if lesson.number is not None and not name.startswith(f"{lesson.number}."):
        yield Problem(rule, cell.index, f"uses the id {name!r}, expected one that begins with {lesson.number}.")


def _known(lesson: Lesson, prefix: str) -> dict[str, dict[str, Any]]:
    """Return the claims of this lesson, or of the neighbour with that number, by id."""
    if prefix == lesson.number:
        return {str(claim.get("id")): claim for claim in all_claims(lesson.notebook)}
    neighbours = [path for path in find_lessons(lesson.path.parent) if path.name.startswith(prefix)]
    return {str(claim.get("id")): claim for path in neighbours for claim in all_claims(read(path))}


def _cited(text: str) -> list[str]:
    """Return the ids of the claims that a text cites."""
    return [name for match in CITED.finditer(text) for name in re.findall(ID, match.group(1))]


def cited_claim(lesson: Lesson) -> Iterator[Problem]:
    """Every claim that the text cites exists."""
    for cell in lesson.markdown:
        for name in dict.fromkeys(_cited(cell.prose)):
            if name not in _known(lesson, name[:2]):
                yield Problem("cited-claim", cell.index, f"cites claim {name}, which no stored output makes")


def result_number(lesson: Lesson) -> Iterator[Problem]:
    """A number with % or points in a sentence that cites a claim is its bound or its rounded value."""
    for cell in lesson.markdown:
        for sentence in SENTENCE.split(cell.prose):
            cited = [_known(lesson, name[:2]).get(name) for name in _cited(sentence)]
            measured = [claim for claim in cited if claim]
            for match in RESULT.finditer(sentence) if measured else ():
                if not any(agrees(match.group(1), claim) for claim in measured):
                    names = ", ".join(str(claim["id"]) for claim in measured)
                    wrong = f"says {match.group().strip()!r}, which is neither bound nor value of claim {names}"
                    yield Problem("result-number", cell.index, wrong)


def agrees(text: str, claim: dict[str, Any]) -> bool:
    """Say whether a number as written is a claim's bound, or its value rounded to as many digits.

    The sign is left aside ("loses 21 points"); a share may be written in percent if the statement does so.

    >>> agrees("97.3", {"value": 0.97312, "bound": {"at_least": 0.95}})
    True
    >>> agrees("97.4", {"value": 0.97312, "bound": {"at_least": 0.95}})
    False
    """
    digits = text.lstrip("-+\u2212").replace(",", "")
    number, half = float(digits), 0.5 * 10.0 ** -len(digits.partition(".")[2])
    value = claim.get("value")
    for scale in _scales(claim):
        if value is not None and abs(number - scale * abs(float(value))) <= half * (1 + 1e-6):
            return True
        if any(abs(number - scale * abs(bound)) < 1e-9 * scale for bound in _bounds(claim)):
            return True
    return False


def _scales(claim: dict[str, Any]) -> list[float]:
    """Return by what the numbers of a claim are multiplied when a text says them: 100 for 0.95 as 95 %."""
    said = [float(number.replace(",", "")) for number in NUMBER.findall(str(claim.get("statement", "")))]
    both = [1.0, 100.0]
    pairs = [(number, bound) for number in said for bound in _bounds(claim) if bound]
    return [scale for scale in both if any(abs(n - scale * abs(b)) < 1e-9 * scale for n, b in pairs)] or both


def _bounds(claim: dict[str, Any]) -> list[float]:
    """Return the numbers in the bound of a claim."""
    bounds: list[float] = []
    for bound in (claim.get("bound") or {}).values():
        bounds += [float(one) for one in (bound if isinstance(bound, list) else [bound])]
    return bounds


RULES = (claim_ids, check_ids, cited_claim, result_number)
