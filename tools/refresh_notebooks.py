"""Execute lessons fresh and store them in canonical form: ``python tools/refresh_notebooks.py [LESSON…]``.

Stored outputs that still say and show the same stay, so a second run leaves git clean. A lesson that
errs is reported and its file left as it was; the others go on. ``--fresh`` stores every new output,
the measured numbers too: use it after a change of the package that changes results.
"""

from __future__ import annotations

import argparse
import copy
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import ipykernel.kernelspec
from canonical import canonical, keep_stored, to_text, write_atomically
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from kernels import kernel_environment
from lesson_files import HARDWARE, NOTEBOOKS, Notebook, code_cells, read, resolve
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError
from nbformat import from_dict

CELL_SECONDS = 600


class _ThisPython(KernelSpecManager):
    """Offer one kernel: the interpreter that runs this program, whatever is installed for the user."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the kernel of this interpreter."""
        return KernelSpec(**ipykernel.kernelspec.get_kernel_dict())


class _Manager(AsyncKernelManager):
    """Start kernels of this interpreter."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(kernel_spec_manager=_ThisPython(), **traits)


class LessonError(RuntimeError):
    """One sentence: which cell of a lesson failed, and how."""


def execute(notebook: Notebook, folder: Path) -> Notebook:
    """Return a copy of ``notebook`` executed in a fresh kernel that works in ``folder``.

    Raises:
        LessonError: if a cell fails, hangs, or takes its kernel down.
    """
    result = from_dict(copy.deepcopy(notebook))  # type: ignore[no-untyped-call]
    started: list[int] = []
    client = NotebookClient(
        result,
        kernel_manager_class=_Manager,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        record_timing=False,
        store_widget_state=False,
        skip_cells_with_tag=HARDWARE,
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=lambda cell, cell_index: started.append(cell_index),
    )
    try:
        client.execute(env=kernel_environment(), stderr=subprocess.DEVNULL)  # its log is no news
    except (CellControlSignal, DeadKernelError) as error:
        raise LessonError(_sentence(result, started[-1] if started else 0, error)) from error
    return dict(result)


def _sentence(notebook: Notebook, index: int, error: Exception) -> str:
    """Return which cell failed and how, in one line."""
    cell = notebook["cells"][index]
    count = next((n for n, other in enumerate(code_cells(notebook), start=1) if other is cell), 0)
    if isinstance(error, CellExecutionError):
        what = " ".join(f"raised {error.ename}: {error.evalue}".split())
    elif isinstance(error, DeadKernelError):
        what = "took the kernel down"
    else:
        what = f"did not end within {CELL_SECONDS} s"
    return f"cell [{count}] {what}"


def refresh(path: Path, *, fresh: bool = False) -> bool:
    """Execute the lesson in ``path`` and store it; return whether the file changed.

    Args:
        path: a notebook; its folder is where the kernel works.
        fresh: store every new text even where only measured numbers differ.

    Raises:
        LessonError: if a cell fails; the file stays as it was.
        ValueError: if the file is no notebook.
    """
    stored = canonical(read(path))
    executed = canonical(execute(stored, path.parent))
    if fresh:
        stored["metadata"].get("visioncourse", {}).pop("code", None)
    return write_atomically(path, to_text(keep_stored(executed, stored)))


def main(arguments: list[str] | None = None, folder: Path = NOTEBOOKS) -> int:
    """Refresh the lessons that the command line names; return 1 if one of them erred."""
    parser = argparse.ArgumentParser(description="Execute lessons fresh and store them in canonical form.")
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="02, 02_convolution or a path")
    parser.add_argument("--fresh", action="store_true", help="keep no stored number, only like pictures")
    options = parser.parse_args(arguments)
    try:
        paths = resolve(options.lessons, folder)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    failed = 0
    for place, path in enumerate(paths, start=1):
        print(f"[{place}/{len(paths)}] {path.stem}: executing", flush=True)
        failed += not _report(path, options.fresh)
    print(f"{len(paths) - failed} of {len(paths)} lessons refreshed")
    return int(failed > 0)


def _report(path: Path, fresh: bool) -> bool:
    """Refresh one lesson, print the outcome in one line, return whether it went well."""
    start = time.perf_counter()
    try:
        changed = refresh(path, fresh=fresh)
    except (LessonError, ValueError, OSError) as error:
        print(f"  {path.name}: {error}; the stored file is untouched", flush=True)
        return False
    outcome = "stored anew" if changed else "unchanged"
    print(f"  {path.name}: {outcome} after {time.perf_counter() - start:.0f} s", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
