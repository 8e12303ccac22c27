from __future__ import annotations

from itertools import count, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visioncourse.diagrams.layered import Layout, layered


@st.composite
def graphs(draw: Any) -> list[list[int]]:
    """Draw the parents of some nodes, of which the last is computed from all."""
    parents: list[list[int]] = []
    for node in range(draw(st.integers(0, 9))):
        parents.append(draw(st.lists(st.integers(0, node - 1), max_size=3)) if node else [])
    used = {parent for own in parents for parent in own}
    return [*parents, [node for node in range(len(parents)) if node not in used]]


def crossings(layout: Layout) -> int:
    """Count the crossings of lines between neighbouring columns, from their heights."""
    links = [link for route in layout.routes for link in pairwise(route)]
    return sum(
        layout.columns[a] == layout.columns[c]
        and (layout.heights[a] - layout.heights[c]) * (layout.heights[b] - layout.heights[d]) < 0
        for number, (a, b) in enumerate(links)
        for c, d in links[:number]
    )


@given(graphs())
def test_every_line_runs_from_column_to_column(parents: list[list[int]]) -> None:
    layout = layered(parents)
    ends = [(route[0], route[-1]) for route in layout.routes]
    assert ends == [(parent, node) for node, own in enumerate(parents) for parent in own]
    for route in layout.routes:
        columns = [layout.columns[vertex] for vertex in route]
        assert columns == list(range(columns[0], columns[-1] + 1))
        assert all(vertex >= len(parents) for vertex in route[1:-1])


@given(graphs())
def test_every_node_stands_beside_its_first_user(parents: list[list[int]]) -> None:
    columns = layered(parents).columns
    assert min(columns) == 0 and columns[len(parents) - 1] == max(columns)
    for node in range(len(parents) - 1):
        assert columns[node] == min(columns[user] for user, own in enumerate(parents) if node in own) - 1


@given(graphs())
def test_nothing_stands_on_another(parents: list[list[int]]) -> None:
    layout = layered(parents)
    assert min(layout.heights) == 0
    for column in range(max(layout.columns) + 1):
        own = sorted((h, v < len(parents)) for h, c, v in zip(layout.heights, layout.columns, count()) if c == column)
        for (above, first), (below, second) in pairwise(own):
            assert below - above >= (1.0 if first else 0.38) / 2 + (1.0 if second else 0.38) / 2 - 1e-9


@given(st.lists(st.integers(0, 3), max_size=8))
def test_a_tree_has_no_crossings(bundles: list[int]) -> None:
    parents: list[list[int]] = []
    loose: list[int] = []
    for bundle in bundles:  # each node takes the last few that have no user yet
        loose, taken = loose[: max(0, len(loose) - bundle)], loose[max(0, len(loose) - bundle) :]
        loose.append(len(parents))
        parents.append(taken)
    assert crossings(layered([*parents, loose])) == 0


def test_operands_stand_in_their_order() -> None:
    heights = layered([[], [], [0, 1], [], [2, 3]]).heights
    assert heights[0] < heights[1] and heights[2] < heights[3]


def test_a_crossing_that_need_not_be_is_taken_out() -> None:
    assert crossings(layered([[], [], [1], [0], [0, 2, 3]])) == 0


def test_a_chain_is_straight() -> None:
    assert np.allclose(layered([[], [0], [1], [2]]).heights, 0)


@pytest.mark.parametrize("many", [1, 2, 5])
def test_a_node_stands_in_the_middle_of_its_parents(many: int) -> None:
    heights = layered([*([] for _ in range(many)), list(range(many))]).heights
    assert heights[-1] == pytest.approx((many - 1) / 2) and max(heights) == pytest.approx(many - 1)
