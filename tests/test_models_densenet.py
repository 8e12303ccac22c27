from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from models_against_torchvision import assert_equal, same_weights
from torch import nn

from visioncourse.models import DenseNet, count_parameters, create
from visioncourse.models.densenet import DenseBlock, DenseLayer, Transition, layers_per_block


def test_a_layer_equals_torchvision_s() -> None:
    from torchvision.models.densenet import _DenseLayer

    theirs = _DenseLayer(10, growth_rate=4, bn_size=4, drop_rate=0)
    assert_equal(DenseLayer(10, growth=4), theirs, torch.randn(3, 10, 6, 5))


def test_a_block_equals_torchvision_s() -> None:
    from torchvision.models.densenet import _DenseBlock

    theirs = _DenseBlock(num_layers=3, num_input_features=6, bn_size=4, growth_rate=4, drop_rate=0)
    assert_equal(DenseBlock(6, layers=3, growth=4), theirs, torch.randn(3, 6, 5, 6))


def test_a_transition_equals_torchvision_s() -> None:
    from torchvision.models.densenet import _Transition

    assert_equal(Transition(12, 6), _Transition(12, 6), torch.randn(3, 12, 7, 6))


def test_densenet121_equals_torchvision_s() -> None:
    import torchvision

    ours, theirs = create("densenet121", num_classes=11, in_chans=3), torchvision.models.densenet121(num_classes=11)
    same_weights(ours.eval(), theirs.eval())
    images = torch.rand(1, 3, 64, 40)
    with torch.no_grad():
        torch.testing.assert_close(ours(images), theirs(images), rtol=1e-5, atol=1e-5)


def test_densenet121_is_as_large_as_torchvision_s() -> None:
    from torchvision.models import DenseNet121_Weights

    with torch.device("meta"):
        model = create("densenet121", num_classes=1000, in_chans=3)
    assert count_parameters(model) == DenseNet121_Weights.IMAGENET1K_V1.meta["num_params"]


@pytest.mark.parametrize(
    ("name", "millions"), [("densenet_40_12", 1.0), ("densenet_bc_100_12", 0.8)]
)  # Huang et al. 2017, table 2
def test_networks_for_small_images_are_as_large_as_in_the_paper(name: str, millions: float) -> None:
    with torch.device("meta"):
        assert count_parameters(create(name, in_chans=3)) / 1e6 == pytest.approx(millions, abs=0.05)


def test_two_variants_stay_below_three_hundred_thousand_parameters() -> None:
    assert count_parameters(create("densenet_bc_40_12", in_chans=3)) == 176_122
    assert count_parameters(create("densenet_bc_52_12", in_chans=3)) == 264_586


@given(layers=st.integers(1, 4), growth=st.integers(1, 5), wide_in=st.integers(1, 6), bottleneck=st.booleans())
@settings(max_examples=20, deadline=None)
def test_channels_grow_by_growth_a_layer(layers: int, growth: int, wide_in: int, bottleneck: bool) -> None:
    maps = torch.randn(2, wide_in, 4, 5)
    grown = DenseBlock(wide_in, layers, growth, bottleneck)(maps)
    assert grown.shape == (2, wide_in + layers * growth, 4, 5)
    assert torch.equal(grown[:, :wide_in], maps)  # what came in is still there, untouched


@pytest.mark.parametrize("norm", ["batch", "group", "none"])
def test_every_layer_sees_all_maps_before_it(norm: str) -> None:
    block = DenseBlock(3, layers=3, growth=2, norm=norm).eval()
    maps = torch.randn(1, 3, 4, 4)
    seen = maps
    for layer in block:
        seen = torch.cat([seen, layer(seen)], dim=1)
    torch.testing.assert_close(block(maps), seen)


@pytest.mark.parametrize(("compression", "wide"), [(1.0, [8, 16, 24]), (0.5, [8, 8, 8]), (0.01, [8, 1, 1])])
def test_a_transition_keeps_a_share_of_the_channels(compression: float, wide: list[int]) -> None:
    model = DenseNet(depth=(2, 2, 2), growth=4, bottleneck=False, compression=compression)
    blocks: list[Any] = [stage for stage in model.stages if isinstance(stage, DenseBlock)]
    assert [block[0][0].num_features for block in blocks] == wide
    assert model.forward_features(torch.rand(1, 1, 9, 8)).shape == (1, wide[-1] + 8, 2, 2)


def test_with_group_norm_an_image_does_not_feel_its_batch() -> None:
    model = DenseNet(depth=16, norm="group").train()
    images = torch.rand(4, 1, 8, 8)
    torch.testing.assert_close(model(images), torch.cat([model(half) for half in images.split(2)]), rtol=0, atol=1e-5)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in model.modules())


@given(layers=st.integers(1, 40))
def test_depth_counts_layers_with_weights(layers: int) -> None:
    assert layers_per_block(6 * layers + 4) == layers_per_block(3 * layers + 4, bottleneck=False) == [layers] * 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"depth": 41}, r"depth=41: expected 6n\+4 layers with bottleneck=True: 10, 16, 22, \.\.\."),
        ({"depth": 4}, r"depth=4: expected 6n\+4"),
        ({"depth": 41, "bottleneck": False}, r"depth=41: expected 3n\+4 layers with bottleneck=False: 7, 10, 13"),
        ({"depth": (2, 0)}, r"depth\[1\]=0: expected a whole number of at least 1"),
        ({"growth": 0}, "growth=0: expected a whole number of at least 1"),
        ({"width": 0}, "width=0: expected a whole number of at least 1"),
        ({"compression": 0.0}, r"compression=0.0: expected a share above 0 and at most 1"),
        ({"compression": 1.5}, r"compression=1.5: expected a share"),
        ({"norm": "layer"}, "unknown norm 'layer'"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        create("densenet_bc_40_12", **options)


def test_images_too_small_to_halve_are_named() -> None:
    with pytest.raises(ValueError, match="maps of 1×4 cannot be halved: expected larger images"):
        create("densenet121")(torch.rand(2, 1, 16, 64))
