from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from display_toys import widgets_shown
from hypothesis import given, settings
from hypothesis import strategies as st

from visioncourse.lesson import drawing_pad, pad
from visioncourse.lesson.pad import from_strokes


def stroke(side: int, top: int, left: int, height: int, width: int) -> torch.Tensor:
    pixels = torch.zeros(side, side)
    pixels[top : top + height, left : left + width] = 1
    return pixels


@given(st.integers(20, 60), st.tuples(*[st.floats(0, 1)] * 4))
@settings(deadline=None, max_examples=60)
def test_any_drawing_is_scaled_and_centred(side: int, parts: tuple[float, ...]) -> None:
    top, left = (int(part * (side - 1)) for part in parts[:2])
    height, width = (1 + int(part * (side - start - 1)) for part, start in zip(parts[2:], (top, left), strict=True))
    page = from_strokes(stroke(side, top, left, height, width))
    assert page.shape == (1, 1, 28, 28) and page.min() >= 0 and 0.9 < page.max() <= 1
    rows, columns = (page[0, 0] > 0).any(1).nonzero().ravel(), (page[0, 0] > 0).any(0).nonzero().ravel()
    assert max(len(rows), len(columns)) == 20
    assert abs((rows[0] + rows[-1]) / 2 - 13.5) <= 0.5 and abs((columns[0] + columns[-1]) / 2 - 13.5) <= 0.5


def test_where_and_how_large_it_was_drawn_does_not_matter() -> None:
    small, large = stroke(56, 30, 20, 10, 5), stroke(56, 2, 3, 40, 20)
    torch.testing.assert_close(from_strokes(small), from_strokes(large), atol=0.02, rtol=0)


def test_the_middle_of_mass_counts_not_the_middle_of_the_box() -> None:
    drawing = stroke(56, 10, 10, 30, 4)
    drawing[36:40, 10:30] = 1  # an L: heavy at the lower left
    page = from_strokes(drawing)[0, 0]
    for axis in (0, 1):
        middle = float((page.sum(1 - axis) * torch.arange(28)).sum() / page.sum())
        assert middle == pytest.approx(13.5, abs=0.6)


@pytest.mark.parametrize("ink", [0.0, 0.05])
def test_an_empty_pad_is_an_empty_picture(ink: float) -> None:
    assert not from_strokes(torch.full((56, 56), ink)).any()


def test_without_widgets_a_line_stands_for_the_pad(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VISIONCOURSE_STATIC", "1")
    drawing_pad(lambda image: "never asked")
    assert capsys.readouterr().out == "The drawing pad needs JupyterLab; here the lesson goes on without it.\n"


def test_each_stroke_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def guess(image: Any) -> str:
        seen.append(image)
        return "a seven"

    with widgets_shown(monkeypatch) as shown:
        drawing_pad(guess)
    (drawn_on,) = shown
    assert drawn_on.answer == "Draw a digit."
    drawing = stroke(56, 10, 20, 30, 4)
    drawn_on.pixels = drawing.ravel().tolist()
    assert drawn_on.answer == "a seven" and torch.equal(seen[0], from_strokes(drawing))
    drawn_on.pixels = [0.0] * 56 * 56
    assert drawn_on.answer == "Draw a digit." and len(seen) == 1


def test_the_page_sends_what_python_reads() -> None:
    script = Path(pad.__file__).with_name("pad.js").read_text(encoding="utf-8")
    for word in ('model.set("pixels"', 'model.get("answer")', "save_changes", "aria-label", "export default"):
        assert word in script
    assert "http" not in script
