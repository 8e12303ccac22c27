"""The claims of executed lessons: read from a notebook, written as text, gathered over seeds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from visioncourse.running.lessons import marks, read_notebook

FIELDS = ("id", "statement", "value", "bound", "holds", "kind", "source")
# As in visioncourse.lesson, which writes the claims.
WORDS = {"at_least": "at least", "at_most": "at most", "between": "between", "equals": "equals"}


def read_claims(notebook: Path) -> list[dict[str, Any]]:
    """Return the claims of an executed notebook in their order; of one stated twice, the last.

    Each has the keys id, statement, value, bound, holds, kind and source.
    """
    cells, _ = read_notebook(notebook)
    found = {str(mark["id"]): mark for mark in marks(cells, "claim")}
    return [{key: strict_json(mark.get(key)) for key in FIELDS} for mark in found.values()]


def strict_json(value: Any) -> Any:
    """Return ``value`` with None for the floats that JSON does not have (nan and the infinities)."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): strict_json(part) for key, part in value.items()}
    return [strict_json(part) for part in value] if isinstance(value, list | tuple | set) else value


def number(value: Any) -> str:
    """Return a measured value as text, to four digits.

    >>> number(0.97251), number(None), number(1797)
    ('0.9725', 'not a number', '1797')
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "not a number" if value is None else str(value)
    return str(value) if isinstance(value, int) else f"{value:.4g}"


def bound_text(bound: Any) -> str:
    """Return a claim's bound in words.

    >>> bound_text({"between": [1, 2.5]})
    'between 1 and 2.5'
    """
    parts = []
    for key, limit in bound.items() if isinstance(bound, Mapping) else ():
        limits = limit if isinstance(limit, list | tuple) else [limit]
        parts.append(f"{WORDS.get(key, key)} {' and '.join(number(one) for one in limits)}")
    return ", ".join(parts)


def held(claims: Sequence[Mapping[str, Any]]) -> int:
    """Return how many of the claims hold."""
    return sum(claim["holds"] is True for claim in claims)


def gather(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Gather each claim over the seeds of its lesson.

    Args:
        records: entries of a report, one for each lesson and seed.

    Returns:
        For each claim: lesson, id, statement, bound, ``runs``, ``held``, mean, ``sd`` (sample standard
        deviation over seeds), ``low`` and ``high`` (95 % interval of the mean, Student's t), and ``margin``: the
        distance from bound to mean in standard deviations, negative on the wrong side. None where undefined.
    """
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for record in records:
        for claim in record["claims"]:
            groups.setdefault((record["lesson"], claim["id"]), []).append(claim)
    return [
        {"lesson": lesson, "id": name, "statement": group[-1]["statement"], "bound": group[-1]["bound"]}
        | {"runs": len(group), "held": held(group)}
        | spread([claim["value"] for claim in group], group[-1]["bound"])
        for (lesson, name), group in groups.items()
    ]


def spread(values: Sequence[Any], bound: Any) -> dict[str, float | None]:
    """Return mean, sd, 95 % interval and margin of a claim's values (see ``gather``)."""
    empty: dict[str, float | None] = dict.fromkeys(("mean", "sd", "low", "high", "margin"))
    if not values or any(not isinstance(value, int | float) for value in values):
        return empty
    mean = statistics.fmean(values)
    if len(values) < 2:
        return empty | {"mean": mean}
    sd = statistics.stdev(values)
    half = student(len(values) - 1) * sd / math.sqrt(len(values))
    away = distance(mean, bound)
    margin = None if away is None or sd == 0 else away / sd
    return {"mean": mean, "sd": sd, "low": mean - half, "high": mean + half, "margin": margin}


def student(freedom: int) -> float:
    """Return Student's t that leaves 2.5 % above it, for so many degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))


def distance(mean: float, bound: Any) -> float | None:
    """Return how far ``mean`` lies inside a bound; None for bounds without a side."""
    if not isinstance(bound, Mapping):
        return None
    inside: list[float] = []
    if "at_least" in bound:
        inside.append(mean - bound["at_least"])
    if "at_most" in bound:
        inside.append(bound["at_most"] - mean)
    if "between" in bound:
        low, high = bound["between"]
        inside += [mean - low, high - mean]
    return min(inside) if inside else None
