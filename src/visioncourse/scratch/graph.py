"""The graph behind the engine: which numbers were computed from which, and the walk back over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from jaxtyping import Float

Array = Float[np.ndarray, "..."]
Rule = Callable[[Any], Sequence[Any]]  # the gradient of the result → one gradient for each parent, or None

_recording: ContextVar[bool] = ContextVar("recording", default=True)


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording: results need no gradient, and values may be edited in place."""
    before = _recording.set(False)
    try:
        yield
    finally:
        _recording.reset(before)


def recording() -> bool:
    """Return False inside ``no_grad``."""
    return _recording.get()


class Node:
    """An array, and how it came to be.

    Attributes:
        grad: for a leaf the sum of the gradients of all walks so far, else None unless ``retain_grad`` was called.
        requires_grad: whether a walk has to come here.
        operation: the name of what made it, empty for a leaf.
        parents: the nodes it was computed from.
        version: how often it was edited in place.
    """

    __slots__ = (
        "__weakref__", "_array", "_expected", "_freed", "_retained", "_rule", "grad", "operation", "parents",
        "requires_grad", "version",
    )  # fmt: skip

    def __init__(self, data: Any, requires_grad: bool = False) -> None:
        """Copy ``data``, which must hold floating-point numbers.

        Raises:
            TypeError: for anything else.
        """
        array = np.array(data)
        if array.dtype not in (np.float32, np.float64):
            raise TypeError(f"data holds {array.dtype}: expected float32 or float64, e.g. 1.0 instead of 1.")
        self._start(array, requires_grad)

    def _start(self, array: Array, requires_grad: bool) -> None:
        self._array, self.requires_grad, self.version = array, requires_grad, 0
        self.grad: Array | None = None
        self.operation = ""
        self.parents: tuple[Node, ...] = ()
        self._rule: Rule | None = None
        self._expected: tuple[tuple[Node, int], ...] = ()
        self._freed, self._retained = False, False

    @property
    def data(self) -> Array:
        """The numbers, read-only: they are edited by ``assign``, which is noticed."""
        view = self._array.view()
        view.flags.writeable = False
        return view

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return self._array.shape

    @property
    def dtype(self) -> Any:
        """float32 or float64."""
        return self._array.dtype

    def assign(self, values: Any, where: Any = ...) -> None:
        """Edit in place.

        Args:
            values: numbers, an array, or a node.
            where: a key, as for indexing; by default everything.

        Raises:
            RuntimeError: where the edit would be missing from a recorded graph.
        """
        if recording() and (self.requires_grad or getattr(values, "requires_grad", False)):
            raise RuntimeError("assign: edits in place are not recorded; this value requires a gradient, so edit it "
                               "inside `with no_grad():`.")  # fmt: skip
        self._array[where] = values.data if isinstance(values, Node) else values
        self.version += 1

    def retain_grad(self) -> None:
        """Keep this node's gradient in ``grad`` although it is no leaf."""
        self._retained = True

    def detach(self) -> Any:
        """Return the same numbers without their history."""
        return _made(type(self), self._array.copy())

    def backward(self, gradient: Any = None, retain_graph: bool = False) -> None:
        """Walk back from here and add to ``grad`` of every leaf that requires it.

        Args:
            gradient: of the final quantity with respect to this node, in its shape; 1 for a single number.
            retain_graph: keep what was recorded, so that the walk can be made again.

        Raises:
            RuntimeError: where the graph was freed, or a value that a rule needs was edited in place.
        """
        start = _first_gradient(self, gradient)
        order = topological(self)
        for node in order:
            _check_intact(node)
        _walk(order, start, retain_graph)


def _made(kind: type[Any], array: Any) -> Any:
    """Return a node around an array without copying it."""
    node: Any = object.__new__(kind)
    node._start(np.asarray(array), False)
    return node


def record(
    operation: str, data: Any, parents: Sequence[Node], rule: Rule, needs: Sequence[Node] = (), result: bool = False
) -> Any:
    """Wrap a result and remember how to send a gradient back through it.

    Args:
        operation: its name, for messages.
        data: the result.
        parents: what it was computed from.
        rule: turns the gradient of the result into one gradient for each parent, in the parent's shape.
        needs: the parents whose values the rule reads again; they must not be edited before the walk.
        result: whether the rule reads the result again.

    Returns:
        A node of the parents' class.
    """
    node = _made(type(parents[0]), data)
    if recording() and any(parent.requires_grad for parent in parents):
        node.requires_grad, node.operation, node.parents, node._rule = True, operation, tuple(parents), rule
        kept = (*needs, node) if result else needs
        node._expected = tuple((one, one.version) for one in kept)
    return node


def topological(root: Node) -> list[Node]:
    """List the nodes that need a gradient, parents before children; with a loop, so that depth does not matter."""
    order: list[Node] = []
    seen: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents if parent.requires_grad)
    return order


def _first_gradient(node: Node, gradient: Any) -> Array:
    """Return the gradient that the walk begins with."""
    if not node.requires_grad:
        raise RuntimeError("backward: this value depends on nothing that requires a gradient.")
    if gradient is None:
        if node._array.size != 1:
            raise RuntimeError(
                f"backward: this value has shape {node.shape}; without `gradient` it must be one number."
            )
        return np.ones_like(node._array)
    given: Array = np.asarray(gradient.data if isinstance(gradient, Node) else gradient, dtype=node.dtype)
    if given.shape != node.shape:
        raise RuntimeError(f"backward: gradient has shape {given.shape}: expected {node.shape}.")
    return given


def _check_intact(node: Node) -> None:
    """Refuse a freed graph and edited values before anything is computed."""
    if node._freed:
        raise RuntimeError(f"backward: the graph behind {node.operation} was freed by an earlier backward; "
                           "call that one with retain_graph=True, or compute the value again.")  # fmt: skip
    for needed, version in node._expected:
        if needed.version != version:
            what = f"a value of shape {needed.shape}" + (f" made by {needed.operation}" if needed.operation else "")
            raise RuntimeError(f"backward: {node.operation} needs {what} as it was, but it was edited in place "
                               f"{needed.version - version} time(s) since.")  # fmt: skip


@np.errstate(all="ignore")  # as in torch, overflow and 0 / 0 give inf and nan without a word
def _walk(order: list[Node], start: Array, retain_graph: bool) -> None:
    """Send gradients from the last node to the first; what was used is let go at once, to save memory."""
    waiting = {id(order[-1]): start}
    while order:
        node = order.pop()
        gradient = waiting.pop(id(node), None)
        if gradient is None:  # reached only through rules that returned None
            continue
        if node._rule is None or node._retained:
            node.grad = np.array(gradient if node.grad is None else node.grad + gradient)
        if node._rule is None:
            continue
        for parent, part in zip(node.parents, node._rule(gradient), strict=True):
            if parent.requires_grad and part is not None:
                part = np.asarray(part, dtype=parent.dtype)
                before = waiting.get(id(parent))
                waiting[id(parent)] = part if before is None else np.asarray(before + part)
        if not retain_graph:
            node._freed, node._rule, node.parents, node._expected = True, None, (), ()
