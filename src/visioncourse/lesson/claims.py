"""Claims: findings that a lesson states, measured again whenever the lesson runs."""

from __future__ import annotations

import math
import re
from typing import Any

from visioncourse.lesson.box import box

BOUNDS = ("at_least", "at_most", "equals")


def claim(
    id: str,
    statement: str,
    *,
    value: Any,
    at_least: float | None = None,
    at_most: float | None = None,
    equals: float | None = None,
    recorded: str | None = None,
) -> None:
    """State a finding and show whether this run bears it out. A claim that fails does not stop the lesson.

    Args:
        id: lesson and number, "07.2".
        statement: text with the place of its bound, "beats scratch by at least {bound:.1f} points".
        value: what was measured; a number, or anything that ``float`` takes.
        at_least: the value must not be smaller. Exactly one of the three bounds is given.
        at_most: the value must not be larger.
        equals: the value must be exactly this.
        recorded: file of per-seed results that the value comes from; None if this run measured it.

    Raises:
        ValueError: without exactly one bound, or where the statement does not show it.
    """
    bounds = {name: bound for name, bound in zip(BOUNDS, (at_least, at_most, equals), strict=True) if bound is not None}
    if len(bounds) != 1:
        raise ValueError(f"claim {id!r}: expected exactly one of at_least, at_most, equals; got {sorted(bounds)}.")
    ((sense, bound),) = bounds.items()
    shown = re.search(r"\{bound(:[^}]*)?\}", statement)
    if not shown:
        raise ValueError(f"claim {id!r}: the statement must show its bound, as in {{bound:.1f}}.")
    measured = float(value)
    holds = verdict(measured, sense, float(bound))
    words = f"{statement.format(bound=bound)}. {'Recorded' if recorded else 'Measured'} "
    words += figure(statement, (shown.group(1) or ":g")[1:], value, sense) + ": "
    facts = {
        "id": id,
        "statement": statement.format(bound=bound),
        "value": measured if math.isfinite(measured) else None,
        "bound": {sense: bound},
        "holds": holds,
        "kind": "recorded" if recorded else "live",
        "source": recorded,
    }
    box("good" if holds else "bad", f"{'✓' if holds else '✗'} Claim {id}:",
        [words + ("holds." if holds else "does not hold in this run.")], {"claim": facts})  # fmt: skip


def figure(statement: str, spec: str, value: Any, sense: str) -> str:
    """Return the measured value in the manner of its bound: exact where equality is claimed, else after ≈.

    >>> figure("gains {bound:.1f} points", ".1f", 3.4, "at_least")
    '≈ 3.40 points'
    """
    unit = re.search(r"\{bound[^}]*\} (points|times)\b", statement)
    number = format(value, spec) if sense == "equals" else "≈ " + format(float(value), finer(spec))
    return f"{number} {unit.group(1)}" if unit else number


def verdict(value: float, sense: str, bound: float) -> bool:
    """Say whether a value keeps to its bound; NaN keeps to none.

    >>> verdict(3.4, "at_least", 2.5), verdict(float("nan"), "at_most", 1.0)
    (True, False)
    """
    if sense == "at_least":
        return value >= bound
    if sense == "at_most":
        return value <= bound
    return value == bound


def finer(spec: str) -> str:
    """Return a number format with one digit more, so that a value can be told from its bound.

    >>> finer(".1%"), finer("g")
    ('.2%', 'g')
    """
    return re.sub(r"\.(\d+)", lambda found: f".{int(found.group(1)) + 1}", spec)
