"""The one form in which a lesson is stored, so that a diff shows what changed and nothing else."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lesson_files import Cell, Notebook, code_cells, code_so_far
from nbformat import from_dict
from nbformat.v4 import nbjson
from sanitize import looks_same, sanitized

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# No version: it would change with every patch release of Python.
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
NOTEBOOK_METADATA = ("authors", "title", "visioncourse")
CELL_METADATA = ("deletable", "editable", "jupyter", "nbgrader", "slideshow", "tags", "visioncourse")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def to_text(notebook: Notebook) -> str:
    """Return the text of a notebook file: sorted keys, one space of indent, a newline at the end."""
    return str(nbjson.writes(from_dict(notebook))) + "\n"  # type: ignore[no-untyped-call]


def canonical(notebook: Notebook) -> Notebook:
    """Return a copy in canonical form; a canonical notebook comes back equal.

    Counts run 1..n; timing, widget state and editors' metadata are gone; cell ids are valid and
    unique; the kernel is "python3"; neighbouring streams of one name are one.
    """
    result: Notebook = from_dict(copy.deepcopy(notebook))  # type: ignore[no-untyped-call]
    metadata = result.get("metadata", {})
    kept = {key: metadata[key] for key in NOTEBOOK_METADATA if key in metadata}
    result["metadata"] = {**kept, "kernelspec": dict(KERNELSPEC), "language_info": copy.deepcopy(LANGUAGE)}
    result["nbformat"], result["nbformat_minor"] = 4, 5
    for cell, name in zip(result["cells"], list(_ids(result["cells"])), strict=True):
        cell["id"] = name
        _clean_cell(cell)
    for count, cell in enumerate(code_cells(result), start=1):
        cell["execution_count"] = count
        for output in cell["outputs"]:
            if output["output_type"] == "execute_result":
                output["execution_count"] = count
    return result


def _ids(cells: list[Cell]) -> Iterator[str]:
    """Yield an id for each cell: its own if valid and not taken, else one from place and content."""
    taken: set[str] = set()
    own = {cell.get("id") for cell in cells}
    for position, cell in enumerate(cells):
        name = cell.get("id")
        salt = 0
        while not isinstance(name, str) or not VALID_ID.fullmatch(name) or name in taken:
            content = f"{position}\0{salt}\0{cell['cell_type']}\0{cell['source']}"
            name = hashlib.sha256(content.encode()).hexdigest()[:8]
            salt += 1
            if name in own:
                name = None
        taken.add(name)
        yield name


def _clean_cell(cell: Cell) -> None:
    """Drop what editors and executors leave behind in one cell."""
    metadata = cell.get("metadata", {})
    cell["metadata"] = {key: metadata[key] for key in CELL_METADATA if metadata.get(key) not in (None, {}, [])}
    if cell["cell_type"] != "code":
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
        return
    outputs = cell.get("outputs", []) if cell["source"].strip() else []
    cell["outputs"] = list(_coalesced(filter(None, map(_clean_output, outputs))))


def _clean_output(output: dict[str, Any]) -> dict[str, Any] | None:
    """Return the output without widget views, long tracebacks and transient parts; None if all is gone."""
    output.pop("transient", None)
    if output["output_type"] == "error":
        # A traceback holds paths of this machine; nbval does not compare it.
        output["traceback"] = [f"{output['ename']}: {output['evalue']}"]
    if "data" in output:
        output["data"].pop(WIDGET_VIEW, None)
        for mime, data in output["data"].items():
            if mime.startswith("image/") and isinstance(data, str) and mime != "image/svg+xml":
                output["data"][mime] = data.strip()
        if not output["data"]:
            return None
    return output


def _coalesced(outputs: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield outputs with neighbouring streams of one name joined and carriage returns resolved."""
    last: dict[str, Any] | None = None
    for output in outputs:
        is_stream = output["output_type"] == "stream"
        if last is not None and is_stream and output["name"] == last["name"]:
            last["text"] += output["text"]
            continue
        if last is not None:
            yield _resolved(last)
        last = output if is_stream else None
        if last is None:
            yield output
    if last is not None:
        yield _resolved(last)


def _resolved(stream: dict[str, Any]) -> dict[str, Any]:
    """Return the stream as a terminal shows it: text before a carriage return is overwritten."""
    stream["text"] = re.sub(r"^.*\r(?=[^\n])", "", stream["text"], flags=re.MULTILINE)
    return stream


def keep_stored(fresh: Notebook, stored: Notebook) -> Notebook:
    """Return ``fresh`` with the stored outputs wherever they say and show the same; both canonical.

    A picture is kept if the new one looks the same. A text is kept if the sanitised texts agree and
    the code up to its cell is still the code that made it (``metadata.visioncourse.code`` remembers
    its hashes): after an edit the measured numbers are taken anew. The hashes are brought up to date.
    """
    made_by = str(stored["metadata"].get("visioncourse", {}).get("code", "")).split()
    hashes = code_so_far(fresh)
    old_cells = {cell["id"]: cell for cell in code_cells(stored)}
    for place, (cell, code) in enumerate(zip(code_cells(fresh), hashes, strict=True)):
        old = old_cells.get(cell["id"])
        if old is None or len(old["outputs"]) != len(cell["outputs"]):
            continue
        same_code = place < len(made_by) and made_by[place] == code
        pairs = zip(cell["outputs"], old["outputs"], strict=True)
        cell["outputs"] = [_merged(new, before, same_code) for new, before in pairs]
    fresh["metadata"].setdefault("visioncourse", {})["code"] = " ".join(hashes)
    return fresh


def _merged(fresh: dict[str, Any], stored: dict[str, Any], same_code: bool) -> dict[str, Any]:
    """Return the fresh output, the stored one where it is as good."""
    new_data, old_data = fresh.get("data", {}), stored.get("data", {})
    for mime in new_data.keys() & old_data.keys() & {"image/png"}:
        if looks_same(old_data[mime], new_data[mime]):
            new_data[mime] = old_data[mime]
    return stored if same_code and _comparable(fresh) == _comparable(stored) else fresh


def _comparable(output: dict[str, Any]) -> Any:
    """Return what must agree: everything sanitised, except a claim's value, which is measured."""
    plain = copy.deepcopy(output)
    plain.pop("execution_count", None)
    plain.get("metadata", {}).get("visioncourse", {}).get("claim", {}).pop("value", None)
    data = plain.get("data", {})
    pictures = {mime: data.pop(mime) for mime in list(data) if mime == "image/png"}
    return sanitized(plain), pictures


def write_atomically(path: Path, text: str) -> bool:
    """Store ``text`` in ``path`` in one step, unless it is there already; return whether it was new."""
    content = text.encode()
    if path.is_file() and path.read_bytes() == content:
        return False
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return True
