"""Execute one lesson with papermill; ``execute.py`` starts this file as a process of its own.

It runs as ``python -P worker.py JOB.json`` and imports nothing of the package: no torch is loaded here
beside the one in the kernel, and whatever becomes of the kernel or of this process, the run goes on.
"""

# ruff: noqa: E402 - one line must come before the imports that it makes faster

from __future__ import annotations

import json
import os
import re
import runpy
import sys
import threading
import time
from ast import literal_eval
from pathlib import Path
from typing import Any

# jsonschema, which checks notebooks, would build this optional grammar of web addresses at import; no
# notebook has such a field, and without it a worker starts in half the time.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import nbformat
import papermill
import psutil
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from papermill.execute import ERROR_MARKER_TAG
from papermill.translators import PythonTranslator, papermill_translators

PeakMemory = runpy.run_path(str(Path(__file__).parents[1] / "measure.py"))["PeakMemory"]
# nbformat and nbconvert have no types to check.
read_notebook: Any = nbformat.read
write_notebook: Any = nbformat.write
ARGV = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


class Literals(PythonTranslator):  # type: ignore[misc]
    """Write parameters as Python does; papermill's own way turns a tuple into a string."""

    @classmethod
    def translate(cls, val: Any) -> str:
        """Return the value as a literal."""
        return repr(val)


class Probe:
    """What there is to know of a kernel at work: the cell that it executes, the memory that it takes."""

    def __init__(self, progress: Path, total: int) -> None:
        self.progress, self.total = progress, total
        self.cell: int | None = None
        self.memory: Any = None

    def kernel_started(self, pid: int) -> None:
        """Watch the memory of the kernel."""
        self.memory = PeakMemory(pid)
        self.memory.start()

    def cell_started(self, cell: Any, cell_index: int) -> None:
        """Note which cell is being executed, for an error message and for the progress."""
        self.cell = cell_index
        self.progress.write_text(f"{cell_index + 1} of {self.total}", "utf-8")

    def peak(self) -> float | None:
        """Return the kernel's peak memory in MB so far."""
        return None if self.memory is None else round(self.memory.stop(), 1)


def kernel_class(probe: Probe) -> type[AsyncKernelManager]:
    """Return a manager for kernels of this very interpreter, measured until just before they stop."""

    class MeasuredKernel(AsyncKernelManager):
        _kernel_spec = KernelSpec(argv=ARGV, display_name="Python 3", language="python")

        async def start_kernel(self, **kw: Any) -> None:  # type: ignore[override]
            await super().start_kernel(**kw)
            probe.kernel_started(self.provisioner.pid)  # type: ignore[union-attr]

        async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:  # type: ignore[override]
            probe.peak()
            await super().shutdown_kernel(now=now, restart=restart)

    return MeasuredKernel


def execute(job: dict[str, Any]) -> dict[str, Any]:
    """Execute a job's lesson; return seconds, peak memory in MB, and the error or None."""
    source, output = Path(job["source"]), Path(job["output"])
    probe = Probe(output.with_suffix(".progress"), len(json.loads(source.read_text("utf-8"))["cells"]))
    began, error = time.perf_counter(), None
    try:
        papermill.execute_notebook(
            *(str(path).replace("{", "{{").replace("}", "}}") for path in (source, output)),
            parameters=literal_eval(job["parameters"]),
            **{"kernel_name": "python3", "language": "python", "cwd": str(source.parent)},
            **{"progress_bar": False, "log_output": False, "start_timeout": 120, "iopub_timeout": 60},
            kernel_manager_class=kernel_class(probe),
            on_cell_start=probe.cell_started,
        )
    except papermill.PapermillExecutionError:
        error = raised(output)
    except DeadKernelError:
        error = died(output, probe.cell)
    except Exception as problem:
        error = {"cell": None, "sentence": f"{type(problem).__name__}: {one_line(str(problem))}"}
    return {"seconds": round(time.perf_counter() - began, 2), "peak_mb": probe.peak(), "error": error}


def raised(output: Path) -> dict[str, Any] | None:
    """Return the exception that stopped a lesson; None where every exception was meant to be raised.

    papermill takes any stored exception for a failure, that of a cell tagged ``raises-exception`` too.
    """
    notebook = read_notebook(output, as_version=4)
    for index, cell in enumerate(notebook.cells):
        wanted = "raises-exception" in cell.metadata.get("tags", [])
        for problem in [] if wanted else [out for out in cell.get("outputs", []) if out.output_type == "error"]:
            number = cell_number(notebook, index)
            sentence = f"cell [{number}] raised {problem.ename}: {one_line(problem.evalue)}"
            return {"cell": number, "sentence": sentence}
    notebook.cells = [cell for cell in notebook.cells if ERROR_MARKER_TAG not in cell.metadata.get("tags", [])]
    write_notebook(notebook, output)
    return None


def died(output: Path, index: int | None) -> dict[str, Any]:
    """Return the error of a kernel that went away."""
    number = None if index is None else cell_number(read_notebook(output, as_version=4), index)
    where = "before its first cell" if number is None else f"in cell [{number}]"
    return {"cell": number, "sentence": f"the kernel died {where}: killed, crashed, or out of memory"}


def cell_number(notebook: Any, index: int) -> int:
    """Return the number that a code cell bears in the stored lesson, papermill's own cell not counted."""
    cells = [cell for cell in notebook.cells[: index + 1] if cell.cell_type == "code"]
    return sum("injected-parameters" not in cell.metadata.get("tags", []) for cell in cells)


def one_line(text: str, most: int = 300) -> str:
    """Return the first line with something in it, without colours, cut to a readable length."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    line = next((line.strip() for line in plain.splitlines() if line.strip()), "no message")
    return line if len(line) <= most else line[: most - 1] + "…"


def export(notebook: Path) -> None:
    """Write the executed notebook as a page beside it."""
    from nbconvert import HTMLExporter

    exporter: Any = HTMLExporter
    page, _ = exporter().from_filename(str(notebook))
    notebook.with_suffix(".html").write_text(page, "utf-8")


def end_with(parent: int) -> None:
    """End this process and its kernel when the process that started it is no more."""
    starter = psutil.Process(parent) if psutil.pid_exists(parent) else None
    while starter is not None and starter.is_running():
        time.sleep(0.5)
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(1)


def main(path: Path) -> None:
    """Execute the job that the file ``path`` describes and leave its result beside it."""
    job = json.loads(path.read_text("utf-8"))
    threading.Thread(target=end_with, args=(job["parent"],), daemon=True).start()
    papermill_translators.register("python", Literals)
    result = execute(job)
    if job["html"] and Path(job["output"]).exists():
        export(Path(job["output"]))
    # The starter takes a result for a whole one: it appears at once or not at all.
    path.with_suffix(".part").write_text(json.dumps(result), "utf-8")
    path.with_suffix(".part").replace(path.with_name("result.json"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
