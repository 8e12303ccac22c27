"""``python -m benchmarks``: the table of ratios, the machine, the targets; exit code 1 where a target is missed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line and refuse what cannot work, before anything is measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="rounds that count (targets are judged from 7)")
    parser.add_argument("--images", type=int, default=3200, help="training digits an epoch")
    parser.add_argument("--epochs", type=int, default=2, help="epochs a run")
    parser.add_argument(
        "--threads",
        type=int,
        help="threads of torch; 1 (counted in processor time) keeps ratios steady on a busy machine",
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--accuracy", action="store_true", help="compare accuracies over 5 seeds instead of speed")
    instead.add_argument("--engine", action="store_true", help="measure only the NumPy engine of lessons 04 and 05")
    instead.add_argument("--augment", action="store_true", help="measure only the augmentations")
    parser.add_argument("--no-peers", action="store_true", help="leave skorch, Lightning and fastai out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to this file too")
    chosen = parser.parse_args(arguments)
    for name in ("rounds", "epochs", "threads"):
        if getattr(chosen, name) is not None and getattr(chosen, name) < 1:
            parser.error(f"--{name}={getattr(chosen, name)}: expected a whole number of at least 1.")
    if not 64 <= chosen.images <= 3500:
        parser.error(f"--images={chosen.images}: expected a number from 64 (one batch) to 3500.")
    if chosen.json and not chosen.json.absolute().parent.is_dir():
        parser.error(f"--json={chosen.json}: there is no folder {chosen.json.parent}.")
    return chosen


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit code."""
    chosen = options(arguments)
    from benchmarks import report  # after the command line is known to be good: this imports torch

    parts = {"accuracy": report.accuracies, "engine": report.engines, "augment": report.augmentations}
    measure = next((part for name, part in parts.items() if getattr(chosen, name)), report.speeds)
    with report.threads(chosen.threads):
        figures: dict[str, Any] = measure(chosen)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(any(verdict["holds"] is False for verdict in figures["verdicts"]))


if __name__ == "__main__":
    sys.exit(main())
