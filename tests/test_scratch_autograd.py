from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from scratch_against_torch import against_torch

from visioncourse.scratch import autograd
from visioncourse.scratch.autograd import Tensor, no_grad


def test_everything_that_is_listed_exists_and_has_a_docstring() -> None:
    assert sorted(autograd.__all__) == sorted(set(autograd.__all__))
    assert all(inspect.getdoc(getattr(autograd, name)) for name in autograd.__all__)


def test_methods_are_the_functions() -> None:
    x = Tensor([[0.5, 2.0], [1.0, 4.0]])
    for name in ("exp", "log", "relu", "tanh", "sigmoid", "sum", "mean", "transpose"):
        assert getattr(x, name)().data.tolist() == getattr(autograd, name)(x).data.tolist()
    assert x.max(1).data.tolist() == autograd.maximum(x, 1).data.tolist() == [2, 4]
    assert x.reshape(4).data.tolist() == autograd.reshape(x, (4,)).data.tolist()
    assert x.T.data.tolist() == [[0.5, 1], [2, 4]] and x[1, 0].item() == 1


def test_a_network_written_with_operators_equals_torch() -> None:
    def loss(images: Any, weights: Any, bias: Any, last: Any) -> Any:
        hidden = (images.reshape(4, -1) @ weights + bias).tanh()
        scores = hidden @ last.T
        shifted = scores - scores.max(1, keepdims=True) if isinstance(scores, Tensor) else scores - scores.amax(1, True)
        odds = shifted.exp()
        return -((odds / odds.sum(1)[:, None]).log()[[0, 1, 2, 3], [0, 2, 1, 0]]).mean() + 0.1 * (weights**2).sum()

    numbers = np.random.default_rng(0)
    against_torch(loss, loss, *(numbers.standard_normal(shape) for shape in [(4, 2, 3), (6, 5), (5,), (3, 5)]))


@pytest.mark.parametrize(
    ("tensor", "shown"),
    [
        (lambda: Tensor([1.0, 2.0]), "Tensor([1., 2.])"),
        (lambda: Tensor(np.float32(1.5)), "Tensor(1.5, float32)"),
        (lambda: Tensor([1.0], requires_grad=True), "Tensor([1.], requires_grad=True)"),
        (lambda: Tensor([1.0], requires_grad=True) * 2, "Tensor([2.], made by multiply)"),
        (
            lambda: Tensor(np.zeros((2, 2), np.float32), True).exp(),
            "Tensor([[1., 1.],\n        [1., 1.]], float32, made by exp)",
        ),
    ],
)
def test_it_shows_numbers_dtype_and_origin(tensor: Any, shown: str) -> None:
    assert repr(tensor()) == shown


def test_it_shows_what_a_walk_has_freed() -> None:
    result = Tensor([1.0], requires_grad=True) * 2
    result.backward()
    assert repr(result) == "Tensor([2.], made by multiply)"


def test_axes_and_length() -> None:
    x = Tensor(np.zeros((2, 3)))
    assert (x.shape, x.ndim, len(x), x.dtype) == ((2, 3), 2, 2, np.float64)
    with pytest.raises(TypeError, match="unsized"):
        len(Tensor(1.0))
    with pytest.raises(TypeError, match="unsized"):
        list(Tensor(1.0))


def test_rows_can_be_unpacked_and_keep_their_history() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    first, second = x
    (first * second).sum().backward()
    assert x.grad.tolist() == [[3, 4], [1, 2]]


def test_item_wants_one_number() -> None:
    assert type(Tensor([[2.5]]).item()) is float and Tensor(np.float32(2.5)).item() == 2.5
    with pytest.raises(ValueError, match=r"^item: shape \(2, 3\) holds 6 numbers: expected one\.$"):
        Tensor(np.zeros((2, 3))).item()
    with pytest.raises(ValueError, match=r"^item: shape \(0,\) holds 0 numbers: expected one\.$"):
        Tensor(np.zeros(0)).item()


def test_numpy_gives_a_copy_to_write_on() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    array = x.numpy()
    array += 1
    assert x.data.tolist() == [1, 2] and isinstance(Tensor(1.0).numpy(), np.ndarray)


def test_assignment_edits_in_place_and_is_counted() -> None:
    x = Tensor(np.zeros((2, 3)))
    x[0], x[1, ::2], x[[0, 1], [0, 1]] = 1.0, [5.0, 6.0], Tensor([8.0, 9.0])
    assert x.data.tolist() == [[8, 1, 1], [5, 9, 6]] and x.version == 3


def test_assignment_is_refused_where_a_gradient_would_be_lost() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(RuntimeError, match=r"^assign: edits in place are not recorded"):
        x[0] = 3.0
    with pytest.raises(RuntimeError, match=r"^assign: edits in place are not recorded"):
        Tensor([0.0])[0] = x[1]
    with no_grad():
        x[0] = x[1]
    assert x.data.tolist() == [2, 2]


def test_augmented_assignment_makes_a_new_tensor() -> None:
    x = Tensor([1.0], requires_grad=True)
    y = x
    y += 1.0
    y *= y
    y.backward()
    assert x.data.tolist() == [1] and x.version == 0 and x.grad.tolist() == [4]


def test_functions_of_numpy_do_not_take_a_tensor_by_mistake() -> None:
    with pytest.raises(TypeError, match="does not support ufuncs"):
        np.exp(Tensor([1.0]))


@pytest.mark.parametrize("data", [[1, 2], np.arange(3), "text", None, [True], Tensor([1.0]), [Tensor(1.0)]])
def test_only_floating_point_numbers_are_taken(data: Any) -> None:
    with pytest.raises(TypeError, match=r"^data holds .*: expected float32 or float64, e\.g\. 1\.0 instead of 1\.$"):
        Tensor(data)


def test_a_plain_list_is_float64() -> None:
    assert Tensor([1.0, 2.0]).dtype == np.float64 and Tensor(np.ones(2, np.float32)).dtype == np.float32
