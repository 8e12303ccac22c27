"""The lines that a run prints: one for each lesson that ends, and the table at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from visioncourse.running.claims import bound_text, held, number

HEADS = ("lesson", "status", "seconds", "peak MB", "claims held")
SEED_HEADS = ("claim", "held", "mean", "95 % interval", "bound", "sd from bound")


def columns(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Return rows as lines with aligned columns, the first ``left`` of them to the left.

    >>> columns([("a", "1"), ("bb", "10")])
    ['a    1', 'bb  10']
    """
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if index < left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def score(record: Mapping[str, Any]) -> str:
    """Return how many claims held: ``3/4``."""
    return f"{held(record['claims'])}/{len(record['claims'])}"


def finish_line(record: Mapping[str, Any]) -> str:
    """Return the line for a lesson that has just ended."""
    if record["error"]:
        return f"{record['name']}: error, {record['error']['sentence']}"
    line = f"{record['name']}: ok, {record['seconds']:.1f} s, {record['peak_mb'] or 0:.0f} MB, claims {score(record)}"
    missed = missed_claims(record)
    return line + (f"; does not hold: {'; '.join(missed)}" if missed else "")


def missed_claims(record: Mapping[str, Any]) -> list[str]:
    """Return each claim that does not hold, in words."""
    return [
        f"{claim['id']} measured {number(claim['value'])}, stated {bound_text(claim['bound'])}"
        for claim in record["claims"]
        if not claim["holds"]
    ]


def failures(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a line for each execution that makes the command fail, and why."""
    lines = []
    for record in records:
        if record["error"]:
            lines.append(f"failed: {record['name']}: {record['error']['sentence']}")
        if record["default_run"]:
            lines += [f"failed: {record['name']}: claim {words}" for words in missed_claims(record)]
    return lines


def summary_lines(document: Mapping[str, Any], folder: str) -> list[str]:
    """Return the table at the end of a run and where its files lie."""
    rows = [HEADS]
    for record in document["lessons"]:
        seconds = "-" if record["seconds"] is None else f"{record['seconds']:.1f}"
        memory = "-" if record["peak_mb"] is None else f"{record['peak_mb']:.0f}"
        status = record["status"] + (" (kept)" if record["kept"] else "")
        rows.append((record["name"], status, seconds, memory, score(record)))
    lines = ["", *columns(rows, left=2), ""]
    if document["gathered"]:
        lines += [*columns([SEED_HEADS, *map(seed_row, document["gathered"])]), ""]
    return [*lines, f"executed notebooks: {folder}", f"report: {folder} (report.html to read, report.json to compute)"]


def seed_row(claim: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the line of one claim over all seeds."""
    interval = "-" if claim["low"] is None else f"{number(claim['low'])} to {number(claim['high'])}"
    mean = "-" if claim["mean"] is None else number(claim["mean"])
    margin = "-" if claim["margin"] is None else f"{claim['margin']:.1f}"
    name = f"{claim['lesson']} {claim['id']}"
    return name, f"{claim['held']}/{claim['runs']}", mean, interval, bound_text(claim["bound"]), margin


def remarks(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return, once for each lesson and reason, why its claims do not decide the command's outcome."""
    reasons: dict[str, set[str]] = {}
    for record in records:
        if not record["default_run"] and record["claims"]:
            changed = ", ".join(record["altered"])
            cause = f"changed {changed}" if record["profile"] == "default" else f"profile {record['profile']}"
            reasons.setdefault(cause, set()).add(record["lesson"])
    return [
        f"claims reported only, not the run that the text describes ({cause}): {', '.join(sorted(lessons))}"
        for cause, lessons in reasons.items()
    ]
