"""One ``visioncourse run`` from the order to the exit code."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from visioncourse.running.execute import Result, run_jobs
from visioncourse.running.lessons import choose, find_lessons
from visioncourse.running.machine import describe_machine
from visioncourse.running.plan import Job, make_jobs
from visioncourse.running.report import INTERRUPTED, Report, done, is_done, read_records, waiting
from visioncourse.running.table import failures, finish_line, remarks, summary_lines

OK, FAILED, STOPPED = 0, 1, 130


@dataclass(frozen=True)
class Order:
    """What somebody asked ``visioncourse run`` to do; ``folder`` holds the lessons."""

    folder: Path
    words: tuple[str, ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    profile: str = "default"
    seeds: int | None = None
    at_once: int = 1
    resume: bool = False
    out: Path | None = None
    html: bool = False


def run(order: Order, say: Callable[[str], None], command: Callable[[Path], str]) -> int:
    """Execute lessons, report on them, and return the command's exit code.

    Args:
        order: what to do.
        say: takes each line of output.
        command: gives, for a folder of results, the command that takes up this run again.

    Returns:
        0; 1 if a lesson erred or a claim of a default run does not hold; 130 after Ctrl-C.

    Raises:
        ValueError: an unknown lesson or parameter, or a value of the wrong type; nothing has been written.
        OSError: the folder for the results or the report cannot be written.
    """
    jobs = make_jobs(choose(find_lessons(order.folder), order.words), order.given, order.profile, order.seeds)
    out = results_folder(order)
    report = begin(order, jobs, out, command(out))
    todo = [job for job in jobs if not report.records[job.name]["kept"]]
    report.write("running")
    begun = time.monotonic()

    def tell(line: str) -> None:
        say(f"[{time.monotonic() - begun:7.1f} s] {line}")

    say(f"{len(todo)} to execute, {len(jobs) - len(todo)} kept from an earlier run; results in {shown(out)}")
    try:
        run_jobs(todo, out, order.at_once, lambda job, result: note(report, job, result, tell), tell, order.html)
    except KeyboardInterrupt:
        return stop(report, todo, say, command(out))
    report.write("finished")
    entries = [report.records[job.name] for job in jobs]
    for line in (*summary_lines(report.document("finished"), shown(out)), *failures(entries), *remarks(entries)):
        say(line)
    return exit_code(report, jobs)


def note(report: Report, job: Job, result: Result, tell: Callable[[str], None]) -> None:
    """Put a result into the report and say it; a full disk must not stop the other lessons."""
    report.records[job.name] = done(job, result)
    tell(finish_line(report.records[job.name]))
    try:
        report.write("running")
    except OSError as error:
        tell(str(error))


def begin(order: Order, jobs: Sequence[Job], out: Path, command: str) -> Report:
    """Return the report of a run that begins, with what is kept of an earlier one."""
    head = {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "resume_with": command,
        "profile": order.profile,
        "seeds": order.seeds,
        "given": dict(order.given),
        "machine": describe_machine(),
    }
    records = read_records(out) if order.resume else {}
    for job in jobs:
        earlier = records.get(job.name)
        kept = earlier is not None and is_done(earlier, job, out, order.html)
        renewed = {"kept": True, "profile": job.profile, "default_run": job.is_default, "altered": job.altered}
        records[job.name] = earlier | renewed if earlier and kept else waiting(job)
    return Report(out, head, dict(sorted(records.items(), key=lambda pair: in_order(pair[0]))))


def in_order(name: str) -> tuple[str, int]:
    """Return what sorts ``01_pixels.seed10`` behind ``01_pixels.seed9``."""
    lesson, _, seed = name.partition(".seed")
    return lesson, int(seed) if seed.isdecimal() else -1


def results_folder(order: Order) -> Path:
    """Return the folder for the results, made if need be.

    It is ``--out``; else the latest run's to resume; else a new one, ``runs/<UTC time>`` beside the lessons'
    folder, which ``runs/latest.txt`` then names (a file: links need a privilege on Windows).

    Raises:
        FileNotFoundError: there is no earlier run to resume.
        OSError: the folder cannot be made.
    """
    runs = order.folder.resolve().parent / "runs"
    pointer = runs / "latest.txt"
    if order.out is None and order.resume:
        latest = runs / pointer.read_text("utf-8").strip() if pointer.is_file() else None
        if latest is None or not latest.is_dir():
            raise FileNotFoundError(f"nothing to resume: {shown(runs)} holds no earlier run; name one with --out DIR")
        return latest
    out = order.out or unused(runs / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"))
    try:
        out.mkdir(parents=True, exist_ok=True)
        if order.out is None:
            pointer.write_text(out.name + "\n", "utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise type(error)(f"cannot write results to {out}: {reason}; name another folder with --out DIR") from None
    return out


def unused(folder: Path) -> Path:
    """Return the folder, or one with a number behind its name where it exists."""
    names = [folder, *(folder.with_name(f"{folder.name}-{number}") for number in range(2, 1000))]
    return next(name for name in names if not name.exists())


def stop(report: Report, todo: Sequence[Job], say: Callable[[str], None], again: str) -> int:
    """Leave the report of an interrupted run and say how to take it up again."""
    open_jobs = [job for job in todo if report.records[job.name]["status"] == "skipped"]
    for job in open_jobs:
        report.records[job.name] = waiting(job, INTERRUPTED)
    finished = len(report.records) - len(open_jobs)
    say(f"Interrupted: {finished} finished, {len(open_jobs)} not run. To go on from here:\n  {again}")
    report.write("interrupted")
    return STOPPED


def exit_code(report: Report, jobs: Sequence[Job]) -> int:
    """Return 1 if a lesson erred or a claim of a default run does not hold, else 0."""
    records = [report.records[job.name] for job in jobs]
    erred = any(record["status"] != "ok" for record in records)
    missed = any(not claim["holds"] for record in records if record["default_run"] for claim in record["claims"])
    return FAILED if erred or missed else OK


def shown(path: Path) -> str:
    """Return a path as somebody in the current folder would write it."""
    here, there = Path.cwd(), path.resolve()
    return str(there.relative_to(here)) if there.is_relative_to(here) else str(there)
