from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from visioncourse.models import count_multiply_adds, count_parameters, create


def test_counts_frozen_parameters_apart_and_buffers_never() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    model[0].bias.requires_grad_(False)
    assert count_parameters(model) == 6 + 2 + 4
    assert count_parameters(model, trainable_only=True) == 6 + 4


@given(wide_in=st.integers(1, 5), wide_out=st.integers(1, 5), kernel=st.integers(1, 4), side=st.integers(4, 9))
@settings(max_examples=15, deadline=None)
def test_a_convolution_costs_its_window_at_every_place(wide_in: int, wide_out: int, kernel: int, side: int) -> None:
    for stride in (1, 2):
        layer = nn.Conv2d(wide_in, wide_out, kernel, stride)
        rows, columns = (side - kernel) // stride + 1, (side + 1 - kernel) // stride + 1
        counted = count_multiply_adds(layer, (wide_in, side, side + 1))
        assert counted == wide_in * wide_out * kernel**2 * rows * columns


def test_a_depthwise_separable_convolution_costs_its_exact_share() -> None:
    plain = nn.Conv2d(16, 32, 3, padding=1)
    separable = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1, groups=16), nn.Conv2d(16, 32, 1))
    full, parts = (count_multiply_adds(layers, (16, 8, 8)) for layers in (plain, separable))
    assert parts * (32 * 9) == full * (9 + 32)  # parts / full = 1/32 + 1/9


@pytest.mark.parametrize(
    ("build", "shape", "expected"),
    [
        (lambda: create("linear"), (1, 28, 28), 7_840),
        (lambda: create("mlp", hidden=(30, 20)), (1, 28, 28), 784 * 30 + 30 * 20 + 20 * 10),
        (lambda: create("resnet20", in_chans=3), (3, 32, 32), 40_551_040),
        (lambda: nn.ReLU(), (1, 5, 5), 0),
        (lambda: nn.Sequential(nn.Flatten(), nn.BatchNorm1d(12), nn.Linear(12, 3)), (3, 2, 2), 36),
    ],
)
def test_networks_cost_what_a_hand_counts(
    build: Callable[[], nn.Module], shape: tuple[int, int, int], expected: int
) -> None:
    assert count_multiply_adds(build(), shape) == expected


def test_large_networks_cost_what_torchvision_states() -> None:
    from torchvision.models import get_model_weights

    for name, side in (("resnet18", 224), ("resnet50", 224), ("densenet121", 224), ("efficientnet_b0", 224)):
        stated = get_model_weights(name).IMAGENET1K_V1.meta["_ops"] * 1e9  # to three decimals
        with torch.device("meta"):
            model = create(name, num_classes=1000, in_chans=3)
        assert count_multiply_adds(model, (3, side, side)) == pytest.approx(stated, abs=1e6)


def test_counting_leaves_the_network_as_it_was() -> None:
    model = create("resnet8")
    model(torch.rand(2, 1, 8, 8)).sum().backward()
    model.stages[1].eval()
    modes = [module.training for module in model.modules()]
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    pointers = [(p.data_ptr(), p.grad) for p in model.parameters()]
    state = torch.get_rng_state()
    assert count_multiply_adds(model, (1, 32, 32)) > 0
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert [(p.data_ptr(), p.grad) for p in model.parameters()] == pointers
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_counts_networks_of_any_precision_and_place(dtype: torch.dtype) -> None:
    model = create("resnet8").to(dtype)
    assert count_multiply_adds(model, (1, 8, 8)) == count_multiply_adds(create("resnet8").to("meta"), (1, 8, 8))


def test_attention_is_counted_too() -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

        def forward(self, images: Tensor) -> Tensor:
            tokens = images.flatten(2).transpose(1, 2)  # (b, 12, 8)
            found: Tensor = self.attention(tokens, tokens, tokens)[0]
            return found

    projections, products = 4 * 12 * 8 * 8, 2 * 12 * 12 * 8
    assert count_multiply_adds(Tokens().train(), (8, 3, 4)) == projections + products


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((1, 32), r"image_shape=\(1, 32\): expected \(channels, height, width\)"),
        ((1, 0, 32), "height=0: expected a whole number"),
        ((3, 32, 32), r"image_shape=\(3, 32, 32\) does not fit the network"),
    ],
)
def test_a_shape_that_does_not_fit_is_named(shape: tuple[int, ...], words: str) -> None:
    model = create("resnet8").train()
    with pytest.raises(ValueError, match=words):
        count_multiply_adds(model, shape)
    assert all(module.training for module in model.modules())
