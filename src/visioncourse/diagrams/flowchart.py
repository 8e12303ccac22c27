"""A chart of boxes and arrows from left to right, sized so that its texts are legible and it fits a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float

from visioncourse.diagrams.labels import choose, extent, places_on, points_along
from visioncourse.diagrams.layered import Layout, layered
from visioncourse.style import CONTROL, HELD_OUT

WORD = "grad "
WIDTH, MARGIN = 8.0, 0.08  # inches: the widest figure that a page takes, and what stays white around a chart


@dataclass(frozen=True)
class Sizes:
    """How a chart is written.

    Attributes:
        title: size of a box's first line, in points.
        text: size of its other lines.
        label: size of the texts at arrows.
        wide: a product that takes more inches is written over two lines, or three.
        free: inches of an arrow beside its text.
        word: whether the word "grad" stands in each box, or once below the chart.
    """

    title: float
    text: float
    label: float
    wide: float
    free: float
    word: bool = True

    def line(self, text: str) -> str:
        """Return a line of a box as it is written."""
        return text if self.word else text.removeprefix(WORD)

    def product(self, text: str) -> str:
        """Return "2 × 3 = 6" over as few lines as its width allows."""
        forms = (text, text.replace(" =", "\n="), text.replace(" =", "\n=").replace(" ×", "\n×"))
        return next((form for form in forms if extent(form, self.label)[0] <= self.wide), forms[-1])


# From roomy to tight: a graph is drawn in the first that fits the page.
SIZES = (
    Sizes(11.0, 11.0, 10.0, 9.0, 0.5), Sizes(11.0, 11.0, 10.0, 0.8, 0.4), Sizes(11.0, 10.0, 9.5, 0.8, 0.3),
    Sizes(10.0, 9.5, 9.0, 0.45, 0.12), Sizes(10.0, 9.5, 9.0, 0.45, 0.12, word=False),
    Sizes(9.5, 9.0, 9.0, 0.45, 0.1, word=False),
)  # fmt: skip


@dataclass(frozen=True)
class Chart:
    """Where everything is, in inches; y points up and the upper edge is 0.

    Attributes:
        axis: to draw on.
        sizes: of the texts.
        boxes: of the nodes: left, bottom, right, top.
        paths: points of the cubic curves that make up each arrow.
    """

    axis: Any
    sizes: Sizes
    boxes: Float[np.ndarray, "n 4"]
    paths: list[Float[np.ndarray, "_ 2"]]

    def box(self, node: int, lines: Sequence[str], colours: Sequence[str], ground: str, border: str) -> None:
        """Draw a node: a rounded box with its lines, the first one bold."""
        from matplotlib.patches import FancyBboxPatch

        left, bottom, right, top = self.boxes[node]
        shape = {"boxstyle": "round,pad=0,rounding_size=0.09", "zorder": 3, "lw": 2.5 if border == HELD_OUT else 1.2}
        self.axis.add_patch(
            FancyBboxPatch((left, bottom), right - left, top - bottom, fc=ground, ec=border, **shape)  # type: ignore[arg-type]
        )
        sizes = np.array([self.sizes.title] + [self.sizes.text] * (len(lines) - 1))
        shares = (sizes.cumsum() - sizes / 2 + 2) / (sizes.sum() + 4)
        for number, (line, size, share, colour) in enumerate(zip(lines, sizes, shares, colours, strict=False)):
            weight = "normal" if number else "bold"
            place = (left + right) / 2, top - (top - bottom) * share
            look = {"size": size, "color": colour, "weight": weight, "ha": "center", "va": "center_baseline"}
            self.axis.text(*place, self.sizes.line(line), zorder=4, **look)

    def arrows(self, labels: Sequence[str], back: dict[int, str]) -> None:
        """Draw all arrows with their labels; those of ``back`` run backward, in colour, with a text of their own."""
        from matplotlib.patches import FancyArrowPatch
        from matplotlib.path import Path

        spots = self._spots(labels, {})  # where the labels stand without ``back``, so that the others stay in place
        texts = [back.get(edge, label) for edge, label in enumerate(labels)]
        spots = self._spots(texts, {edge: spot for edge, spot in enumerate(spots) if edge not in back})
        for edge, (points, text, spot) in enumerate(zip(self.paths, texts, spots, strict=True)):
            path = Path(points[::-1] if edge in back else points, [Path.MOVETO] + [Path.CURVE4] * (len(points) - 1))
            colour, width = (HELD_OUT, 2.5) if edge in back else (CONTROL, 1.2)
            self.axis.add_patch(
                FancyArrowPatch(
                    path=path,
                    arrowstyle="-|>",
                    mutation_scale=13,
                    color=colour,
                    lw=width,
                    shrinkA=0,
                    shrinkB=0,
                    zorder=1,
                )
            )
            look = {"size": self.sizes.label, "color": colour, "ha": "center", "va": "center", "linespacing": 1.1}
            ground = {"fc": "white", "ec": "none", "pad": 0.8}
            self.axis.text(*(spot[:2] + spot[2:]) / 2, text, bbox=ground, zorder=2, **look)

    def _spots(self, texts: Sequence[str], fixed: dict[int, Any]) -> list[Any]:
        """Return a box for each arrow's text, where it hides as little as possible; some are given."""
        lines = [points_along(path, 0.04) for path in self.paths]
        frame = np.array([*self.axis.get_xlim(), *self.axis.get_ylim()])[[0, 2, 1, 3]]
        found = [
            (np.array([fixed[edge]]), np.zeros(1))
            if edge in fixed
            else places_on(edge, lines, extent(text, self.sizes.label), self.boxes, frame)
            for edge, text in enumerate(texts)
        ]
        chosen = choose([boxes for boxes, _ in found], [costs for _, costs in found], weight=300.0)
        return [boxes[place] for (boxes, _), place in zip(found, chosen, strict=True)]


def fitted(parents: Sequence[Sequence[int]], texts: Sequence[Sequence[Sequence[str]]], labels: Sequence[str]) -> Chart:
    """Lay a graph out on a new figure, in the roomiest sizes that fit the page.

    Args:
        parents: numbers of each node's parents, as ``layered`` takes them.
        texts: of every picture that shall be laid out alike, of each node, the lines in its box.
        labels: the longest text that an arrow shall carry, for each arrow: child by child, parent by parent.
    """
    import matplotlib.pyplot as plt

    layout = layered(parents)
    for sizes in SIZES:
        tall = 1.3 * (sizes.title + sizes.text * (len(texts[0][0]) - 1)) / 72 + 0.1
        sides = _columns(sizes, layout, texts, [sizes.product(label) for label in labels])
        if sides[-1][1] + MARGIN <= WIDTH:
            break
    middles = -np.array(layout.heights) * (tall + 0.32)
    halves = np.array([tall / 2 if vertex < len(parents) else 0.12 for vertex in range(len(middles))])
    middles -= (middles + halves).max() + MARGIN
    size = (sides[-1][1] + MARGIN, (halves - middles).max() + MARGIN + (0 if sizes.word else 0.2))
    fig = plt.figure(figsize=size, layout="none")
    axis = fig.add_axes((0, 0, 1, 1), xlim=(0, size[0]), ylim=(-size[1], 0))
    axis.axis("off")
    if not sizes.word:
        axis.text(MARGIN, MARGIN - size[1], "last line of each box: its gradient", color=HELD_OUT, size=sizes.text)
    spans = np.array([sides[column] for column in layout.columns])
    boxes = np.stack([spans[:, 0], middles - tall / 2, spans[:, 1], middles + tall / 2], 1)
    return Chart(axis, sizes, boxes[: len(parents)], _paths(layout.routes, boxes))


def _columns(sizes: Sizes, layout: Layout, texts: Any, labels: Sequence[str]) -> list[tuple[float, float]]:
    """Return left and right side of each column, wide enough for its boxes, and for the labels between columns."""
    wide = [0.5] * (max(layout.columns) + 1)
    for picture in texts:
        for column, (title, *lines) in zip(layout.columns, picture, strict=False):
            widths = [extent(title, sizes.title, "bold"), *(extent(sizes.line(line), sizes.text) for line in lines)]
            wide[column] = max(wide[column], max(widths)[0] + 0.18)
    gaps = [0.4] * len(wide)
    for label, route in zip(labels, layout.routes, strict=True):
        column = layout.columns[route[0]]
        if len(route) == 2:
            gaps[column] = max(gaps[column], extent(label, sizes.label)[0] + sizes.free)
    lefts = MARGIN + np.cumsum([0.0, *(width + gap for width, gap in zip(wide[:-1], gaps[:-1], strict=True))])
    return [(float(left), float(left + width)) for left, width in zip(lefts, wide, strict=True)]


def _paths(routes: Sequence[Sequence[int]], boxes: Float[np.ndarray, "n 4"]) -> list[Float[np.ndarray, "_ 2"]]:
    """Return the curves of each line, each with its own place at the sides of the boxes where it begins and ends."""
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    tall = boxes[0, 3] - boxes[0, 1]
    paths = []
    for number, route in enumerate(routes):
        heights = middles[list(route)]
        for end, beside in ((0, 1), (-1, -2)):
            mates = [(-middles[r[beside]], n) for n, r in enumerate(routes) if r[end] == route[end]]
            rank = sorted(mates).index((-middles[route[beside]], number))
            heights[end] += ((len(mates) - 1) / 2 - rank) * min(0.26, 0.8 * tall / len(mates))
        for part in (heights[1:-1], heights):  # what is all but straight is drawn straight
            if len(part) and np.ptp(part) < 0.2:
                part[:] = part.mean()
        points = [(boxes[route[0], 2], heights[0])]
        for (before, y0), (after, y1) in pairwise(zip(route, heights, strict=True)):
            x0, x1 = boxes[before, 2], boxes[after, 0]
            points += [((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1), (x1, y1)]
            if after != route[-1]:
                points += [(x1, y1), (boxes[after, 2], y1), (boxes[after, 2], y1)]
        paths.append(np.array(points))
    return paths
