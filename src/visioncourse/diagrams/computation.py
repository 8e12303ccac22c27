"""Drawings of computation graphs: values flow from left to right, gradients come back, a number at every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from visioncourse.diagrams.flowchart import WORD, fitted
from visioncourse.style import BLACK, CONTROL, HELD_OUT, styled

READY, ACTIVE = "#F4F4F4", "#FBE5D8"  # the ground of a box: of an operation, of the node that sends its gradient now
UNKNOWN = WORD + "?"


@dataclass(frozen=True)
class Graph:
    """A node and all that it was computed from, each node after its parents, which go by their numbers."""

    nodes: list[Any]
    parents: list[list[int]]

    @classmethod
    def behind(cls, root: Any) -> Graph:
        """Collect a root's graph.

        Raises:
            TypeError: if the root is no node.
            ValueError: if a node's slopes do not fit its parents.
        """
        missing = [name for name in ("name", "value", "grad", "parents", "slopes") if not hasattr(root, name)]
        if missing:
            raise TypeError(f"root is {root!r} without {', '.join(missing)}: expected a node of a computation graph.")
        numbers: dict[int, int] = {}
        nodes: list[Any] = []
        waiting = [(root, False)]
        while waiting:
            node, parents_done = waiting.pop()
            if parents_done and id(node) not in numbers:
                numbers[id(node)] = len(nodes)
                nodes.append(node)
            elif id(node) not in numbers:
                waiting += [(node, True), *((parent, False) for parent in reversed(node.parents))]
        for node in nodes:
            if len(node.slopes) != len(node.parents):
                raise ValueError(
                    f"node {node.name!r} has {len(node.slopes)} slopes: expected one for each of its "
                    f"{len(node.parents)} parents."
                )
        return cls(nodes, [[numbers[id(parent)] for parent in node.parents] for node in nodes])

    @property
    def senders(self) -> list[int]:
        """The nodes that have parents, in the order in which they send their gradients."""
        return [node for node in reversed(range(len(self.nodes))) if self.parents[node]]

    def sums(self, sent: int) -> list[tuple[float, bool, bool]]:
        """Return each node's gradient so far, whether anything has arrived, and whether all has."""
        totals = [0.0] * len(self.nodes)
        totals[-1] = 1.0  # the root's own
        received, uses = [0] * len(totals), [0] * len(totals)
        for turn, node in enumerate(self.senders):
            for parent, slope in zip(self.parents[node], self.nodes[node].slopes, strict=True):
                uses[parent] += 1
                if turn < sent:
                    totals[parent] += totals[node] * slope
                    received[parent] += 1
        return [
            (total, got > 0 or not needed, got == needed)
            for total, got, needed in zip(totals, received, uses, strict=True)
        ]


def steps(root: Any) -> int:
    """Return how many steps the backward pass takes: one for each node that has parents to send its gradient to."""
    return len(Graph.behind(root).senders)


@styled
def computation(root: Any, *, grads: bool = True, step: int | None = None, spec: str = ".3g") -> Any:
    """Draw how a number was computed: a box for each node, an arrow with its slope for each use of a node.

    In each box stand the node's name, its value and its gradient. With ``step`` the backward pass is shown under way:
    the node that sends its gradient is marked, and so are the products that arrive at its parents. The gradients are
    then summed up here from the slopes; the nodes are left as they are.

    Args:
        root: the result; it and all before it have ``name``, ``value``, ``grad``, ``parents`` and ``slopes`` (the
            derivative by each parent).
        grads: whether to write the nodes' gradients; without ``step`` these are their ``grad`` (nothing for None).
        step: how many nodes have sent their gradients, from 0 to ``steps(root)``.
        spec: format of the numbers.

    Returns:
        The figure, at most 8 inches wide unless the graph is very deep.

    Raises:
        TypeError: if the root is no such node.
        ValueError: for a step that the graph does not have, and for one without gradients.
    """
    graph = Graph.behind(root)
    if step is not None and not 0 <= step <= len(graph.senders):
        raise ValueError(f"step is {step}: expected 0 to {len(graph.senders)}, one for each node that has parents.")
    if step is not None and not grads:
        raise ValueError(f"step is {step} and grads is False: expected to draw gradients on their way.")
    pictures = [None] if step is None else list(range(len(graph.senders) + 1))  # all steps are laid out alike
    texts = {one: _texts(graph, grads, one, spec) for one in pictures}
    slopes = ["×" + number(slope, spec) for node in graph.nodes for slope in node.slopes]
    products = _products(graph, spec)
    chart = fitted(graph.parents, list(texts.values()), slopes if step is None else products)
    now = graph.senders[step - 1] if step else -1
    for node, lines in enumerate(texts[step]):
        last = CONTROL if lines[-1] == UNKNOWN else HELD_OUT
        chart.box(node, lines, (BLACK, BLACK, last), *_ground(graph, node, now))
    edges = [child for child, parents in enumerate(graph.parents) for _ in parents]
    back = {edge: chart.sizes.product(products[edge]) for edge, child in enumerate(edges) if child == now}
    chart.arrows(slopes, back)
    return chart.axis.figure


def _ground(graph: Graph, node: int, now: int) -> tuple[str, str]:
    """Return the colours of a box: its ground and its border."""
    if node == now:
        return ACTIVE, HELD_OUT
    return (READY, BLACK) if graph.parents[node] else ("white", CONTROL)


def number(value: float | int, spec: str) -> str:
    """Return a number as it is written in a drawing: with a true minus sign, and none before a zero.

    >>> number(-0.001, ".2f"), number(-2.0, "g")
    ('0.00', '−2')
    """
    text = format(value, spec)
    return text.lstrip("-") if set(text) <= set("-0.%") else text.replace("-", "−")


def _products(graph: Graph, spec: str) -> list[str]:
    """Return for each edge what is sent along it: the node's gradient times the slope."""
    sums = graph.sums(len(graph.nodes))
    return [
        f"{number(total, spec)} × {number(slope, spec)} = {number(total * slope, spec)}"
        for node, (total, _, _) in zip(graph.nodes, sums, strict=True)
        for slope in node.slopes
    ]


def _texts(graph: Graph, grads: bool, step: int | None, spec: str) -> list[list[str]]:
    """Return the lines in each node's box."""
    texts = [[str(node.name), number(node.value, spec)] for node in graph.nodes]
    if grads and step is None:
        for lines, node in zip(texts, graph.nodes, strict=True):
            lines.append("" if node.grad is None else WORD + number(node.grad, spec))
    elif grads and step is not None:
        for lines, (total, some, whole) in zip(texts, graph.sums(step), strict=True):
            lines.append(WORD + number(total, spec) + ("" if whole else " + ?") if some else UNKNOWN)
    return texts
