"""notebooks/nbval_sanitize.cfg as nbval applies it."""

from __future__ import annotations

import re

import pytest
import sanitize
from hypothesis import given
from hypothesis import strategies as st
from nbval.plugin import get_sanitize_patterns

RAW = sanitize.SANITIZE.read_bytes()


def by_nbval(text: str) -> str:
    for regex, replacement in dict(get_sanitize_patterns(RAW.decode("ascii"))).items():
        text = re.sub(regex, replacement, text)
    return text


def test_file_is_ascii_because_nbval_opens_it_with_the_encoding_of_the_machine() -> None:
    assert RAW.isascii()
    assert len(get_sanitize_patterns(RAW.decode())) == 3


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("accuracy ≈ 97.3 %", "accuracy ≈  8.12 %"),
        ("≈ \u22120.3 points", "≈ 12 points"),
        ("≈ -0.3 points", "≈ +1e-05 points"),
        ("≈ 1,234,567 images/s", "≈ 9 images/s"),
        ("≈ 97.3\u00a0%", "≈ 3 %"),
        ("|≈ 97.3   |\n|≈ 8.125  |", "|≈ 7.3 |\n|≈ 12.1|"),
        ("≈ .5", "≈ 2.0E\u22123"),
        ("loss ≈ 0.1, accuracy ≈ 0.9.", "loss ≈ 2, accuracy ≈ 31."),
        ("<f at 0x7f0123456789>", "<f at 0x7f0123456abc>"),
        ("in /tmp/a1b2/x.png", "in /private/var/folders/zz/T/x.png"),
        ("in /tmp/a1b2/x.png", r"in C:\Users\me\AppData\Local\Temp\a\x.png"),
    ],
)
def test_texts_that_agree(left: str, right: str) -> None:
    assert by_nbval(left) == by_nbval(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("97.3", "97.4"),
        ("≈ 97.3 % of 10", "≈ 97.3 % of 11"),
        ("≈ 97.3 points", "≈ 97.3 %"),
        ("≈ nan", "≈ 0.1"),
        ("≈ 3\n4", "≈ 3\n5"),
        ("≈ 1, 2", "≈ 1, 3"),
        ("≈ x", "≈ y"),
        ("97.3 ≈ 1", "97.4 ≈ 1"),
        ("weight 0x1f", "weight 0x2f"),
        ("in data/a", "in data/b"),
        ("two  spaces", "two spaces"),
    ],
)
def test_texts_that_differ(left: str, right: str) -> None:
    assert by_nbval(left) != by_nbval(right)


@given(st.text(alphabet="≈0123456789.,-+e \n%x/tmpC:\\\u2212"))
def test_refresh_blanks_what_nbval_blanks(text: str) -> None:
    assert sanitize.sanitize(text) == by_nbval(text)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([".3f", ".2e", ",.1f", "g", "8.2f", "+.1f"]))
def test_any_measured_number_vanishes(value: float, style: str) -> None:
    assert by_nbval(f"a ≈ {value:{style}} %") == "a ≈%"
