from __future__ import annotations

import re

import pytest
from display_toys import displayed

from visioncourse.lesson.box import COLOURS, box


@pytest.mark.parametrize("kind", COLOURS)
def test_plain_text_says_all_that_html_says(kind: str) -> None:
    with displayed() as outputs:
        box(kind, "Title:", ["first line", "second  <line>\nthird"], {"check": {"id": "01.1"}})
    (output,) = outputs
    assert output.text == "Title: first line\nsecond  <line>\nthird"
    words = re.sub(r"<[^>]+>", " ", output.data["text/html"]).replace("&nbsp;", " ")
    assert words.replace("&lt;", "<").replace("&gt;", ">").split() == output.text.split()
    assert COLOURS[kind] in output.data["text/html"]
    assert output.facts == {"check": {"id": "01.1"}}


def test_nothing_but_a_title() -> None:
    with displayed() as outputs:
        box("ask", "Title", [])
    assert outputs[0].text == "Title" and outputs[0].metadata == {}


def test_no_markup_slips_in() -> None:
    with displayed() as outputs:
        box("bad", "<b>", ["<script>alert(1)</script>"])
    assert "<script" not in outputs[0].data["text/html"] and "&lt;b&gt;" in outputs[0].data["text/html"]


def test_colours_differ() -> None:
    assert len(set(COLOURS.values())) == len(COLOURS) == 4
