from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from visioncourse.exercises.compare import (
    as_array,
    in_brief,
    in_words,
    is_numeric,
    is_shown_whole,
    kind_of,
    number,
    same,
)

numbers = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=6)


@given(numbers)
def test_numbers_agree_whatever_holds_them(values: list[float]) -> None:
    forms = [values, tuple(values), np.array(values), torch.tensor(values), [torch.tensor(value) for value in values]]
    assert all(same(one, other) for one in forms for other in forms)
    assert same(torch.tensor(values, requires_grad=True), values)


@given(numbers, st.integers(0, 5))
def test_a_number_that_is_off_is_noticed(values: list[float], place: int) -> None:
    off = list(values)
    off[place % len(off)] += 1 + abs(off[place % len(off)])
    assert not same(values, off)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0), (True, 1), (0.1 + 0.2, 0.3), (torch.tensor(3), 3), (float("nan"), float("nan")),
        ([1, [2, 3]], [1, (2, 3)]), ({"a": [1.0]}, {"a": torch.tensor([1])}), ("word", "word"), (None, None),
        ((torch.zeros(2), "x"), (np.zeros(2), "x")), (torch.ones(2).bfloat16(), [1, 1]),
        (torch.eye(2).bool(), np.eye(2, dtype=bool)), (1 + 2j, np.complex64(1 + 2j)), ([], []),
        (torch.zeros(0, 3), np.zeros((0, 3))),
    ],
)  # fmt: skip
def test_these_agree(one: Any, other: Any) -> None:
    assert same(one, other) and same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (torch.zeros(2, 1), torch.zeros(2)), (torch.zeros(1), 0), (1, "1"), (1, None), ("a", "b"), ([1], "1"),
        ({"a": 1}, {"b": 1}), ({"a": 1}, [1]), ((1, 2), (1, 2, 3)), (float("nan"), 0.0), (float("inf"), 1e300),
        ((torch.zeros(2), "x"), (torch.zeros(2), "y")), ([1, [2, 3]], [1, [2, 4]]), (0, []), (None, False),
        ([torch.zeros(2), torch.zeros(3)], [torch.zeros(3), torch.zeros(2)]),
    ],
)  # fmt: skip
def test_these_do_not(one: Any, other: Any) -> None:
    assert not same(one, other) and not same(other, one)


class Odd:
    def __eq__(self, other: object) -> bool:
        raise RuntimeError("cannot be compared")

    def __repr__(self) -> str:
        raise RuntimeError("cannot be shown")


@pytest.mark.parametrize(
    "strange",
    [
        np.array(["a", "b"]), np.array([None, 1]), torch.eye(2).to_sparse(), torch.empty(2, device="meta"),
        torch.tensor([1j, 2j]).conj(), 10**400, [10**400], Odd(), object, set(), range(2), (x for x in "ab"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
@pytest.mark.parametrize("wanted", [3.0, [1.0, 2.0], "word", torch.eye(2), Odd()], ids=lambda v: type(v).__name__)
def test_strange_answers_are_compared_without_an_error(strange: Any, wanted: Any) -> None:
    assert same(strange, wanted) in ((True, False) if isinstance(strange, torch.Tensor) else (False,))
    assert kind_of(strange) and in_words(strange)


@pytest.mark.parametrize(
    ("value", "numeric"),
    [(1, True), ([1, 2], True), ([], False), (["a"], False), (torch.zeros(0), True), (None, False)],
)
def test_what_counts_as_numbers(value: Any, numeric: bool) -> None:
    assert is_numeric(value) is numeric


def test_arrays_are_double_and_integers_stay() -> None:
    assert as_array(torch.ones(2)).dtype == np.float64
    assert as_array(torch.ones(2).bfloat16()).dtype == np.float64
    assert as_array(torch.arange(3)).dtype == np.int64
    assert as_array([torch.ones(2), torch.zeros(2)]).tolist() == [[1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"), (2.5, "a number"), (torch.tensor(1), "a number"),
        (np.zeros((2, 3)), "an array of shape (2, 3)"),
        (torch.zeros(4), "a tensor of shape (4,)"), ("x", "text"), ({}, "a dictionary"),
        ([1], "a list of 1 value"), ((1, "a"), "a tuple of 2 values"), (len, "a builtin"),
    ],
)  # fmt: skip
def test_kinds_in_words(value: Any, words: str) -> None:
    assert kind_of(value).startswith(words)


def test_values_in_words_are_short() -> None:
    assert in_words(1 / 3) == "0.3333"
    assert in_words(torch.tensor([1.0, 1 / 3])) == "[1., 0.3333]"
    assert in_words((torch.zeros(1), 2)) == "([0.], 2)" and in_words((1.0,)) == "(1,)"
    assert in_words([np.float32(0.5), np.int64(3), True]) == "[0.5, 3, True]"
    assert in_words(np.array([[1, -20], [3, 4]])) == "[[1, -20], [3, 4]]"
    assert in_words("word") == "'word'" and in_words(len) == "len"
    for large in (torch.rand(100, 100), list(range(1000)), "x" * 1000, [torch.rand(50)] * 50):
        assert len(in_words(large)) <= 162 and "\n" not in in_words(large)


def test_minus_zero_is_shown_as_zero() -> None:
    assert in_words(-0.0) == in_words(np.float64(-0.0)) == "0"
    assert in_words(np.array([-0.0, -1e-9, -0.5, 0.0])) == "[0., 0., -0.5, 0.]"
    assert in_words(np.array([np.nan, -np.inf, 1e20])) == "[nan, -inf, 1e+20]"


@given(st.floats(-1e300, 1e300) | st.just(np.nan), st.integers(1, 17))
def test_any_number_has_a_text(value: float, digits: int) -> None:
    text = number(value, digits)
    assert text != "-0" and (np.isnan(value) or np.isclose(float(text), value, rtol=10.0 ** (1 - digits), atol=0))


def test_long_arrays_are_shown_in_brief() -> None:
    assert in_brief(np.zeros((5, 9))) == "an array of shape (5, 9)"
    assert in_brief(torch.zeros(2)) == "[0., 0.]" and in_brief("x" * 200) == in_words("x" * 200)
    assert not is_shown_whole(list(range(50))) and is_shown_whole([0.5] * 20) and not is_shown_whole(Odd())
