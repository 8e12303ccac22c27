"""The bench as a program: a trial run, its bad input, and the arithmetic of its verdicts."""

from __future__ import annotations

import gc
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from benchmarks import accuracy, arms, augmentation, convolution, engine, machine, peers, scalar, speed, targets  # noqa: E402
from benchmarks.__main__ import main  # noqa: E402
from benchmarks.work import Job, Work, digits  # noqa: E402


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Two threads wait for each other wherever the cores are busy with other tests."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend the memory of the two networks, which takes two interpreters to measure."""
    monkeypatch.setattr(engine, "_probe", {"engine": 50.0, "torch": 100.0}.__getitem__)


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, no_processes: None) -> None:
    """Pretend the rest of the engine's figures too."""
    monkeypatch.setattr(engine, "compare_steps", lambda rounds: speed.Ratios((2.0,)))
    monkeypatch.setattr(scalar, "compare_scalars", lambda rounds: {scalar.BATCHED: speed.Ratios((30000.0,))})


@pytest.mark.slow
def test_smoke(tmp_path: Path, capsys: pytest.CaptureFixture[str], no_engine: None) -> None:
    file = tmp_path / "bench.json"
    arguments = ["--rounds", "1", "--images", "256", "--epochs", "1", "--no-peers", "--json", str(file)]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    figures = json.loads(file.read_text(encoding="utf-8"))
    assert figures["ratios"]["bare loop"] == [1.0]
    assert {"fit", "fit float32", "DataLoader loop"} <= set(figures["ratios"])
    assert all(ratio > 0 for [ratio] in figures["ratios"].values())
    assert figures["convolutions"]["im2col"][0] > 1 and figures["convolutions"]["torch"][0] > 1
    assert figures["skipped"] == [f"{name}: left out by --no-peers" for name in ("skorch", "lightning", "fastai")]
    assert [verdict["holds"] for verdict in figures["verdicts"]] == [None] * 11
    assert figures["engine"] == {"time": [2.0], "memory": [0.5], "engine, batch of 64": [30000.0]}
    for words in ("skipped: fastai: left out", f"torch {torch.__version__}".split("+")[0], "not judged", "lightning"):
        assert words in printed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--rounds", "0"], "--rounds=0: expected a whole number of at least 1."),
        (["--epochs", "-1"], "--epochs=-1: expected a whole number of at least 1."),
        (["--threads", "0"], "--threads=0: expected a whole number of at least 1."),
        (["--images", "63"], "--images=63: expected a number from 64 (one batch) to 3500."),
        (["--images", "3501"], "--images=3501"),
        (["--json", "nowhere/at/all.json"], "there is no folder"),
        (["--engine", "--accuracy"], "argument --accuracy: not allowed with argument --engine"),
        (["--augment", "--engine"], "argument --engine: not allowed with argument --augment"),
    ],
)
def test_bad_input_stops_before_anything_is_measured(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert sentence in capsys.readouterr().err


def test_runs_as_a_module() -> None:
    run = subprocess.run([sys.executable, "-m", "benchmarks", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0 and "--accuracy" in run.stdout


def test_every_own_arm_trains_the_network_it_returns() -> None:
    work = digits(128)
    for name, arm in arms.own_arms(bfloat16=True).items():
        model, call = arm(work)
        call()
        start = work.model().state_dict()
        assert not torch.equal(model.state_dict()["head.1.weight"], start["head.1.weight"]), name
        assert int(model.state_dict()["stages.0.1.num_batches_tracked"]) == 2, name  # two batches of 64, no more


def test_digits_refuses_too_few_and_too_many() -> None:
    assert digits(100, epochs=3).seen == 300
    for count in (63, 3501):
        with pytest.raises(ValueError, match=f"images={count}: expected a number from 64"):
            digits(count)


def pretend(log: list[str], name: str, work: Work) -> Job:
    log.append(name)
    return torch.nn.Identity(), partial(torch.set_num_threads, 2)


def test_arms_take_turns_in_rotated_order_after_a_round_that_does_not_count() -> None:
    log: list[str] = []
    times, failed = speed.measure({name: partial(pretend, log, name) for name in "abc"}, digits(64), rounds=2)
    assert log == [*"abc", *"abc", *"bca"]
    assert {name: len(values) for name, values in times.items()} == {"a": 2, "b": 2, "c": 2}
    assert not failed
    assert torch.get_num_threads() == 1  # an arm that changes it does not slow the next


def broken(work: Work) -> Job:
    raise RuntimeError("no such setting\nand a long story")


def test_a_peer_that_fails_is_named_and_left_out_but_an_own_arm_is_not() -> None:
    ways = {"bare loop": partial(pretend, [], ""), "peer": broken}
    times, failed = speed.measure(ways, digits(64), 1, may_fail={"peer"})
    assert list(times) == ["bare loop"] and failed == ["peer: RuntimeError: no such setting"]
    with pytest.raises(RuntimeError, match="no such setting"):
        speed.measure(ways, digits(64), 1)


def test_ratios_are_taken_within_rounds() -> None:
    times = {"bare loop": [2.0, 20.0, 6.0], "fit": [1.0, 5.0, 2.0]}
    ratios = speed.compare(times, "fit")
    assert ratios.values == (2.0, 4.0, 3.0) and ratios.median == 3.0
    assert str(ratios).split() == ["3.00", "2.00", "to", "4.00"]


@pytest.mark.parametrize(
    ("fit", "lightning", "bfloat16", "judged", "holds"),
    [
        (0.5, 1.25, True, True, [True, True, True]),
        (0.6, 1.25, True, True, [True, False, False]),
        (0.5, None, True, True, [True, True, None]),
        (0.6, 1.25, False, True, [True, None, None]),
        (0.6, 1.25, True, False, [None, None, None]),
    ],
)
def test_verdicts(fit: float, lightning: float | None, bfloat16: bool, judged: bool, holds: list[bool | None]) -> None:
    seconds = {"bare loop": 1.0, "fit": fit, "fit float32": 0.7} | ({"lightning": lightning} if lightning else {})
    verdicts = targets.judge_speed({name: [value] * 7 for name, value in seconds.items()}, bfloat16, judged)
    assert [verdict.holds for verdict in verdicts] == holds
    assert [str(verdict).split()[0] for verdict in verdicts] == [
        {True: "holds", False: "MISSED", None: "not"}[each] for each in holds
    ]


def test_rounds_that_disagree_are_not_judged() -> None:
    times = {"bare loop": [1.0] * 7, "fit": [0.1, 0.2, 0.3, 0.4, 0.5, 1.0, 2.0], "fit float32": [0.7] * 6 + [0.1]}
    float32, auto, _ = targets.judge_speed(times, bfloat16=True, judged=True)
    assert float32.holds is True  # one disturbed round in seven does no harm
    assert auto.holds is None and auto.measured == "2.50×, but the rounds disagree"


def test_import_verdict() -> None:
    assert targets.judge_import(0.05, 0.03, judged=True).holds is True
    assert targets.judge_import(0.25, 0.1, judged=True).holds is False
    assert targets.judge_import(0.25, 0.1, judged=False).holds is None


def test_exit_code_tells_of_a_missed_target(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import report

    for holds, code in ((True, 0), (None, 0), (False, 1)):
        figures: dict[str, Any] = {"verdicts": [{"holds": True}, {"holds": holds}]}
        monkeypatch.setattr(report, "speeds", lambda chosen, figures=figures: figures)
        assert main([]) == code


def test_naive_convolution_agrees_with_torch() -> None:
    images, weights = np.random.default_rng(1).random((2, 3, 7, 6)), np.random.default_rng(2).random((4, 3, 3, 3))
    expected = torch.nn.functional.conv2d(torch.from_numpy(images), torch.from_numpy(weights))
    np.testing.assert_allclose(convolution.naive(images, weights), expected.numpy())


def test_accuracy_is_noise_or_a_miss() -> None:
    found = {"fit": [0.951, 0.96, 0.94], "same": [0.952, 0.959, 0.94], "better": [0.97, 0.98, 0.961]}
    assert accuracy.judge_accuracy(found, "fit", "same").holds is True
    assert accuracy.judge_accuracy(found, "fit", "better").holds is False
    assert accuracy.judge_accuracy(found, "better", "fit").holds is True


def test_accuracy_that_varies_too_much_to_tell_does_not_pass() -> None:
    found = {"fit": [0.99, 0.80, 0.97], "other": [0.93, 0.94, 0.89]}
    assert accuracy.judge_accuracy(found, "fit", "other").holds is False


def test_accuracies_of_a_short_training() -> None:
    said: list[str] = []
    found = accuracy.compare_accuracy({"bare loop": arms.bare}, said.append, seeds=1, count=320)
    assert said == ["seed 0"] and 0.1 < found["bare loop"][0] <= 1


@pytest.mark.parametrize(("version", "runs"), [("2.6.3", False), ("2.6.2", False), ("2.6.6", True), ("3.0", True)])
def test_malicious_and_old_versions_are_not_imported(version: str, runs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "installed_version", lambda name: version)
    assert (peers.why_not("lightning") == "") is runs


def test_peers_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise peers.PackageNotFoundError(name)

    monkeypatch.setattr(peers, "installed_version", missing)
    assert [peers.why_not(name).split(" (")[0] for name in peers.PEERS] == ["not installed"] * 3


def test_the_machine_is_described_as_json_can_hold_it() -> None:
    about = machine.describe()
    assert json.loads(json.dumps(about)) == about
    assert about["processor"] and about["cores"] >= 1 and "torch" in about["versions"]


@pytest.mark.slow
def test_the_engine_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], no_processes: None) -> None:
    file = tmp_path / "bench.json"
    assert main(["--engine", "--rounds", "1", "--json", str(file)]) == 0
    printed, figures = capsys.readouterr().out, json.loads(file.read_text(encoding="utf-8"))
    assert figures["engine"]["memory"] == [0.5] and 0 < figures["engine"]["time"][0] < 100
    assert figures["engine"]["engine, batch of 64"][0] > figures["engine"]["engine, one picture"][0] > 1
    assert [verdict["holds"] for verdict in figures["verdicts"]] == [None] * 3 and "ratios" not in figures
    for words in ("so many times torch's", "engine on single numbers", "engine's memory ≤ 3× torch's: 0.50×", "load"):
        assert words in printed


@pytest.mark.parametrize(
    ("step", "memory", "scalars", "judged", "holds"),
    [
        (8.0, 3.0, 1000.0, True, [True, True, True]),
        (8.1, 3.1, 999.0, True, [False, False, False]),
        (2.0, 0.7, 35000.0, False, [None, None, None]),
    ],
)
def test_engine_verdicts(step: float, memory: float, scalars: float, judged: bool, holds: list[bool | None]) -> None:
    ratios = [speed.Ratios((value,) * 7) for value in (step, memory, scalars)]
    assert [verdict.holds for verdict in targets.judge_engine(*ratios, judged)] == holds


def test_engine_rounds_that_disagree_are_not_judged() -> None:
    calm, wild = speed.Ratios((2.0,) * 7), speed.Ratios((200.0, 900.0, 4000.0, 5000.0, 6000.0))
    assert [verdict.holds for verdict in targets.judge_engine(calm, calm, wild, judged=True)] == [True, True, None]
    assert targets.judge_engine(calm, calm, wild, True)[2].measured == "4,000×, but the rounds disagree"


def test_rounds_that_agree_in_the_verdict_are_judged_however_far_apart() -> None:
    calm, wild = speed.Ratios((2.0,) * 7), speed.Ratios((20000.0, 30000.0, 40000.0, 50000.0, 60000.0))
    verdict = targets.judge_engine(calm, calm, wild, True)[2]
    assert verdict.holds is True and verdict.measured == "40,000×"


def test_both_networks_are_the_same_and_a_difference_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    (ours, _), (theirs, _) = engine.engine_network(), engine.torch_network()
    shapes = [tuple(parameter.shape) for parameter in theirs.parameters()]
    assert [parameter.shape for parameter in ours.parameters()] == shapes and len(shapes) == 11
    monkeypatch.setattr(engine.optim, "Adam", partial(engine.optim.Adam, betas=(0.0, 0.5)))
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        engine.compare_steps(1)


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="the system cannot forget a peak")
def test_the_rise_of_memory_is_that_of_the_step() -> None:
    def step() -> float:
        return float(np.ones(2**23).sum())  # 64 MB of float64, let go at once

    assert 60 < engine.rise(step) < 90
    assert engine.rise(lambda: 0.0) < 30  # what another test has left is not counted


def test_memory_is_measured_in_an_interpreter_of_its_own() -> None:
    assert 20 < engine._probe("engine") < 1000


def test_scalars_agree_with_torch() -> None:
    numbers = [0.3, -1.2, 2.0, 0.7]
    ours, theirs = [scalar.Value(x) for x in numbers], [torch.tensor(x, requires_grad=True) for x in numbers]
    for a, b, c, d in (ours, theirs):
        ((a * b + c).relu() * c + (a * d + b).relu() * a + a * a).backward()
    assert [value.grad for value in ours] == pytest.approx([value.grad.item() for value in theirs], rel=1e-6)


def test_scalars_may_be_deep() -> None:
    total = start = scalar.Value(1.0)
    for _ in range(5000):
        total = total + start
    total.backward()
    assert (total.data, start.grad) == (5001.0, 5001.0)


def test_scalars_take_turns_with_the_garbage_collector() -> None:
    assert scalar._undisturbed(gc.isenabled) >= 0 and gc.isenabled()


@pytest.mark.slow
def test_augmentation_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bench.json"
    assert main(["--augment", "--rounds", "1", "--json", str(file)]) == 0
    printed, figures = capsys.readouterr().out, json.loads(file.read_text(encoding="utf-8"))
    assert list(figures["augmentation"]) == ["28×28", "32×32×3"]
    for ratios in figures["augmentation"].values():
        assert ratios["torchvision"][0] > 1 and 0 < ratios["training step"][0] < 1
    assert [verdict["holds"] for verdict in figures["verdicts"]] == [None] * 4 and "not judged" in printed


@pytest.mark.parametrize(
    ("by_image", "of_step", "judged", "holds"),
    [
        (10.0, 0.05, True, [True, True]),
        (9.9, 0.051, True, [False, False]),
        (40.0, 0.01, False, [None, None]),
    ],
)
def test_augmentation_verdicts(by_image: float, of_step: float, judged: bool, holds: list[bool | None]) -> None:
    ratios = [speed.Ratios((value,) * 7) for value in (by_image, of_step)]
    assert [verdict.holds for verdict in targets.judge_augmentation("28×28", *ratios, judged)] == holds


@pytest.mark.parametrize("shape", augmentation.SHAPES.values())
def test_both_augmentations_do_the_same_kind_of_thing(shape: tuple[int, int, int]) -> None:
    images = torch.linspace(0.5, 1, 4 * math.prod(shape)).reshape(4, *shape)
    ours, theirs = augmentation.batched(images)(), augmentation.image_by_image(images)()
    assert ours.shape == theirs.shape == images.shape
    for changed in (ours, theirs):
        hidden = (changed == 0).sum((1, 2, 3))
        assert not torch.equal(changed, images) and 0 < int(hidden.min()) <= int(hidden.max()) == shape[0] * 64
    loss, right = augmentation.training_step(images)()
    assert loss > 0 and right is not None
