from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from display_toys import displayed, widgets_shown

from visioncourse.lesson import explore
from visioncourse.plot import figure

WORDS = {"caption": "It falls.", "alt": "A falling line."}
CONTROLS: dict[str, Any] = {"shift": (-3, 3, 1), "scale": (0.0, 2.0, 0.5), "pool": ["avg", "max"], "kernel": np.eye(2)}


@pytest.fixture(autouse=True)
def drawn_without_a_window() -> Iterator[None]:
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    yield
    plt.close("all")


class Drawing:
    """A function that remembers how it was called."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def __call__(self, **values: Any) -> Any:
        self.calls.append(values)
        return figure(size=(1.0, 1.0))[0]


def test_without_widgets_the_figure_stands_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIONCOURSE_STATIC", "1")
    draw = Drawing()
    with displayed() as outputs:
        explore(draw, **WORDS, **CONTROLS)
    (call,) = draw.calls
    assert (call["shift"], call["scale"], call["pool"]) == (1, 0.5, "avg")
    assert np.array_equal(call["kernel"], np.eye(2))
    assert outputs[0].metadata["image/png"]["alt"] == WORDS["alt"] and outputs[1].text == WORDS["caption"]


def test_every_control_redraws(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = Drawing()
    with widgets_shown(monkeypatch) as shown, displayed() as outputs:
        explore(draw, **WORDS, **CONTROLS)
        shift, scale, pool, kernel, _ = shown[0].children
        shift.value, scale.value, pool.value = 2, 1.5, "max"
        kernel.children[1].children[1].value = 7.0
    assert [call["shift"] for call in draw.calls] == [1, 2, 2, 2, 2]
    last = draw.calls[-1]
    assert (last["scale"], last["pool"]) == (1.5, "max")
    assert np.array_equal(last["kernel"], [[1, 7], [0, 1]])
    assert len(outputs) == 10 and type(draw.calls[-1]["shift"]) is int


def test_sliders_keep_to_their_range(monkeypatch: pytest.MonkeyPatch) -> None:
    with widgets_shown(monkeypatch) as shown, displayed():
        explore(Drawing(), **WORDS, **CONTROLS)
    shift, scale, pool, kernel, _ = shown[0].children
    assert (shift.min, shift.max, shift.value) == (-3, 3, 1) and (scale.min, scale.max, scale.value) == (0, 2, 0.5)
    assert pool.options == ("avg", "max") and len(kernel.children[1].children) == 4
    assert [knob.description for knob in (shift, scale, pool)] == ["shift", "scale", "pool"]
