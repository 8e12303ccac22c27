"""Places for texts in a drawing: of the places that each could take, those where nothing lies on anything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float, Int

# A box is four numbers: left, bottom, right, top; added to it, OUTWARD makes it larger on each side.
OUTWARD = np.array([-1.0, -1.0, 1.0, 1.0])


def extent(text: str, size: float, weight: str = "normal") -> tuple[float, float]:
    """Return width and height of a text in inches; the height is that of its lines, whatever letters they have.

    Args:
        text: one or more lines.
        size: in points.
        weight: "normal" or "bold".
    """
    lines = text.split("\n")
    return max(_width(line, weight) for line in lines) * size, len(lines) * 1.2 * size / 72


@lru_cache(maxsize=1000)
def _width(line: str, weight: str) -> float:
    """Return the width of a line in inches, for each point of its size."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not line:
        return 0.0
    return float(TextPath((0, 0), line, size=100, prop=FontProperties(weight=weight)).get_extents().x1) / 7200


def points_along(path: Float[np.ndarray, "p 2"], spacing: float) -> Float[np.ndarray, "_ 2"]:
    """Return evenly spaced points along joined cubic Bézier curves: each takes three more points of the path."""
    t = np.linspace(0, 1, 40)[:, None]
    pieces = [path[start : start + 4] for start in range(0, len(path) - 1, 3)]
    dense = np.concatenate(
        [(1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d for a, b, c, d in pieces]
    )
    along = np.append(0, np.hypot(*np.diff(dense, axis=0).T).cumsum())
    where = np.linspace(0, along[-1], max(1, round(along[-1] / spacing)) + 1)
    return np.stack([np.interp(where, along, dense[:, 0]), np.interp(where, along, dense[:, 1])], 1)


def boxes_around(centres: Float[np.ndarray, "n 2"], width: float, height: float) -> Float[np.ndarray, "n 4"]:
    """Return boxes of one size around points."""
    half = np.array([width, height]) / 2
    return np.concatenate([centres - half, centres + half], axis=1)


def overlaps(first: Float[np.ndarray, "n 4"], second: Float[np.ndarray, "m 4"]) -> Float[np.ndarray, "n m"]:
    """Return the area that each box of the first shares with each of the second.

    >>> overlaps(np.array([[0.0, 0.0, 2.0, 2.0]]), np.array([[1.0, 1.0, 5.0, 5.0], [3.0, 0.0, 4.0, 1.0]])).tolist()
    [[1.0, 0.0]]
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = np.clip(high - low, 0, None)
    area: Float[np.ndarray, "n m"] = sides[..., 0] * sides[..., 1]
    return area


def hits(boxes: Float[np.ndarray, "n 4"], points: Float[np.ndarray, "p 2"]) -> Int[np.ndarray, " n"]:
    """Count the points that lie in each box.

    >>> hits(np.array([[0.0, 0.0, 2.0, 2.0]]), np.array([[1.0, 1.0], [3.0, 1.0]])).tolist()
    [1]
    """
    inside = (points[None] >= boxes[:, None, :2]) & (points[None] <= boxes[:, None, 2:])
    return np.asarray(inside.all(-1).sum(-1))


def choose(
    candidates: Sequence[Float[np.ndarray, "_ 4"]],
    costs: Sequence[Float[np.ndarray, " _"]],
    weight: float,
    rounds: int = 4,
) -> list[int]:
    """Choose one of its candidate boxes for each text, so that the texts keep off each other.

    The texts choose in turn, each knowing where the others are, and may change their minds a few times.

    Args:
        candidates: the boxes where each text could stand.
        costs: what each of these places costs by itself.
        weight: what an overlap with another text costs, for each unit of area.
        rounds: how often every text chooses.

    Returns:
        The number of the chosen candidate of each text.
    """
    chosen: dict[int, int] = {}
    for text in list(range(len(candidates))) * rounds:
        others = [candidates[other][place] for other, place in chosen.items() if other != text]
        shared = overlaps(candidates[text], np.reshape(others, (-1, 4))).sum(1)
        chosen[text] = int(np.argmin(costs[text] + weight * shared))
    return [chosen[text] for text in range(len(candidates))]


def places_on(
    number: int,
    lines: Sequence[Float[np.ndarray, "_ 2"]],
    size: tuple[float, float],
    boxes: Float[np.ndarray, "m 4"],
    frame: Float[np.ndarray, " 4"],
) -> tuple[Float[np.ndarray, "k 4"], Float[np.ndarray, " k"]]:
    """Return the boxes in which a line's text could stand, on the line or beside it, and what each of them costs.

    Args:
        number: of the line.
        lines: points along each line, at most 0.04 inches apart.
        size: width and height of the text in inches.
        boxes: that must not be hidden.
        frame: box that must not be left.
    """
    own = lines[number]
    others = np.concatenate([own[:0], *lines[:number], *lines[number + 1 :]])
    shares = np.linspace(0.1, 0.9, 17)
    spots = own[(shares * (len(own) - 1)).round().astype(int)]
    shifts = np.array([(0, 0), (0, 1), (0, -1), (-1, 0), (1, 0), (-1, 1), (1, 1), (-1, -1), (1, -1)])
    centres = spots + (shifts * (np.array(size) / 2 + [0.05, 0.02]))[:, None]  # (9, 17, 2)
    places = boxes_around(centres.reshape(-1, 2), *size)
    hidden = hits(places, own).reshape(9, 17) / len(own)
    hidden[0] = np.clip(hidden[0] - 0.5, 0, None) - 0.5 / 8  # on the line itself, half of it may be hidden
    costs = (np.abs(shares - 0.5) + 8 * hidden).ravel() + 20 * ((places - frame) * OUTWARD > 0).any(1)
    costs += 0.4 * hits(places + 0.03 * OUTWARD, others) + hits(places, own[np.r_[:5, -5:0]])  # 5: the arrowhead
    return places, costs + 500 * overlaps(places, boxes + 0.02 * OUTWARD).sum(1)


def places_around(
    spot: Float[np.ndarray, " 2"],
    size: tuple[float, float],
    points: Float[np.ndarray, "p 2"],
    frame: Float[np.ndarray, " 4"],
) -> tuple[Float[np.ndarray, "k 4"], Float[np.ndarray, " k"]]:
    """Return the boxes in which the name of a spot could stand, near or farther off, and what each of them costs.

    Args:
        spot: what is named.
        size: width and height of the name in inches.
        points: that had better not be hidden, about 0.04 inches apart along lines.
        frame: box that must not be left.
    """
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ways = np.stack([np.cos(angles), np.sin(angles)], 1)
    away = np.abs(ways) @ (np.array(size) / 2)
    gaps = np.repeat([0.1, 0.15, 0.25, 0.4, 0.6, 0.8], len(ways))
    places = boxes_around(spot + np.tile(ways, (6, 1)) * (gaps + np.tile(away, 6))[:, None], *size)
    costs = 6 * gaps + 0.4 * hits(places + 0.03 * OUTWARD, points)
    return places, costs + 50 * ((places - frame) * OUTWARD > -0.03).any(1)


@dataclass(frozen=True)
class Name:
    """A text that names a point of a drawing; the point is given in the axis's units."""

    text: str
    point: Any
    colour: str = "black"
    weight: str = "normal"


def write(axis: Any, names: Sequence[Name], lines: Sequence[Any], size: float = 10.0) -> None:
    """Write names beside their points, where they hide little of each other and of the lines.

    Args:
        axis: whose place on the figure and limits are final.
        names: what to write.
        lines: (n, 2) corners of each line, in the axis's units.
        size: of the texts in points.
    """
    from matplotlib.patheffects import withStroke

    look = {"textcoords": "offset points", "size": size, "ha": "center", "va": "center"}
    halo = [withStroke(linewidth=2.5, foreground="white")]
    for name, (shift, gap) in zip(names, _shifts(axis, names, lines, size), strict=True):
        if gap > 0.22:  # far from its point: a thin line leads there
            line = {"arrowstyle": "-", "color": name.colour, "lw": 0.8, "shrinkA": 0, "shrinkB": 4}
            axis.annotate("", name.point, shift * 72, arrowprops=line, zorder=5.8, **look)
        look_of = {"color": name.colour, "weight": name.weight, "path_effects": halo}
        axis.annotate(name.text, name.point, shift * 72, zorder=6, **look, **look_of)


def _shifts(axis: Any, names: Sequence[Name], lines: Sequence[Any], size: float) -> list[tuple[Any, float]]:
    """Return for each name how far its middle stands from its point, and the gap between the two, in inches."""

    def inches(points: Any) -> Any:
        return axis.transData.transform(points) / axis.figure.dpi

    spots = [inches(name.point) for name in names]
    frame = axis.bbox.extents / axis.figure.dpi
    taken = np.concatenate(
        [np.repeat(np.reshape(spots, (-1, 2)), 8, axis=0), *(_dense(inches(line)) for line in lines)]
    )
    found = [
        places_around(spot, extent(name.text, size, name.weight), taken, frame)
        for name, spot in zip(names, spots, strict=True)
    ]
    chosen = choose([boxes for boxes, _ in found], [costs for _, costs in found], weight=100.0)
    shifts = []
    for spot, (boxes, _), place in zip(spots, found, chosen, strict=True):
        low, high = boxes[place].reshape(2, 2)
        shifts.append(((low + high) / 2 - spot, float(np.hypot(*(np.clip(spot, low, high) - spot)))))
    return shifts


def _dense(line: Float[np.ndarray, "n 2"], spacing: float = 0.04) -> Float[np.ndarray, "m 2"]:
    """Return points along a line in straight pieces, at most 200 a piece."""
    counts = np.clip(np.hypot(*np.diff(line, axis=0).T) / spacing, 1, 200).astype(int)
    pieces = [np.linspace(a, b, count, endpoint=False) for a, b, count in zip(line[:-1], line[1:], counts, strict=True)]
    return np.concatenate([*pieces, line[-1:]])
