from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from visioncourse.diagrams.labels import (
    Name,
    boxes_around,
    choose,
    extent,
    hits,
    overlaps,
    places_around,
    places_on,
    points_along,
    write,
)

FRAME = np.array([0.0, 0.0, 6.0, 4.0])
NOTHING = np.zeros((0, 4))


@pytest.fixture(autouse=True)
def drawn_without_a_window() -> Iterator[None]:
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    yield
    plt.close("all")


def boxes(most: int) -> st.SearchStrategy[Any]:
    """Boxes with whole numbers as corners."""
    corners = arrays(float, st.tuples(st.integers(0, most), st.just(4)), elements=st.integers(0, 6))
    return corners.map(lambda one: np.concatenate([one[:, :2], one[:, :2] + one[:, 2:]], 1))


@given(boxes(4), boxes(4))
def test_overlaps_are_counted_in_unit_squares(first: Any, second: Any) -> None:
    def squares(box: Any) -> set[tuple[int, int]]:
        left, bottom, right, top = box.astype(int)
        return {(x, y) for x in range(left, right) for y in range(bottom, top)}

    expected = [[len(squares(one) & squares(other)) for other in second] for one in first]
    assert overlaps(first, second).tolist() == np.reshape(expected, (len(first), len(second))).tolist()


@given(boxes(4), arrays(float, st.tuples(st.integers(0, 5), st.just(2)), elements=st.integers(0, 9)))
def test_hits_are_counted(some: Any, points: Any) -> None:
    expected = [sum(a <= x <= c and b <= y <= d for x, y in points) for a, b, c, d in some]
    assert hits(some, points).tolist() == expected


@pytest.mark.parametrize("weight", ["normal", "bold"])
@pytest.mark.parametrize("text", ["grad −1.54", "tanh", "2 × 3\n= 6", "w₁"])
def test_the_extent_is_that_of_the_text_when_drawn(text: str, weight: str) -> None:
    import matplotlib.pyplot as plt

    drawn = plt.figure(dpi=100).text(0, 0, text, size=10, weight=weight).get_window_extent()
    width, height = extent(text, 10.0, weight)
    assert width == pytest.approx(drawn.width / 100, abs=0.04)
    assert height == pytest.approx(drawn.height / 100, abs=0.06)


def test_an_empty_text_takes_no_width() -> None:
    assert extent("", 10.0)[0] == 0


def test_points_lie_evenly_on_a_curve() -> None:
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [3.0, 1.0], [3.0, 2.0], [3.0, 3.0]])
    points = points_along(corners, 0.1)
    assert len(points) == 61 and np.allclose(points[[0, 30, 60]], corners[[0, 3, 6]])
    assert np.allclose(np.hypot(*np.diff(points, axis=0).T), 0.1)


def test_texts_that_want_one_place_share_out() -> None:
    places = boxes_around(np.array([[0.0, 0.0], [2.0, 0.0], [4.0, 0.0]]), 1.0, 1.0)
    costs = [np.array([0.0, 1.0, 2.0])] * 3
    assert sorted(choose([places] * 3, costs, weight=10.0)) == [0, 1, 2]
    assert choose([places] * 3, costs, weight=0.0) == [0, 0, 0]


def best(found: tuple[Any, Any]) -> Any:
    places, costs = found
    return places[np.argmin(costs)]


def test_a_long_line_carries_its_text_in_its_middle() -> None:
    line = np.stack([np.linspace(1, 5, 100), np.full(100, 2.0)], 1)
    assert np.allclose(best(places_on(0, [line], (0.4, 0.2), NOTHING, FRAME)), [2.8, 1.9, 3.2, 2.1], atol=0.03)


def test_a_short_line_has_its_text_beside_it() -> None:
    line = np.stack([np.linspace(3, 3.5, 12), np.full(12, 2.0)], 1)
    box = best(places_on(0, [line], (0.45, 0.2), NOTHING, FRAME))
    assert hits(box[None], line) == 0 and 3 <= (box[0] + box[2]) / 2 <= 3.5


def test_a_text_on_a_line_keeps_off_boxes_and_other_lines() -> None:
    line = np.stack([np.linspace(1, 5, 100), np.full(100, 2.0)], 1)
    across = np.stack([np.full(100, 3.0), np.linspace(0, 4, 100)], 1)
    taken = np.array([[3.1, 1.9, 6.0, 2.1]])
    box = best(places_on(0, [line, across], (0.4, 0.2), taken, FRAME))
    assert overlaps(box[None], taken).sum() == 0 and hits(box[None], across) == 0


@given(st.floats(0, 6), st.floats(0, 4))
def test_a_name_stays_in_its_frame_and_off_its_point(x: float, y: float) -> None:
    spot = np.array([x, y])
    box = best(places_around(spot, (1.0, 0.2), spot[None], FRAME))
    assert (box[:2] >= 0).all() and (box[2:] <= FRAME[2:]).all() and hits(box[None], spot[None]) == 0


def test_names_of_one_point_do_not_lie_on_each_other() -> None:
    import matplotlib.pyplot as plt

    _, axis = plt.subplots(figsize=(4, 3), dpi=100)
    axis.set(xlim=(0, 1), ylim=(0, 1))
    write(axis, [Name(text, (0.5, 0.5)) for text in ("SGD", "momentum", "Adam", "minimum")], [])
    texts = [text for text in axis.texts if text.get_text()]
    extents = [text.get_window_extent() for text in texts]
    assert [text.get_text() for text in texts] == ["SGD", "momentum", "Adam", "minimum"]
    assert not any(one.overlaps(other) for one, other in combinations(extents, 2))


def test_a_name_far_from_its_point_has_a_line_that_leads_there() -> None:
    import matplotlib.pyplot as plt

    _, axis = plt.subplots(figsize=(4, 3), dpi=100)
    axis.set(xlim=(0, 1), ylim=(0, 1))
    scribble = np.random.default_rng(0).uniform(0.3, 0.7, (60, 2))
    write(axis, [Name("SGD", (0.5, 0.5))], [scribble])
    assert [text.get_text() for text in axis.texts] == ["", "SGD"]


def test_nothing_to_write_is_no_mistake() -> None:
    import matplotlib.pyplot as plt

    write(plt.subplots()[1], [], [])
