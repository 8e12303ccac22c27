from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from training_toys import Stream, differing, toy_model, toy_set, train_toy

from visioncourse.data.lazy import LazySet
from visioncourse.data.sets import ImageSet
from visioncourse.history import History
from visioncourse.loop import count_right, cross_entropy
from visioncourse.train import fit

pytestmark = pytest.mark.usefixtures("one_thread")


def test_it_learns() -> None:
    history = train_toy(toy_model(), epochs=12, valid=toy_set(32, seed=1))
    assert history.epochs == 12 == len(history.lr) == len(history.seconds) == len(history.valid_loss)
    assert history.loss[-1] < history.loss[0] / 2
    assert history.valid_accuracy[-1] > 0.9
    assert history.table().count("valid ≈") == 12


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd"])
def test_the_same_seed_gives_the_same_bits(optimizer: str, precision: str) -> None:
    one, other, third = toy_model(), toy_model(), toy_model()
    first, second = (train_toy(model, optimizer, precision) for model in (one, other))
    assert differing(one, other) == []
    assert (first.loss, first.accuracy, first.lr) == (second.loss, second.accuracy, second.lr)
    train_toy(third, optimizer, precision, seed=4)
    assert "6.weight" in differing(one, third)


def test_the_global_random_state_neither_matters_nor_changes() -> None:
    models = toy_model(), toy_model()
    for number, model in enumerate(models):
        torch.manual_seed(number)
        before = torch.get_rng_state()
        train_toy(model)
        assert torch.equal(torch.get_rng_state(), before)
    assert differing(*models) == []


def test_the_random_state_comes_back_after_an_error_too() -> None:
    before = torch.get_rng_state()
    with pytest.raises(ValueError, match="lr"):
        train_toy(toy_model(), lr=-1.0)
    assert torch.equal(torch.get_rng_state(), before)


def test_validation_changes_no_weight() -> None:
    with_valid, without = toy_model(), toy_model()
    train_toy(with_valid, valid=toy_set(32, seed=1))
    train_toy(without)
    assert differing(with_valid, without) == []


def test_it_equals_the_loop_that_a_lesson_would_write() -> None:
    ours, theirs, train = nn.Sequential(nn.Flatten(), nn.Linear(64, 4)), nn.Linear(64, 4), toy_set()
    theirs.load_state_dict(ours[1].state_dict())
    fit(ours, train, epochs=2, batch_size=16, lr=0.1, optimizer=lambda p: torch.optim.SGD(p, lr=0.1),
        schedule=None, precision="float32", device="cpu", seed=5)  # fmt: skip
    order, optimizer = torch.Generator().manual_seed(5), torch.optim.SGD(theirs.parameters(), lr=0.1)
    for _ in range(2):
        for images, labels in train.batches(16, shuffle=True, generator=order):
            optimizer.zero_grad()
            F.cross_entropy(theirs(images.flatten(1)), labels).backward()
            optimizer.step()
    torch.testing.assert_close(ours[1].weight, theirs.weight)


def test_precision_is_honoured_and_reported() -> None:
    seen: list[torch.dtype] = []
    for precision in ("float32", "bfloat16"):
        model = toy_model()
        model[0].register_forward_hook(lambda module, inputs, maps: seen.append(maps.dtype))
        assert train_toy(model, precision=precision, epochs=1).precision == precision
        assert all(p.dtype == torch.float32 for p in model.parameters())
    assert set(seen) == {torch.float32, torch.bfloat16} and seen[1] == torch.float32 and seen[-1] == torch.bfloat16


def test_images_and_kernels_lie_channels_last() -> None:
    model, laid_out = toy_model(channels=3), []
    model[0].register_forward_pre_hook(
        lambda module, inputs: laid_out.append(inputs[0].is_contiguous(memory_format=torch.channels_last))
    )
    fit(model, toy_set(channels=3), epochs=1, batch_size=16, device="cpu")
    assert laid_out and all(laid_out)
    assert model[0].weight.is_contiguous(memory_format=torch.channels_last)


def test_the_model_is_left_in_eval_mode_on_its_device() -> None:
    model = toy_model()
    history = train_toy(model, epochs=1)
    assert not model.training and history.device == "cpu"


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_callback_that_returns_true_stops(epoch: int) -> None:
    seen: list[int] = []

    def watch(model: nn.Module, history: History) -> None:
        seen.append(history.epochs)

    history = train_toy(toy_model(), callbacks=[lambda model, history: history.epochs == epoch, watch])
    assert history.epochs == epoch and seen == list(range(1, epoch + 1))


@pytest.mark.parametrize("answer", [1, 1.0, "stop", torch.ones(3), [True]])
def test_a_callback_that_returns_anything_else_does_not_stop(answer: Any) -> None:
    assert train_toy(toy_model(), epochs=2, callbacks=[lambda model, history: answer]).epochs == 2


def test_soft_labels_train_like_hard_ones() -> None:
    def mixup(images: Tensor, labels: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        soft, other = F.one_hot(labels, 4).float(), torch.randperm(len(labels), generator=draw)
        return 0.8 * images + 0.2 * images[other], 0.8 * soft + 0.2 * soft[other]

    def harden(images: Tensor, labels: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        return images, F.one_hot(labels, 4).float()

    mixed = train_toy(toy_model(), epochs=10, augment=mixup, valid=toy_set(32, seed=1))
    assert mixed.valid_accuracy[-1] > 0.9 and 0 <= mixed.accuracy[-1] <= 1
    plain, hard = train_toy(toy_model(), augment=None), train_toy(toy_model(), augment=harden)
    assert hard.loss == pytest.approx(plain.loss, rel=1e-4) and hard.accuracy == plain.accuracy


def test_groups_train_at_their_own_rates() -> None:
    model, untouched = toy_model(), toy_model()
    groups = [{"params": model[6].parameters(), "lr": 0.05}, {"params": model[0].parameters(), "lr": 0.001}]
    history = train_toy(model, params=groups, schedule="constant", epochs=1)
    assert history.lr == [0.05]
    assert {"0.weight", "6.weight"} <= set(differing(model, untouched))
    assert not {"1.weight", "1.bias"} & set(differing(model, untouched))
    moved = [(model[part].weight - untouched[part].weight).abs().mean() for part in (6, 0)]
    assert moved[0] > 5 * moved[1]


def test_frozen_parameters_stay() -> None:
    model = toy_model()
    model[0].requires_grad_(False)
    train_toy(model, weight_decay=0.1)
    assert {"0.weight", "0.bias"}.isdisjoint(differing(model, toy_model()))


def test_a_loss_of_ones_own_sees_outputs_and_targets_as_they_are() -> None:
    class Boxes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Flatten(), nn.Linear(64, 4))

        def forward(self, images: Tensor) -> dict[str, Tensor]:
            return {"boxes": self.body(images)}

    draw = torch.Generator().manual_seed(0)
    stream = Stream(*[(torch.rand(8, 1, 8, 8, generator=draw), [torch.ones(4)] * 8) for _ in range(3)])
    history = fit(Boxes(), stream, epochs=15, batch_size=8, lr=0.03, device="cpu",
                  loss=lambda outputs, targets: (outputs["boxes"] - torch.stack(targets)).square().mean())  # fmt: skip
    assert history.loss[-1] < history.loss[0] / 3
    assert history.accuracy[-1] != history.accuracy[-1]  # no accuracy where there are no logits


class Pictures:
    """A source as torchvision's data sets are: a Pillow picture and its label."""

    def __init__(self, of: ImageSet) -> None:
        self.of, self.opened = of, 0

    def __len__(self) -> int:
        return len(self.of)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        from PIL import Image

        self.opened += 1
        return Image.fromarray((self.of.images[index, 0] * 255).byte().numpy()), int(self.of.labels[index])


def test_a_set_that_streams_from_disk_goes_through_the_same_call() -> None:
    source = Pictures(toy_set())
    lazy = LazySet(source, source.of.labels, source.of.classes, size=8, channels=1)
    streamed, in_memory = toy_model(), toy_model()
    fit(streamed, lazy, lazy, epochs=2, batch_size=16, device="cpu")
    assert source.opened >= 4 * len(lazy)
    fit(in_memory, lazy.in_memory(), lazy.in_memory(), epochs=2, batch_size=16, device="cpu")
    assert differing(streamed, in_memory) == []


def test_a_left_over_single_image_does_not_stop_batch_norm() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.BatchNorm1d(8), nn.Linear(8, 4))
    assert fit(model, toy_set(33), epochs=1, batch_size=16, device="cpu").epochs == 1


def test_batches_of_one_train_on_every_image() -> None:
    seen: list[int] = []

    def watch(images: Tensor, labels: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        seen.extend(labels.tolist())
        return images, labels

    fit(nn.Sequential(nn.Flatten(), nn.Linear(64, 4)), toy_set(12), epochs=1, batch_size=1, augment=watch, device="cpu")
    assert sorted(seen) == sorted(toy_set(12).labels.tolist())


def test_cross_entropy_works_in_float32_on_either_kind_of_label() -> None:
    logits, labels = torch.randn(5, 3), torch.tensor([0, 1, 2, 1, 0])
    hard, soft = (
        cross_entropy(logits.bfloat16(), labels),
        cross_entropy(logits.bfloat16(), F.one_hot(labels, 3).float()),
    )
    assert hard.dtype == torch.float32
    torch.testing.assert_close(hard, soft)


@pytest.mark.parametrize(
    ("outputs", "targets", "right"),
    [
        (torch.eye(3), torch.tensor([0, 1, 1]), 2),
        (torch.eye(3), torch.eye(3), 3),
        (torch.zeros(2, 3, 4), torch.zeros(2), None),
        ({"boxes": 1}, torch.zeros(2), None),
    ],
)
def test_counts_right_answers_where_there_are_logits(outputs: Any, targets: Any, right: int | None) -> None:
    counted = count_right(outputs, targets)
    assert (None if counted is None else int(counted)) == right
