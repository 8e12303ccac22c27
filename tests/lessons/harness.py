"""Sabotage: run a lesson with something essential broken, and see that its claims no longer hold.

A claim that cannot fail says nothing. So ``tests/lessons/test_sabotage_NN.py`` names, for every claim
of lesson NN, text to replace in the lesson's code under which the claim must say "does not hold"::

    import pytest
    from harness import Patch, Run, assert_fails, runs, unsabotaged

    SHUFFLED = Patch("labels = train.labels", "labels = train.labels[torch.randperm(len(train))]")
    SABOTAGES = {                                   # every claim of the lesson is a key
        "01.1": [SHUFFLED],
        "01.2": [SHUFFLED],                         # same patches: shares the run of 01.1
        "01.3": [Patch("model = MLP()", "model = Linear()")],
        "01.4": [Patch("shift = 3", "shift = 0")],
    }
    RUNS = runs(SABOTAGES, together=[("01.3", "01.4")])  # patches that do not disturb one another

    @pytest.mark.slow
    @pytest.mark.parametrize("run", RUNS, ids=str)
    def test_claims_fail_under_sabotage(run: Run) -> None:
        assert_fails("01", run)

A test in ``test_harness.py`` fails if a lesson has a claim that ``SABOTAGES`` lacks.

The lesson's code cells are executed in order in one fresh Python process, without a kernel, with
``VISIONCOURSE_STATIC=1`` and ``MPLBACKEND=Agg``, in the folder of the lesson, up to the last cell that
makes a claim in question. To save more time give ``only_cells`` (the numbers in brackets that
JupyterLab shows) or smaller ``parameters``; both are arguments of ``run_sabotaged`` and ``assert_fails``.
A patch must match exactly once in all the code, so that a sabotage cannot quietly stop to sabotage.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
if str(HERE.parents[1] / "tools") not in sys.path:
    sys.path.append(str(HERE.parents[1] / "tools"))

SECONDS = 600
Verdicts = dict[str, bool]


@dataclass(frozen=True)
class Patch:
    """Text in the code of a lesson, and what stands there instead in the sabotaged run."""

    old: str
    new: str


@dataclass(frozen=True)
class Run:
    """One execution of a lesson with some patches, and the claims that must fail in it."""

    claims: tuple[str, ...]
    patches: tuple[Patch, ...]

    def __str__(self) -> str:
        return "+".join(self.claims)


def runs(sabotages: Mapping[str, Sequence[Patch]], together: Iterable[Collection[str]] = ()) -> list[Run]:
    """Return as few runs as are needed: claims with equal patches share one, and each group in ``together``.

    Raises:
        AssertionError: if ``together`` names a claim that ``sabotages`` lacks, or one twice.
    """
    group_of: dict[str, int] = {}
    for number, group in enumerate(together):
        for claim in group:
            assert claim in sabotages, f"together names claim {claim}, which has no sabotage"
            assert claim not in group_of, f"together names claim {claim} twice"
            group_of[claim] = number
    gathered: dict[object, dict[str, Sequence[Patch]]] = {}
    for claim, patches in sabotages.items():
        gathered.setdefault(group_of.get(claim, tuple(patches)), {})[claim] = patches
    return [
        Run(tuple(claims), tuple(dict.fromkeys(patch for patches in claims.values() for patch in patches)))
        for claims in gathered.values()
    ]


def run_sabotaged(
    lesson: str | Path,
    patches: Iterable[Patch],
    upto: Collection[str],
    *,
    only_cells: Collection[int] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Verdicts:
    """Execute a lesson with patches; return {claim id: holds} for the claims in ``upto``.

    Args:
        lesson: number, name or path of the lesson.
        patches: applied to the code in order; each must match exactly once.
        upto: ids of claims; the run ends after the last cell that makes one of them.
        only_cells: numbers of code cells, from 1; the others are left out.
        parameters: values that replace defaults of the parameters cell, as papermill would.

    Raises:
        AssertionError: if a patch does not match exactly once, or a claim is unknown or does not appear.
        RuntimeError: if a cell fails.
    """
    from lesson_files import code_cells, read

    path = _path(lesson)
    cells = code_cells(read(path))
    last = _last_cell(cells, upto)
    sources = patched([cell["source"] for cell in cells], patches)
    verdicts = _execute(list(_orders(cells[:last], sources, only_cells, parameters)), path.parent)
    missing = sorted(set(upto) - set(verdicts))
    assert not missing, f"{path.name}: the sabotaged run made no claim {', '.join(missing)}"
    return {claim: verdicts[claim] for claim in upto}


def _path(lesson: str | Path) -> Path:
    """Return the path of a lesson."""
    from lesson_files import resolve

    return lesson if isinstance(lesson, Path) else resolve([lesson])[0]


def _orders(
    cells: Sequence[dict[str, Any]],
    sources: Sequence[str],
    only_cells: Collection[int] | None,
    parameters: Mapping[str, Any] | None,
) -> Iterator[dict[str, Any]]:
    """Yield what the worker has to execute: the chosen cells, new parameters after their defaults."""
    from lesson_files import HARDWARE, tags

    for number, (cell, source) in enumerate(zip(cells, sources, strict=False), start=1):
        if (only_cells is not None and number not in only_cells) or HARDWARE in tags(cell):
            continue
        yield {"number": number, "source": source, "raises": "raises-exception" in tags(cell)}
        if parameters and "parameters" in tags(cell):
            values = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
            yield {"number": number, "source": values, "raises": False}


def patched(sources: Sequence[str], patches: Iterable[Patch]) -> list[str]:
    """Return the sources with each patch applied.

    Raises:
        AssertionError: naming a patch whose old text is not there exactly once.
    """
    result = list(sources)
    for patch in patches:
        count = sum(source.count(patch.old) for source in result)
        assert count == 1, f"the patch of {patch.old!r} matches {count} times in the lesson's code, expected once"
        result = [source.replace(patch.old, patch.new) for source in result]
    return result


def _last_cell(cells: Sequence[dict[str, Any]], upto: Collection[str]) -> int:
    """Return the number of the last code cell that makes one of the claims."""
    from lesson_files import claims
    from rules.lesson import Cell

    places: dict[str, int] = {}
    for number, cell in enumerate(cells, start=1):
        called = [call.args[0] for call in Cell(0, number, cell).calls("claim") if call.args]
        ids = [str(claim["id"]) for claim in claims(cell["outputs"])]
        for claim in [*ids, *(getattr(argument, "value", None) for argument in called)]:
            places[str(claim)] = number
    unknown = sorted(set(upto) - set(places))
    assert not unknown, f"the lesson has no claim {', '.join(unknown)}; it has {', '.join(sorted(places))}"
    return max((places[claim] for claim in upto), default=len(cells))


def _execute(job: list[dict[str, Any]], folder: Path) -> Verdicts:
    """Execute cells in a fresh Python process that works in ``folder``; return the verdicts of their claims."""
    from kernels import kernel_environment

    environment = kernel_environment() | {"MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8"}
    with tempfile.TemporaryDirectory() as scratch:
        orders, answer = Path(scratch) / "job.json", Path(scratch) / "verdicts.json"
        orders.write_text(json.dumps(job), encoding="utf-8")
        command = [sys.executable, str(HERE / "sabotage_worker.py"), str(orders), str(answer)]
        done = subprocess.run(
            command, cwd=folder, env=environment, timeout=SECONDS, capture_output=True, encoding="utf-8", check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"the sabotaged lesson failed:\n{(done.stdout + done.stderr)[-3000:]}")
        return dict(json.loads(answer.read_text(encoding="utf-8")))


def assert_fails(lesson: str | Path, run: Run, **options: Any) -> None:
    """Assert that every claim of a run says "does not hold"; ``options`` go to ``run_sabotaged``."""
    verdicts = run_sabotaged(lesson, run.patches, run.claims, **options)
    held = [claim for claim, holds in verdicts.items() if holds]
    assert not held, f"claim {', '.join(held)} holds although the lesson is sabotaged: it cannot fail"


def unsabotaged(lesson: str | Path, sabotages: Mapping[str, Sequence[Patch]]) -> list[str]:
    """Return the claims of a lesson that no sabotage (of at least one patch) is given for."""
    from lesson_files import all_claims, read

    claims = dict.fromkeys(str(claim["id"]) for claim in all_claims(read(_path(lesson))))
    return [claim for claim in claims if not sabotages.get(claim)]
