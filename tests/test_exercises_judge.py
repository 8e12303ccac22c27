from __future__ import annotations

import time
from typing import Any

import pytest
import torch

from visioncourse.exercises import get, guard, judge
from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.judge import untouched

DOUBLE = Exercise(
    id="99.1",
    title="Double",
    reference=lambda numbers: 2 * numbers,
    cases=[(torch.arange(3.0),), (torch.ones(2),)],
    mistakes=[Mistake("squared", lambda numbers: numbers**2, "You squared."),
              Mistake("crash", lambda numbers: numbers + "2", "You added a word.")],
    idea="Twice.",
)  # fmt: skip
TWICE = Exercise(
    id="99.7",
    title="Twice and squared",
    reference=lambda n: (2 * n, n**2),
    cases=[(torch.arange(3.0),), (torch.ones(2) * 3,)],
    mistakes=[Mistake("once", lambda n: (n, n**2), "Once is not twice."),
              Mistake("neither", lambda n: (n, n), "You did nothing."),
              Mistake("cubed", lambda n: (2 * n, n**3), "You cubed.", also=[lambda n: (2 * n, n**3 + 0)]),
              Mistake("crash", lambda n: (n / 2).item(), "It crashes.")],
    results=("twice", "the square"),
)  # fmt: skip
WORDS = Exercise("99.2", "Word", "b", [Mistake("first", "a", "Not a.")])
PAIR = Exercise("99.3", "Pair", (3, 4), [Mistake("turned", (4, 3), "The other way round.")])
TABLE = Exercise("99.4", "Table", {"mean": 1.0, "spread": 2.0}, [])


def complain(answer: Any) -> str | None:
    score = float(answer.score)
    return None if score > 0.9 else f"Too weak. It reached {score:.2f}."


MEASURED = Exercise("99.5", "Model", None, [Mistake("weak", None, "Too weak.")], measure=complain, idea="Good.")


class Model:
    def __init__(self, score: float) -> None:
        self.score = score


def docstring_only(numbers: Any) -> Any:
    """Double them."""


def with_dots(numbers: Any) -> Any: ...


def passing(numbers: Any) -> Any:
    pass


def says_none(numbers: Any) -> Any:
    return None


def returns_three(numbers: Any) -> Any:
    return 3


def works(numbers: Any) -> Any:
    numbers * 2


@pytest.mark.parametrize(
    "answer", [..., {"A": ..., "B": ...}, with_dots, docstring_only, passing, says_none, lambda: ..., lambda x: ...]
)
def test_placeholders_are_untouched(answer: Any) -> None:
    assert untouched(answer)
    assert all(judge.judge(one, answer).status == "not started" for one in (DOUBLE, WORDS, MEASURED))


@pytest.mark.parametrize(
    "answer", [None, 0, "", (), {}, {"A": 1, "B": ...}, returns_three, works, len, Model, lambda x: x, [...]]
)
def test_anything_else_is_an_answer(answer: Any) -> None:
    assert not untouched(answer)


def test_right_answers_hear_the_idea() -> None:
    assert judge.judge(DOUBLE, lambda n: n + n) == judge.Verdict("right", "Twice.")
    assert judge.judge(PAIR, [3.0, 4]).status == judge.judge(WORDS, "b").status == "right"


@pytest.mark.parametrize(
    ("exercise", "answer", "words", "mistake"),
    [
        (DOUBLE, lambda n: n * n, "You squared.", "squared"),
        (DOUBLE, lambda n: n + "xy", "You added a word.", "crash"),
        (
            DOUBLE,
            lambda n: n + 2,
            "Your function returns [2., 3., 4.]; expected [0., 2., 4.]. It was called with numbers = [0., 1., 2.]",
            None,
        ),
        (TWICE, lambda n: (n, n**2), "Once is not twice.", "once"),
        (TWICE, lambda n: (n, n), "You did nothing.", "neither"),
        (TWICE, lambda n: (2 * n, n * n * n), "You cubed.", "cubed"),
        (TWICE, lambda n: (n, n**3), "Once is not twice. And that is not all.", "once"),
        (TWICE, lambda n: (n + 2, n**3), "You cubed. And that is not all.", "cubed"),
        (TWICE, lambda n: (n + 2, n**2), "Result 1 of 2, twice, is [2., 3., 4.]; expected [0., 2., 4.].", None),
        (TWICE, lambda n: (2 * n, n, n), "returns 3 results; expected 2 (twice, the square).", None),
        (TWICE, lambda n: (2 * n).tolist(), "returns 3 results; expected 2", None),
        (TWICE, lambda n: 2 * n, "returns a tensor of shape (3,); expected 2 results", None),
        (TWICE, lambda n: (n, None if len(n) == 2 else n**3), "Once is not twice. And that is not all.", "once"),
        (TWICE, lambda n: (2 * n, None), "Result 2 of 2, the square, is None; expected a tensor of shape (3,).", None),
        (TWICE, lambda n: n.item() / 2, "It crashes.", "crash"),
        (TWICE, lambda n: n.reshape(7), "stops with RuntimeError: shape '[7]' is invalid", None),
        (DOUBLE, lambda n: n.reshape(2, 2), "stops with RuntimeError: shape '[2, 2]' is invalid", None),
        (DOUBLE, works, "Your function returns None: does its last line say return?", None),
        (DOUBLE, lambda n: n[:1], "returns a tensor of shape (1,); expected a tensor of shape (3,)", None),
        (DOUBLE, lambda n: "six", "returns text; expected a tensor of shape (3,)", None),
        (DOUBLE, lambda n, m: n, "cannot be called with the 1 arguments (numbers)", None),
        (DOUBLE, lambda: 1, "cannot be called with the 1 arguments (numbers)", None),
        (DOUBLE, torch.ones(3), "Expected a function, got a tensor of shape (3,): hand over its name", None),
        (DOUBLE, None, "Expected a function, got None", None),
        (WORDS, "a", "Not a.", "first"),
        (WORDS, "c", "Not 'c'.", None),
        (WORDS, 3, "Expected an answer like text, got 3.", None),
        (PAIR, (4, 3), "The other way round.", "turned"),
        (PAIR, "3, 4", "Expected an answer like 2 values in round brackets, got '3, 4'.", None),
        (PAIR, None, "Expected an answer like 2 values", None),
        (TABLE, {"mean": 3}, "Expected an answer like a dictionary with the keys 'mean', 'spread'", None),
        (MEASURED, Model(0.5), "Too weak. It reached 0.50.", "weak"),
    ],
)
def test_wrong_answers_hear_why(exercise: Exercise, answer: Any, words: str, mistake: str | None) -> None:
    verdict = judge.judge(exercise, answer)
    assert verdict.status == "wrong" and words in verdict.message and verdict.mistake == mistake


def test_values_are_not_given_away() -> None:
    for exercise, wrong in ((PAIR, (5, 6)), (PAIR, None), (WORDS, "d"), (TABLE, {"mean": 3.0})):
        message = judge.judge(exercise, wrong).message
        assert repr(exercise.reference) not in message and "3, 4" not in message and "'b'" not in message


def test_a_changed_argument_is_named() -> None:
    def in_place(n: Any) -> Any:
        return n.mul_(2)

    verdict = judge.judge(DOUBLE, in_place)
    assert verdict.status == "wrong" and "changed its argument numbers" in verdict.message
    assert judge.judge(DOUBLE, lambda n: 2 * n).status == "right"  # the cases are whole


def test_a_measured_answer_may_be_right() -> None:
    assert judge.judge(MEASURED, Model(0.95)) == judge.Verdict("right", "Good.")


@pytest.mark.parametrize("answer", [None, 3, "model", Model("high"), torch.zeros(2)])  # type: ignore[arg-type]
def test_a_measured_answer_of_the_wrong_kind_is_told_apart_from_our_own_code(answer: Any) -> None:
    verdict = judge.judge(MEASURED, answer)
    assert verdict.status == "wrong" and verdict.message
    assert "exercise.measure" not in verdict.message and "lambda" not in verdict.message


def test_a_loop_is_ended_within_ten_seconds() -> None:
    def endless(widths: Any) -> Any:
        while True:
            pass

    start = time.monotonic()
    verdict = judge.judge(get("01.4"), endless)
    assert time.monotonic() - start < 10 and judge.SECONDS + guard.PATIENCE < 10
    assert verdict.status == "wrong" and verdict.message.startswith("Your function did not end within 2 seconds")


def test_slow_answers_to_many_cases_stay_within_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "SECONDS", 0.4)
    many = Exercise("99.6", "Slow", lambda n: n, [], cases=[(n,) for n in range(8)])
    start = time.monotonic()
    assert "did not end within 0.05 seconds" in judge.judge(many, lambda n: time.sleep(5)).message
    assert time.monotonic() - start < 1 + guard.PATIENCE


@pytest.mark.parametrize("answer", [print, len, max, torch.relu, Model, Model(1.0), torch.nn.ReLU()])
def test_any_callable_gets_a_verdict(answer: Any) -> None:
    verdict = judge.judge(DOUBLE, answer)
    assert verdict.status == "wrong" and verdict.message
