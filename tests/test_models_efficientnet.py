from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from models_against_torchvision import assert_equal, same_weights
from torch import nn

from visioncourse.models import EfficientNet, compound, count_multiply_adds, count_parameters, create
from visioncourse.models.efficientnet import B0, B1, B2, B3, SMALL, Plan, Scale, Stage, round_width, scaled
from visioncourse.models.mbconv import MBConv, SqueezeExcitation


@pytest.mark.parametrize("activation", [nn.ReLU, nn.SiLU])
def test_squeeze_and_excitation_equals_torchvision_s(activation: type[nn.Module]) -> None:
    from torchvision.ops import SqueezeExcitation as Theirs

    ours = SqueezeExcitation(8, 3, activation)
    assert_equal(ours, Theirs(8, 3, activation=activation), torch.randn(2, 8, 5, 4))
    gates = ours.gate(torch.randn(2, 8, 1, 1))
    assert gates.min() > 0 and gates.max() < 1


@pytest.mark.parametrize(("wide_out", "stride"), [(8, 1), (16, 1), (8, 2), (16, 2)])
@pytest.mark.parametrize(("expand", "kernel"), [(1, 3), (4, 3), (6, 5)])
def test_blocks_equal_torchvision_s(expand: int, kernel: int, wide_out: int, stride: int) -> None:
    from torchvision.models.efficientnet import MBConv as Theirs
    from torchvision.models.efficientnet import MBConvConfig

    theirs = Theirs(MBConvConfig(expand, kernel, stride, 8, wide_out, 1), 0.0, nn.BatchNorm2d)
    assert_equal(MBConv(8, wide_out, expand, kernel, stride), theirs, torch.randn(3, 8, 7, 6))


def test_b0_equals_torchvision_s() -> None:
    import torchvision

    ours, theirs = create("efficientnet_b0", num_classes=11, in_chans=3), torchvision.models.efficientnet_b0()
    theirs.classifier[1] = nn.Linear(1280, 11)
    same_weights(ours.eval(), theirs.eval())
    images = torch.rand(1, 3, 64, 48)
    with torch.no_grad():
        torch.testing.assert_close(ours(images), theirs(images), rtol=1e-5, atol=1e-5)
    shares = [{m.p for m in net.modules() if type(m).__name__ == "StochasticDepth"} for net in (ours, theirs)]
    assert shares[0] < shares[1]  # we draw only where a shortcut is left
    assert [m.p for m in ours.modules() if isinstance(m, nn.Dropout)] == [theirs.classifier[0].p]


@pytest.mark.parametrize("name", ["efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3"])
def test_networks_are_as_large_as_torchvision_s(name: str) -> None:
    from torchvision.models import get_model_weights

    published = get_model_weights(name).IMAGENET1K_V1
    with torch.device("meta"):
        model: Any = create(name, num_classes=1000, in_chans=3)
    assert count_parameters(model) == published.meta["num_params"]
    costs = count_multiply_adds(model, (3, published.transforms().crop_size[0], published.transforms().crop_size[0]))
    assert costs / 1e9 == pytest.approx(published.meta["_ops"], abs=0.001)


def test_the_small_one_costs_about_what_resnet20_does() -> None:
    small, resnet = create("efficientnet_small", in_chans=3), create("resnet20", in_chans=3)
    assert count_parameters(small) == 292_406 < 300_000
    assert count_multiply_adds(small, (3, 32, 32)) == pytest.approx(count_multiply_adds(resnet, (3, 32, 32)), rel=0.1)


@pytest.mark.parametrize(("published", "coefficient"), [(B1, 0.5), (B2, 1.0), (B3, 2.0)])
def test_published_factors_are_near_the_formula(published: Scale, coefficient: float) -> None:
    for factor, formula in zip(published, compound(coefficient), strict=True):
        assert factor == pytest.approx(formula, rel=0.05)


@pytest.mark.parametrize("coefficient", [1, 2])
def test_each_step_of_the_coefficient_about_doubles_the_work(coefficient: int) -> None:
    costs = []
    for step in (coefficient - 1, coefficient):
        with torch.device("meta"):
            model = EfficientNet(1000, 3, plan=B0, scale=compound(step))
        costs.append(count_multiply_adds(model, (3, model.resolution, model.resolution)))
    assert 1.6 < costs[1] / costs[0] < 2.6  # blocks and widths come in whole numbers


def test_scaling_multiplies_a_plan() -> None:
    plan = scaled(B0, Scale(depth=1.5, width=2.0, resolution=0.5))
    assert plan.stem_width == 64 and plan.resolution == 112 and plan.stem_stride == 2
    assert [stage.blocks for stage in plan.stages] == [2, 3, 3, 5, 5, 6, 2]
    assert [stage.width for stage in plan.stages] == [32, 48, 80, 160, 224, 384, 640]
    assert scaled(SMALL, Scale()) == SMALL


@given(width=st.floats(1, 2000))
def test_widths_are_multiples_of_eight_close_to_what_was_asked(width: float) -> None:
    from torchvision.models._utils import _make_divisible

    assert round_width(width) == _make_divisible(width, 8)
    assert round_width(width) % 8 == 0 and round_width(width) >= 0.9 * width


@pytest.mark.parametrize(("wide_out", "stride", "residual"), [(8, 1, True), (16, 1, False), (8, 2, False)])
def test_only_blocks_that_keep_the_shape_are_residual(wide_out: int, stride: int, residual: bool) -> None:
    block = MBConv(8, wide_out, stride=stride).eval()
    maps = torch.randn(2, 8, 6, 6)
    change = block.branch(maps)
    assert torch.equal(block(maps), change + maps if residual else change)


def test_skipping_a_branch_keeps_its_mean_and_ends_with_training() -> None:
    torch.manual_seed(0)
    block = MBConv(8, 8, drop_path=0.25, norm="group")
    image = torch.randn(1, 8, 4, 4)
    change = block.branch(image)
    changes = block(image.expand(2000, -1, -1, -1)) - image
    kept = changes.flatten(1).norm(dim=1) > 1e-4
    assert 0.71 < kept.float().mean() < 0.79
    torch.testing.assert_close(changes[kept], (change / 0.75).expand(int(kept.sum()), -1, -1, -1), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(block.eval()(image), image + change)


def test_later_blocks_are_skipped_more_often() -> None:
    model = create("efficientnet_small", drop_path=0.1)
    shares = [block.skip.p for block in model.modules() if isinstance(block, MBConv) and hasattr(block.skip, "p")]
    assert shares == sorted(shares) and 0 < shares[0] < shares[-1] < 0.1


def test_squeeze_and_excitation_can_be_left_out_and_paid_back() -> None:
    full, without = create("efficientnet_small"), create("efficientnet_small", se_ratio=0)
    assert not any(isinstance(part, SqueezeExcitation) for part in without.modules())
    missing, per_channel = count_parameters(full) - count_parameters(without), 72 + 2 + 10
    control = create("efficientnet_small", se_ratio=0, head_width=4 * 72 + round(missing / per_channel))
    assert abs(count_parameters(full) - count_parameters(control)) < per_channel


def test_norm_reaches_every_layer() -> None:
    grouped = EfficientNet(norm="group").train()
    assert not any(isinstance(part, nn.BatchNorm2d) for part in grouped.modules())
    images = torch.rand(4, 1, 8, 8)
    apart = torch.cat([grouped(half) for half in images.split(2)])
    torch.testing.assert_close(grouped(images), apart, rtol=0, atol=1e-5)
    bare = EfficientNet(norm="none")
    assert all(part.bias is not None for part in bare.modules() if isinstance(part, nn.Conv2d))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scale": Scale(depth=0.0)}, "scale.depth=0.0: expected a factor above 0"),
        ({"scale": Scale(width=-1.0)}, "scale.width=-1.0: expected a factor above 0"),
        ({"scale": Scale(resolution=math.inf)}, "scale.resolution=inf: expected a factor"),
        ({"plan": Plan(8, 1, (Stage(1, 3, 1, 0, 1),), 32)}, "width=0: expected a whole number of at least 1"),
        ({"plan": Plan(8, 1, (Stage(1, 3, 1, 8, 0),), 32)}, "blocks=0: expected a whole number of at least 1"),
        ({"head_width": 0}, "head_width=0: expected a whole number of at least 1"),
        ({"dropout": 1.0}, "dropout=1.0: expected a share of at least 0 and less than 1"),
        ({"drop_path": -0.1}, "drop_path=-0.1: expected a share"),
        ({"se_ratio": 1.0}, "se_ratio=1.0: expected a share"),
        ({"norm": "grup"}, "unknown norm 'grup': did you mean group"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        create("efficientnet_small", **options)
