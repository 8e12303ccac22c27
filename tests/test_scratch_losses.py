from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scratch_against_torch import against_torch, normal_arrays

from visioncourse.scratch.autograd import Tensor
from visioncourse.scratch.losses import cross_entropy, log_softmax

SHAPES = st.lists(st.integers(0, 5), min_size=1, max_size=4).map(tuple)
INF, NAN = np.inf, np.nan


@given(normal_arrays(SHAPES), st.data())
@settings(deadline=None)
def test_log_softmax_equals_torch(logits: np.ndarray, data: st.DataObject) -> None:
    axis = data.draw(st.integers(-logits.ndim, logits.ndim - 1))
    against_torch(lambda x: log_softmax(x, axis), lambda x: F.log_softmax(x, axis), logits)


@pytest.mark.parametrize(
    "row",
    [[INF, 0, 1], [-INF, 0, 1], [-INF, -INF, -INF], [NAN, 0, 1], [INF, INF, 0], [1e308, -1e308, 0], [1e4, 0, -1e4]],
)
def test_log_softmax_of_extremes_equals_torch(row: list[float]) -> None:
    against_torch(log_softmax, lambda x: F.log_softmax(x, -1), np.array([row, [0.0, 1.0, 2.0]]))


def test_probabilities_add_up_to_one() -> None:
    logits = 1e3 * np.random.default_rng(0).standard_normal((50, 7))
    np.testing.assert_allclose(np.exp(log_softmax(Tensor(logits)).data).sum(axis=1), 1, rtol=1e-12)


@given(
    n=st.integers(0, 6), k=st.integers(1, 6), kind=st.sampled_from([np.int64, np.int32, np.uint8]),
    scale=st.sampled_from([1.0, 100.0]), seed=st.integers(0, 99),
)  # fmt: skip
@settings(deadline=None)
def test_cross_entropy_equals_torch(n: int, k: int, kind: Any, scale: float, seed: int) -> None:
    numbers = np.random.default_rng(seed)
    labels = numbers.integers(0, k, n).astype(kind)
    twins = torch.from_numpy(labels.astype(np.int64))
    against_torch(
        lambda x: cross_entropy(x, labels), lambda x: F.cross_entropy(x, twins), scale * numbers.standard_normal((n, k))
    )


@pytest.mark.parametrize("row", [[INF, 0, 0], [-INF, 0, 0], [-INF, -INF, -INF], [NAN, 0, 0]])
def test_cross_entropy_of_extremes_equals_torch(row: list[float]) -> None:
    against_torch(
        lambda x: cross_entropy(x, np.array([0])), lambda x: F.cross_entropy(x, torch.tensor([0])), np.array([row])
    )


def test_single_precision_stays_single() -> None:
    logits = Tensor(np.zeros((4, 3), np.float32), requires_grad=True)
    loss = cross_entropy(logits, [0, 1, 2, 0])
    loss.backward()
    assert logits.grad is not None and loss.dtype == logits.grad.dtype == log_softmax(logits).dtype == np.float32


def test_the_gradient_is_belief_minus_truth() -> None:
    logits = Tensor(np.log([[0.7, 0.2, 0.1]]), requires_grad=True)
    cross_entropy(logits, [1]).backward()
    assert logits.grad is not None
    np.testing.assert_allclose(logits.grad, [[0.7, -0.8, 0.1]], rtol=1e-12)


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        ([0, 3], ValueError, r"cross_entropy: labels\[1\] is 3, but there are 3 classes, numbered from 0\.$"),
        ([-1, 0], ValueError, r"labels\[0\] is -1, but there are 3 classes"),
        ([0, 1, 2], ValueError, r"labels \(3,\) against logits \(2, 3\): expected shape \(2,\)"),
        ([[0], [1]], ValueError, r"labels \(2, 1\) against logits \(2, 3\): expected shape \(2,\)"),
        ([0.0, 1.0], TypeError, "labels hold float64: expected whole numbers, e.g. int64"),
        ([True, False], TypeError, "labels hold bool: expected whole numbers"),
    ],
)
def test_labels_that_do_not_fit_are_named(labels: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        cross_entropy(Tensor(np.zeros((2, 3))), np.array(labels))


def test_logits_that_do_not_fit_are_named() -> None:
    with pytest.raises(ValueError, match=r"logits \(3,\): expected two dimensions, \(n, k\)"):
        cross_entropy(Tensor(np.zeros(3)), np.zeros(3, int))
    with pytest.raises(ValueError, match=r"labels\[0\] is 0, but there are 0 classes"):
        cross_entropy(Tensor(np.zeros((2, 0))), np.zeros(2, int))
    with pytest.raises(ValueError, match="log_softmax: axis=2"):
        log_softmax(Tensor(np.zeros((2, 3))), axis=2)


def test_labels_edited_later_do_not_change_the_gradient() -> None:
    logits, labels = Tensor(np.zeros((1, 2)), requires_grad=True), np.array([0])
    loss = cross_entropy(logits, labels)
    labels[0] = 1
    loss.backward()
    assert logits.grad is not None and logits.grad.tolist() == [[-0.5, 0.5]]
