"""Places for the nodes of a small graph: columns from left to right, few crossings, nobody on top of another.

In the manner of Sugiyama, Tagawa and Toda (1981): columns by longest path, then the order within the columns, then
heights. A line over several columns gets a vertex in each column that it passes, so that room is kept for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from jaxtyping import Float

Rows = list[list[int]]  # the vertices of each column, from top to bottom


@dataclass(frozen=True)
class Layout:
    """Where the vertices of a graph are.

    Attributes:
        columns: the column of each vertex; the nodes come first, in their order, then the vertices of long lines.
        heights: how far down each vertex is, in rows; 0 for the highest.
        routes: the vertices along each line, from parent to child: child by child, parent by parent.
    """

    columns: list[int]
    heights: list[float]
    routes: list[list[int]]


def layered(parents: Sequence[Sequence[int]], thin: float = 0.38) -> Layout:
    """Find places for a graph's nodes.

    Args:
        parents: of each node, the numbers of the nodes it is computed from, all smaller than its own; every node but
            the last is somebody's parent.
        thin: least distance between two long lines that pass; between two nodes of a column it is 1.
    """
    columns = _columns(parents)
    routes = _routes(parents, columns)
    links = [link for route in routes for link in pairwise(route)]
    rows = _ordered(columns, links, len(parents))
    room = [1.0 if vertex < len(parents) else thin for vertex in range(len(columns))]
    return Layout(columns, _heights(rows, links, room), routes)


def _columns(parents: Sequence[Sequence[int]]) -> list[int]:
    """Put each node as far right as its users allow: a leaf stands beside its first user."""
    steps = [0] * len(parents)
    for node in reversed(range(len(parents))):
        for parent in parents[node]:
            steps[parent] = max(steps[parent], steps[node] + 1)
    return [max(steps) - count for count in steps]


def _routes(parents: Sequence[Sequence[int]], columns: list[int]) -> list[list[int]]:
    """Return the vertices along each line, and add those of long lines to the columns."""
    routes = []
    for node, own in enumerate(parents):
        for parent in own:
            between = range(columns[parent] + 1, columns[node])
            routes.append([parent, *range(len(columns), len(columns) + len(between)), node])
            columns.extend(between)
    return routes


def _ordered(columns: list[int], links: list[tuple[int, int]], nodes: int) -> Rows:
    """Order each column from top to bottom with few crossings, operands in their order where it does not matter."""
    before: list[list[int]] = [[start for start, end in links if end == vertex] for vertex in range(len(columns))]
    after: list[list[int]] = [[end for start, end in links if start == vertex] for vertex in range(len(columns))]
    rows: Rows = [[] for _ in range(max(columns) + 1)]
    waiting = [nodes - 1]
    while waiting:  # from the last node back, so that a tree comes out without a crossing
        vertex = waiting.pop()
        if vertex not in rows[columns[vertex]]:
            rows[columns[vertex]].append(vertex)
            waiting.extend(reversed(before[vertex]))
    best = _untangled(rows, links)
    for sweep in range(8):
        towards, order = (after, reversed(range(len(rows) - 1))) if sweep % 2 else (before, iter(range(1, len(rows))))
        for column in order:
            place = {vertex: spot for row in rows for spot, vertex in enumerate(row)}
            centre = {v: np.mean([place[one] for one in towards[v]] or [place[v]]) for v in rows[column]}
            rows[column] = sorted(rows[column], key=centre.__getitem__)
        best = min(best, _untangled(rows, links), key=lambda found: _crossings(found, links))
    return best


def _crossings(rows: Rows, links: list[tuple[int, int]]) -> int:
    """Count the pairs of lines that cross between two columns."""
    place = {vertex: (column, spot) for column, row in enumerate(rows) for spot, vertex in enumerate(row)}
    spots = [(place[start][0], place[start][1], place[end][1]) for start, end in links]
    return sum(a[0] == b[0] and (a[1] - b[1]) * (a[2] - b[2]) < 0 for a, b in combinations(spots, 2))


def _untangled(rows: Rows, links: list[tuple[int, int]]) -> Rows:
    """Swap neighbours as long as that removes crossings."""
    rows, better = [list(row) for row in rows], True
    while better:
        better = False
        for column, row in enumerate(rows):
            for spot in range(len(row) - 1):
                swapped = [*row[:spot], row[spot + 1], row[spot], *row[spot + 2 :]]
                if _crossings([*rows[:column], swapped, *rows[column + 1 :]], links) < _crossings(rows, links):
                    rows[column] = row = swapped
                    better = True
    return rows


def _heights(rows: Rows, links: list[tuple[int, int]], room: list[float]) -> list[float]:
    """Draw every vertex towards the middle of its neighbours, as far as the others of its column let it."""
    heights = np.zeros(len(room))
    for row in rows:
        heights[row] = np.arange(len(row)) - len(row) / 2
    pull = np.zeros((len(room), len(room)))
    for start, end in links:  # long lines are kept straight
        pull[start, end] = pull[end, start] = 8.0 if room[start] == room[end] < 1 else 1.0
    pull += np.diag(pull.sum(1) == 0)  # a node alone stays where it is
    pull /= pull.sum(1, keepdims=True)
    for sweep in range(30):
        for row in rows if sweep % 2 else rows[::-1]:
            gaps = np.array([0.0, *((room[a] + room[b]) / 2 for a, b in pairwise(row))]).cumsum()
            heights[row] = _rising(pull[row] @ heights - gaps) + gaps
    return [float(height) for height in heights - heights.min()]


def _rising(wanted: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Return the numbers that never fall and are nearest to the wanted ones, by pooling neighbours."""
    pools: list[tuple[float, int]] = []  # mean and how many
    for value in wanted.tolist():
        mean, count = value, 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        pools.append((mean, count))
    return np.repeat([mean for mean, _ in pools], [count for _, count in pools])
