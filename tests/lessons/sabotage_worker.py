"""The process in which ``harness.py`` executes a sabotaged lesson: cells in, verdicts out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def execute(job: list[dict[str, Any]]) -> dict[str, bool]:
    """Execute cells in one IPython namespace without a kernel; return {claim id: holds}."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from traitlets.config import Config

    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=settings)
    verdicts: dict[str, bool] = {}
    for cell in job:
        with capture_output() as captured:
            result = shell.run_cell(cell["source"], store_history=False)
        for output in captured.outputs:
            claim = ((output.metadata or {}).get("visioncourse") or {}).get("claim")
            if claim:
                verdicts[claim["id"]] = bool(claim["holds"])
        if not (result.success or cell["raises"]):
            sys.exit(f"cell [{cell['number']}]\n{captured.stdout}{captured.stderr}")
    return verdicts


if __name__ == "__main__":
    orders, answer = map(Path, sys.argv[1:])
    answer.write_text(json.dumps(execute(json.loads(orders.read_text(encoding="utf-8")))), encoding="utf-8")
