from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visioncourse.running.parameters import Parameter, as_float, convert, fits, read_parameters


def parameter(annotation: str) -> Parameter:
    return Parameter("x", annotation, None)


def test_reads_typed_and_plain_literals() -> None:
    cell = "import os\n# size of it\nseed: int = 0\nlr = 1e-3  # rate\nsizes: list[int] = [8,\n 16]\n"
    cell += "late: int\nx = f(1)\na = b = 2"
    found = read_parameters(cell)
    assert [str(one) for one in found.values()] == [
        "seed: int = 0",
        "lr: float = 0.001",
        "sizes: list[int] = [8, 16]",
        "a: int = 2",
    ]


def test_none_without_annotation_takes_anything() -> None:
    assert convert(read_parameters("root = None")["root"], "folder") == "folder"


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        ("int", "3", 3),
        ("int", "-3", -3),
        ("float", "1", 1.0),
        ("float", "1e-3", 0.001),
        ("float | None", "2", 2.0),
        ("int | float", "2", 2),
        ("bool", "true", True),
        ("bool", "False", False),
        ("str", "mnist5k", "mnist5k"),
        ("str", "12", "12"),
        ("str", "None", "None"),
        ("str", "[1]", "[1]"),
        ("str | None", "none", None),
        ("str | None", "cpu", "cpu"),
        ("Optional[int]", "None", None),
        ("Optional[int]", "4", 4),
        ("Union[int, str]", "many", "many"),
        ("list[int]", "[8, 16]", [8, 16]),
        ("tuple[int, ...]", "(3,)", (3,)),
        ("tuple[int, str]", "(3, 'a')", (3, "a")),
        ("dict[str, float]", "{'a': 0.5}", {"a": 0.5}),
        ("list", "[1, 'a']", [1, "a"]),
        ("Literal['a', 'b']", "b", "b"),
        ("typing.Any", "1.5", 1.5),
        ("'int'", "5", 5),
        ("Path", "here/there", "here/there"),
    ],
)
def test_converts(annotation: str, text: str, value: Any) -> None:
    converted = convert(parameter(annotation), text)
    assert repr(converted) == repr(value)


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        ("int", "3.5"),
        ("int", "True"),
        ("int", "three"),
        ("int", ""),
        ("float", "1e999"),
        ("float", "nan"),
        ("float", "true"),
        ("bool", "1"),
        ("bool", "yes"),
        ("int | None", "x"),
        ("list[int]", "[1, 'a']"),
        ("list[int]", "8"),
        ("tuple[int, int]", "(1, 2, 3)"),
        ("dict[str, int]", "{'a': 'b'}"),
        ("Literal['a', 'b']", "c"),
        ("int", "(" * 500),
    ],
)
def test_refuses_in_one_sentence(annotation: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"^parameter 'x' got .*, expected ") as caught:
        convert(parameter(annotation), text)
    assert annotation in str(caught.value) and "\n" not in str(caught.value)


def test_an_annotation_beyond_us_is_not_judged() -> None:
    assert fits(3, "Shape[1]") and fits(3, "not python")


def test_whole_numbers_become_floats_only_where_floats_are_asked_for() -> None:
    assert [repr(as_float(*pair)) for pair in [(1, "float"), (1, "int | float"), (True, "bool"), (1, "int")]] == [
        "1.0",
        "1",
        "True",
        "1",
    ]


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans()))
def test_every_scalar_comes_back(value: Any) -> None:
    assert repr(convert(parameter(type(value).__name__), repr(value))) == repr(value)


@given(st.text())
def test_every_string_comes_back(text: str) -> None:
    assert convert(parameter("str"), text) == text


@given(st.lists(st.integers()))
def test_every_list_comes_back(value: list[int]) -> None:
    assert convert(parameter("list[int]"), str(value)) == value
