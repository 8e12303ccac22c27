"""Dropout for the whole batch, and batch norm for parts of it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from visioncourse.models import create
from visioncourse.models.shared import GhostBatchNorm, SharedDropout, ghost_batch_norm, share_dropout


@pytest.mark.parametrize("kind", ["value", "channel", "image"])
def test_parts_of_a_batch_meet_the_mask_of_the_whole(kind: str) -> None:
    drop, maps = SharedDropout(0.4, kind), torch.rand(5, 3, 4, 4) + 0.1
    torch.manual_seed(0)
    whole = drop(maps)
    parts = []
    for start, stop in ((0, 3), (3, 5)):
        torch.manual_seed(0)
        drop.place = (start, 5)
        parts.append(drop(maps[start:stop]))
    assert torch.equal(torch.cat(parts), whole)


def test_the_share_is_dropped_and_the_mean_is_kept() -> None:
    torch.manual_seed(0)
    out = SharedDropout(0.25)(torch.ones(400, 500))
    assert float((out == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
    assert float(out.mean()) == pytest.approx(1, abs=0.01)


def test_kinds_drop_whole_channels_and_images() -> None:
    torch.manual_seed(0)
    channels = SharedDropout(0.5, "channel")(torch.ones(8, 6, 3, 3)).flatten(2)
    images = SharedDropout(0.5, "image")(torch.ones(20, 6, 3, 3)).flatten(1)
    assert bool((channels.amin(2) == channels.amax(2)).all()) and len(channels.unique()) == 2
    assert bool((images.amin(1) == images.amax(1)).all()) and len(images.unique()) == 2


def test_nothing_is_dropped_in_eval_mode_or_without_a_share() -> None:
    maps = torch.rand(2, 3)
    assert SharedDropout(0.5).eval()(maps) is maps
    assert SharedDropout(0)(maps) is maps


def test_dropout_and_skipped_branches_are_exchanged() -> None:
    model = create("efficientnet_small", dropout=0.2, drop_path=0.2)
    share_dropout(model)
    kinds = {layer.kind for layer in model.modules() if isinstance(layer, SharedDropout)}
    assert kinds == {"value", "image"}
    assert not any(isinstance(layer, nn.Dropout) for layer in model.modules())
    toy = nn.Sequential(nn.Dropout2d(0.3))
    share_dropout(toy)
    assert repr(toy[0]) == "SharedDropout(share=0.3, kind='channel')"


def test_ghost_batches_are_batch_norms_of_the_parts() -> None:
    maps = torch.randn(7, 4, 3, 3)
    ghost, plain = GhostBatchNorm(4, 2), nn.BatchNorm2d(4)
    expected = torch.cat([nn.BatchNorm2d(4)(part) for part in maps.tensor_split(2)])
    assert torch.allclose(ghost(maps), expected, atol=1e-6)
    means = torch.stack([part.mean((0, 2, 3)) for part in maps.tensor_split(2)])
    assert torch.allclose(ghost.running_mean, 0.1 * means.mean(0), atol=1e-6)
    plain.load_state_dict(ghost.state_dict())
    assert torch.equal(ghost.eval()(maps), plain.eval()(maps))


def test_a_model_is_changed_in_place_with_its_weights() -> None:
    model = create("resnet8")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    ghost_batch_norm(model, 2)
    assert sum(isinstance(layer, GhostBatchNorm) for layer in model.modules()) == 7
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="ghost batches need a model with batch norm"):
        ghost_batch_norm(create("resnet8", norm="group"), 2)
    with pytest.raises(ValueError, match="ghosts=0"):
        GhostBatchNorm(4, 0)
    with pytest.raises(ValueError, match="ghosts=3: expected no more than the 2 images"):
        GhostBatchNorm(4, 3)(torch.rand(2, 4, 1, 1))
