"""``visioncourse run`` on toy lessons, with papermill and real kernels."""

from __future__ import annotations

import contextlib
import io
import json
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from test_running_toys import CLAIM, write_course, write_lesson

from visioncourse.cli import main


@dataclass
class Run:
    """What a run printed, returned and left."""

    code: int
    text: str
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "report.json").read_text("utf-8")))

    @property
    def records(self) -> dict[str, dict[str, Any]]:
        return {record["name"]: record for record in self.report["lessons"]}

    def printed(self, name: str) -> str:
        """What the cells of an executed notebook wrote to standard output."""
        cells = json.loads((self.folder / f"{name}.ipynb").read_text("utf-8"))["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        return "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")


def run(folder: Path, argv: Sequence[str], out: Path | None = None) -> Run:
    """Run in this process; ``out=None`` leaves the choice of the folder to the command."""
    text = io.StringIO()
    where = [] if out is None else ["--out", str(out)]
    with contextlib.redirect_stdout(text):
        code = main(["run", "--lessons", str(folder), *argv, *where])
    runs = folder.parent / "runs"
    return Run(code, text.getvalue(), out or runs / (runs / "latest.txt").read_text("utf-8").strip())


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("the course"))


@pytest.fixture(scope="module")
def whole(course: Path) -> Run:
    """All four lessons as they are, two at a time."""
    return run(course, ["--jobs", "2"])


@pytest.fixture(scope="module")
def seeds(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two seeds of one lesson, small, with a parameter of each type and pages."""
    given = {"lr": "1", "quick": "true", "name": "a \"b\" 'c' \\n {d} ü", "limit": "5"}
    words = [word for name, value in given.items() for word in ("-p", name, value)]
    out = tmp_path_factory.mktemp("out {0}")
    return run(course, ["good", "--seeds", "2", "--jobs", "2", "--profile", "smoke", "--html", *words], out)


def test_one_failure_does_not_stop_the_others(whole: Run) -> None:
    assert whole.code == 1
    assert {name: record["status"] for name, record in whole.records.items()} == {
        "00_good": "ok",
        "01_raises": "error",
        "02_killed": "error",
        "03_misses": "ok",
    }
    assert whole.report["state"] == "finished"


def test_errors_name_the_cell_of_the_stored_lesson(whole: Run) -> None:
    raised, killed = (whole.records[name]["error"] for name in ("01_raises", "02_killed"))
    assert raised == {"cell": 4, "sentence": "cell [4] raised ValueError: no <more>"}
    assert killed["cell"] == 3 and "kernel died in cell [3]" in killed["sentence"]


def test_claims_are_read_from_lessons_that_err_too(whole: Run) -> None:
    claims = {name: [claim["holds"] for claim in record["claims"]] for name, record in whole.records.items()}
    assert claims == {"00_good": [True], "01_raises": [True], "02_killed": [], "03_misses": [False]}


def test_measures_the_kernel_and_not_the_runner(whole: Run) -> None:
    # The lesson holds 150 MB for a moment; this process holds torch, the worker papermill.
    assert 150 < whole.records["00_good"]["peak_mb"] < 400
    assert 20 < whole.records["03_misses"]["peak_mb"] < 120
    assert 0 < whole.records["03_misses"]["seconds"] < 60


def test_a_deliberate_exception_is_no_error(whole: Run) -> None:
    stored = (whole.folder / "00_good.ipynb").read_text("utf-8")
    assert "ZeroDivisionError" in stored and "papermill-error-cell-tag" not in stored
    assert whole.printed("00_good") == "[0, 0.1, False, 'plain', (1, 2), None]\n"


def test_the_end_of_the_output(whole: Run) -> None:
    lines = whole.text.splitlines()
    row = next(line for line in lines if line.startswith("03_misses"))
    assert row.split()[1] == "ok" and row.split()[-1] == "0/1"
    assert lines[-3:] == [
        "failed: 01_raises: cell [4] raised ValueError: no <more>",
        "failed: 02_killed: the kernel died in cell [3]: killed, crashed, or out of memory",
        "failed: 03_misses: claim 03.1 measured 0.25, stated at least 0.3",
    ]
    assert "\r" not in whole.text and f"report: {whole.folder.resolve()}" in whole.text


def test_leaves_only_results(whole: Run, course: Path) -> None:
    names = {"00_good.ipynb", "01_raises.ipynb", "02_killed.ipynb", "03_misses.ipynb", "report.html", "report.json"}
    assert {path.name for path in whole.folder.iterdir()} == names
    assert {path.suffix for path in course.iterdir()} == {".ipynb"}
    assert whole.folder.name.endswith("Z")


def test_resume_keeps_what_is_done(whole: Run, course: Path) -> None:
    again = run(course, ["00", "03", "--resume"])
    assert again.folder == whole.folder and again.code == 1
    assert "0 to execute, 2 kept" in again.text and "01_raises: cell" not in again.text
    assert {name: record["kept"] for name, record in again.records.items()} == {
        "00_good": True,
        "01_raises": False,
        "02_killed": False,
        "03_misses": True,
    }


def test_each_type_reaches_the_lesson(seeds: Run) -> None:
    for seed in (0, 1):
        expected = [seed, 1.0, True, "a \"b\" 'c' \\n {d} ü", (7,), 5]
        assert seeds.printed(f"00_good.seed{seed}") == f"{expected}\n"


def test_seeds_are_gathered(seeds: Run) -> None:
    (claim,) = seeds.report["gathered"]
    assert (claim["id"], claim["runs"], claim["held"]) == ("00.1", 2, 2)
    assert claim["mean"] == pytest.approx(0.55) and claim["sd"] == pytest.approx(0.0707, abs=1e-3)
    # t of one degree of freedom is 12.706, sd / sqrt(2) is 0.05
    assert (claim["low"], claim["high"]) == pytest.approx((0.55 - 0.6353, 0.55 + 0.6353), abs=1e-3)
    assert claim["margin"] == pytest.approx(3.536, abs=1e-3)
    assert "00_good 00.1" in seeds.text and "Claims over all seeds" in (seeds.folder / "report.html").read_text("utf-8")


def test_another_run_than_the_text_describes_only_reports(seeds: Run) -> None:
    assert seeds.code == 0
    assert "claims reported only, not the run that the text describes (profile smoke): 00_good" in seeds.text
    assert [record["parameters"]["sizes"] for record in seeds.records.values()] == [[7], [7]]


def test_pages_are_linked(seeds: Run) -> None:
    assert "ZeroDivisionError" in (seeds.folder / "00_good.seed1.html").read_text("utf-8")
    assert 'href="00_good.seed1.html"' in (seeds.folder / "report.html").read_text("utf-8")


def obey_ctrl_c() -> None:
    """Undo what a shell does to a command in the background: SIGINT ignored, and inherited so by all its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent by a signal")
def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "notebooks"
    write_lesson(folder / "00_quick.ipynb", CLAIM + "claim('00.1', 1, at_least=0)")
    wait = "import time\nfrom pathlib import Path\nwhile not Path('go').exists(): time.sleep(0.1)"
    write_lesson(folder / "01_waits.ipynb", wait)
    command = [sys.executable, "-m", "visioncourse", "run", "--jobs", "2", "--out", "results here"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, preexec_fn=obey_ctrl_c) as process:
        assert process.stdout is not None
        watchdog = threading.Timer(60, process.kill)  # a run that does not obey must not hang the tests
        watchdog.start()
        lines = iter(process.stdout)
        assert any("00_quick: ok" in line for line in lines)
        process.send_signal(signal.SIGINT)
        rest = "".join(lines)
    watchdog.cancel()
    assert process.returncode == 130
    assert "Interrupted: 1 finished, 1 not run. To go on from here:\n" in rest
    (tmp_path / "notebooks" / "go").touch()
    words = shlex.split(rest.splitlines()[-1])
    assert words[:3] == [sys.executable, "-m", "visioncourse"]
    monkeypatch.chdir(tmp_path)
    resumed = run(folder, words[4:], Path("results here"))
    assert resumed.code == 0 and "1 to execute, 1 kept" in resumed.text
    assert {name: record["status"] for name, record in resumed.records.items()} == {"00_quick": "ok", "01_waits": "ok"}
    assert {path.name for path in folder.iterdir()} == {"00_quick.ipynb", "01_waits.ipynb", "go"}
