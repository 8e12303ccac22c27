from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest

from visioncourse.diagrams import network
from visioncourse.plot import CONTROL, HELD_OUT, TRAIN


@pytest.fixture(autouse=True)
def drawn_without_a_window() -> Iterator[None]:
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    yield
    plt.close("all")


def dense(*widths: int) -> tuple[list[list[float]], list[list[list[float]]]]:
    """Return values and weights of a network with these many neurons a layer."""
    values = [[float(i) for i in range(wide)] for wide in widths]
    weights = [[[float(i - j) for j in range(b)] for i in range(a)] for a, b in pairwise(widths)]
    return values, weights


@pytest.mark.parametrize("widths", [(1, 1), (2, 2, 1), (3, 4, 2), (2, 3, 3, 2)])
def test_it_draws_every_neuron_and_every_weight(widths: Sequence[int]) -> None:
    figure = network(*dense(*widths))
    axis = figure.axes[0]
    lines = sum(a * b for a, b in pairwise(widths))
    assert len(axis.get_lines()) == lines and len(axis.collections) == sum(widths)
    assert len(axis.texts) == lines + sum(widths)
    assert figure.get_figwidth() <= 8


def test_numbers_stand_where_they_arise() -> None:
    figure = network([[1.0, -2.0], [0.25]], [[[0.5], [-1.5]]], names=["input", "output"], spec=".2f")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["0.50", "-1.50", "1.00", "-2.00", "0.25", "input", "output"]


def test_the_sign_of_a_weight_shows_in_colour_and_dash() -> None:
    figure = network([[1.0], [1.0, 1.0, 1.0]], [[[2.0, -2.0, 0.0]]])
    drawn = [(line.get_color(), line.get_linestyle()) for line in figure.axes[0].get_lines()]
    assert drawn == [(HELD_OUT, "-"), (TRAIN, "--"), (CONTROL, "-")]


@pytest.mark.parametrize("weights", [[[[1.0]]], [[[1.0], [1.0], [1.0]]], []])
def test_weights_that_do_not_fit_the_layers_are_refused(weights: list[list[list[float]]]) -> None:
    with pytest.raises(ValueError):
        network([[1.0, 2.0], [3.0]], weights)
