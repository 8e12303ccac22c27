"""tools/refresh_notebooks.py on toy lessons: what is stored, what stays, what happens on an error."""

from __future__ import annotations

import base64
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
from nbformat import from_dict, validate
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tools"))

import canonical as canon  # noqa: E402
import lesson_files  # noqa: E402
import refresh_notebooks as refresher  # noqa: E402
import sanitize  # noqa: E402

NOISY = """import os, time
from IPython.display import display
print("static", os.environ["VISIONCOURSE_STATIC"], os.environ.get("PYTHONWARNINGS"))
print(f"seconds ≈ {time.perf_counter():.9f} s")"""


def code(source: str, **rest: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
    return cell | rest


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def png(pixels: Any) -> str:
    target = io.BytesIO()
    Image.fromarray(numpy.asarray(pixels, dtype=numpy.uint8)).save(target, "PNG")
    return base64.b64encode(target.getvalue()).decode()


def stored(folder: Path, name: str, *cells: dict[str, Any]) -> Path:
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(notebook(*cells)), encoding="utf-8")
    return path


def test_second_refresh_changes_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    skipped = code("1 / 0", metadata={"tags": ["nbval-skip", "hardware"]})
    path = stored(tmp_path, "01_toy", code("x: int = 1", metadata={"tags": ["parameters"]}), code(NOISY), skipped)
    assert refresher.refresh(path)
    first = path.read_bytes()
    assert not refresher.refresh(path)
    assert path.read_bytes() == first
    assert not list(tmp_path.glob(".*"))
    result = json.loads(first)
    validate(from_dict(lesson_files.read(path)))
    assert [cell["execution_count"] for cell in result["cells"]] == [1, 2, 3]
    assert "static 1 None" in first.decode()
    assert first.endswith(b"}\n")
    assert refresher.refresh(path, fresh=True)  # measured numbers are taken anew on demand


def test_error_is_one_sentence_and_others_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = stored(tmp_path, "01_bad", code("x = 1"), code("raise ValueError('two\\nlines')"))
    good = stored(tmp_path, "02_good", code("print('≈ 3')"))
    before = bad.read_bytes()
    assert refresher.main([], tmp_path) == 1
    out = capsys.readouterr().out
    assert "01_bad.ipynb: cell [2] raised ValueError: two lines; the stored file is untouched" in out
    assert "1 of 2 lessons refreshed" in out
    assert bad.read_bytes() == before
    assert b"\\u2248" not in good.read_bytes() and "≈ 3".encode() in good.read_bytes()


@pytest.mark.parametrize("name", ["2", "02", "02_b", "02_b.ipynb", "notebooks/02_b.ipynb"])
def test_lessons_are_named_by_number_name_or_path(tmp_path: Path, name: str) -> None:
    stored(tmp_path, "01_a")
    path = stored(tmp_path, "02_b")
    assert lesson_files.resolve([name, name], tmp_path) == [path]


def test_unknown_lesson_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored(tmp_path, "01_alpha")
    assert refresher.main(["01_alhpa"], tmp_path) == 1
    assert "unknown lesson '01_alhpa': did you mean 01_alpha?" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"nbformat": 3, "cells": []}', "{"])
def test_a_file_that_is_no_notebook(tmp_path: Path, text: str) -> None:
    path = tmp_path / "01_x.ipynb"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"01_x\.ipynb is not a Jupyter notebook"):
        lesson_files.read(path)


def test_canonical_form() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "a\rb"}
    widget = {"output_type": "display_data", "metadata": {}, "data": {canon.WIDGET_VIEW: {}}}
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["/home/x/y.py"]}
    cell = code(
        "x",
        id="same",
        metadata={"tags": ["exact"], "execution": {"t": 1}, "collapsed": True},
        outputs=[stream, {**stream, "text": "c\n"}, widget, stream, error],
    )
    raw = notebook(cell, code("y", id="same"), code("y", id="not valid"), code(" ", outputs=[dict(stream)]))
    raw["metadata"] = {"widgets": {}, "kernelspec": {"name": "mine"}, "visioncourse": {"minutes": 3}}
    result = canon.canonical(raw)
    first = result["cells"][0]
    assert first["metadata"] == {"tags": ["exact"]}
    assert [output.get("text") for output in first["outputs"]] == ["bc\nb", None]
    assert first["outputs"][1]["traceback"] == ["E: v"]
    assert result["cells"][3]["outputs"] == []
    ids = [one["id"] for one in result["cells"]]
    assert ids[0] == "same" and len(set(ids)) == 4
    assert set(result["metadata"]) == {"kernelspec", "language_info", "visioncourse"}
    assert canon.canonical(result) == result == canon.canonical(raw)
    assert raw["cells"][0]["metadata"]["collapsed"]  # the argument is not changed
    validate(from_dict(result))


def pair(old_text: str, new_text: str, old_code: str = "f()", new_code: str = "f()") -> str:
    def one(text: str, source: str) -> dict[str, Any]:
        return canon.canonical(
            notebook(code(source, id="c", outputs=[{"output_type": "stream", "name": "stdout", "text": text}]))
        )

    old, new = one(old_text, old_code), one(new_text, new_code)
    old["metadata"]["visioncourse"] = {"code": " ".join(lesson_files.code_so_far(old))}
    return str(canon.keep_stored(new, old)["cells"][0]["outputs"][0]["text"])


def test_stored_text_stays_only_while_it_says_the_same_and_its_code_is_the_same() -> None:
    assert pair("≈ 97.3 %", "≈ 8.1 %") == "≈ 97.3 %"
    assert pair("97.3 %", "8.1 %") == "8.1 %"
    assert pair("≈ 97.3 %", "≈ 8.1 %", new_code="g()") == "≈ 8.1 %"


def claim_output(value: float, holds: bool) -> dict[str, Any]:
    claim = {"id": "01.1", "value": value, "bound": {"at_least": 0.5}, "holds": holds}
    return {"output_type": "display_data", "metadata": {"visioncourse": {"claim": claim}}, "data": {"text/plain": "≈"}}


@pytest.mark.parametrize(("holds", "expected"), [(True, 0.7), (False, 0.1)])
def test_a_claim_stays_while_its_verdict_does(holds: bool, expected: float) -> None:
    old = canon.canonical(notebook(code("f()", id="c", outputs=[claim_output(0.7, True)])))
    old["metadata"]["visioncourse"] = {"code": " ".join(lesson_files.code_so_far(old))}
    new = canon.canonical(notebook(code("f()", id="c", outputs=[claim_output(0.1, holds)])))
    (claim,) = lesson_files.all_claims(canon.keep_stored(new, old))
    assert claim["value"] == expected


def picture(data: str, alt: str) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {"image/png": {"alt": alt}}, "data": {"image/png": data}}


def test_a_picture_stays_while_it_looks_the_same_and_its_alt_text_is_new() -> None:
    base = numpy.full((50, 80, 3), 255, numpy.uint8)
    smoothed = base.copy()
    smoothed[10, :40] = 240
    old = canon.canonical(notebook(code("f()", id="c", outputs=[picture(png(base), "old")])))
    new = canon.canonical(notebook(code("g()", id="c", outputs=[picture(png(smoothed) + "\n", "new")])))
    (output,) = canon.keep_stored(new, old)["cells"][0]["outputs"]
    assert output["data"]["image/png"] == png(base)
    assert output["metadata"]["image/png"]["alt"] == "new"


def test_which_pictures_look_the_same() -> None:
    base = numpy.full((100, 100), 255, numpy.uint8)
    curve, shade, dot = base.copy(), base - 3, base.copy()
    curve[50] = 0
    dot[0, :2] = 0
    assert sanitize.looks_same(png(base), png(base - 1))
    assert sanitize.looks_same(png(base), png(dot))
    assert not sanitize.looks_same(png(base), png(curve))
    assert not sanitize.looks_same(png(base), png(shade))
    assert not sanitize.looks_same(png(base), png(base[:99]))
    assert not sanitize.looks_same(png(base), "broken")
    assert sanitize.looks_same("broken", "broken\n")


def test_writing_is_atomic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "01_x.ipynb"
    assert canon.write_atomically(path, "old\n")
    assert not canon.write_atomically(path, "old\n")

    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        canon.write_atomically(path, "new\n")
    assert path.read_text() == "old\n"
    assert list(tmp_path.iterdir()) == [path]
