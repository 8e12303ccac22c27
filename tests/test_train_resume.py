"""Interrupted runs: whatever kills them, the same call again ends with the weights of an uninterrupted run."""

from __future__ import annotations

import errno
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
import training_toys
from torch import nn
from training_toys import RUNS, checkpoint_of, differing, toy_model, toy_set, train_toy

from visioncourse.checkpoint import load_weights, save_weights
from visioncourse.history import History
from visioncourse.train import fit

pytestmark = pytest.mark.usefixtures("one_thread")


class Killed(BaseException):
    """What no ``except Exception`` catches."""


def die_at(epoch: int) -> Callable[[nn.Module, History], None]:
    def die(model: nn.Module, history: History) -> None:
        if history.epochs == epoch:
            raise Killed

    return die


def times_apart(history: History) -> dict[str, Any]:
    """Return a history without its durations."""
    return {name: value for name, value in history.as_dict().items() if name != "seconds"}


@pytest.mark.parametrize("epoch", [1, 3, 4])
@pytest.mark.parametrize(("optimizer", "precision"), RUNS)
def test_a_run_that_dies_goes_on_as_if_nothing_had_happened(
    optimizer: str, precision: str, epoch: int, tmp_path: Path
) -> None:
    whole, died, again = toy_model(), toy_model(), toy_model(seed=0 if epoch == 1 else 8)
    valid = toy_set(16, seed=1)
    expected = train_toy(whole, optimizer, precision, valid=valid)
    file = tmp_path / "run.safetensors"
    with pytest.raises(Killed):
        train_toy(died, optimizer, precision, valid=valid, checkpoint=file, callbacks=[die_at(epoch)])
    assert file.exists() is (epoch > 1)
    torch.manual_seed(99)
    history = train_toy(again, optimizer, precision, valid=valid, checkpoint=file)
    assert differing(whole, again) == []
    assert times_apart(history) == times_apart(expected) and len(history.seconds) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_kill_9_at_a_random_moment(tmp_path: Path) -> None:
    kill_9(tmp_path, random.uniform(0.0, 0.4))
    check_all_runs(tmp_path)


def kill_9(folder: Path, after: float) -> None:
    """Kill the program of four runs, some time after its first checkpoint was written."""
    program = [sys.executable, str(training_toys.__file__), str(folder)]
    with subprocess.Popen(program, cwd=Path(training_toys.__file__).parent) as process:
        end = time.monotonic() + 30
        while not list(folder.glob("*.safetensors")) and time.monotonic() < end and process.poll() is None:
            time.sleep(0.005)
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
    assert process.returncode in (-signal.SIGKILL, 0)
    assert checkpoint_of(folder, *RUNS[0]).exists()


def check_all_runs(folder: Path) -> None:
    for optimizer, precision in RUNS:
        whole, again = toy_model(), toy_model()
        file = checkpoint_of(folder, optimizer, precision)
        train_toy(whole, optimizer, precision, epochs=30)
        history = train_toy(again, optimizer, precision, epochs=30, checkpoint=file)
        assert differing(whole, again) == [] and history.epochs == 30


def test_parameter_groups_go_on_too(tmp_path: Path) -> None:
    def groups(model: nn.Sequential) -> list[dict[str, Any]]:
        return [{"params": model[6].parameters(), "lr": 0.05, "betas": (0.8, 0.9)}, {"params": model[0].parameters()}]

    whole, died, again = toy_model(), toy_model(), toy_model()
    train_toy(whole, params=groups(whole))
    with pytest.raises(Killed):
        train_toy(died, params=groups(died), checkpoint=tmp_path / "run", callbacks=[die_at(3)])
    train_toy(again, params=groups(again), checkpoint=tmp_path / "run")
    assert differing(whole, again) == []


def test_a_finished_run_is_read_and_not_trained_again(tmp_path: Path) -> None:
    first, second = toy_model(), toy_model(seed=8)
    history = train_toy(first, checkpoint=tmp_path / "run")
    stamp = (tmp_path / "run").stat().st_mtime_ns
    again = train_toy(second, checkpoint=tmp_path / "run", callbacks=[die_at(1)])
    assert differing(first, second) == [] and again == history
    assert (tmp_path / "run").stat().st_mtime_ns == stamp and not second.training


def test_a_run_that_a_callback_stopped_stays_stopped(tmp_path: Path) -> None:
    def at_two(model: nn.Module, history: History) -> bool:
        return history.epochs == 2

    first, second = toy_model(), toy_model()
    train_toy(first, checkpoint=tmp_path / "run", callbacks=[at_two])
    assert train_toy(second, checkpoint=tmp_path / "run", callbacks=[at_two]).epochs == 2
    assert differing(first, second) == []


def test_keeping_a_file_changes_no_weight(tmp_path: Path) -> None:
    kept, plain = toy_model(), toy_model()
    train_toy(kept, checkpoint=str(tmp_path / "run"))
    train_toy(plain)
    assert differing(kept, plain) == [] and [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"epochs": 9}, "epochs=4, this call says 9"),
        ({"batch_size": 8}, "batch_size=16, this call says 8"),
        ({"lr": 0.02}, "lr=0.01, this call says 0.02"),
        ({"seed": 4}, "seed=3, this call says 4"),
        ({"weight_decay": 0.1}, "weight_decay=0.0, this call says 0.1"),
        ({"precision": "bfloat16"}, "precision='float32', this call says 'bfloat16'"),
        ({"optimizer": "sgd"}, "optimizer='adamw', this call says 'sgd'"),
        ({"optimizer": "adam"}, "optimizer"),
        ({"schedule": "cosine"}, "schedule='onecycle', this call says 'cosine'"),
        ({"params": lambda model: model[6].parameters()}, "param"),
    ],
)
@pytest.mark.parametrize("over", [True, False])
def test_a_file_of_other_settings_is_refused(other: dict[str, Any], words: str, over: bool, tmp_path: Path) -> None:
    file, model = tmp_path / "run.safetensors", toy_model(seed=8)
    with suppress(Killed):
        train_toy(toy_model(), checkpoint=file, callbacks=[] if over else [die_at(2)])
    content = file.read_bytes()
    options = {name: value(model) if callable(value) else value for name, value in other.items()}
    with pytest.raises(ValueError, match=words) as refusal:
        train_toy(model, checkpoint=file, **options)
    assert "\n" not in str(refusal.value)
    assert differing(model, toy_model(seed=8)) == [] and file.read_bytes() == content


def another_architecture(file: Path) -> None:
    fit(toy_model(wide=8), toy_set(), epochs=4, batch_size=16, device="cpu", checkpoint=file)


def weights_only(file: Path) -> None:
    save_weights(file, toy_model())


def truncated(file: Path) -> None:
    train_toy(toy_model(), checkpoint=file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def pickled(file: Path) -> None:
    file.write_bytes(pickle.dumps(toy_model().state_dict()["0.bias"].tolist()))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (another_architecture, "belongs to another architecture: '0.bias' is"),
        (weights_only, "holds weights only"),
        (truncated, "is truncated or not a safetensors file"),
        (pickled, "not a safetensors file.*pickled weights are refused"),
    ],
)
def test_a_file_that_is_no_such_run_is_refused_and_kept(
    make: Callable[[Path], None], words: str, tmp_path: Path
) -> None:
    file, model = tmp_path / "run.safetensors", toy_model(seed=8)
    make(file)
    content = file.read_bytes()
    with pytest.raises(ValueError, match=words) as refusal:
        train_toy(model, checkpoint=file)
    assert "\n" not in str(refusal.value)
    assert differing(model, toy_model(seed=8)) == [] and file.read_bytes() == content


def test_the_weights_of_a_training_file_can_be_told_from_an_architecture(tmp_path: Path) -> None:
    train_toy(toy_model(), epochs=1, checkpoint=tmp_path / "run")
    with pytest.raises(ValueError, match="training run"):
        load_weights(tmp_path / "run", toy_model())


def test_a_missing_folder_is_named_before_training(tmp_path: Path) -> None:
    model = toy_model()
    with pytest.raises(FileNotFoundError, match=r"checkpoint=.*the folder .* does not exist"):
        train_toy(model, checkpoint=tmp_path / "absent" / "run")
    assert differing(model, toy_model()) == []


def test_a_disk_that_fills_up_costs_one_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(model: nn.Module, history: History) -> None:
        if history.epochs == 3:
            monkeypatch.setattr(os, "fsync", no_space)

    def no_space(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    whole, again, file = toy_model(), toy_model(), tmp_path / "run"
    with pytest.raises(OSError, match=r"cannot write 'run': No space left on device; an older file was left"):
        train_toy(toy_model(), checkpoint=file, callbacks=[fill])
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    train_toy(whole)
    train_toy(again, checkpoint=file)
    assert differing(whole, again) == []
