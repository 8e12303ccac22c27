"""The processes of a run, with a stand-in for the worker that papermill needs seconds to load."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from test_running_toys import write_course

from visioncourse.running import execute
from visioncourse.running.execute import Result, cores, environment, run_jobs
from visioncourse.running.lessons import find_lessons
from visioncourse.running.machine import cpu, describe_machine
from visioncourse.running.plan import Job, make_jobs

STAND_IN = """
import json, os, sys, time
from pathlib import Path
path = Path(sys.argv[1]); job = json.loads(path.read_text()); output = Path(job["output"])
def met(names, seconds=20):
    (Path(__file__).parent / (output.stem + ".here")).touch()
    end = time.time() + seconds
    while time.time() < end and not all((Path(__file__).parent / (name + ".here")).exists() for name in names):
        time.sleep(0.02)
    return time.time() < end
meeting = met(["00_good", "03_misses"]) if os.environ.get("MEET") else None
if output.stem == "00_good": output.write_text("{}"); time.sleep(0.2)
if output.stem == "01_raises": print("something is wrong"); sys.exit(3)
if output.stem == "02_killed": os.kill(os.getpid(), 9)
keys = ("VISIONCOURSE_STATIC", "OMP_NUM_THREADS", "MPLBACKEND")
facts = {"env": {key: os.environ.get(key) for key in keys}, "met": meeting}
path.with_name("result.json").write_text(json.dumps({"seconds": 1.5, "peak_mb": 60.0, "error": facts}))
"""


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    monkeypatch.setattr(execute, "WORKER", tmp_path / "stand_in.py")
    return make_jobs(find_lessons(write_course(tmp_path)))


def results(jobs: list[Job], out: Path, at_once: int) -> dict[str, Result]:
    found: dict[str, Result] = {}
    run_jobs(jobs, out, at_once, lambda job, result: found.update({job.name: result}), lambda line: None)
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals on Windows")
def test_a_worker_that_fails_is_an_error_of_its_lesson_alone(jobs: list[Job], tmp_path: Path) -> None:
    found = results(jobs, tmp_path / "out", at_once=2)
    errors = {
        name: result.error["sentence"] for name, result in found.items() if result.error and "cell" in result.error
    }
    assert errors == {
        "01_raises": "the process that executed the lesson ended with status 3 (something is wrong)",
        "02_killed": "the process that executed the lesson was killed by signal 9",
    }
    assert (found["03_misses"].seconds, found["03_misses"].peak_mb, found["03_misses"].notebook) == (1.5, 60.0, None)


def test_files_appear_when_a_lesson_has_ended_and_nothing_else_stays(jobs: list[Job], tmp_path: Path) -> None:
    found = results(jobs[:1], tmp_path / "out", at_once=1)
    assert found["00_good"].notebook == tmp_path / "out" / "00_good.ipynb"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["00_good.ipynb"]


def test_jobs_run_side_by_side_and_share_the_cores(
    jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEET", "1")  # each waits for the other, which would never come if they took turns
    found = results([jobs[0], jobs[3]], tmp_path / "out", at_once=2)
    first, second = (result.error for result in found.values())
    assert first and second and first["met"] and second["met"]
    assert first["env"]["OMP_NUM_THREADS"] == str(max(1, cores() // 2))
    assert first["env"]["VISIONCOURSE_STATIC"] == "1"


def test_one_job_at_a_time_keeps_all_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("MPLBACKEND", "agg")
    assert "OMP_NUM_THREADS" not in environment(1) and "MPLBACKEND" not in environment(1)


def test_a_long_lesson_says_where_it_is(jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "QUIET", 0.05)
    lines: list[str] = []
    run_jobs(jobs[:1], tmp_path / "out", 1, lambda job, result: None, lines.append)
    assert lines[0] == "00_good: started" and lines[1] == "00_good: 0 s, starting"


def test_leaving_early_ends_the_processes(jobs: list[Job], tmp_path: Path) -> None:
    def leave(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_jobs(jobs, tmp_path / "out", 1, lambda job, result: None, leave)
    assert not (tmp_path / "out" / ".jobs").exists()
    assert not [child for child in psutil.Process().children() if "stand_in.py" in " ".join(child.cmdline())]


def test_a_full_disk_stops_the_run_and_ends_the_processes(
    jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(text: str, encoding: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", lambda self, text, encoding=None: full(text, encoding))
    with pytest.raises(OSError, match="No space left"):
        run_jobs(jobs, tmp_path / "out", 1, lambda job, result: None, lambda line: None)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="asks for the processes by POSIX means")
def test_the_worker_ends_with_its_starter(tmp_path: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    order = {"parent": starter.pid, "source": str(tmp_path / "00_a.ipynb"), "output": str(tmp_path / "o.ipynb")}
    cells = [{"cell_type": "code", "source": "import time; time.sleep(60)", "metadata": {}, "outputs": []}]
    cells[0]["execution_count"] = None  # type: ignore[assignment]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (tmp_path / "00_a.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "job.json").write_text(json.dumps(order | {"parameters": "{}", "html": False}))
    command = [sys.executable, "-P", str(execute.WORKER), str(tmp_path / "job.json")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as worker:
        wait_for(lambda: (tmp_path / "o.progress").exists())
        (kernel,) = psutil.Process(worker.pid).children()
        starter.communicate(b"\n")
        assert worker.wait(timeout=10) == 1
    wait_for(lambda: not kernel.is_running())


def wait_for(condition: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_the_machine_in_words() -> None:
    about = describe_machine()
    assert about["cores"] >= 1 and about["memory_gb"] > 0 and about["cpu"] == cpu() != ""
    assert about["versions"]["papermill"][0].isdigit()
