"""Two gloo processes against one: the same losses, the same figures, and what happens when one process dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from visioncourse.checkpoint import load_tensors
from visioncourse.distributed import Team, check_team, joined, own_device, team

RECIPE = """
model = "resnet8"
data = "mnist5k"
epochs = 9
batch_size = 65
lr = 0.02
optimizer = "sgd"
flip = true
shift = 2
[options]
norm = "group"
"""
DROPPING = """
model = "efficientnet_small"
epochs = 1
batch_size = 65
lr = 0.02
optimizer = "sgd"
shift = 2
[options]
norm = "group"
dropout = 0.3
drop_path = 0.3
"""
TEAM = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def command(folder: Path, recipe: str, processes: int, *more: str) -> list[str]:
    """Return a command that trains 33 digits of each class: five whole batches of 65, and one of 5."""
    path = folder.parent / f"{folder.name}.toml"
    path.write_text(recipe)
    start = [sys.executable, *(TEAM if processes == 2 else []), "-m", "visioncourse.train"]
    return [
        *start,
        "--recipe",
        str(path),
        "--few",
        "33",
        "--precision",
        "float32",
        "--log-steps",
        "--out",
        str(folder),
        *more,
    ]


def train(folder: Path, recipe: str, processes: int, *more: str) -> tuple[list[float], dict]:
    """Train; return the loss of every step, and the other figures."""
    done = subprocess.run(command(folder, recipe, processes, *more), capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    return json.loads((folder / "steps.json").read_text()), json.loads((folder / "run.json").read_text())


def apart(one: list[float], other: list[float]) -> float:
    """Return the largest difference of two lists of losses."""
    assert len(one) == len(other) > 0
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


@pytest.mark.slow
def test_two_processes_give_the_losses_of_one(tmp_path: Path) -> None:
    alone, facts = train(tmp_path / "one", RECIPE, 1)
    together, shared = train(tmp_path / "two", RECIPE, 2)
    assert len(alone) == 54
    assert apart(alone[:10], together[:10]) <= 1e-5
    assert apart(alone[:50], together[:50]) <= 1e-3
    assert apart(facts["curve"]["valid_loss"], shared["curve"]["valid_loss"]) <= 2e-3
    assert shared["test_accuracy"] * 1000 == pytest.approx(round(shared["test_accuracy"] * 1000))  # each digit once


@pytest.mark.slow
def test_dropout_is_drawn_for_the_whole_batch(tmp_path: Path) -> None:
    alone, _ = train(tmp_path / "one", DROPPING, 1)
    together, _ = train(tmp_path / "two", DROPPING, 2)
    assert apart(alone, together) <= 1e-5


@pytest.mark.slow
def test_batch_norm_of_two_processes_is_that_of_two_ghost_batches(tmp_path: Path) -> None:
    ghosts, facts = train(tmp_path / "ghosts", RECIPE, 1, "--norm", "batch", "--epochs", "2", "--ghost-batches", "2")
    together, shared = train(tmp_path / "two", RECIPE, 2, "--norm", "batch", "--epochs", "2")
    alone, _ = train(tmp_path / "one", RECIPE, 1, "--norm", "batch", "--epochs", "2")
    assert apart(ghosts, together) <= 1e-5
    assert apart(facts["curve"]["valid_loss"], shared["curve"]["valid_loss"]) <= 1e-5  # running statistics agree too
    assert apart(alone, together) > 1e-3  # and the statistics of the whole batch are others


def workers(job: psutil.Process) -> list[psutil.Process]:
    """Return the processes that train."""
    return [child for child in job.children(recursive=True) if "visioncourse.train" in " ".join(child.cmdline())]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills a process by a signal")
def test_a_killed_worker_ends_the_job_and_resume_goes_on(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    job = subprocess.Popen(command(cut, RECIPE, 2), stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    until = time.monotonic() + 120
    while not (cut / "state.safetensors").exists():
        assert time.monotonic() < until and job.poll() is None
        time.sleep(0.02)
    workers(psutil.Process(job.pid))[-1].send_signal(signal.SIGKILL)
    _, said = job.communicate(timeout=60)
    assert job.returncode != 0
    assert "a process of the team was lost" in said and "--resume" in said
    assert not (cut / "run.json").exists()
    train(cut, RECIPE, 2, "--resume")
    train(whole, RECIPE, 2)
    one, other = (load_tensors(folder / "weights.safetensors")[0] for folder in (whole, cut))
    assert all(torch.equal(one[name], other[name]) for name in one)


@given(st.integers(0, 50), st.integers(1, 9))
def test_portions_cover_every_image_once(count: int, size: int) -> None:
    parts = [Team(rank, size).portion(count) for rank in range(size)]
    assert [i for start, stop in parts for i in range(start, stop)] == list(range(count))
    assert [stop - start for start, stop in parts] == [len(part) for part in torch.arange(count).tensor_split(size)]


def test_without_torchrun_there_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined(torch.device("cpu")) as alone:
        assert alone == team() == Team(0, 1)
        assert alone.leads
        assert alone.sum(torch.tensor(3.0)) == 3
        model = torch.nn.Linear(2, 2)
        assert alone.wrap(model, torch.device("cpu")) is model
    assert not Team(1, 2).leads


def test_each_process_of_a_machine_has_its_own_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "3")
    assert own_device(torch.device("cuda")) == torch.device("cuda", 3)
    assert own_device(torch.device("cuda", 1)) == torch.device("cuda", 1)
    assert own_device(torch.device("cpu")) == torch.device("cpu")


def test_more_processes_than_images_are_refused() -> None:
    with pytest.raises(ValueError, match="8 processes are more than the 5 training images"):
        check_team(8, 4, 5)
    with pytest.raises(ValueError, match="batch_size=4: expected at least one image for each of 8"):
        check_team(8, 4, 100)
