from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visioncourse.textual import nearest, progress_bar, static, unknown

NAMES = ["mnist", "mnist5k", "cifar10", "fashion_mnist"]


def test_the_nearest_comes_first() -> None:
    assert nearest("mnits", NAMES)[0] == "mnist"
    assert nearest("cifar", NAMES) == ["cifar10"]
    assert len(nearest("mnist", NAMES, most=2)) == 2
    assert nearest("photographs", NAMES) == []


@given(st.text(max_size=20))
def test_an_unknown_name_gets_one_sentence(word: str) -> None:
    sentence = unknown("data set", word, NAMES)
    assert sentence.startswith(f"unknown data set {word!r}: ")
    assert sentence.endswith("Known: cifar10, fashion_mnist, mnist, mnist5k.")


def test_takes_any_iterable_and_any_word() -> None:
    assert unknown("lesson", 7, (name for name in ("07", "12"))) == "unknown lesson 7: did you mean 07? Known: 07, 12."
    assert unknown("pool", "q", {"avg": 1, "max": 2}) == "unknown pool 'q': Known: avg, max."


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("0", False), ("", False), (None, False)])
def test_static_is_asked_for_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, value: str | None, expected: bool
) -> None:
    if value is None:
        monkeypatch.delenv("VISIONCOURSE_STATIC", raising=False)
    else:
        monkeypatch.setenv("VISIONCOURSE_STATIC", value)
    assert static() is expected


@pytest.mark.parametrize(("wanted", "plain", "watched"), [(False, "", True), (True, "1", True), (True, "", False)])
def test_no_bar_where_nobody_watches(monkeypatch: pytest.MonkeyPatch, wanted: bool, plain: str, watched: bool) -> None:
    monkeypatch.setenv("VISIONCOURSE_STATIC", plain)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: watched, raising=False)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    items = range(3)
    assert progress_bar(items, wanted, "epochs") is items


def test_a_bar_hands_on_the_same_items(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import tqdm.auto
    from tqdm.std import tqdm as plain_bar

    monkeypatch.delenv("VISIONCOURSE_STATIC", raising=False)
    monkeypatch.setattr(tqdm.auto, "tqdm", plain_bar)  # the notebook's bar needs a front end
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert list(progress_bar(range(3), True, "epochs")) == [0, 1, 2]
    assert "epochs" in capsys.readouterr().err
