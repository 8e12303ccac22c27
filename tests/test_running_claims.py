from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visioncourse.running.claims import (
    bound_text,
    distance,
    gather,
    held,
    number,
    read_claims,
    spread,
    strict_json,
    student,
)

FINITE = st.floats(-1e6, 1e6)


def stated(name: str, value: Any, holds: bool = True) -> dict[str, Any]:
    facts = {"id": name, "statement": "s", "value": value, "bound": {"at_least": 1}, "holds": holds, "kind": "live"}
    return {"visioncourse": {"claim": facts}}


def test_reads_claims_in_order_and_the_last_of_each(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook()
    metas = [stated("01.2", 1), stated("01.1", 2), stated("01.2", math.nan, holds=False), {"visioncourse": {}}, {}]
    outputs = [nbformat.v4.new_output("display_data", {"text/plain": "c"}, metadata=meta) for meta in metas]
    notebook.cells = [nbformat.v4.new_code_cell("claim()", outputs=outputs), nbformat.v4.new_markdown_cell("text")]
    nbformat.write(notebook, tmp_path / "00_a.ipynb")
    claims = read_claims(tmp_path / "00_a.ipynb")
    assert [(claim["id"], claim["value"], claim["holds"]) for claim in claims] == [
        ("01.2", None, False),
        ("01.1", 2, True),
    ]
    assert claims[0]["source"] is None and held(claims) == 1


def test_strict_json_has_no_nan_and_no_tuples() -> None:
    assert strict_json({"a": (1, math.inf), 2: [math.nan, "x"]}) == {"a": [1, None], "2": [None, "x"]}


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        ({"at_least": 0.025}, "at least 0.025"),
        ({"at_most": 3}, "at most 3"),
        ({"between": [0.1, 0.2]}, "between 0.1 and 0.2"),
        ({"equals": 1797}, "equals 1797"),
        (None, ""),
    ],
)
def test_bounds_in_words(bound: Any, text: str) -> None:
    assert bound_text(bound) == text


def test_numbers_as_text() -> None:
    assert [number(value) for value in (1 / 3, True, "x")] == ["0.3333", "True", "x"]


def test_students_t_as_in_the_tables() -> None:
    assert [round(student(freedom), 3) for freedom in (1, 4, 9, 1000)] == [12.706, 2.776, 2.262, 1.962]


def test_spread_of_five_seeds() -> None:
    # mean 3, sd sqrt(2.5); interval 3 ± 2.776 * sd / sqrt(5)
    found = spread([1, 2, 3, 4, 5], {"at_least": 1})
    expected = {"mean": 3, "sd": 1.5811, "low": 1.0368, "high": 4.9632, "margin": 1.2649}
    assert found == pytest.approx(expected, abs=1e-4)


def test_spread_of_too_little() -> None:
    assert spread([2.0], {"at_least": 1}) == {"mean": 2.0, "sd": None, "low": None, "high": None, "margin": None}
    assert set(spread([1.0, None], {"at_least": 1}).values()) == {None}
    assert spread([2.0, 2.0], {"at_least": 1})["margin"] is None


def test_gathers_by_lesson_and_claim() -> None:
    def claim(value: float) -> dict[str, Any]:
        return {"id": "1", "statement": "s", "value": value, "bound": {"at_most": 3}, "holds": value <= 3}

    records = [{"lesson": name, "claims": [claim(value)]} for name, value in (("a", 1.0), ("a", 5.0), ("b", 2.0))]
    first, second = gather([*records, {"lesson": "c", "claims": []}])
    assert (first["lesson"], first["runs"], first["held"], first["mean"]) == ("a", 2, 1, 3.0)
    assert (second["lesson"], second["runs"], second["mean"], second["margin"]) == ("b", 1, 2.0, None)


@given(FINITE, FINITE, FINITE)
def test_distance_is_negative_exactly_outside(mean: float, one: float, other: float) -> None:
    low, high = sorted([one, other])
    bounds = {"at_least": mean >= low, "between": low <= mean <= high, "at_most": mean <= low}
    for name, inside in bounds.items():
        found = distance(mean, {name: [low, high] if name == "between" else low})
        assert found is not None and (found >= 0) == inside
    assert distance(mean, {"equals": low}) is None and distance(mean, None) is None
