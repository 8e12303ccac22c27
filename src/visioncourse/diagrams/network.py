"""Drawings of networks: neurons as circles, weights as lines, numbers where they arise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from visioncourse.style import CONTROL, HELD_OUT, TRAIN, styled


@styled
def network(
    values: Sequence[Sequence[float]],
    weights: Sequence[Sequence[Sequence[float]]],
    names: Sequence[str] = (),
    biases: Sequence[Sequence[float]] = (),
    spec: str = "g",
) -> Any:
    """Draw a small fully connected network with a number in every neuron and on every line.

    Args:
        values: numbers of each layer, from input to output.
        weights: one matrix between neighbouring layers, ``weights[l][i][j]`` from neuron ``i`` to neuron ``j``.
        names: of the layers, written below.
        biases: of each layer after the input, written above its neurons; zeros are left out.
        spec: format of the numbers.
    """
    import matplotlib.pyplot as plt

    fig, axis = plt.subplots(figsize=(min(8.0, 2.2 * len(values)), 0.5 + 1.1 * max(map(len, values))))
    places = [[(2.2 * x, (len(layer) - 1) / 2 - y) for y in range(len(layer))] for x, layer in enumerate(values)]
    for before, after, matrix in zip(places[:-1], places[1:], weights, strict=True):
        for start, row in zip(before, matrix, strict=True):
            for end, weight in zip(after, row, strict=True):
                _draw_weight(axis, start, end, format(weight, spec), weight)
    for layer, spots in zip(values, places, strict=True):
        for value, (x, y) in zip(layer, spots, strict=True):
            axis.scatter(x, y, s=1100, color="white", edgecolor="black", linewidth=1.5, zorder=3)
            axis.text(x, y, format(value, spec), ha="center", va="center", zorder=4)
    for spots, constants in zip(places[1:], biases, strict=False):
        for (x, y), constant in zip(spots, constants, strict=True):
            axis.text(x, y + 0.3, format(constant, "+" + spec) if constant else "", ha="center", color=CONTROL)
    for index, name in enumerate(names):
        axis.text(2.2 * index, -max(map(len, values)) / 2 - 0.05, name, ha="center", color=CONTROL)
    axis.margins(0.1, 0.25)
    axis.axis("off")
    return fig


def _draw_weight(axis: Any, start: tuple[float, float], end: tuple[float, float], text: str, weight: float) -> None:
    """Draw one line with its weight a third of the way along, where crossing lines lie apart."""
    colour = HELD_OUT if weight > 0 else TRAIN if weight < 0 else CONTROL
    (x0, y0), (x1, y1) = start, end
    axis.plot([x0, x1], [y0, y1], color=colour, lw=1.5, ls="-" if weight >= 0 else "--", zorder=1)
    place = (x0 + 0.34 * (x1 - x0), y0 + 0.34 * (y1 - y0))
    axis.text(
        *place, text, color=colour, ha="center", va="center", zorder=2, bbox={"fc": "white", "ec": "none", "pad": 2}
    )
