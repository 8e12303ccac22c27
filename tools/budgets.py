"""What a lesson may cost, and whether the record of its run under nbval keeps to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lesson_files import RECORDS, Notebook, code_cells, code_sha256

SECONDS = 90.0  # on two cores of the reference machine
MEGABYTES = 2048.0
# calibrate() on the machine on which SECONDS is meant: the median of seven runs on its two idle cores (0.67 to 1.21).
REFERENCE_CALIBRATION = 0.83
SLOWEST = 4.0  # a machine that seems slower than this is busy with something else: the budget grows no further
COMMAND = "pytest --nbval --nbval-current-env --nbval-sanitize-with notebooks/nbval_sanitize.cfg notebooks/{}.ipynb"


def record_path(lesson: str, folder: Path = RECORDS) -> Path:
    """Return where the record of a lesson lies."""
    return folder / f"{lesson}.json"


def breaches(lesson: str, notebook: Notebook, folder: Path = RECORDS) -> list[str]:
    """Return one sentence for each budget or claim that the recorded run of a lesson breaks.

    A record that is missing, incomplete or was made by other code is a breach too, and says how to make it.
    """
    how = f"run `{COMMAND.format(lesson)}`"
    try:
        record = json.loads(record_path(lesson, folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return [f"{lesson}: no record of a run under nbval: {how}"]
    if record["code_sha256"] != code_sha256(notebook):
        return [f"{lesson}: the record was made by other code: {how}"]
    found = [f"{lesson}: cell [{number}] failed under nbval: {how}" for number in record["failed"]]
    if record["cells"] != len(code_cells(notebook)):
        found.append(f"{lesson}: {record['cells']} of {len(code_cells(notebook))} cells were executed: {how}")
    return found + _costs(lesson, record) + _verdicts(lesson, record)


def _costs(lesson: str, record: dict[str, Any]) -> list[str]:
    """Return what cost too much; time is measured against how fast the machine was."""
    found = []
    allowed = SECONDS * min(record["calibration"] / REFERENCE_CALIBRATION, SLOWEST)
    if record["seconds"] > allowed:
        found.append(f"{lesson}: took {record['seconds']:.1f} s, at most {allowed:.1f} s on this machine")
    if record["peak_mb"] > MEGABYTES:
        found.append(f"{lesson}: used {record['peak_mb']:.0f} MB, at most {MEGABYTES:.0f} MB")
    return found


def _verdicts(lesson: str, record: dict[str, Any]) -> list[str]:
    """Return the claims that did not hold."""
    return [
        f"{lesson}: claim {claim['id']} does not hold: value {claim['value']}, expected {claim['bound']}"
        for claim in record["claims"]
        if not claim["holds"]
    ]
