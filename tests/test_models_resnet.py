from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from models_against_torchvision import assert_equal, same_weights
from torch import nn

from visioncourse.models import ResNet, count_parameters, create
from visioncourse.models.parts import NORMS, norm_layer
from visioncourse.models.residual import BasicBlock, Bottleneck, Pad, PreActBlock, Residual, make_shortcut
from visioncourse.models.resnet import BLOCKS, blocks_per_stage

SHAPES = [(8, 8, 1), (8, 16, 2), (8, 16, 1), (8, 8, 2)]  # wide_in, wide_out, stride


@pytest.mark.parametrize(("wide_in", "wide_out", "stride"), SHAPES)
@pytest.mark.parametrize("name", ["BasicBlock", "Bottleneck"])
def test_blocks_equal_those_of_torchvision(name: str, wide_in: int, wide_out: int, stride: int) -> None:
    from torchvision.models import resnet

    kind = {"BasicBlock": BasicBlock, "Bottleneck": Bottleneck}[name]
    width = wide_out // kind.expansion
    changes = wide_in != wide_out or stride > 1
    project = nn.Sequential(nn.Conv2d(wide_in, wide_out, 1, stride, bias=False), nn.BatchNorm2d(wide_out))
    theirs = getattr(resnet, name)(wide_in, width, stride, project if changes else None)
    assert_equal(kind(wide_in, width, stride, shortcut="project"), theirs, torch.randn(3, wide_in, 9, 8))


@pytest.mark.parametrize(("name", "side"), [("resnet18", 64), ("resnet50", 40)])
def test_networks_equal_those_of_torchvision(name: str, side: int) -> None:
    import torchvision

    ours, theirs = create(name, num_classes=11, in_chans=3), torchvision.models.get_model(name, num_classes=11)
    same_weights(ours.eval(), theirs.eval())
    images = torch.rand(1, 3, side, side)
    with torch.no_grad():
        torch.testing.assert_close(ours(images), theirs(images), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50"])
def test_networks_are_as_large_as_torchvision_s(name: str) -> None:
    from torchvision.models import get_model_weights

    with torch.device("meta"):
        model = create(name, num_classes=1000, in_chans=3)
    assert count_parameters(model) == get_model_weights(name).IMAGENET1K_V1.meta["num_params"]


@pytest.mark.parametrize(
    ("depth", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)]
)  # He et al. 2015, table 6
def test_networks_for_small_images_are_as_large_as_in_the_paper(depth: int, millions: float) -> None:
    with torch.device("meta"):
        counts = [count_parameters(create(f"{kind}{depth}", in_chans=3)) for kind in ("resnet", "plain")]
    assert counts[0] == counts[1]  # shortcuts cost nothing
    assert counts[0] / 1e6 == pytest.approx(millions, rel=0.02)


def test_a_plain_twin_is_the_residual_network_without_its_shortcuts() -> None:
    residual, plain = create("resnet8").eval(), create("plain8").eval()
    plain.load_state_dict(residual.state_dict())
    images = torch.rand(2, 1, 16, 16)
    assert not torch.allclose(residual(images), plain(images))
    for block in residual.modules():
        if isinstance(block, Residual):
            block.shortcut = None
    assert torch.equal(residual(images), plain(images))


@given(extra=st.integers(0, 4), stride=st.integers(1, 3), height=st.integers(1, 9), width=st.integers(1, 9))
@settings(max_examples=30, deadline=None)
def test_pad_fits_what_a_convolution_of_that_stride_gives(extra: int, stride: int, height: int, width: int) -> None:
    maps = torch.rand(2, 3, height, width)
    padded = Pad(extra, stride)(maps)
    assert padded.shape == nn.Conv2d(3, 3 + extra, 3, stride, padding=1)(maps).shape
    assert torch.equal(padded[:, :3], maps[:, :, ::stride, ::stride])
    assert not padded[:, 3:].any()


def test_shortcuts_compute_only_where_shapes_change() -> None:
    for kind in ("pad", "project"):
        assert isinstance(make_shortcut(kind, 8, 8, 1), nn.Identity)
    assert isinstance(make_shortcut("pad", 8, 16, 2), Pad)
    assert isinstance(make_shortcut("project", 8, 8, 2), nn.Sequential)
    assert make_shortcut("none", 8, 16, 2) is None


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("shortcut", ["pad", "project", "none"])
def test_blocks_never_write_into_what_they_get(block: str, norm: str, shortcut: str) -> None:
    for stride in (1, 2):
        built = BLOCKS[block](8, 8 // BLOCKS[block].expansion, stride, norm, shortcut)
        maps = torch.randn(2, 8, 6, 6)
        copy = maps.clone()
        built(maps).sum().backward()
        assert torch.equal(maps, copy)
        assert all(p.grad is not None for p in built.parameters())


def test_a_pre_activation_block_adds_to_what_came_in() -> None:
    block = PreActBlock(4, 4)
    maps = torch.randn(2, 4, 5, 5)
    torch.testing.assert_close(block(maps) - maps, block.branch(maps))
    first, relu, conv, *_ = block.branch
    torch.testing.assert_close(block.branch[:3](maps), conv(first(maps).relu()))
    assert isinstance(relu, nn.ReLU)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("norm", NORMS)
def test_zero_init_begins_every_block_as_the_identity_and_learns(block: str, norm: str) -> None:
    torch.manual_seed(0)
    model = ResNet(depth=(2, 1), width=4, block=block, norm=norm, zero_init=True)
    second: Any = model.stages[1][1]  # keeps its shape
    maps = torch.rand(2, 4 * second.expansion, 6, 6)
    assert torch.equal(second(maps), maps)
    model(torch.rand(2, 1, 8, 8)).logsumexp(1).sum().backward()
    last = [layer for layer in second.branch if list(layer.parameters())][-1]
    assert last.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("name", ["resnet14", "preact_resnet14", "plain14"])
def test_with_group_norm_an_image_does_not_feel_its_batch(name: str) -> None:
    torch.manual_seed(0)
    model = create(name, norm="group").train()
    images = torch.rand(6, 1, 12, 12)
    apart = torch.cat([model(half) for half in images.split(3)])
    torch.testing.assert_close(model(images), apart, rtol=1e-5, atol=1e-5)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in model.modules())


@pytest.mark.parametrize("chans", [1, 4, 8, 12, 30, 64])
def test_group_norm_takes_any_number_of_channels(chans: int) -> None:
    out = norm_layer("group", chans)(torch.rand(2, chans, 5, 5))
    torch.testing.assert_close(out.mean(dim=(1, 2, 3)), torch.zeros(2), rtol=0, atol=1e-5)


def test_without_norms_he_s_weights_keep_the_size_of_signals() -> None:
    torch.manual_seed(0)
    model = create("plain20", norm="none")
    size = model.forward_features(torch.randn(4, 1, 32, 32)).square().mean().item()
    assert 0.05 < size < 2  # zeros around the maps take their share
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            layer.reset_parameters()
    assert model.forward_features(torch.randn(4, 1, 32, 32)).square().mean().item() < 0.01
    assert all(layer.bias is not None for layer in model.modules() if isinstance(layer, nn.Conv2d))


def test_stems_and_stages_shape_the_maps() -> None:
    images = torch.rand(1, 1, 64, 64)
    small = ResNet(depth=(1, 1, 1, 1), width=8)
    large = ResNet(depth=(1, 1, 1, 1), width=8, stem="imagenet", block="bottleneck", shortcut="project")
    assert small.forward_features(images).shape == (1, 64, 8, 8)
    assert large.forward_features(images).shape == (1, 256, 2, 2)
    assert [small.stages[: n + 1](images).shape[1] for n in range(5)] == [8, 8, 16, 32, 64]


@given(blocks=st.integers(1, 40))
def test_depth_counts_layers_with_weights(blocks: int) -> None:
    assert blocks_per_stage(6 * blocks + 2) == blocks_per_stage(9 * blocks + 2, convs=3) == [blocks] * 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"depth": 21}, r"depth=21: expected 6n\+2 layers for blocks of 2 convolutions: 8, 14, 20, \.\.\."),
        ({"depth": 2}, r"depth=2: expected 6n\+2"),
        ({"depth": 14, "block": "bottleneck"}, r"depth=14: expected 9n\+2 layers for blocks of 3 .*: 11, 20, 29"),
        ({"depth": (2, 0)}, r"depth\[1\]=0: expected a whole number of at least 1"),
        ({"width": 0}, "width=0: expected a whole number of at least 1"),
        ({"norm": "bacth"}, "unknown norm 'bacth': did you mean batch"),
        ({"block": "basik"}, "unknown block 'basik': did you mean basic"),
        ({"stem": "cifar10"}, "unknown stem 'cifar10': did you mean cifar"),
        ({"shortcut": "projection"}, "unknown shortcut 'projection': did you mean project"),
        ({"shortcut": "none", "zero_init": True}, "zero_init=True: expected shortcuts"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        create("resnet20", **options)
