"""Run jobs in processes of their own, so many at a time, and stop them all when the run stops."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from visioncourse.running.plan import Job

WORKER = Path(__file__).with_name("worker.py")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# What start_new_session is to others, on Windows; elsewhere there is no such flag.
NEW_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
# A long lesson says where it is after so many seconds without a line.
QUIET = 20.0


@dataclass(frozen=True)
class Result:
    """What became of a job: seconds, the kernel's peak memory in MB, the error or None, its files."""

    seconds: float
    peak_mb: float | None
    error: dict[str, Any] | None
    notebook: Path | None = None
    html: Path | None = None


@dataclass
class Running:
    """A job at work: its process, its folder for what is not finished, and when it began and was told of."""

    job: Job
    process: subprocess.Popen[bytes]
    folder: Path
    began: float
    told: float


def run_jobs(
    jobs: Sequence[Job],
    out: Path,
    at_once: int,
    finished: Callable[[Job, Result], None],
    say: Callable[[str], None],
    html: bool = False,
) -> None:
    """Execute the jobs, ``at_once`` of them side by side, and hand over each result as it comes.

    Args:
        jobs: what to execute, begun in this order.
        out: folder for the executed notebooks; each appears when its lesson has ended.
        at_once: number of worker processes; above 1 each gets its share of the cores.
        finished: called with each job and its result, one at a time.
        say: takes a line of progress.
        html: export each executed notebook as a page too.

    Raises:
        KeyboardInterrupt: passed on, after the processes have been ended.
    """
    waiting, running = deque(jobs), list[Running]()
    with work_folder(out) as work, ended(running):
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(start(waiting.popleft(), work, environment(at_once), html))
                say(f"{running[-1].job.name}: started")
            for one in [one for one in running if one.process.poll() is not None]:
                running.remove(one)
                finished(one.job, collect(one, out))
            for one in running:
                tell(one, say)
            time.sleep(0.05)


@contextmanager
def work_folder(out: Path) -> Iterator[Path]:
    """Give a folder beside the results (so that moving a file there is atomic), gone afterwards."""
    # Whole paths: the worker and its kernel do their work in the lessons' folder.
    work = (out / ".jobs").resolve()
    try:
        work.mkdir(parents=True, exist_ok=True)
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def ended(running: list[Running]) -> Iterator[None]:
    """End whatever is still at work when the block is left, by Ctrl-C for instance."""
    try:
        yield
    finally:
        for one in running:
            kill(one.process)


def environment(at_once: int) -> dict[str, str]:
    """Return the environment of a job: plain output, and a fair share of the cores for torch."""
    env = dict(os.environ, VISIONCOURSE_STATIC="1")
    # Figures go where the notebook's own backend sends them, not where a shell's setting would.
    env.pop("MPLBACKEND", None)
    if at_once > 1:
        env |= dict.fromkeys(THREADS, str(max(1, cores() // at_once)))
    return env


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def start(job: Job, work: Path, env: dict[str, str], html: bool) -> Running:
    """Begin a job in a process of its own, out of reach of the terminal's Ctrl-C."""
    folder = work / job.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # A kernel of a fresh user: no start-up files of this one, and no leftovers in their home.
    env = env | {"JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "IPYTHONDIR": str(folder / "ipython")}
    order = write_order(job, folder, html)
    command = [sys.executable, "-P", str(WORKER), str(order)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=sys.platform != "win32",
            creationflags=NEW_GROUP,
        )
    now = time.monotonic()
    return Running(job, process, folder, began=now, told=now)


def write_order(job: Job, folder: Path, html: bool) -> Path:
    """Write what the worker is to do, and return the file."""
    order = {
        "source": str(job.lesson.path.resolve()),
        "output": str(folder / f"{job.name}.ipynb"),
        "parameters": repr(job.changes),
        "parent": os.getpid(),
        "html": html,
    }
    path = folder / "job.json"
    path.write_text(json.dumps(order), "utf-8")
    return path


def collect(one: Running, out: Path) -> Result:
    """Return the result of a process that has ended, its files moved to where they belong."""
    try:
        result = json.loads((one.folder / "result.json").read_text("utf-8"))
    except (OSError, ValueError):
        result = {"seconds": round(time.monotonic() - one.began, 2), "peak_mb": None, "error": broken(one)}
    files: dict[str, Path | None] = {"notebook": None, "html": None}
    for kind, ending in (("notebook", ".ipynb"), ("html", ".html")):
        made = one.folder / f"{one.job.name}{ending}"
        if made.exists():
            files[kind] = made.replace(out / made.name)
    shutil.rmtree(one.folder, ignore_errors=True)
    return Result(result["seconds"], result["peak_mb"], result["error"], **files)


def broken(one: Running) -> dict[str, Any]:
    """Return the error of a worker that ended without a result."""
    code = one.process.returncode
    how = f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
    log = (one.folder / "log").read_text("utf-8", errors="replace") if (one.folder / "log").exists() else ""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    last = f" ({lines[-1][:300]})" if lines else ""
    return {"cell": None, "sentence": f"the process that executed the lesson {how}{last}"}


def tell(one: Running, say: Callable[[str], None]) -> None:
    """Say how far a job is when it has been quiet for long."""
    now = time.monotonic()
    if now - one.told < QUIET:
        return
    one.told = now
    progress = one.folder / f"{one.job.name}.progress"
    where = f" at cell {progress.read_text('utf-8')}" if progress.exists() else ""
    say(f"{one.job.name}: {now - one.began:.0f} s,{where or ' starting'}")


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a worker and its kernel."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.kill()
    for child in family:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()
    psutil.wait_procs(family, timeout=5)
