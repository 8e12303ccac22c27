from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from visioncourse.diagrams.landscape import landscape, surface
from visioncourse.style import BLACK, GREEN, TRAIN


@pytest.fixture(autouse=True)
def drawn_without_a_window() -> Iterator[None]:
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    yield
    plt.close("all")


def valley(x: Any, y: Any) -> Any:
    return (x**2 + 20 * y**2) / 2


def saddle(x: Any, y: Any) -> Any:
    return x**2 - y**2 + y**4 / 4


def banana(x: Any, y: Any) -> Any:
    return (1 - x) ** 2 + 10 * (y - x**2) ** 2


def descent(lr: float, steps: int = 30, start: tuple[float, float] = (-1.8, 0.8)) -> np.ndarray:
    """Return a path of gradient descent down the valley."""
    t = np.arange(steps)[:, None]
    return np.array(start) * (1 - lr * np.array([1.0, 20.0])) ** t


SLOW, FAST, WILD = descent(0.01), descent(0.09), descent(0.12)
FIGURES: dict[str, Callable[[], Any]] = {
    "valley": lambda: landscape(valley, (-2, 2), (-1, 1), {"slow": SLOW, "fast": FAST}, marks={"minimum": (0, 0)}),
    "three to one end": lambda: landscape(valley, paths={f"{lr}": descent(lr, 60) for lr in (0.05, 0.07, 0.09)}),
    "saddle": lambda: landscape(saddle, marks={"saddle": (0, 0), "minimum": (0, 2**0.5), "another": (0, -(2**0.5))}),
    "banana": lambda: landscape(banana, (-2, 2), (-1, 3), {"SGD": [[-1.5, 2.5], [-1, 1], [0, 0], [1, 1]]}),
    "a path that leaves": lambda: landscape(valley, paths={"wild": WILD}),
    "one point": lambda: landscape(valley, paths={"SGD": [[1.0, 1.0]]}),
    "three panels": lambda: landscape(valley, panels={"a": {"SGD": SLOW}, "b": {"SGD": FAST}, "c": {"SGD": WILD}}),
    "five panels": lambda: landscape(valley, panels={f"{n}": {"SGD": FAST} for n in range(5)}, height=""),
    "wide and flat": lambda: landscape(valley, (-20, 20), (-1, 1), {"SGD": SLOW}, names=("weight", "bias")),
    "surface": lambda: surface(valley, (-2, 2), (-1, 1), {"slow": SLOW, "fast": FAST}),
}  # fmt: skip


def texts(axis: Any) -> list[Any]:
    return [text for text in axis.texts if text.get_text()]


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_every_figure_fits_the_page_and_its_texts_are_legible(draw: Callable[[], Any]) -> None:
    figure = draw()
    assert figure.get_figwidth() <= 8 and figure.get_figheight() <= 8
    figure.canvas.draw()
    assert figure.bbox.padded(1).containsx(figure.get_tightbbox().x0 * 100)
    assert figure.bbox.padded(1).containsx(figure.get_tightbbox().x1 * 100)
    for axis in figure.axes:
        own = [text.get_window_extent() for text in texts(axis)]
        assert not any(one.padded(-1).overlaps(other.padded(-1)) for one, other in combinations(own, 2))
        assert all(axis.bbox.x0 <= box.x0 and box.x1 <= axis.bbox.x1 for box in own)
        assert all(text.get_fontsize() >= 9 for text in texts(axis))


def test_names_stand_at_the_ends_and_the_start_once() -> None:
    figure = FIGURES["valley"]()
    found = {text.get_text(): (text.xy, text.get_color()) for text in texts(figure.axes[0])}
    assert set(found) == {"slow", "fast", "start", "minimum"} and len(texts(figure.axes[0])) == 4
    assert np.allclose(found["slow"][0], SLOW[-1]) and found["slow"][1] == BLACK
    assert np.allclose(found["fast"][0], FAST[-1]) and found["fast"][1] == GREEN
    assert np.allclose(found["start"][0], (-1.8, 0.8))


def test_a_marker_for_every_step_and_no_two_paths_alike() -> None:
    axis = FIGURES["three to one end"]().axes[0]
    ways = [line for line in axis.get_lines() if len(line.get_xdata()) == 60]
    assert [line.get_markevery() for line in ways] == [None] * 3
    assert len({line.get_color() for line in ways}) == len({line.get_marker() for line in ways}) == 3


def test_a_path_that_leaves_is_named_where_it_was_last_seen() -> None:
    axis = FIGURES["a path that leaves"]().axes[0]
    assert axis.get_xlim() == axis.get_ylim() == (-2, 2)
    (name,) = (text for text in texts(axis) if text.get_text() == "wild")
    seen = [point for point in WILD.tolist() if max(map(abs, point)) <= 2]
    assert np.allclose(name.xy, seen[-1])


@pytest.mark.parametrize("worst", [np.inf, np.nan])
def test_a_path_ends_where_it_stops_being_finite(worst: float) -> None:
    axis = landscape(valley, paths={"SGD": [[1.0, 1.0], [0.5, 0.5], [worst, 0.0], [0.0, 0.0]]}).axes[0]
    assert {len(line.get_xdata()) for line in axis.get_lines()} == {2, 1}


def test_names_keep_their_looks_from_figure_to_figure() -> None:
    order = ("SGD", "momentum", "Adam")
    for draw in (landscape, surface):
        axis = draw(valley, paths={"Adam": SLOW}, order=order).axes[0]
        assert TRAIN in {line.get_color() for line in axis.get_lines()}
    panels = landscape(valley, panels={"one": {"a": SLOW}, "two": {"b": SLOW, "a": FAST}}).axes
    assert panels[0].get_lines()[0].get_color() == panels[1].get_lines()[3].get_color() == BLACK


def test_higher_is_darker_and_the_middle_height_has_the_middle_shade() -> None:
    figure = landscape(banana, (-2, 2), (-1, 3), levels=10)
    bands = figure.axes[0].collections[0]
    brightness = bands.get_facecolors()[:, :3].mean(1)
    assert len(brightness) == 10 and (np.diff(brightness) < 0).all() and brightness[-1] > 0.5
    grid = np.meshgrid(np.linspace(-2, 2, 201), np.linspace(-1, 3, 201))
    assert np.isclose(bands.levels[5], np.median(banana(*grid)))


def test_bands_can_be_given() -> None:
    bands = landscape(valley, levels=[0, 1, 2, 4]).axes[0].collections[0]
    assert list(bands.levels) == [0, 1, 2, 4]


def test_a_flat_land_can_be_drawn() -> None:
    assert landscape(lambda x, y: 0 * x).axes[0].get_xlim() == (-2, 2)


def test_both_weights_have_one_scale() -> None:
    axis = FIGURES["valley"]().axes[0]
    inches = axis.get_position().size * axis.figure.get_size_inches()
    assert np.isclose(inches[0] / inches[1], 2)


def test_panels_share_their_ranges_and_say_what_they_are() -> None:
    figure = FIGURES["five panels"]()
    assert [axis.get_title() for axis in figure.axes] == list("01234")
    assert [bool(axis.get_ylabel()) for axis in figure.axes] == [True, False, False, True, False]
    bar = FIGURES["three panels"]().axes[-1]
    assert bar.get_ylabel() == "loss" and len(bar.get_yticklabels()) == 7


def test_the_surface_shows_the_path_upon_it() -> None:
    axis = FIGURES["surface"]().axes[0]
    x, y, height = axis.get_lines()[1].get_data_3d()
    assert np.allclose(np.stack([x, y], 1), SLOW) and np.allclose(height, valley(x, y))
    assert (axis.get_xlabel(), axis.get_ylabel(), axis.get_zlabel()) == ("$w_1$", "$w_2$", "loss")


@pytest.mark.parametrize("path", [np.zeros(4), np.zeros((2, 3)), np.zeros((0, 2))])
def test_a_path_of_another_shape_is_refused(path: Any) -> None:
    for draw in (landscape, surface):
        with pytest.raises(ValueError, match=r"^path 'SGD' has shape \(.*\): expected \(n, 2\)"):
            draw(valley, paths={"SGD": path})


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^path 'SGD' begins at \[3\.0, 0\.0\]: expected x in \(-2"):
        landscape(valley, paths={"SGD": [[3, 0]]})
    with pytest.raises(ValueError, match=r"^paths and panels are both given"):
        landscape(valley, paths={}, panels={})
    with pytest.raises(ValueError, match=r"^function gives an array of shape \(\): expected \(201, 201\)"):
        landscape(lambda x, y: 1.0)
