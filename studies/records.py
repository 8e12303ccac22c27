"""A file of results that grows run by run, so that a study which was stopped goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from visioncourse.checkpoint import write_atomically
from visioncourse.train.job import cpu_name, versions

HERE = Path(__file__).parents[1] / "results"


class Records:
    """Recorded runs of one study.

    Args:
        name: of the file under ``results/``.
        title: what the study asks, in one line.
        command: that makes the file.
        key: entries that tell one run from another.
        folder: where the file lies.
    """

    def __init__(self, name: str, title: str, command: str, key: tuple[str, ...], folder: Path = HERE) -> None:
        self.path, self.key = folder / f"{name}.json", key
        self.facts: dict[str, Any] = {"title": title, "command": command, "hardware": cpu_name(), "runs": []}
        if self.path.exists():
            self.facts["runs"] = json.loads(self.path.read_text("utf-8"))["runs"]

    def has(self, **values: Any) -> bool:
        """Say whether a run with these values is recorded."""
        return any(all(run.get(name) == value for name, value in values.items()) for run in self.facts["runs"])

    def add(self, run: dict[str, Any]) -> None:
        """Record a run, in place of an older one with the same key, and write the file whole."""
        runs = [old for old in self.facts["runs"] if any(old.get(name) != run.get(name) for name in self.key)]
        runs = sorted([*runs, run], key=lambda one: [one[name] for name in self.key])
        self.facts |= {"runs": runs, "versions": versions()}
        lines = ",\n".join("  " + json.dumps(one) for one in runs)
        head = json.dumps({name: value for name, value in self.facts.items() if name != "runs"}, indent=1)
        write_atomically(self.path, f'{head[:-2]},\n "runs": [\n{lines}\n ]\n}}\n'.encode())
