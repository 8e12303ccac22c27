"""What a cell would show: outputs caught on their way to the notebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import IPython.display
import pytest


@dataclass
class Output:
    """One output of a cell."""

    data: dict[str, Any]
    metadata: dict[str, Any]

    @property
    def text(self) -> str:
        """What a reader without HTML sees."""
        return str(self.data["text/plain"])

    @property
    def facts(self) -> dict[str, Any]:
        """What reports and tests read."""
        found: dict[str, Any] = self.metadata["visioncourse"]
        return found


@contextmanager
def displayed() -> Iterator[list[Output]]:
    """Collect what is published while the block runs."""
    outputs: list[Output] = []

    def keep(data: dict[str, Any], metadata: dict[str, Any] | None = None, **_: Any) -> None:
        outputs.append(Output(data, metadata or {}))

    with patch.object(IPython.display, "publish_display_data", keep):
        yield outputs


@contextmanager
def widgets_shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Pretend that a front end is there, and collect the objects that are handed to ``display``."""
    shown: list[Any] = []
    monkeypatch.delenv("VISIONCOURSE_STATIC", raising=False)
    with patch.object(IPython.display, "display", shown.append):
        yield shown
