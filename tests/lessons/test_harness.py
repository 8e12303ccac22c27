"""The sabotage harness on a toy lesson, and: does every claim of every lesson have a sabotage?"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import broken
import lesson_files
import pytest
from harness import Patch, Run, assert_fails, patched, run_sabotaged, runs, unsabotaged

LESSONS = lesson_files.find_lessons()
HERE = Path(__file__).resolve().parent
CLAIM = """
def claim(id, value, at_least):
    facts = {"id": id, "value": value, "holds": value >= at_least}
    publish_display_data({"text/plain": id}, {"visioncourse": {"claim": facts}})
"""


def sabotages_of(path: Path) -> dict[str, Any]:
    """Return SABOTAGES of the test file of a lesson; nothing if there is no such file."""
    file = HERE / f"test_sabotage_{path.name[:2]}.py"
    if not file.is_file():
        return {}
    spec = importlib.util.spec_from_file_location(f"sabotages_{path.name[:2]}", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.SABOTAGES)


@pytest.mark.parametrize("path", LESSONS or [None], ids=lambda path: path.stem if path else "none")
def test_every_claim_has_a_sabotage(path: Path | None) -> None:
    if path is None:
        pytest.skip("no lesson is written yet")
    missing = unsabotaged(path, sabotages_of(path))
    assert not missing, f"no sabotage of claim {', '.join(missing)} in tests/lessons/test_sabotage_{path.name[:2]}.py"


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lesson with two claims that hold, a cell that must not be executed and one that would fail."""
    stored = [{"output_type": "display_data", "data": {}, "metadata": {"visioncourse": {"claim": {"id": "01.2"}}}}]
    cells = [
        broken.code("size: int = 4", tags=["parameters"]),
        broken.code(
            "import os\nfrom IPython.display import publish_display_data\nassert os.environ['MPLBACKEND'] == 'Agg'"
        ),
        broken.code(CLAIM),
        broken.code("labels = list(range(size))\nspeed = 3"),
        broken.code("1 / 0", tags=["nbval-skip", "hardware"]),
        broken.code("1 / 0", tags=["raises-exception"]),
        broken.code('claim("01.1", len(labels), at_least=4)'),
        broken.code('claim("01.2", speed, at_least=3)', *stored),
        broken.code("raise RuntimeError('not reached')"),
    ]
    path = tmp_path_factory.mktemp("lessons") / "01_toy.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_claims_hold_without_and_fail_with_a_sabotage(toy: Path) -> None:
    assert run_sabotaged(toy, [], ["01.1", "01.2"]) == {"01.1": True, "01.2": True}
    sabotages = {"01.1": [Patch("range(size)", "range(0)")], "01.2": [Patch("speed = 3", "speed = 2")]}
    (both,) = runs(sabotages, together=[("01.1", "01.2")])
    assert_fails(toy, both)


def test_a_claim_that_still_holds_is_named(toy: Path) -> None:
    with pytest.raises(AssertionError, match=r"claim 01\.1 holds although"):
        assert_fails(toy, Run(("01.1",), (Patch("speed = 3", "speed = 2"),)))


def test_parameters_and_chosen_cells(toy: Path) -> None:
    chosen = [1, 2, 3, 4, 7]
    assert run_sabotaged(toy, [], ["01.1"], only_cells=chosen, parameters={"size": 2}) == {"01.1": False}


def test_a_cell_that_fails_is_named(toy: Path) -> None:
    with pytest.raises(RuntimeError, match=r"cell \[4\][\s\S]*ZeroDivisionError"):
        run_sabotaged(toy, [Patch("speed = 3", "speed = 1 / 0")], ["01.1"])


@pytest.mark.parametrize(("old", "count"), [("nowhere", 0), ("size", 2)])
def test_a_patch_matches_exactly_once(toy: Path, old: str, count: int) -> None:
    with pytest.raises(AssertionError, match=rf"the patch of '{old}' matches {count} times"):
        run_sabotaged(toy, [Patch(old, "x")], ["01.1"])


def test_a_claim_that_does_not_exist(toy: Path) -> None:
    with pytest.raises(AssertionError, match=r"no claim 01\.9; it has 01\.1, 01\.2"):
        run_sabotaged(toy, [], ["01.9"])


def test_patches_are_applied_in_order() -> None:
    assert patched(["a b", "c"], [Patch("b", "d"), Patch("d", "e")]) == ["a e", "c"]


def test_as_few_runs_as_needed() -> None:
    one, two, three = (Patch(letter, letter * 2) for letter in "abc")
    plan = runs({"1": [one], "2": [one], "3": [two], "4": [three, one]}, together=[("3", "4")])
    assert plan == [Run(("1", "2"), (one,)), Run(("3", "4"), (two, three, one))]
    assert [str(run) for run in plan] == ["1+2", "3+4"]
    with pytest.raises(AssertionError, match="claim 9, which has no sabotage"):
        runs({"1": [one]}, together=[("9",)])
    with pytest.raises(AssertionError, match="claim 1 twice"):
        runs({"1": [one]}, together=[("1",), ("1",)])


def test_claims_without_sabotage_are_found(toy: Path) -> None:
    assert unsabotaged(toy, {}) == ["01.2"]
    assert unsabotaged(toy, {"01.2": []}) == ["01.2"]
    assert unsabotaged(toy, {"01.2": [Patch("a", "b")]}) == []
