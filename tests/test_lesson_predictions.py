from __future__ import annotations

import pytest
from display_toys import displayed, widgets_shown

from visioncourse.lesson import predict

QUESTION, OPTIONS = "Which one wins?", ["the deep one", "the wide one", "neither"]


def test_without_widgets_question_and_options_stand_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIONCOURSE_STATIC", "1")
    with displayed() as outputs:
        predict(QUESTION, OPTIONS)
    (output,) = outputs
    assert output.text.splitlines() == [
        "Before you go on: Which one wins?", "a) the deep one", "b) the wide one", "c) neither",
    ]  # fmt: skip
    assert output.facts == {"predict": QUESTION}


def test_with_widgets_a_choice_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    with widgets_shown(monkeypatch) as shown, displayed() as outputs:
        predict(QUESTION, OPTIONS)
    assert outputs[0].text == "Before you go on: Which one wins?"
    choice, said = shown[0].children
    assert choice.options == ("a) the deep one", "b) the wide one", "c) neither") and choice.value is None
    choice.value = "b) the wide one"
    assert said.value == "Noted: b) the wide one. Now run the next cell."


@pytest.mark.parametrize("options", [[], ["alone"]])
def test_a_choice_needs_two_answers(options: list[str]) -> None:
    with displayed() as outputs, pytest.raises(ValueError, match="expected at least two answers"):
        predict(QUESTION, options)
    assert outputs == []


def test_no_option_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIONCOURSE_STATIC", "1")
    with displayed() as outputs:
        predict(QUESTION, [f"class {digit}" for digit in range(10)])
    assert all(f"class {digit}" in outputs[0].text for digit in range(10))
