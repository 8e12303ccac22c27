from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from visioncourse.exercises.wording import difference, first_place, shape_of

LONG = np.arange(60.0).reshape(6, 10)


def off(place: tuple[int, ...], by: float = 1.0) -> Any:
    """Return the long array with one entry off."""
    array = LONG.copy()
    array[place] += by
    return array


@pytest.mark.parametrize(
    ("got", "wanted", "sentence"),
    [
        (3, 4, "Your function returns 3; expected 4."),
        ([1, 2], [1, 3], "Your function returns [1, 2]; expected [1, 3]."),
        (np.ones(2), torch.zeros(2), "Your function returns [1., 1.]; expected [0., 0.]."),
        (None, LONG, "Your function returns None; expected an array of shape (6, 10)."),
        ((LONG,), LONG, "Your function returns a tuple of 1 value; expected an array of shape (6, 10)."),
        (LONG[0], LONG, "Your function returns an array of shape (10,); expected an array of shape (6, 10)."),
        (off((2, 3)), LONG, "Your result differs first at [2, 3]: 24, expected 23."),
        (off((2, 3), 1e-3), LONG, "Your result differs first at [2, 3]: 23.001, expected 23."),
        (off((2, 3), np.nan), LONG, "Your result differs first at [2, 3]: nan, expected 23."),
        (list(range(99)), [*range(98), 7], "Your result differs first at [98]: 98, expected 7."),
        (1 / 3, 1 / 3 + 1e-6, "Your function returns 0.33333333; expected 0.33333433."),
        ([1e-7, 0.0], [0.0, 0.0], "Your function returns [1e-07, 0]; expected [0, 0]."),
        (np.array([1e-7, 0.0]), np.zeros(2), "Your result differs first at [0]: 1e-07, expected 0."),
        (True, False, "Your function returns True; expected False."),
        ("one", "two", "Your function returns 'one'; expected 'two'."),
        (10**400, 3, "Your function returns 1000"),
        (np.array(["a"]), LONG[0, :1], "Your function returns ['a']; expected [0.]."),
        ({"a": 1}, {"a": 2}, "Your function returns {'a': 1}; expected {'a': 2}."),
        ((2, 3), (2, 4), "Your function returns (2, 3); expected (2, 4)."),
        ((2, 3), (2, 3, 4), "Your function returns 2 results; expected 3."),
        ((2,), (2, 3), "Your function returns 1 result; expected 2."),
        (LONG, (LONG, LONG[0]), "Your function returns an array of shape (6, 10); expected 2 results."),
    ],
)
def test_what_differs_is_said(got: Any, wanted: Any, sentence: str) -> None:
    said = difference(got, wanted, 1e-9)
    assert said.startswith(sentence) if sentence[-1] != "." else said == sentence


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (off((0, 1)), "Result 2 of 3 differs first at [0, 1]: 2, expected 1."),
        (LONG[None], "Result 2 of 3 has shape (1, 6, 10); expected (6, 10)."),
        (None, "Result 2 of 3 is None; expected an array of shape (6, 10)."),
        (0.5, "Result 2 of 3 is a number; expected an array of shape (6, 10)."),
        ("zero", "Result 2 of 3 is text; expected an array of shape (6, 10)."),
        (torch.eye(2).to_sparse(), "Result 2 of 3 is a tensor of shape (2, 2); expected an array of shape (6, 10)."),
    ],
)
def test_of_several_results_the_first_that_differs_is_described(part: Any, sentence: str) -> None:
    wanted = (LONG, LONG, np.zeros(2))
    assert difference((LONG, part, np.ones(2)), wanted) == sentence
    named = difference([LONG, part, np.ones(2)], wanted, names=("x", "y", "z"))
    assert named == sentence.replace("2 of 3", "2 of 3, y,")


def test_short_results_are_shown_and_counted() -> None:
    wanted = (np.zeros(2), np.ones(3))
    assert difference((np.zeros(2), np.zeros(3)), wanted) == "Result 2 of 2 is [0., 0., 0.]; expected [1., 1., 1.]."
    assert difference((1, 2, 3), wanted, names=("a", "b")) == "Your function returns 3 results; expected 2 (a, b)."


@given(st.integers(0, 5), st.integers(0, 9), st.floats(1e-3, 1e9))
def test_the_place_is_the_first_in_reading_order(row: int, column: int, by: float) -> None:
    array = off((row, column), by)
    array[-1, -1] += 1
    assert first_place(array, LONG, 1e-5) == [row, column]
    assert f"[{row}, {column}]: " in difference(torch.from_numpy(array), LONG)


@pytest.mark.parametrize(
    "value",
    [
        [np.zeros(2), np.zeros(3)], [[1], [2, 3]], np.array(["a"]), torch.empty(2, device="meta"), "word", None, {},
        object(), LONG[:, 0], LONG[None],
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_strange_results_are_described_without_an_error(value: Any) -> None:
    for wanted in (LONG, (LONG, LONG[0]), 3.0, "word"):
        for got in (value, (value, value), [LONG, value]):
            assert difference(got, wanted).endswith(".")
    assert first_place(value, LONG, 1e-5) is None


def test_shapes() -> None:
    assert shape_of(3) == shape_of(np.float32(3)) == ()
    assert shape_of([[1, 2]]) == shape_of(torch.ones(1, 2)) == (1, 2)
    assert shape_of("a") is shape_of([[1], [2, 3]]) is None
