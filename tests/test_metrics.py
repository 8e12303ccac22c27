from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from training_toys import toy_model, toy_set

from visioncourse.data.sets import ImageSet
from visioncourse.metrics import accuracy, confusion, predict_labels, predict_logits, standard_error


def test_logits_are_those_of_the_model_in_eval_mode() -> None:
    model, images = toy_model(), toy_set(10).images
    expected = model.eval()(images)
    model.train()
    torch.testing.assert_close(predict_logits(model, images), expected)
    assert model.training


def test_tensors_and_sets_give_the_same_in_order() -> None:
    model, train = toy_model().eval(), toy_set(10)
    assert torch.equal(predict_logits(model, train, batch_size=3), predict_logits(model, train.images, batch_size=3))
    assert not model.training


@pytest.mark.parametrize("batch_size", [1, 3, 10, 64])
def test_the_batch_size_changes_nothing(batch_size: int) -> None:
    model, train = toy_model(), toy_set(10)
    torch.testing.assert_close(predict_logits(model, train, batch_size), predict_logits(model, train))


def test_no_graph_is_kept_and_no_weight_moves() -> None:
    model = toy_model()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    logits = predict_logits(model, toy_set(10), precision="bfloat16")
    assert not logits.requires_grad and logits.dtype == torch.float32
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_a_frozen_part_stays_in_eval_mode() -> None:
    model = toy_model().train()
    model[1].eval()  # batch norm that a lesson froze
    predict_logits(model, toy_set(10))
    assert model.training and not model[1].training


def test_a_model_without_parameters_can_be_measured() -> None:
    class Brightest(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return nn.functional.avg_pool2d(images, 4).flatten(1)

    assert accuracy(Brightest(), toy_set(40)) == 1.0


def test_accuracy_counts() -> None:
    model, train = toy_model(), toy_set(10)
    labels = predict_labels(model, train)
    agreed = ImageSet(train.images, labels, train.classes)
    assert accuracy(model, agreed) == 1.0
    half = ImageSet(train.images, torch.where(torch.arange(10) < 5, labels, (labels + 1) % 4), train.classes)
    assert accuracy(model, half, batch_size=4) == 0.5


@given(st.floats(0, 1), st.integers(1, 10**6))
def test_the_sampling_error_is_that_of_a_coin(share: float, count: int) -> None:
    error = standard_error(share, count)
    assert error == pytest.approx(math.sqrt(share * (1 - share) / count))
    assert error <= 0.5 / math.sqrt(count) * (1 + 1e-12)  # a coin of one half is the worst; equal but for rounding
    assert error == pytest.approx(standard_error(1 - share, count), abs=1e-9)


@pytest.mark.parametrize(("share", "count"), [(98.8, 1000), (-0.1, 10), (float("nan"), 10), (0.5, 0)])
def test_a_share_out_of_range_is_refused(share: float, count: int) -> None:
    with pytest.raises(ValueError, match=r"^(share|count)=.*: expected"):
        standard_error(share, count)


@settings(deadline=None, max_examples=30)  # the first call imports torchmetrics
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_confusions_count_pairs(pairs: list[tuple[int, int]]) -> None:
    predicted, labels = torch.tensor(pairs).T
    counts = confusion(predicted, labels, 4)
    assert all(int(counts[true, said]) == pairs.count((said, true)) for true in range(4) for said in range(4))
