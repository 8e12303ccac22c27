from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from visioncourse.models import MLP, MODELS, LeNet, Linear, SmallCNN, count_parameters, create
from visioncourse.models.residual import Residual

SIZE = {"lenet": 28, "linear": 28, "mlp": 28}  # the others take any
# The largest of each family are the same code once more.
LARGE = ("34", "50", "56", "110", "164", "100_12", "_b1", "_b2", "_b3")
MODERATE = [name for name in MODELS if not name.endswith(LARGE)]


@pytest.mark.parametrize("name", MODERATE)
def test_every_model_maps_images_to_logits(name: str) -> None:
    for in_chans in (1, 3):
        images = torch.rand(2, in_chans, SIZE.get(name, 32), SIZE.get(name, 32))
        model = create(name, num_classes=7, in_chans=in_chans).eval()
        with torch.no_grad():
            logits = model(images)
            features: Any = model.forward_features(images)
            assert logits.shape == (2, 7)
            assert torch.equal(model.forward_head(features), logits)
            if len(features.shape) == 4:
                assert min(features.shape[2:]) > 0  # maps; the head pools


@pytest.mark.parametrize("name", [*SIZE, "small_cnn", "plain8", "resnet8", "preact_resnet8", "densenet_bc_40_12",
                                  "densenet_40_12", "efficientnet_small", "resnet18", "efficientnet_b0"])  # fmt: skip
def test_every_parameter_of_every_family_learns(name: str) -> None:
    torch.manual_seed(0)
    options = {"drop_path": 0.0} if name == "efficientnet_b0" else {}
    model = create(name, **options)
    model(torch.rand(4, 1, SIZE.get(name, 32), SIZE.get(name, 32))).logsumexp(1).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


@pytest.mark.parametrize("name", MODELS)
def test_every_name_builds_what_the_table_says(name: str) -> None:
    with torch.device("meta"):
        model = create(name)
    layers = sum(isinstance(part, nn.Conv2d | nn.Linear) for part in model.modules())
    if found := re.fullmatch(r"(?:plain|resnet|preact_resnet|densenet_bc_|densenet_)(\d+)(?:_\d+)?", name):
        projections = sum(isinstance(part, Residual) and isinstance(part.shortcut, nn.Sequential)
                          for part in model.modules())  # fmt: skip
        assert layers - projections == int(found[1])


@pytest.mark.parametrize("name", ["resnet8", "densenet_bc_40_12", "efficientnet_small"])
def test_every_deep_family_fits_a_handful_of_images(name: str) -> None:
    torch.manual_seed(0)
    images, labels = torch.rand(8, 1, 8, 8), torch.arange(8) % 2
    model = create(name, num_classes=2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    losses = []
    for _ in range(12):
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]


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
        (lambda: create("resnet21"), "unknown model 'resnet21': did you mean .*resnet20"),
        (lambda: create("smal_cnn"), "unknown model 'smal_cnn': did you mean small_cnn"),
        (lambda: create("mlp", num_classes=0), "num_classes=0: expected a whole number of at least 1"),
        (lambda: create("mlp", in_chans=0), "in_chans=0: expected"),
        (lambda: create("resnet8", in_chans=0), "in_chans=0: expected"),
        (lambda: create("small_cnn", pool="mean"), "unknown pool 'mean'"),
        (lambda: create("mlp")(torch.rand(1, 3, 28, 28)), r"\(3, 28, 28\).*built for \(1, 28, 28\)"),
        (lambda: create("linear", size=8)(torch.rand(1, 1, 9, 8)), r"\(1, 9, 8\).*built for \(1, 8, 8\)"),
    ],
)
def test_bad_input_is_named(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_an_option_that_a_model_does_not_have_is_named() -> None:
    with pytest.raises(TypeError, match="unknown option of resnet20 'widht': did you mean width"):
        create("resnet20", widht=8)
    with pytest.raises(TypeError, match="unknown option of linear 'hidden'"):
        create("linear", hidden=(3,))
