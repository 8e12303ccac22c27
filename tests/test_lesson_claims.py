from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from display_toys import Output, displayed
from hypothesis import given
from hypothesis import strategies as st

from visioncourse.lesson import claim
from visioncourse.lesson.claims import finer, verdict


def state(value: Any, statement: str = "beats chance by at least {bound:.1%}", **bound: Any) -> Output:
    """Make one claim and return what the reader sees."""
    with displayed() as outputs:
        claim("01.2", statement, value=value, **bound)
    (output,) = outputs
    return output


def test_a_claim_shows_statement_value_and_verdict() -> None:
    output = state(0.0333, at_least=0.025)
    assert output.text == "✓ Claim 01.2: beats chance by at least 2.5%. Measured ≈ 3.33%: holds."
    assert "<b>✓ Claim 01.2:</b>" in output.data["text/html"]
    assert set(output.data) == {"text/plain", "text/html"}


def test_its_facts_travel_in_the_metadata() -> None:
    output = state(torch.tensor(0.5), at_least=0.025)
    assert output.metadata == {
        "visioncourse": {
            "claim": {
                "id": "01.2", "statement": "beats chance by at least 2.5%", "value": 0.5, "bound": {"at_least": 0.025},
                "holds": True, "kind": "live", "source": None,
            }
        }
    }  # fmt: skip
    json.dumps(output.metadata)


def test_a_claim_that_fails_says_so_and_does_not_stop() -> None:
    output = state(0.02, at_least=0.025)
    assert output.text.startswith("✗ Claim 01.2:") and output.text.endswith("≈ 2.00%: does not hold in this run.")
    assert output.facts["claim"]["holds"] is False


@pytest.mark.parametrize(
    ("bound", "value", "holds"),
    [
        ({"at_least": 0.5}, 0.5, True), ({"at_least": 0.5}, 0.4999, False), ({"at_most": 0.5}, 0.5, True),
        ({"at_most": 0.5}, 0.5001, False), ({"equals": 0.5}, 0.5, True), ({"equals": 0.5}, 0.5000001, False),
        ({"at_least": 0.0}, -1.0, False), ({"equals": 0.0}, 0.0, True),
        ({"at_least": 0.5}, math.inf, True), ({"at_most": 0.5}, math.inf, False),
    ],
)  # fmt: skip
def test_bounds_mean_what_they_say(bound: dict[str, float], value: float, holds: bool) -> None:
    assert state(value, "is {bound:.2f}", **bound).facts["claim"]["holds"] is holds


@pytest.mark.parametrize("bound", [{"at_least": -1.0}, {"at_most": 1.0}, {"equals": 0.0}])
@pytest.mark.parametrize("value", [math.nan, torch.tensor(float("nan")), np.float32("nan")])
def test_what_is_no_number_never_holds(bound: dict[str, float], value: Any) -> None:
    output = state(value, "is {bound:.2f}", **bound)
    assert output.facts["claim"]["holds"] is False and output.facts["claim"]["value"] is None
    assert "nan" in output.text
    json.dumps(output.metadata, allow_nan=False)


@pytest.mark.parametrize("value", [3, True, np.float32(3.0), np.int64(3), torch.tensor([3.0])])
def test_any_single_number_will_do(value: Any) -> None:
    assert state(value, "at least {bound}", at_least=0.5).facts["claim"]["value"] == float(value)


def test_a_bound_from_numpy_becomes_plain_json() -> None:
    output = state(0.5, at_least=np.float64(0.25))
    assert json.loads(json.dumps(output.metadata))["visioncourse"]["claim"]["bound"] == {"at_least": 0.25}


def test_a_recorded_claim_names_its_file() -> None:
    output = state(0.5, at_least=0.1, recorded="results/01.json")
    assert "Recorded ≈ 50.00%" in output.text
    assert output.facts["claim"]["kind"] == "recorded" and output.facts["claim"]["source"] == "results/01.json"


def test_an_exact_number_carries_no_sign() -> None:
    output = state(407_050, "has {bound:,.0f} parameters", equals=407_050.0)
    assert output.text == "✓ Claim 01.2: has 407,050 parameters. Measured 407,050: holds."


@pytest.mark.parametrize(
    "bounds", [{}, {"at_least": 0.1, "at_most": 0.2}, {"at_least": 0.0, "equals": 0.0}, {"at_most": None}]
)
def test_exactly_one_bound_is_asked_for(bounds: dict[str, float]) -> None:
    with displayed() as outputs, pytest.raises(ValueError, match=r"claim '01.2': expected exactly one of at_least"):
        claim("01.2", "is {bound:.1%}", value=0.5, **bounds)
    assert outputs == []


def test_the_statement_must_show_its_bound() -> None:
    with pytest.raises(ValueError, match=r"the statement must show its bound, as in \{bound:.1f\}"):
        state(0.5, "beats chance", at_least=0.1)


def test_text_is_shown_as_text() -> None:
    html = state(0.5, "a < b & at least {bound:.1f}", at_least=0.1).data["text/html"]
    assert "a &lt; b &amp; at least 0.1" in html


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_one_of_the_two_senses_always_holds(value: float, bound: float) -> None:
    senses = {sense: verdict(value, sense, bound) for sense in ("at_least", "at_most", "equals")}
    assert senses["at_least"] or senses["at_most"]
    assert senses["equals"] == (senses["at_least"] and senses["at_most"])


@pytest.mark.parametrize(
    ("spec", "more"), [(".0%", ".1%"), (".9f", ".10f"), (",.0f", ",.1f"), ("g", "g"), (".2g", ".3g"), ("", "")]
)
def test_a_value_shows_one_digit_more_than_its_bound(spec: str, more: str) -> None:
    assert finer(spec) == more
