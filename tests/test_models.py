from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from visioncourse.models import MLP, MODELS, LeNet, Linear, SmallCNN, count_parameters, create


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("in_chans", [1, 3])
def test_every_model_maps_images_to_logits(name: str, in_chans: int) -> None:
    images = torch.rand(5, in_chans, 28, 28)
    model = create(name, num_classes=7, in_chans=in_chans).eval()
    logits = model(images)
    assert logits.shape == (5, 7)
    features: Any = model.forward_features(images)
    assert torch.equal(model.forward_head(features), logits)


@pytest.mark.parametrize("name", MODELS)
def test_every_parameter_of_every_model_learns(name: str) -> None:
    model = create(name)
    model(torch.rand(4, 1, 28, 28)).logsumexp(1).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (lambda: create("linear"), 784 * 10 + 10),
        (lambda: create("mlp"), 785 * 512 + 513 * 10),
        (lambda: MLP(hidden=(30, 20), num_classes=5, size=4, in_chans=3), 49 * 30 + 31 * 20 + 21 * 5),
        (lambda: create("lenet"), 61_706),  # LeNet-5 with full connections
        (lambda: create("small_cnn"), 9 * 32 + 64 + 9 * 32 * 64 + 128 + 9 * 64 * 64 + 128 + 650),
        (lambda: SmallCNN(widths=(4, 8), depth=2), 9 * (4 + 16 + 32) + 2 * (4 + 4 + 8) + 90),
    ],
)
def test_parameters_count_as_by_hand(build: Callable[[], nn.Module], parameters: int) -> None:
    assert count_parameters(build()) == parameters


def test_counts_frozen_parameters_apart_and_buffers_never() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    model[0].bias.requires_grad_(False)
    assert count_parameters(model) == 6 + 2 + 4
    assert count_parameters(model, trainable_only=True) == 6 + 4


@given(side=st.integers(4, 40), chans=st.integers(1, 4))
@settings(max_examples=6, deadline=None)
def test_a_global_pooling_takes_any_size(side: int, chans: int) -> None:
    for pool in ("avg", "max"):
        model = SmallCNN(num_classes=3, in_chans=chans, widths=(2, 4), pool=pool)
        assert model(torch.rand(2, chans, side, side + 1)).shape == (2, 3)


def test_depth_and_widths_shape_the_stages() -> None:
    model = SmallCNN(widths=(4, 8, 16), depth=3)
    wide = [part.out_channels for part in model.modules() if isinstance(part, nn.Conv2d)]
    assert wide == [4, 4, 4, 8, 8, 8, 16]
    assert sum(isinstance(part, nn.MaxPool2d) for part in model.modules()) == 2
    assert model.forward_features(torch.rand(1, 1, 28, 28)).shape == (1, 16, 7, 7)


def test_a_linear_classifier_is_linear() -> None:
    model = Linear(num_classes=4, size=6)
    one, other = torch.rand(2, 3, 1, 6, 6)
    torch.testing.assert_close(model(one + other) + model.head.bias, model(one) + model(other))
    assert model.forward_features(one).shape == (3, 36)


def test_an_mlp_equals_its_formula() -> None:
    model = MLP(num_classes=3, size=5, hidden=(7,), activation=nn.Tanh)
    images = torch.rand(4, 1, 5, 5)
    first = model.layers[1]
    assert isinstance(first, nn.Linear)
    hidden = (images.flatten(1) @ first.weight.T + first.bias).tanh()
    torch.testing.assert_close(model(images), hidden @ model.head.weight.T + model.head.bias)


@pytest.mark.parametrize("size", [28, 32, 12])
def test_lenet_takes_the_size_it_was_built_for(size: int) -> None:
    assert LeNet(size=size)(torch.rand(2, 1, size, size)).shape == (2, 10)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: create("smal_cnn"), "unknown model 'smal_cnn': did you mean small_cnn"),
        (lambda: create("mlp", num_classes=0), "num_classes=0: expected a whole number of at least 1"),
        (lambda: create("mlp", in_chans=0), "in_chans=0: expected"),
        (lambda: create("small_cnn", pool="mean"), "unknown pool 'mean'"),
        (lambda: create("mlp")(torch.rand(1, 3, 28, 28)), r"\(3, 28, 28\).*built for \(1, 28, 28\)"),
        (lambda: create("linear", size=8)(torch.rand(1, 1, 9, 8)), r"\(1, 9, 8\).*built for \(1, 8, 8\)"),
    ],
)
def test_bad_input_is_named(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
