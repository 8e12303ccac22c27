from __future__ import annotations

import gc
import operator
import subprocess
import sys
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scratch_against_torch import against_torch

from visioncourse.scratch.autograd import Tensor
from visioncourse.scratch.graph import Node, record, topological

few = settings(max_examples=40, deadline=None, derandomize=True)


def leaf(*numbers: float) -> Tensor:
    return Tensor(numbers, requires_grad=True)


# Values


@pytest.mark.parametrize("data", [[1, 2], 3, True, "1.0", [1j], None, np.ones(2, np.float16), [[1.0], [1.0, 2.0]]])
def test_only_float32_and_float64_are_taken(data: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        Node(data)


def test_other_dtypes_are_named() -> None:
    with pytest.raises(TypeError, match=r"^data holds int64: expected float32 or float64, e\.g\. 1\.0 instead of 1\.$"):
        Node([1, 2])


def test_a_node_has_its_own_numbers_and_shows_them_read_only() -> None:
    array = np.ones(2)
    node = Node(array)
    array[0] = 5.0
    assert node.data.tolist() == [1.0, 1.0]
    with pytest.raises(ValueError, match="read-only"):
        node.data[0] = 3.0


def test_detach_copies_the_numbers_and_forgets_the_rest() -> None:
    x = leaf(1.0, 2.0)
    free = (x * 2).detach()
    free.assign(9.0)
    assert type(free) is Tensor and not free.requires_grad and free.parents == () and x.data.tolist() == [1.0, 2.0]


# The walk


def test_walks_add_up_and_grad_stays_an_array() -> None:
    x, vector = Tensor(3.0, requires_grad=True), leaf(1.0, 2.0)
    for walk in range(1, 4):
        (x * vector).sum().backward()
        assert isinstance(x.grad, np.ndarray) and x.grad == walk * 3 and vector.grad.tolist() == [walk * 3, walk * 3]


def test_grad_shares_memory_with_nothing() -> None:
    x, sent = leaf(1.0, 2.0), np.ones(2)
    (x + 0.0).backward(sent)
    x.grad += 1
    assert sent.tolist() == [1, 1]
    a, b = leaf(1.0), leaf(2.0)
    (a + b).backward()
    assert not np.shares_memory(a.grad, b.grad)
    c = leaf(1.0)
    total = c.sum()
    total.backward()
    c.grad += 1  # a sum's gradient is a read-only view until it arrives


def test_what_is_used_several_times_collects_from_all_its_uses() -> None:
    def diamond(x: Any) -> Any:
        shared = x * x
        left, right = shared.exp(), shared * 3
        return left * right + shared * x + x

    against_torch(diamond, diamond, np.array([0.3, -1.2, 0.0]))


@st.composite
def programs(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    """Draw a program: each line combines two earlier values, of which the first three are given."""
    steps = draw(st.integers(1, 12))
    names = st.sampled_from(["add", "sub", "mul", "tanh", "max"])
    return [(draw(names), *(draw(st.integers(0, line + 2)) for _ in "ab")) for line in range(steps)]


@given(programs())
@few
def test_any_graph_equals_torch(program: list[tuple[str, int, int]]) -> None:
    def run(*given: Any) -> Any:
        values = list(given)
        for name, first, second in program:
            a, b = values[first], values[second]
            if name == "tanh":
                values.append(a.tanh())
            elif name == "max":
                values.append((a.max(0) if isinstance(a, Tensor) else a.amax(0)) * b)
            else:
                values.append(getattr(operator, name)(a, b))
        return sum(values[3:], values[2] * 0.5)

    numbers = np.random.default_rng(len(program))
    against_torch(run, run, *(numbers.standard_normal(2) for _ in range(3)))


def test_only_leaves_keep_their_gradient_unless_asked() -> None:
    x = leaf(2.0)
    middle, kept = x * 3, x * 4
    kept.retain_grad()
    (middle * kept).backward()
    assert middle.grad is None and kept.grad.tolist() == [6.0] and x.grad.tolist() == [48.0]


def test_a_leaf_may_be_walked_from() -> None:
    x = leaf(2.0)
    x.backward()
    x.backward([3.0])
    assert x.grad.tolist() == [4.0]


def test_a_gradient_may_be_an_array_a_list_or_a_tensor() -> None:
    for gradient in (np.array([1.0, 2.0]), [1, 2], Tensor([1.0, 2.0])):
        x = leaf(1.0, 1.0)
        (x * 2).backward(gradient)
        assert x.grad.tolist() == [2.0, 4.0]


def test_rules_may_return_none() -> None:
    x, y = leaf(1.0), leaf(2.0)
    skipped = record("skip", y.data.copy(), (x, y.exp()), lambda gradient: (gradient, None))
    skipped.backward()
    assert x.grad.tolist() == [1.0] and y.grad is None


def test_overflow_on_the_way_back_gives_infinity_as_in_torch() -> None:
    against_torch(lambda x: (x * 1e300) * 1e300, lambda x: (x * 1e300) * 1e300, np.array([1.0, 0.0]))


DEEP = """
from visioncourse.scratch.autograd import Tensor

x = Tensor(1.0, requires_grad=True)
value = x
for _ in range(5_000):
    value = (value + 1e-5) * 1.00001
for _ in range(100_000):
    value = -value
value.backward()
assert abs(x.grad / 1.00001**5_000 - 1) < 1e-9, x.grad
value = x
for _ in range(100_000):
    value = -value
del value
"""


def test_a_chain_of_a_hundred_thousand_operations_is_walked_and_deleted() -> None:
    # In a process of its own: with every signature checked, as here, it would take minutes.
    subprocess.run([sys.executable, "-c", DEEP], check=True, timeout=120)


def test_parents_come_before_children_each_once() -> None:
    x = leaf(1.0)
    shared = x * x
    result = shared + shared * x
    order = topological(result)
    assert len(order) == len(set(map(id, order))) == 4 and order[0] is x and order[-1] is result
    places = {id(node): place for place, node in enumerate(order)}
    assert all(places[id(parent)] < places[id(node)] for node in order for parent in node.parents)


def test_what_the_walk_has_passed_is_let_go() -> None:
    x = Tensor(np.ones(1000), requires_grad=True)
    middle = x.exp()
    gone, loss = weakref.ref(middle), (middle * middle).sum()
    del middle
    gc.disable()  # no cycle is left for the collector to find
    try:
        loss.backward()
        assert gone() is None and loss.parents == ()
    finally:
        gc.enable()
