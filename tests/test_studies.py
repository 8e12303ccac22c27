"""The programs behind ``results/``: each takes one step on small grey digits, and a table is gathered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studies import cifar10
from studies.__main__ import main
from studies.records import Records
from visioncourse import results


@pytest.mark.slow
@pytest.mark.parametrize("name", ["transfer", "squeeze"])
def test_a_study_takes_its_first_steps_and_goes_on(name: str, tmp_path: Path) -> None:
    main([name, "--smoke", "--out", str(tmp_path)])
    made = json.loads((tmp_path / f"{name}.json").read_text())
    shipped = results.load(name)
    assert made["command"] == shipped["command"]
    assert {run["arm"] for run in made["runs"]} == {run["arm"] for run in shipped["runs"]}
    assert made["runs"][0].keys() == shipped["runs"][0].keys()
    stamp = (tmp_path / f"{name}.json").stat().st_mtime_ns
    main([name, "--smoke", "--out", str(tmp_path)])  # everything is recorded: nothing is run again
    assert (tmp_path / f"{name}.json").stat().st_mtime_ns == stamp


def facts(epochs: int) -> dict:
    curve = {"loss": [0.123456], "accuracy": [0.5], "valid_accuracy": [0.4], "seconds": [1.6], "lr": [0.1]}
    return {
        "model": "resnet20", "parameters": 7, "multiply_adds": 8, "recipe": {"epochs": epochs}, "seed": 0,
        "hardware": "one processor", "valid_accuracy": 0.4, "test_accuracy": 0.3, "curve": curve,
    }  # fmt: skip


def test_finished_runs_become_rows(tmp_path: Path) -> None:
    for number, epochs in enumerate((40, 2)):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "run.json").write_text(json.dumps(facts(epochs)))
    cifar10.gather([tmp_path / "0", tmp_path / "1", tmp_path / "0"], tmp_path)
    rows = json.loads((tmp_path / "cifar10.json").read_text())["runs"]
    assert [(row["epochs"], row["note"]) for row in rows] == [(2, "short run"), (40, "")]
    assert rows[0]["command"].endswith("--recipe cifar10_resnet20 --epochs 2 --seed 0")
    assert rows[0]["curve"]["loss"] == [0.1235] and "lr" not in rows[0]["curve"]


def test_a_run_replaces_the_one_with_its_key(tmp_path: Path) -> None:
    records = Records("toy", "a title", "a command", ("arm", "seed"), tmp_path)
    for run in ({"arm": "b", "seed": 0, "x": 1}, {"arm": "a", "seed": 0, "x": 2}, {"arm": "b", "seed": 0, "x": 3}):
        records.add(run)
    again = Records("toy", "a title", "a command", ("arm", "seed"), tmp_path)
    assert [run["x"] for run in again.facts["runs"]] == [2, 3]
    assert again.has(arm="a", seed=0) and not again.has(arm="a", seed=1)
