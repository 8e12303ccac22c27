"""``python -m visioncourse.train`` in this very process: what it writes, says, refuses and takes up again."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
import torch

from visioncourse.augment import Flip
from visioncourse.checkpoint import load_weights
from visioncourse.data import load
from visioncourse.device import choose_precision
from visioncourse.distributed import Team
from visioncourse.history import History
from visioncourse.loop import Run, cross_entropy
from visioncourse.metrics import accuracy
from visioncourse.models import create
from visioncourse.optim import make_optimizer, make_schedule
from visioncourse.train.__main__ import lost, main
from visioncourse.train.job import Job, only_classes
from visioncourse.train.recipe import Recipe

SMALL = ["--model", "resnet8", "--data", "digits", "--few", "8", "--epochs", "2", "--batch-size", "40"]


def test_a_run_leaves_weights_and_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMALL, "--out", str(tmp_path / "run"), "--log-steps", "--norm", "group"]) == 0
    said = capsys.readouterr().out
    assert "resnet8: " in said and said.count("epoch ") == 2 and "test ≈" in said
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert facts["recipe"]["epochs"] == 2 and facts["seed"] == 0 and len(facts["curve"]["loss"]) == 2
    assert facts["hardware"].startswith("1 process(es)") and "torch" in facts["versions"]
    assert len(json.loads((tmp_path / "run" / "steps.json").read_text())) == 4
    model = create("resnet8", 10, 1, norm="group")
    notes = load_weights(tmp_path / "run" / "weights.safetensors", model)
    assert notes["test_accuracy"] == facts["test_accuracy"] == pytest.approx(accuracy(model, load("digits", "test")))


def test_a_second_run_needs_resume(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [*SMALL, "--out", str(tmp_path)]
    assert main(command) == 0
    before = (tmp_path / "weights.safetensors").read_bytes()
    assert main(command) == 2
    assert "add --resume to go on" in capsys.readouterr().err
    assert main([*command, "--resume"]) == 0
    assert (tmp_path / "weights.safetensors").read_bytes() == before


def test_ghost_batches_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main([*SMALL, "--out", str(tmp_path), "--ghost-batches", "2", "--classes", "3,5,7", "--batch-size", "20"]) == 0
    )
    said = capsys.readouterr().out
    assert "batch norm takes its statistics from each half of a batch apart" in said
    assert "24 images" in said


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--model", "resnet21"], "unknown model 'resnet21': did you mean resnet"),
        (["--data", "mnits"], "unknown data set 'mnits'"),
        (["--recipe", "nowhere.toml"], "no such file"),
        (["--batch-size", "4000"], "batch_size=4000 is larger than the training set"),
        (["--ghost-batches", "2", "--norm", "group"], "ghost batches need a model with batch norm"),
        (["--device", "tpu"], "unknown device 'tpu'"),
        (["--classes", "3,11"], "classes=[3, 11]: expected numbers from 0 to 9"),
    ],
)
def test_bad_input_gets_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], sentence: str
) -> None:
    assert main([*SMALL, "--out", str(tmp_path), *more]) == 2
    said = capsys.readouterr().err
    assert said.startswith("visioncourse.train: ") and sentence in said and said.count("\n") == 1
    assert not (tmp_path / "run.json").exists()


def test_classes_are_numbered_anew() -> None:
    digits = load("digits", "test")
    part = only_classes(digits, [7, 2])
    assert part.classes == ("7", "2")
    assert torch.equal(part.images[part.labels == 1], digits.images[digits.labels == 2])


class Alone(Team):
    """One of several processes, which hears nothing of the others."""

    def sum(self, values: torch.Tensor) -> torch.Tensor:
        return values


def test_processes_share_the_test_images(tmp_path: Path) -> None:
    digits, model = load("digits", "test"), create("linear", 10, 1, size=8)
    jobs = [Job(Namespace(out=tmp_path), Recipe(), Alone(rank, 3), torch.device("cpu"), print) for rank in range(3)]
    assert sum(job.accuracy(model, digits) for job in jobs) == pytest.approx(accuracy(model, digits))


def one_of_two(augment: Any) -> Run:
    """Return the run of the second of two processes."""
    model = create("linear", 2, 1, size=4)
    rule = make_optimizer("sgd", model.parameters(), 0.1, 0.0)
    where, order = torch.device("cpu"), torch.Generator().manual_seed(0)
    how, plan = choose_precision("float32", where), make_schedule(None, rule, 1)
    return Run(model, rule, plan, cross_entropy, augment, where, how, 4, order, History(), Alone(1, 2))


def test_a_plain_function_cannot_augment_for_several_processes() -> None:
    images = torch.rand(2, 1, 4, 4)
    with pytest.raises(TypeError, match=r"several processes need a visioncourse\.augment\.Augmentation"):
        one_of_two(lambda images, labels, generator: (images, labels)).change(images, None, 4)
    changed, _ = one_of_two(Flip()).change(images, None, 4)
    flip = Flip().sample(torch.Generator().manual_seed(0), 4)["flip"][2:]
    assert torch.equal(changed, Flip().apply(images, {"flip": flip}))
    assert one_of_two(None).change(images, None, 4)[0] is images


def test_the_loss_of_a_process_is_told_from_other_errors() -> None:
    assert lost(RuntimeError("[gloo/transport/tcp/pair.cc] Connection closed by peer [127.0.0.1]"))
    assert lost(SystemExit("stopped"))
    assert not lost(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
