from __future__ import annotations

from typing import Any

import pytest
from display_toys import Output, displayed

from visioncourse import exercises
from visioncourse.lesson import check, hint, solution


def checked(id: str, answer: Any) -> Output:
    with displayed() as outputs:
        check(id, answer)
    (output,) = outputs
    return output


def explode(guesses: Any, labels: Any) -> Any:
    raise RuntimeError("boom")


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (exercises.get("00.2").reference, "right", "✓ Exercise 00.2, right. The mean of ones and zeros"),
        (exercises.get("00.2").mistakes[0].answer, "wrong", "✗ Exercise 00.2, wrong. You counted"),
        (..., "not started", "○ Exercise 00.2, not started. Replace the three dots"),
        (explode, "wrong", "Your function stops with RuntimeError: boom in its line `raise RuntimeError"),
        (None, "wrong", "Expected a function, got None"),
    ],
)
def test_a_check_shows_its_verdict_and_stores_it(answer: Any, status: str, words: str) -> None:
    output = checked("00.2", answer)
    assert words in output.text
    assert output.metadata == {"visioncourse": {"check": {"id": "00.2", "status": status}}}


@pytest.mark.parametrize("show", [lambda id: check(id, 1), hint, solution])
@pytest.mark.parametrize(("id", "words"), [("00.9", "unknown exercise '00.9'.*00.1"), ("7.1", "unknown lesson '7'")])
def test_an_unknown_exercise_names_the_known_ones(show: Any, id: str, words: str) -> None:
    with displayed() as outputs, pytest.raises(ValueError, match=words):
        show(id)
    assert outputs == []


def test_hints_come_one_by_one() -> None:
    count = len(exercises.get("00.1").hints)
    for number in range(1, count + 1):
        with displayed() as outputs:
            hint("00.1", number)
        more = f'\nThe next one: hint("00.1", {number + 1})' if number < count else ""
        assert outputs[0].text == f"Hint {number} of {count}. {exercises.get('00.1').hints[number - 1]}{more}"
    for number in (0, count + 1):
        with pytest.raises(ValueError, match=f"number={number}: exercise 00.1 has hints 1 to {count}"):
            hint("00.1", number)


@pytest.mark.parametrize("exercise", exercises.every(), ids=lambda exercise: exercise.id)
def test_a_solution_can_be_shown_and_read(exercise: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with displayed() as outputs:
        solution(exercise.id)
    code = capsys.readouterr().out
    assert outputs[0].text == f"One solution of exercise {exercise.id}. {exercise.idea}"
    compile(code, exercise.id, "exec")
    assert "def " in code if callable(exercise.reference) else code == f"answer = {exercise.reference!r}\n"
