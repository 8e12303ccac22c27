"""A training run's state on disk, so that a run that was killed goes on where it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from visioncourse.checkpoint import load_training, save_training
from visioncourse.history import History
from visioncourse.loop import Run


class Keeper:
    """Keeps a run's state in one file: written after each epoch, read when the same call is made again."""

    def __init__(self, path: Path, settings: dict[str, Any]) -> None:
        self.path, self.settings = path, settings
        if not path.parent.is_dir():
            raise FileNotFoundError(f"checkpoint={str(path)!r}: the folder {str(path.parent)!r} does not exist.")

    def save(self, run: Run, over: bool) -> None:
        """Write weights, optimiser, schedule, random states and history, all or nothing."""
        states = {"torch": torch.get_rng_state(), "order": run.order.get_state()}
        if run.device.type == "cuda":
            states["cuda"] = torch.cuda.get_rng_state(run.device)
        notes = {"settings": self.settings, "history": run.history.as_dict(), "over": over,
                 "schedule": run.scheduler.last_epoch}  # fmt: skip
        save_training(self.path, run.model, run.optimizer, states, notes)

    def restore(self, run: Run) -> bool:
        """Bring a run to where the file says, if there is one; return whether it is over already.

        Raises:
            ValueError: where the file belongs to a run of other settings or another architecture.
        """
        if not self.path.exists():
            return False
        states, notes = load_training(self.path, run.model, run.optimizer, self.settings)
        torch.set_rng_state(states["torch"])
        run.order.set_state(states["order"])
        if "cuda" in states:
            torch.cuda.set_rng_state(states["cuda"], run.device)
        run.history = History(**notes["history"])
        run.scheduler.last_epoch = notes["schedule"]
        return bool(notes["over"])
