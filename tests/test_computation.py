from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from scalar_toys import GRAPHS, Scalar, alone, leaves, neuron, plain, twice

from visioncourse.diagrams.computation import Graph, computation, number, steps
from visioncourse.style import CONTROL, HELD_OUT

each_graph = pytest.mark.parametrize("make", GRAPHS.values(), ids=GRAPHS)


@pytest.fixture(autouse=True)
def drawn_without_a_window() -> Iterator[None]:
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    yield
    plt.close("all")


def boxes(figure: Any) -> list[list[str]]:
    """Return the texts in each box, box by box."""
    axis = figure.axes[0]
    frames = [patch.get_extents() for patch in axis.patches if isinstance(patch, FancyBboxPatch)]
    inside: list[list[str]] = [[] for _ in frames]
    for text in axis.texts:
        x, y = axis.transData.transform(text.get_position())
        for frame, lines in zip(frames, inside, strict=True):
            if frame.contains(x, y):
                lines.append(text.get_text())
    return inside


def on_arrows(figure: Any) -> list[str]:
    """Return the texts that lie in no box, each on one line."""
    inside = [text for lines in boxes(figure) for text in lines]
    texts = [text.get_text() for text in figure.axes[0].texts]
    return [text.replace("\n", " ") for text in texts if text not in inside]


def test_a_box_for_each_node_and_an_arrow_for_each_use() -> None:
    root = plain()
    for node, grad in zip(Graph.behind(root).nodes, (3.0, 2.0, 1.0, 1.0, 1.0), strict=True):
        node.grad = grad
    figure = computation(root)
    assert boxes(figure) == [
        ["a", "2", "grad 3"], ["b", "3", "grad 2"], ["×", "6", "grad 1"], ["c", "4", "grad 1"], ["+", "10", "grad 1"],
    ]  # fmt: skip
    assert on_arrows(figure) == ["×3", "×2", "×1", "×1"]
    assert sum(isinstance(patch, FancyArrowPatch) for patch in figure.axes[0].patches) == 4


def test_values_alone() -> None:
    assert boxes(computation(plain(), grads=False))[-1] == ["+", "10"]


def test_what_no_walk_has_reached_shows_no_gradient() -> None:
    root = plain()
    root.grad = None
    assert boxes(computation(root))[-1] == ["+", "10", ""]


STEPS = [  # gradients of a, a·a, b, a·b and their sum at a = 3, b = 2; what is sent
    (["?", "?", "?", "?", "1"], []),
    (["?", "1", "?", "1", "1"], ["1 × 1 = 1", "1 × 1 = 1"]),
    (["2 + ?", "1", "3", "1", "1"], ["1 × 2 = 2", "1 × 3 = 3"]),
    (["8", "1", "3", "1", "1"], ["1 × 3 = 3", "1 × 3 = 3"]),
]


@pytest.mark.parametrize("step", range(4))
def test_gradients_add_up_step_by_step(step: int) -> None:
    root = twice()
    assert steps(root) == 3
    figure = computation(root, step=step)
    known, products = STEPS[step]
    assert [lines[-1].removeprefix("grad ") for lines in boxes(figure)] == known
    assert sorted(text for text in on_arrows(figure) if "=" in text) == sorted(products)
    coloured = [patch for patch in figure.axes[0].patches if patch.get_linewidth() == 2.5]
    assert len(coloured) == (1 + len(products) if step else 0)


def test_the_gradient_runs_against_the_arrows() -> None:
    figure = computation(plain(), step=1)
    ways = [
        (patch.get_path().vertices[:, 0], patch.get_edgecolor())
        for patch in figure.axes[0].patches
        if isinstance(patch, FancyArrowPatch)
    ]
    assert {tuple(colour) for _, colour in ways} == {to_rgba(CONTROL), to_rgba(HELD_OUT)}


@st.composite
def graphs(draw: Any) -> Scalar:
    nodes = leaves(a=1, b=1)
    for number_of_parents in draw(st.lists(st.integers(1, 3), max_size=7)):
        chosen = [draw(st.sampled_from(nodes)) for _ in range(number_of_parents)]
        slopes = [float(draw(st.integers(-3, 3))) for _ in chosen]
        nodes.append(Scalar(0.0, "f", tuple(chosen), tuple(slopes)))
    return nodes[-1]


def along_all_ways(node: Scalar, end: Scalar) -> float:
    """Return the sum over all ways from a node to the end of the products of their slopes."""
    own = 1.0 if node is end else 0.0
    for user in Graph.behind(end).nodes:
        slopes = [slope for parent, slope in zip(user.parents, user.slopes, strict=True) if parent is node]
        own += sum(slopes) * along_all_ways(user, end) if slopes else 0.0
    return own


@given(graphs())
def test_the_sums_are_those_over_all_ways_to_the_root(root: Scalar) -> None:
    graph = Graph.behind(root)
    assert all(parent < node for node, parents in enumerate(graph.parents) for parent in parents)
    totals = graph.sums(steps(root))
    assert all(whole for _, _, whole in totals)
    assert [total for total, _, _ in totals] == [along_all_ways(node, root) for node in graph.nodes]


def test_drawing_changes_nothing() -> None:
    root = neuron()
    before = [vars(node).copy() for node in Graph.behind(root).nodes]
    computation(root, step=4)
    assert [vars(node) for node in Graph.behind(root).nodes] == before


@each_graph
def test_everything_is_legible_at_every_step(make: Callable[[], Scalar]) -> None:
    root = make()
    sizes = set()
    for step in (None, 0, *range(1, steps(root) + 1, 2)):
        figure = computation(root, step=step, spec=".2f" if make is neuron else ".3g")
        check_legible(figure)
        sizes.add(tuple(figure.get_size_inches())) if step is not None else None
    assert len(sizes) == 1, "a step is laid out unlike the others"


def check_legible(figure: Any) -> None:
    """Assert that no text lies on another or on a box that is not its own, and that all of them can be read."""
    assert figure.get_figwidth() <= 8 and figure.get_figheight() <= 8
    axis = figure.axes[0]
    frames = [patch.get_extents() for patch in axis.patches if isinstance(patch, FancyBboxPatch)]
    texts = {text: text.get_window_extent() for text in axis.texts if text.get_text()}
    assert all(text.get_fontsize() >= 9 for text in texts)
    for one, other in combinations(texts.values(), 2):
        assert not one.padded(-1).overlaps(other.padded(-1))
    for text in texts.values():
        assert figure.bbox.x0 <= text.x0 and text.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= text.y0 and text.y1 <= figure.bbox.y1
        touched = [frame for frame in frames if frame.overlaps(text)]
        assert all(frame.x0 < text.x0 and text.x1 < frame.x1 for frame in touched)
    assert not any(one.overlaps(other) for one, other in combinations(frames, 2))


def test_a_graph_too_deep_for_the_page_is_drawn_wider() -> None:
    (node,) = leaves(a=1)
    for _ in range(20):
        node = node.tanh()
    assert 8 < computation(node).get_figwidth() < 30


def test_the_word_that_finds_no_room_stands_below() -> None:
    figure = computation(neuron(), spec=".2f")
    assert on_arrows(figure).count("last line of each box: its gradient") == 1
    assert not any("grad" in text for lines in boxes(figure) for text in lines)


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (3.0, "g", "3"),
        (-3.0, "g", "−3"),
        (-0.0, "g", "0"),
        (-0.001, ".2f", "0.00"),
        (1e-9, "g", "1e−09"),
        (2, ".1f", "2.0"),
    ],
)
def test_numbers_are_written_as_in_print(value: float, spec: str, text: str) -> None:
    assert number(value, spec) == text


@pytest.mark.parametrize("step", [-1, 4])
def test_a_step_that_is_not_there_is_refused(step: int) -> None:
    with pytest.raises(ValueError, match=rf"^step is {step}: expected 0 to 3"):
        computation(twice(), step=step)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="grads is False"):
        computation(plain(), step=1, grads=False)
    with pytest.raises(TypeError, match=r"^root is 3\.0 without name, value, grad, parents, slopes: expected"):
        computation(3.0)
    with pytest.raises(ValueError, match="node 'f' has 1 slopes: expected one for each of its 2 parents"):
        computation(Scalar(1.0, "f", (alone(), alone()), (1.0,)))
