"""The report of a run: what became of each lesson and seed, kept on disk whatever happens to the run."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from visioncourse.running.claims import gather, read_claims, strict_json
from visioncourse.running.execute import Result
from visioncourse.running.page import render
from visioncourse.running.plan import Job

NOT_YET = "not run yet"
INTERRUPTED = "not run: the run was interrupted"


@dataclass
class Report:
    """A report in the making.

    Attributes:
        folder: where ``report.json`` and ``report.html`` go.
        head: what holds for the whole run: command, profile, seeds, machine.
        records: for each job's name what became of it.
    """

    folder: Path
    head: dict[str, Any]
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def document(self, state: str) -> dict[str, Any]:
        """Return the whole as it is written; ``state`` is running, finished or interrupted."""
        entries = list(self.records.values())
        head = {"format": 1, "state": state, "updated": datetime.now(UTC).isoformat(timespec="seconds")}
        gathered = gather(entries) if self.head.get("seeds") else []
        return head | self.head | {"lessons": entries, "gathered": gathered}

    def write(self, state: str) -> None:
        """Write both files, each whole or not at all.

        Raises:
            OSError: the disk is full or the folder is closed to us; the earlier files stay.
        """
        document = strict_json(self.document(state))
        write_whole(self.folder / "report.json", json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        write_whole(self.folder / "report.html", render(document))


def write_whole(path: Path, text: str) -> None:
    """Write a file so that whoever reads it sees the old one or the new one, and no part of either.

    Raises:
        OSError: it could not be written; the old file stays and nothing is left beside it.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(f"cannot write {path}: {reason}; the file that was there stays as it was") from None
    finally:
        part.unlink(missing_ok=True)


def read_records(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the records of an earlier report by their names; none where there is no report.

    Raises:
        ValueError: ``report.json`` is there and is not a report.
    """
    path = folder / "report.json"
    if not path.exists():
        return {}
    try:
        return {record["name"]: record for record in json.loads(path.read_text("utf-8"))["lessons"]}
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path} is not a report of this command: remove it or name another --out") from None


def waiting(job: Job, reason: str = NOT_YET) -> dict[str, Any]:
    """Return the record of a job that was not run."""
    return {
        "name": job.name,
        "lesson": job.lesson.name,
        "title": job.lesson.title,
        "seed": job.seed,
        "profile": job.profile,
        "default_run": job.is_default,
        "altered": job.altered,
        "parameters": strict_json(job.parameters),
        "source_sha256": job.lesson.sha256,
        "status": "skipped",
        "kept": False,
        "seconds": None,
        "peak_mb": None,
        "notebook": None,
        "html": None,
        "claims": [],
        "error": {"cell": None, "sentence": reason},
    }


def done(job: Job, result: Result) -> dict[str, Any]:
    """Return the record of a job that was run, with the claims that its notebook states."""
    return waiting(job) | {
        "status": "error" if result.error else "ok",
        "seconds": result.seconds,
        "peak_mb": result.peak_mb,
        "notebook": result.notebook.name if result.notebook else None,
        "html": result.html.name if result.html else None,
        "claims": read_claims(result.notebook) if result.notebook else [],
        "error": result.error,
    }


def is_done(record: dict[str, Any] | None, job: Job, folder: Path, html: bool = False) -> bool:
    """Whether an earlier record stands for this job: same cells, same parameters, files still there."""
    if record is None or record.get("status") != "ok":
        return False
    files = [record.get("notebook")] + ([record.get("html")] if html else [])
    same = record.get("source_sha256") == job.lesson.sha256
    same = same and record.get("parameters") == strict_json(job.parameters)
    return same and all(name and (folder / name).is_file() for name in files)
