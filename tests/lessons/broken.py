"""Makes tests/broken_notebooks/: a good toy lesson, and one notebook per rule that breaks this rule only.

After a change here run ``python tests/lessons/broken.py``; a test compares the files with this program.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT / "tools") not in sys.path:
    sys.path.append(str(ROOT / "tools"))

from canonical import canonical, to_text  # noqa: E402
from lesson_files import code_so_far  # noqa: E402

FOLDER = ROOT / "tests" / "broken_notebooks"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4////fwAJ+wP9KobjigAAAABJRU5ErkJggg=="
CLAIM = {
    "id": "01.1",
    "statement": "the network reads at least 95 % of the digits",
    "value": 0.97312,
    "bound": {"at_least": 0.95},
    "holds": True,
    "kind": "live",
    "source": None,
}
Notebook = dict[str, Any]
# The places of cells in the good lesson, by what they hold.
TITLE, PARAMETERS, IMPORTS, TRAIN, FIGURE, RESULT, ANSWER, CHECK, HINT, END = 0, 1, 3, 5, 7, 9, 11, 12, 13, 14


def text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def code(source: str, *outputs: dict[str, Any], tags: list[str] | None = None) -> dict[str, Any]:
    metadata = {"tags": tags} if tags else {}
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": list(outputs)}


def stream(words: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": words}


def shown(data: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def picture() -> dict[str, Any]:
    return shown(
        {"image/png": PIXEL, "text/plain": "<Figure size 80x60 with 1 Axes>"}, **{"image/png": {"alt": "a curve"}}
    )


def good() -> Notebook:
    """Return a lesson that breaks no rule, with the traps that a rule must not fall into."""
    claim = shown({"text/plain": "✓ Claim 01.1. Measured ≈ 97.3 %: holds."}, visioncourse={"claim": CLAIM})
    check = {"id": "01.1", "status": "not started"}
    cells = [
        text("# Read a digit\n\nCan a machine read? Why do $5! = 120$ and `!=` not shout?"),
        code("seed: int = 0\nlr: float = 1e-3\nshape: list[int] = [28, 28]", tags=["parameters"]),
        text("What we need, once."),
        code("from visioncourse.data import load\nseed_everything(seed)\ntrain, valid = load('digits'), 1"),
        text("Train, then look at data that the training never saw; 5! ways to do it."),
        code(
            "history = fit(model, train, valid, lr=lr)\ntest = load('digits', 'test')\n"
            "predictions = model(test.images).argmax(dim=1)",
            stream("accuracy ≈ 97.3 %, loss ≈ -1.2e-3 after 5 epochs of lesson 1.2, torch 2.15.0\n"),
        ),
        text("One picture. See [the sanitizer](nbval_sanitize.cfg) and [elsewhere](https://example.org/home/x)."),
        code(
            "show(figure, caption='It falls.', alt='a curve')",
            picture(),
            shown({"text/markdown": "It falls to ≈ 0.3."}),
        ),
        text("And the result:"),
        code("claim('01.1', 'reads at least {bound:.0%}', value=best, at_least=0.95)", claim),
        text(
            "The network reads 97.3 % of them, at least 95 % (claim 01.1). Elsewhere 12 % is fine.\n\n"
            "### Exercise\n\nCount them."
        ),
        code("def my_function(images):\n    ...  # your turn"),
        code("check('01.1', my_function)", shown({"text/plain": "0.5"}, visioncourse={"check": check})),
        code("# hint('01.1')\n# solution('01.1')"),
        text("An exact sum:"),
        code("print(0.5 + 0.25)", stream("0.75\n"), tags=["exact"]),
    ]
    profiles = {"smoke": {"lr": 1, "shape": [8, 8]}}
    course = {"question": "Can a machine read?", "minutes": 20, "profiles": profiles, "lesson": "01"}
    return {"cells": cells, "metadata": {"visioncourse": course}, "nbformat": 4, "nbformat_minor": 5}


def finished(notebook: Notebook) -> Notebook:
    """Return the notebook as a refresh would store it."""
    result = canonical(notebook)
    result["metadata"]["visioncourse"]["code"] = " ".join(code_so_far(result))
    return result


def setting(index: int, source: str) -> Callable[[Notebook], None]:
    """Return a change that gives one cell another source."""
    return lambda notebook: notebook["cells"][index].update(source=source)


def adding(index: int, more: str) -> Callable[[Notebook], None]:
    """Return a change that appends to the source of one cell."""
    return lambda notebook: notebook["cells"][index].update(source=notebook["cells"][index]["source"] + more)


def showing(index: int, *outputs: dict[str, Any]) -> Callable[[Notebook], None]:
    """Return a change that gives one cell other outputs."""
    return lambda notebook: notebook["cells"][index].update(outputs=list(outputs))


def tagging(*tags: str, index: int = TRAIN) -> Callable[[Notebook], None]:
    """Return a change of a cell's tags."""
    return lambda notebook: notebook["cells"][index]["metadata"].update(tags=list(tags))


def long_body(lines: int, cells: int) -> Callable[[Notebook], None]:
    """Return a change that appends explained cells of ``lines`` lines."""

    def change(notebook: Notebook) -> None:
        for _ in range(cells):
            notebook["cells"] += [text("More."), code("\n".join(["x = 1"] * lines))]

    return change


def ignore_three(notebook: Notebook) -> None:
    for index in (IMPORTS, TRAIN, ANSWER):
        notebook["cells"][index]["metadata"]["tags"] = ["nbval-ignore-output"]


COPY = """def listing(kind, one, all_of_them):
    known = sorted(all_of_them)
    near = nearest(str(one), known)
    start = f"did you mean {' or '.join(near)}? " if near else ""
    return f"unknown {kind} {one!r}: {start}Known: {', '.join(known)}."
"""
TABLE = {"text/html": "<table><td>≈ 3</td></table>", "text/plain": "≈ 3"}
DRAWING = shown({"image/svg+xml": "<svg/>"}, **{"image/svg+xml": {"alt": "a curve"}})
FAILED = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": []}

# Changes before the notebook is stored in canonical form …
CHANGES: dict[str, Callable[[Notebook], None]] = {
    "error-output": showing(TRAIN, FAILED),
    "stderr-output": showing(TRAIN, stream("UserWarning: old", "stderr")),
    "svg-output": showing(TRAIN, DRAWING, shown({"text/markdown": "It falls."})),
    "absolute-path": adding(TRAIN, "\nfolder = '/home/somebody/digits'"),
    "missing-alt": lambda notebook: notebook["cells"][FIGURE]["outputs"][0].update(metadata={}),
    "missing-caption": showing(FIGURE, picture(), stream("It falls.")),
    "missing-approximately": showing(TRAIN, stream("accuracy 97.3 %")),
    "approximately-in-table": showing(TRAIN, shown(TABLE)),
    "missing-parameters": tagging(index=PARAMETERS),
    "literal-parameters": adding(PARAMETERS, "\nsize: int = 7 * 4"),
    "annotated-parameters": adding(PARAMETERS, "\nsize = 28"),
    "lesson-metadata": lambda notebook: notebook["metadata"]["visioncourse"]["profiles"]["smoke"].update(lr="1"),
    "title": setting(TITLE, "## Read a digit"),
    "seeded": setting(IMPORTS, "from visioncourse.data import load\nseed_everything(0)"),
    "long-cell": long_body(31, 1),
    "cell-lengths": long_body(7, 12),
    "unexplained-cell": lambda notebook: notebook["cells"].insert(TRAIN, code("x = 1")),
    "magic": setting(ANSWER, "%timeit count(1)"),
    "syntax": setting(ANSWER, "def my_function(images:"),
    "trailing-semicolon": adding(FIGURE, ";  # quiet"),
    "clear-output": adding(TRAIN, "\nclear_output(wait=True)"),
    "ignored-outputs": ignore_three,
    "skipped-cell": tagging("nbval-skip"),
    "uncommented-hint": setting(HINT, "hint('01.1')\n# solution('01.1')"),
    "package-copy": setting(ANSWER, COPY),
    "test-selection": adding(TRAIN, "\nbest = max(models, key=lambda model: accuracy(model, test))"),
    "banned-word": adding(END, " Obviously."),
    "emoji": adding(END, " \U0001f389"),
    "exclamation": adding(END, " It works!"),
    "broken-link": adding(END, " See [the next](99_nothing.ipynb)."),
    "claim-ids": adding(RESULT, "\nclaim('02.1', 'x {bound}', value=1, at_least=0)"),
    "check-ids": setting(CHECK, "check('02.1', my_function)"),
    "cited-claim": adding(END, " Remember claim 01.7."),
    "result-number": adding(END, " It read 97.4 % (claim 01.1)."),
}
# … and after it, for what the canonical form would cure.
LATER: dict[str, Callable[[Notebook], None]] = {
    "counts-in-order": lambda notebook: notebook["cells"][TRAIN].update(execution_count=7),
    "null-count": lambda notebook: notebook["cells"][TRAIN].update(execution_count=None),
    "stale-outputs": adding(TRAIN, "\nepochs = 9"),
    "widget-state": lambda notebook: notebook["metadata"].update(widgets={}),
}


def build() -> dict[str, str]:
    """Return {name: text of the notebook file}."""
    notebooks = {"good": finished(good())}
    for rule, change in CHANGES.items():
        notebook = good()
        change(notebook)
        notebooks[rule] = finished(notebook)
    for rule, change in LATER.items():
        notebook = copy.deepcopy(notebooks["good"])
        change(notebook)
        notebooks[rule] = notebook
    return {name: to_text(notebook) for name, notebook in notebooks.items()}


if __name__ == "__main__":
    for name, content in build().items():
        (FOLDER / f"{name}.ipynb").write_text(content, encoding="utf-8", newline="\n")
