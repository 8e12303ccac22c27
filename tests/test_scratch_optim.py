"""The optimisers against those of torch, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visioncourse.scratch import optim
from visioncourse.scratch.graph import Node, record

STEPS = 50
SHAPES = [(3, 2), (), (4,), (0, 2), (1, 1)]
LR = st.floats(1e-5, 0.1)
SHARE = st.just(0.0) | st.floats(0.0, 0.99)
DECAY = st.just(0.0) | st.floats(1e-6, 0.1)
EPS = st.floats(1e-10, 1e-2)
# Divided by a square that forgets at once, and led back by a strong decay, rounding itself would grow step by step.
SQUARES = st.floats(0.5, 0.9999)
BETAS = st.tuples(SHARE, SQUARES)


@st.composite
def sgd(draw: st.DrawFn) -> dict[str, Any]:
    momentum = draw(SHARE)
    return {"momentum": momentum, "nesterov": momentum > 0 and draw(st.booleans())}


SETTINGS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "SGD": sgd(),
    "RMSprop": st.fixed_dictionaries({"alpha": SQUARES, "eps": EPS, "momentum": SHARE}),
    "Adam": st.fixed_dictionaries({"betas": BETAS, "eps": EPS}),
    "AdamW": st.fixed_dictionaries({"betas": BETAS, "eps": EPS}),
}


def pairs(rng: np.random.Generator, dtype: Any = np.float64) -> tuple[list[Node], list[torch.Tensor]]:
    """Return equal parameters for both sides."""
    values = [np.asarray(rng.standard_normal(shape), dtype) for shape in SHAPES]
    return [Node(value, True) for value in values], [torch.from_numpy(value).requires_grad_() for value in values]


def give(ours: Node, theirs: torch.Tensor, gradient: Any) -> None:
    """Set the same gradient on both sides, or none."""
    ours.grad = None if gradient is None else np.array(gradient)
    theirs.grad = None if gradient is None else torch.from_numpy(np.array(gradient))


def assert_equal(ours: list[Node], theirs: list[torch.Tensor], largest: list[float] | None = None) -> None:
    """Compare relative to the largest entry that a parameter has had: a single number may pass through zero."""
    largest = [0.0] * len(ours) if largest is None else largest
    for place, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        wanted = other.detach().numpy()
        largest[place] = max(largest[place], np.abs(wanted).max(initial=0.0))
        assert np.abs(mine.data - wanted).max(initial=0.0) <= 1e-10 * largest[place]


@pytest.mark.parametrize("name", SETTINGS)
@given(data=st.data(), lr=LR, decay=DECAY, seed=st.integers(0, 2**31), scale=st.integers(-6, 6), gaps=st.booleans())
@settings(max_examples=25, deadline=None)
def test_it_equals_torch_over_50_steps(
    name: str, data: st.DataObject, lr: float, decay: float, seed: int, scale: int, gaps: bool
) -> None:
    chosen = data.draw(SETTINGS[name]) | {"lr": lr, "weight_decay": decay}
    rng = np.random.default_rng(seed)
    ours, theirs = pairs(rng)
    own, other = getattr(optim, name)(ours, **chosen), getattr(torch.optim, name)(theirs, **chosen)
    largest = [float(np.abs(node.data).max(initial=0.0)) for node in ours]
    for _ in range(STEPS):
        for mine, torchs in zip(ours, theirs, strict=True):
            skipped = gaps and rng.random() < 0.3  # torch leaves a parameter without gradient, and its memory, alone
            give(mine, torchs, None if skipped else 10.0**scale * rng.standard_normal(mine.shape))
        own.step()
        other.step()
        assert_equal(ours, theirs, largest)


@pytest.mark.parametrize("name", SETTINGS)
def test_defaults_are_torchs(name: str) -> None:
    ours, theirs = pairs(np.random.default_rng(0))
    given_lr = {"lr": 0.1} if name == "SGD" else {}
    own, other = getattr(optim, name)(ours, **given_lr), getattr(torch.optim, name)(theirs, **given_lr)
    for number in range(3):
        for mine, torchs in zip(ours, theirs, strict=True):
            give(mine, torchs, np.full(mine.shape, number - 0.5))
        own.step()
        other.step()
    assert_equal(ours, theirs)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_rate_that_is_set_anew_counts_from_the_next_step(name: str) -> None:
    ours, theirs = pairs(np.random.default_rng(1))
    own, other = getattr(optim, name)(ours, lr=0.1), getattr(torch.optim, name)(theirs, lr=0.1)
    for lr in (0.1, 0.03, 0.5):
        own.lr = other.param_groups[0]["lr"] = lr
        for mine, torchs in zip(ours, theirs, strict=True):
            give(mine, torchs, np.full(mine.shape, lr))
        own.step()
        other.step()
    assert_equal(ours, theirs)


@pytest.mark.parametrize("name", SETTINGS)
def test_single_precision_stays_single_and_the_array_is_the_same(name: str) -> None:
    ours, theirs = pairs(np.random.default_rng(2), np.float32)
    own, other = getattr(optim, name)(ours, lr=0.01), getattr(torch.optim, name)(theirs, lr=0.01)
    views = [node.data for node in ours]
    for _ in range(5):
        for mine, torchs in zip(ours, theirs, strict=True):
            give(mine, torchs, np.ones(mine.shape, np.float32))
        own.step()
        other.step()
    for mine, torchs, view in zip(ours, theirs, views, strict=True):
        assert mine.dtype == np.float32 and np.shares_memory(mine.data, view) == (mine.data.size > 0)
        np.testing.assert_allclose(mine.data, torchs.detach().numpy(), rtol=1e-5)
    kept = [value for memory in own._memories for key, value in memory.items() if key != "steps"]
    assert kept and all(value.dtype == np.float32 for value in kept)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_step_keeps_the_gradient_and_is_seen_by_the_graph(name: str) -> None:
    weight = Node([1.0, 2.0], requires_grad=True)
    weight.grad = np.array([0.5, -0.5])
    result = record("double", weight.data * weight.data, (weight,), lambda g: (2 * g * weight.data,), needs=(weight,))
    optimizer = getattr(optim, name)([weight], lr=0.1)
    optimizer.step()
    assert weight.grad.tolist() == [0.5, -0.5] and weight.requires_grad
    with pytest.raises(RuntimeError, match="edited in place"):
        result.backward(np.ones(2))
    optimizer.zero_grad()
    assert weight.grad is None


def test_a_step_without_gradients_moves_nothing() -> None:
    ours, _ = pairs(np.random.default_rng(3))
    before = [node.data.copy() for node in ours]
    optim.AdamW(ours, weight_decay=0.5).step()
    assert all(np.array_equal(node.data, value) for node, value in zip(ours, before, strict=True))


def test_divergence_is_silent_as_in_torch() -> None:
    weight = Node([1e300], requires_grad=True)
    optimizer = optim.Adam([weight], lr=1.0)
    for gradient in (1e300, np.inf, np.nan):
        weight.grad = np.array([gradient])
        optimizer.step()
    assert np.isnan(weight.data).all()


def test_a_gradient_of_the_wrong_shape_is_refused_before_anything_moves() -> None:
    first, second = Node([1.0, 1.0], requires_grad=True), Node([1.0, 1.0], requires_grad=True)
    first.grad, second.grad = np.ones(2), np.ones(1)
    with pytest.raises(ValueError, match=r"step: params\[1\] has shape \(2,\), its gradient \(1,\)\."):
        optim.SGD([first, second], lr=0.1).step()
    assert first.data.tolist() == [1.0, 1.0]


def test_parameters_may_come_from_a_generator() -> None:
    nodes = [Node([1.0], requires_grad=True) for _ in range(2)]
    assert optim.SGD((node for node in nodes), lr=1).params == nodes


def leaf(requires_grad: bool = True) -> Node:
    return Node([1.0, 2.0], requires_grad=requires_grad)


def computed() -> Node:
    start = leaf()
    result: Node = record("relu", start.data * 1, (start,), lambda gradient: (gradient,))
    return result


@pytest.mark.parametrize(
    ("params", "error", "sentence"),
    [
        ([], ValueError, "params is empty: expected at least one tensor with requires_grad=True."),
        (leaf(), TypeError, "params is a Node: expected a list of tensors"),
        (None, TypeError, "params is a NoneType: expected a list of tensors"),
        ([leaf(), np.ones(2)], TypeError, r"params\[1\] is a ndarray: expected a tensor."),
        ([leaf(False)], ValueError, r"params\[0\] of shape \(2,\) does not require a gradient"),
        ([computed()], ValueError, r"params\[0\] of shape \(2,\) was computed by relu: expected a leaf."),
        ([leaf()] * 2, ValueError, r"params\[1\] of shape \(2,\) is given twice"),
    ],
)
@pytest.mark.parametrize("name", SETTINGS)
def test_bad_parameters_are_refused(name: str, params: Any, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        getattr(optim, name)(params, lr=0.1)


@pytest.mark.parametrize(
    ("name", "setting", "sentence"),
    [
        ("SGD", {"lr": 0}, "lr=0: expected a number above 0."),
        ("Adam", {"lr": -1e-3}, "lr=-0.001: expected a number above 0."),
        ("AdamW", {"lr": float("nan")}, "lr=nan: expected a number above 0."),
        ("RMSprop", {"lr": float("inf")}, "lr=inf: expected a number above 0."),
        ("SGD", {"momentum": 1.0}, "momentum=1.0: expected a number from 0 to below 1."),
        ("SGD", {"momentum": -0.1}, "momentum=-0.1: expected a number from 0 to below 1."),
        ("SGD", {"nesterov": True}, "nesterov=True: expected a momentum above 0"),
        ("SGD", {"weight_decay": -1e-4}, "weight_decay=-0.0001: expected a number of at least 0."),
        ("RMSprop", {"alpha": 1.0}, "alpha=1.0: expected a number from 0 to below 1."),
        ("RMSprop", {"eps": 0.0}, "eps=0.0: expected a number above 0."),
        ("RMSprop", {"momentum": 1}, "momentum=1: expected a number from 0 to below 1."),
        ("Adam", {"betas": (1.0, 0.999)}, r"betas\[0\]=1.0: expected a number from 0 to below 1."),
        ("Adam", {"betas": (0.9, -0.1)}, r"betas\[1\]=-0.1: expected a number from 0 to below 1."),
        ("AdamW", {"betas": (0.9,)}, r"betas=\(0.9,\): expected two numbers"),
        ("AdamW", {"eps": -1e-8}, "eps=-1e-08: expected a number above 0."),
        ("AdamW", {"weight_decay": float("nan")}, "weight_decay=nan: expected a number of at least 0."),
    ],
)
def test_bad_settings_are_refused_in_one_sentence(name: str, setting: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as refusal:
        getattr(optim, name)([leaf()], **{"lr": 0.1} | setting)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("value", [True, "0.1", None, [0.1]])
def test_settings_that_are_no_numbers_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"lr=.*: expected a number above 0"):
        optim._positive("lr", value)


def test_the_base_class_does_not_move_anything() -> None:
    weight = leaf()
    weight.grad = np.ones(2)
    with pytest.raises(NotImplementedError, match="update: an optimiser says here how a parameter moves"):
        optim.Optimizer([weight], 0.1, 0.0).step()
