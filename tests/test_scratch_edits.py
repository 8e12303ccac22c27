"""What a walk refuses: graphs that were freed, values that were edited in place; and computing without recording."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import torch

from visioncourse.scratch.autograd import Tensor, no_grad
from visioncourse.scratch.graph import recording


def leaf(*numbers: float) -> Tensor:
    return Tensor(numbers, requires_grad=True)


# What is refused


def test_more_than_one_number_needs_a_gradient() -> None:
    with pytest.raises(RuntimeError) as caught:
        (leaf(1.0, 2.0) * 2).backward()
    assert str(caught.value) == "backward: this value has shape (2,); without `gradient` it must be one number."
    one = Tensor([[1.0]], requires_grad=True)
    (one * 2).backward()
    assert one.grad.tolist() == [[2.0]]


def test_a_gradient_has_the_values_shape() -> None:
    with pytest.raises(RuntimeError, match=r"^backward: gradient has shape \(3,\): expected \(2,\)\.$"):
        (leaf(1.0, 2.0) * 2).backward(np.ones(3))


def test_a_constant_has_no_gradient() -> None:
    with pytest.raises(RuntimeError, match=r"^backward: this value depends on nothing that requires a gradient\.$"):
        (Tensor([1.0]) * 2).backward()


def test_a_graph_is_walked_once() -> None:
    x = leaf(2.0)
    square = x * x
    square.backward()
    with pytest.raises(RuntimeError, match=r"^backward: the graph behind multiply was freed by an earlier backward; "):
        square.backward()
    assert x.grad.tolist() == [4.0]


def test_a_shared_part_is_freed_by_the_first_walk_and_the_second_changes_nothing() -> None:
    x, y = leaf(2.0), leaf(5.0)
    shared = x.exp()
    shared.sum().backward()
    before, second = x.grad.copy(), shared * y
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"^backward: the graph behind exp was freed by an earlier backward; "):
            second.backward()
    assert x.grad == before and y.grad is None and second.parents


def test_retain_graph_allows_another_walk_and_the_last_one_frees() -> None:
    x = leaf(2.0)
    square = x * x
    square.backward(retain_graph=True)
    square.backward()
    assert x.grad.tolist() == [8.0]
    with pytest.raises(RuntimeError, match="freed"):
        square.backward()


def test_two_walks_over_a_shared_part_add_up_when_it_is_retained() -> None:
    x = leaf(2.0)
    shared = x * x
    (shared * 3).backward(retain_graph=True)
    (shared * 5).backward()
    assert x.grad.tolist() == [32.0]


# Edits in place


def test_edits_are_refused_where_they_would_not_be_recorded() -> None:
    x, constant = leaf(1.0, 2.0), Tensor([0.0, 0.0])
    for edit in (lambda: x.assign(3.0), lambda: (x * 2).assign(1.0), lambda: constant.assign(x)):
        with pytest.raises(
            RuntimeError, match=r"^assign: edits in place are not recorded; this value requires a gradient"
        ):
            edit()
    assert x.data.tolist() == [1, 2] and constant.data.tolist() == [0, 0] and x.version == constant.version == 0


def test_edits_inside_no_grad_are_made_and_counted() -> None:
    x, constant = leaf(1.0, 2.0), Tensor([0.0, 0.0])
    with no_grad():
        x.assign(3.0, where=0)
        constant.assign(x)
    constant.assign([1.0, 1.0], where=...)
    assert x.data.tolist() == [3, 2] and constant.data.tolist() == [1, 1] and (x.version, constant.version) == (1, 2)


def test_an_edit_that_fails_changes_nothing() -> None:
    constant = Tensor([1.0, 2.0])
    with pytest.raises(ValueError, match="could not broadcast"):
        constant.assign(np.ones(3))
    assert constant.data.tolist() == [1, 2] and constant.version == 0


def test_an_edited_value_that_a_rule_needs_is_noticed_before_anything_is_computed() -> None:
    x, y = leaf(2.0), Tensor([3.0, 4.0])
    loss = (x * y).sum() + x.exp().sum()
    y.assign(0.0)
    y.assign(1.0)
    for _ in range(2):
        with pytest.raises(RuntimeError) as caught:
            loss.backward()
        assert str(caught.value) == (
            "backward: multiply needs a value of shape (2,) as it was, but it was edited in place 2 time(s) since."
        )
    assert x.grad is None and loss.parents


def test_an_edited_result_is_named_with_what_made_it() -> None:
    x = leaf(2.0)
    result = x.exp()
    with no_grad():
        result.assign(0.0)
    with pytest.raises(RuntimeError, match=r"exp needs a value of shape \(1,\) made by exp as it was"):
        result.backward()


def test_an_edit_before_the_use_is_no_harm_and_one_after_the_walk_neither() -> None:
    x = leaf(2.0)
    with no_grad():
        x.assign(5.0)
    (x * x).backward()
    with no_grad():
        x.assign(6.0)
    (x * x).backward()
    assert x.grad.tolist() == [22.0]


# Without recording


def test_no_grad_records_nothing_and_ends_with_its_block() -> None:
    x = leaf(2.0)
    with no_grad():
        with no_grad():
            assert not recording()
        assert not recording()
        inside = x * x
    assert recording() and not inside.requires_grad and inside.parents == () and (x * x).requires_grad


def test_no_grad_ends_with_an_error_too() -> None:
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert recording()


def test_no_grad_does_not_reach_other_threads() -> None:
    seen: list[bool] = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append(recording()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_no_grad_serves_as_a_decorator() -> None:
    @no_grad()
    def predict(x: Any) -> Any:
        return x * 2

    assert not predict(leaf(1.0)).requires_grad and not predict(leaf(1.0)).requires_grad


def test_torch_agrees_on_what_a_walk_inside_no_grad_does() -> None:
    ours, theirs = leaf(2.0), torch.tensor([2.0], requires_grad=True)
    for square, silence in ((ours * ours, no_grad()), (theirs * theirs, torch.no_grad())):
        with silence:
            square.backward()
    assert ours.grad.tolist() == theirs.grad.tolist() == [4.0]
