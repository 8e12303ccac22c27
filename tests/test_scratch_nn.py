from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scratch_against_torch import close

from visioncourse.data import load
from visioncourse.scratch import nn
from visioncourse.scratch.autograd import Tensor
from visioncourse.scratch.graph import no_grad
from visioncourse.scratch.losses import cross_entropy


def every_layer(rng: np.random.Generator) -> nn.Sequential:
    dtype = np.float64
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, bias=False, rng=rng, dtype=dtype), nn.BatchNorm2d(4, dtype=dtype), nn.ReLU(),
        nn.MaxPool2d(2), nn.Conv2d(4, 6, (3, 5), stride=2, padding=1, groups=2, rng=rng, dtype=dtype), nn.Tanh(),
        nn.AvgPool2d(3, stride=1, padding=1), nn.Conv2d(6, 8, 1, rng=rng, dtype=dtype),
        nn.Sigmoid(), nn.GlobalAverage(), nn.Linear(8, 10, rng=rng, dtype=dtype),
    )  # fmt: skip


def every_layer_in_torch() -> torch.nn.Sequential:
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
        nn.MaxPool2d(2), nn.Conv2d(4, 6, (3, 5), stride=2, padding=1, groups=2), nn.Tanh(),
        nn.AvgPool2d(3, stride=1, padding=1), nn.Conv2d(6, 8, 1),
        nn.Sigmoid(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10),
    ).double()  # fmt: skip


def test_a_whole_network_has_the_gradients_of_torch() -> None:
    numbers = np.random.default_rng(0)
    net, twin = every_layer(numbers), every_layer_in_torch()
    pairs = list(zip(net.parameters(), twin.parameters(), strict=True))
    for ours, theirs in pairs:
        theirs.data = torch.tensor(ours.data)
    images, labels = numbers.standard_normal((5, 1, 12, 12)), numbers.integers(0, 10, 5)
    for training in (True, False):
        net.train(training)
        twin.train(training)
        twin.zero_grad()
        for ours, _ in pairs:
            ours.grad = None
        loss = cross_entropy(net(images), labels)
        reference = torch.nn.functional.cross_entropy(twin(torch.tensor(images)), torch.tensor(labels))
        loss.backward()
        reference.backward()
        close(loss.data, reference.detach().numpy(), 1e-12, "the loss")
        for number, (ours, theirs) in enumerate(pairs):
            assert ours.grad is not None and theirs.grad is not None
            close(ours.grad, theirs.grad.numpy(), 1e-8, f"the gradient of parameter {number}")


def test_a_second_walk_over_a_kept_graph_adds_the_same_again() -> None:
    numbers = np.random.default_rng(0)
    net = every_layer(numbers)
    loss = cross_entropy(net(numbers.standard_normal((3, 1, 12, 12))), [0, 1, 2])
    loss.backward(retain_graph=True)
    once = [parameter.grad for parameter in net.parameters()]
    loss.backward()
    for parameter, grad in zip(net.parameters(), once, strict=True):
        np.testing.assert_allclose(parameter.grad, 2 * grad, rtol=1e-12)


def test_a_network_learns_a_few_digits() -> None:
    few = load("mnist5k").few(5, seed=0)
    images, labels, rng = few.images.numpy(), few.labels.numpy(), np.random.default_rng(0)
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, rng=rng), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(4, 8, 3, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 6 * 6, 10, rng=rng),
    )  # fmt: skip
    losses = []
    for _ in range(20):
        loss = cross_entropy(net(images), labels)
        losses.append(loss.item())
        for parameter in net.parameters():
            parameter.grad = None
        loss.backward()
        with no_grad():
            for parameter in net.parameters():
                parameter.assign(parameter.data - np.float32(0.1) * parameter.grad)
    assert losses[-1] < 0.5 * losses[0], losses
    assert all(parameter.dtype == np.float32 for parameter in net.parameters())


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda rng: nn.Linear(400, 300, rng=rng), (300, 400)),
        (lambda rng: nn.Conv2d(40, 100, (3, 5), groups=2, rng=rng), (100, 20, 3, 5)),
    ],
)
def test_weights_begin_as_he_proposed_and_biases_at_zero(make: Callable[..., Any], shape: tuple[int, ...]) -> None:
    layer = make(np.random.default_rng(0))
    assert layer.weight.shape == shape and layer.weight.dtype == np.float32
    assert layer.weight.data.std() == pytest.approx(np.sqrt(2 / np.prod(shape[1:])), rel=0.02)
    assert not layer.bias.data.any() and all(parameter.requires_grad for parameter in layer.parameters())
    assert np.array_equal(layer.weight.data, make(np.random.default_rng(0)).weight.data)


def test_signals_keep_their_size_through_many_relu_layers() -> None:
    rng = np.random.default_rng(0)
    net = nn.Sequential(*(layer for _ in range(20) for layer in (nn.Linear(256, 256, rng=rng), nn.ReLU())))
    size = np.sqrt(np.mean(net(Tensor(rng.standard_normal((64, 256)).astype(np.float32))).data ** 2))
    assert 0.3 < size < 3


def test_parameters_come_in_order_also_from_networks_of_ones_own() -> None:
    class Own(nn.Module):
        def __init__(self, rng: np.random.Generator) -> None:
            self.first = nn.Linear(3, 2, rng=rng)
            self.scale = Tensor([1.0], requires_grad=True)
            self.rest = [nn.Linear(2, 2, rng=rng), nn.Dropout(rng=rng)]

        def __call__(self, x: Any) -> Any:
            for layer in self.rest:
                x = layer(x)
            return x

    own = Own(np.random.default_rng(0))
    assert [parameter.shape for parameter in own.parameters()] == [(2, 3), (2,), (1,), (2, 2), (2,)]
    assert own.eval() is own and not own.rest[1].training and own.train().rest[1].training


def test_batch_norm_learns_from_the_batch_and_is_used_with_what_it_remembers() -> None:
    layer = nn.BatchNorm2d(2, momentum=1)
    images = (3 + np.random.default_rng(0).standard_normal((16, 2, 4, 4))).astype(np.float32)
    layer(images)
    np.testing.assert_allclose(layer.running_mean, images.mean(axis=(0, 2, 3)), rtol=1e-5)
    layer.eval()
    alone = layer(images[:1]).data
    np.testing.assert_allclose(alone, layer(images).data[:1])


def test_dropout_keeps_the_mean_in_training_and_everything_in_use() -> None:
    layer, x = nn.Dropout(0.25, rng=np.random.default_rng(0)), Tensor(np.ones((200, 200), np.float32))
    dropped = layer(x)
    assert dropped.dtype == np.float32
    assert (dropped.data == 0).mean() == pytest.approx(0.25, abs=0.01)
    assert dropped.data.mean() == pytest.approx(1, abs=0.02)
    assert layer.eval()(x) is x


def test_arrays_may_go_into_every_first_layer() -> None:
    rng, images = np.random.default_rng(0), np.ones((2, 1, 4, 4), np.float32)
    assert nn.Conv2d(1, 3, 3, rng=rng)(images).shape == (2, 3, 2, 2)
    assert nn.Sequential(nn.Flatten(), nn.Linear(16, 3, rng=rng))(images).shape == (2, 3)
    assert nn.Sequential(nn.Flatten(), nn.Linear(16, 3, rng=rng))(images[:0]).shape == (0, 3)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda rng: nn.Linear(0, 3, rng=rng), "inputs=0: expected a whole number of at least 1"),
        (lambda rng: nn.Linear(3, 0, rng=rng), "outputs=0: expected"),
        (lambda rng: nn.Conv2d(1, 0, 3, rng=rng), "out_chans=0: expected"),
        (lambda rng: nn.Conv2d(1, 2, 0, rng=rng), "kernel=0: expected"),
        (lambda rng: nn.Conv2d(3, 2, 3, groups=2, rng=rng), "groups=2 does not divide 3 input and 2 output channels"),
        (lambda rng: nn.BatchNorm2d(0), "chans=0: expected"),
        (lambda rng: nn.Dropout(1, rng=rng), "p=1: expected a probability from 0 to below 1"),
    ],
)
def test_settings_that_make_no_layer_are_refused(make: Callable[..., Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make(np.random.default_rng(0))


def test_pictures_of_the_wrong_size_are_named() -> None:
    with pytest.raises(ValueError, match=r"\(2, 5\)"):
        nn.Linear(3, 4, rng=np.random.default_rng(0))(Tensor(np.ones((2, 5), np.float32)))
    with pytest.raises(NotImplementedError):
        nn.Module()(np.ones(3))
