from __future__ import annotations

import errno
import json
import os
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from test_running_toys import write_course

from visioncourse.running.execute import Result
from visioncourse.running.lessons import find_lessons
from visioncourse.running.page import render
from visioncourse.running.plan import Job, make_jobs
from visioncourse.running.report import Report, done, is_done, read_records, waiting, write_whole
from visioncourse.running.session import in_order
from visioncourse.running.table import columns, failures, finish_line, remarks, summary_lines

CLAIM = {"id": "00.1", "statement": "a < b & c", "value": 0.51234, "bound": {"at_least": 0.6}, "holds": False}
MACHINE = {"cpu": "a processor", "cores": 2, "memory_gb": 8.0, "system": "Linux", "versions": {"python": "3"}}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return make_jobs(find_lessons(write_course(tmp_path)))[0]


def record_of(job: Job, **changes: Any) -> dict[str, Any]:
    claims = [CLAIM | {"kind": "live", "source": None}]
    return waiting(job) | {"status": "ok", "seconds": 2.0, "peak_mb": 99.6, "claims": claims, "error": None} | changes


def report_of(job: Job, folder: Path, **changes: Any) -> Report:
    head = {"started": "today", "resume_with": "visioncourse run <x>", "profile": "default", "seeds": None}
    return Report(folder, head | {"given": {}, "machine": MACHINE}, {job.name: record_of(job, **changes)})


class Reader(HTMLParser):
    """Collects the tags of a page and checks that they are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("seeds", [None, 2])
def test_the_page_is_whole_and_needs_nothing_else(job: Job, tmp_path: Path, seeds: int | None) -> None:
    report = report_of(job, tmp_path, notebook="00 <good>.ipynb", error={"cell": 1, "sentence": "1 < 2"})
    report.head["seeds"] = seeds
    page = render(report.document("finished"))
    read = Reader(page)
    assert read.open == []
    targets = [value for _, name, value in read.attributes if name in {"href", "src"}]
    assert targets == ["#00_good", "00%20%3Cgood%3E.ipynb"]
    assert ("html", "lang", "en") in read.attributes and ("th", "scope", "row") in read.attributes
    assert "a &lt; b &amp; c" in page and "✗ does not hold" in page and "1 &lt; 2" in page
    assert ("Claims over all seeds" in page) == (seeds is not None)


def test_the_page_says_what_is_missing(job: Job, tmp_path: Path) -> None:
    report = report_of(job, tmp_path, default_run=False, claims=[], kept=True)
    report.records["01_raises"] = waiting(job) | {"name": "01_raises"}
    page = render(report.document("interrupted"))
    assert "The run was interrupted" in page and "– not run" in page
    assert "reported only" in page and "No claims." in page and "kept from an earlier run" in page


def test_json_without_nan(job: Job, tmp_path: Path) -> None:
    report_of(job, tmp_path, seconds=float("nan")).write("finished")
    document = json.loads((tmp_path / "report.json").read_text("utf-8"), parse_constant=pytest.fail)
    assert document["lessons"][0]["seconds"] is None and document["state"] == "finished"


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_report(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    report = report_of(job, tmp_path / "out")
    (tmp_path / "out").mkdir()
    report.write("running")
    before = (tmp_path / "out" / "report.json").read_bytes()

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*((os, "fsync", full) if function == "fsync" else (Path, "replace", full)))
    with pytest.raises(OSError, match=r"cannot write .*report\.json: No space left on device; the file .* stays"):
        report.write("finished")
    assert (tmp_path / "out" / "report.json").read_bytes() == before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.html", "report.json"]


def test_write_whole_replaces(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.txt", "one")
    write_whole(tmp_path / "a.txt", "zwei ≈\n")
    assert (tmp_path / "a.txt").read_bytes() == "zwei ≈\n".encode()


def test_reads_back_what_it_wrote(job: Job, tmp_path: Path) -> None:
    assert read_records(tmp_path) == {}
    report = report_of(job, tmp_path)
    report.write("finished")
    assert read_records(tmp_path) == report.records


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"lessons": [1]}'])
def test_refuses_what_is_no_report(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(ValueError, match="is not a report of this command"):
        read_records(tmp_path)


def test_what_counts_as_done(job: Job, tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").touch()
    good = record_of(job, notebook="a.ipynb")
    assert is_done(good, job, tmp_path)
    assert not is_done(None, job, tmp_path) and not is_done(good, job, tmp_path, html=True)
    for change in (
        {"status": "error"},
        {"source_sha256": "0"},
        {"parameters": {}},
        {"notebook": "b.ipynb"},
        {"notebook": None},
    ):
        assert not is_done(good | change, job, tmp_path)


def test_a_job_without_a_notebook_has_no_claims(job: Job) -> None:
    record = done(job, Result(1.0, None, {"cell": None, "sentence": "gone"}))
    assert (record["status"], record["claims"], record["notebook"]) == ("error", [], None)
    assert finish_line(record) == "00_good: error, gone"
    assert failures([record]) == ["failed: 00_good: gone"]


def test_lines_of_a_lesson(job: Job) -> None:
    record = record_of(job)
    missed = "00.1 measured 0.5123, stated at least 0.6"
    assert finish_line(record) == f"00_good: ok, 2.0 s, 100 MB, claims 0/1; does not hold: {missed}"
    assert failures([record]) == [f"failed: 00_good: claim {missed}"] and remarks([record]) == []


def test_claims_of_another_run_are_reported_only(job: Job) -> None:
    smoke = record_of(job, default_run=False, profile="smoke")
    changed = record_of(job, default_run=False, altered=["lr"], lesson="03_x")
    assert failures([smoke, changed]) == []
    only = "claims reported only, not the run that the text describes"
    assert remarks([smoke, changed, changed]) == [f"{only} (profile smoke): 00_good", f"{only} (changed lr): 03_x"]


def test_the_table_at_the_end(job: Job, tmp_path: Path) -> None:
    report = report_of(job, tmp_path, kept=True)
    report.records["01"] = waiting(job) | {"name": "01"}
    lines = summary_lines(report.document("finished"), "runs/x")
    assert lines[1:4] == [
        "lesson   status     seconds  peak MB  claims held",
        "00_good  ok (kept)      2.0      100          0/1",
        "01       skipped          -        -          0/0",
    ]
    assert lines[-2:] == ["executed notebooks: runs/x", "report: runs/x (report.html to read, report.json to compute)"]


def test_seeds_are_sorted_as_numbers() -> None:
    names = ["b", "a.seed10", "a.seed9", "a", "a.seedling"]
    assert sorted(names, key=in_order) == ["a", "a.seedling", "a.seed9", "a.seed10", "b"]


def test_columns_align_left_and_right() -> None:
    assert columns([("a", "b", "10"), ("ccc", "dd", "9")], left=2) == ["a    b   10", "ccc  dd   9"]
