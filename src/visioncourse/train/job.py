"""One run of a recipe from data to figures on disk."""

from __future__ import annotations

import json
import platform
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from visioncourse.checkpoint import save_weights, write_atomically
from visioncourse.data import load
from visioncourse.distributed import Team
from visioncourse.history import History
from visioncourse.loop import Loss
from visioncourse.metrics import predict_labels
from visioncourse.models import count_multiply_adds, count_parameters, create
from visioncourse.models.shared import ghost_batch_norm, share_dropout
from visioncourse.train import fit
from visioncourse.train.recipe import Recipe

STATE, WEIGHTS, FIGURES, STEPS = "state.safetensors", "weights.safetensors", "run.json", "steps.json"


class Job:
    """A recipe, the data that it is run on, and the folder that it writes to.

    Args:
        args: of the command line.
        recipe: what to train and how.
        team: the processes that work together.
        device: of this process.
        say: is called with each line for people; silent except in one process.
    """

    def __init__(
        self, args: Namespace, recipe: Recipe, team: Team, device: torch.device, say: Callable[[str], object]
    ) -> None:
        self.args, self.recipe, self.team, self.device, self.say = args, recipe, team, device, say
        self.out: Path = args.out

    def run(self) -> None:
        """Train, measure on the test images once, and write weights and figures."""
        self.check_out()
        train, valid, test = (self.load(split) for split in ("train", "valid", "test"))
        model = self.model(train)
        parts = self.team.size if self.team.size > 1 else self.args.ghost_batches or 1
        self.say(
            f"{self.recipe.model}: {count_parameters(model):,} parameters; {train!r}; {self.team.size} process(es)"
        )
        if parts > 1 and any(isinstance(layer, nn.BatchNorm2d) for layer in model.modules()):
            share = "half" if parts == 2 else f"of {parts} parts"
            self.say(f"batch norm takes its statistics from each {share} of a batch apart")
        log = StepLog(self.recipe.loss(), self.team) if self.args.log_steps else None
        history = fit(
            model, train, valid, epochs=self.recipe.epochs, batch_size=self.recipe.batch_size, lr=self.recipe.lr,
            optimizer=self.recipe.optimizer, weight_decay=self.recipe.weight_decay, schedule=self.recipe.schedule,
            loss=log or self.recipe.loss(), augment=self.recipe.augment(), precision=self.args.precision,
            device=str(self.device), seed=self.args.seed, checkpoint=self.out / STATE, callbacks=[self.tell],
            progress=False,
        )  # fmt: skip
        self.finish(model, history, self.accuracy(model, test), log)

    def check_out(self) -> None:
        """Make the folder, and look that it holds no other run.

        Raises:
            FileExistsError: where a run lies in it already and ``--resume`` was not given.
        """
        if self.team.leads:
            self.out.mkdir(parents=True, exist_ok=True)
        if (self.out / STATE).exists() and not self.args.resume:
            raise FileExistsError(f"out={str(self.out)!r} holds a run: add --resume to go on, or name another folder.")

    def load(self, split: str) -> Any:
        """Return the images of one split, or of those classes and as many as the command line wants."""
        data: Any = load(self.recipe.data, split, root=self.args.root)
        if self.args.classes:
            data = only_classes(data, [int(word) for word in self.args.classes.split(",")])
        return data.few(self.args.few, self.args.seed) if self.args.few and split == "train" else data

    def model(self, train: Any) -> nn.Module:
        """Build the network, its first weights drawn from the seed."""
        images, _ = next(iter(train.batches(2)))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.args.seed)
            model = create(self.recipe.model, len(train.classes), images.shape[1], **(self.recipe.options or {}))
        self.multiply_adds = count_multiply_adds(model, tuple(images.shape[1:]))
        share_dropout(model)
        if self.args.ghost_batches:
            ghost_batch_norm(model, self.args.ghost_batches)
        return model

    def tell(self, model: nn.Module, history: History) -> None:
        """Print the row of the epoch that is just over."""
        self.say(f"{history.table().splitlines()[-1]}   {history.seconds[-1]:.1f} s")

    def accuracy(self, model: nn.Module, data: Any) -> float:
        """Return the share of images that are named correctly; each is looked at by one process only."""
        start, stop = self.team.portion(len(data))
        part = data.subset(range(start, stop))
        right = (predict_labels(model, part) == part.labels).sum()
        return int(self.team.sum(right.to(self.device))) / len(data)

    def finish(self, model: nn.Module, history: History, test: float, log: StepLog | None) -> None:
        """Write everything that the run leaves behind."""
        steps = log.losses() if log else []
        self.say(f"test ≈ {test:.2%}")
        if not self.team.leads:
            return
        facts = {
            "model": self.recipe.model, "parameters": count_parameters(model), "multiply_adds": self.multiply_adds,
            "recipe": self.recipe.as_dict(), "seed": self.args.seed, "few": self.args.few,
            "classes": self.args.classes, "hardware": hardware(self.team, self.device), "versions": versions(),
            "valid_accuracy": history.valid_accuracy[-1], "test_accuracy": test, "curve": history.as_dict(),
        }  # fmt: skip
        save_weights(self.out / WEIGHTS, model, {"recipe": self.recipe.as_dict(), "test_accuracy": test})
        write_atomically(self.out / FIGURES, json.dumps(facts, indent=1).encode())
        if log:
            write_atomically(self.out / STEPS, json.dumps(steps).encode())


class StepLog:
    """A loss that remembers its value at every training step.

    Args:
        loss: the loss itself.
        team: the processes over which the values are averaged.
    """

    def __init__(self, loss: Loss, team: Team) -> None:
        self.loss, self.team = loss, team
        self.sums: list[Tensor] = []

    def __call__(self, outputs: Any, targets: Any) -> Tensor:
        """Return the loss."""
        value = self.loss(outputs, targets)
        if torch.is_grad_enabled():
            images = len(targets)
            self.sums.append(torch.stack([value.detach().double() * images, torch.full_like(value, images).double()]))
        return value

    def losses(self) -> list[float]:
        """Return each step's loss, the mean over the images of all processes."""
        totals = self.team.sum(torch.stack(self.sums))  # (steps, 2)
        losses: list[float] = (totals[:, 0] / totals[:, 1]).tolist()
        return losses


def only_classes(data: Any, numbers: list[int]) -> Any:
    """Return the images of some classes, which are numbered anew from 0 in the order given.

    Raises:
        ValueError: for a number that is no class.
    """
    if not all(0 <= number < len(data.classes) for number in numbers):
        raise ValueError(f"classes={numbers}: expected numbers from 0 to {len(data.classes) - 1}.")
    lookup = torch.full((len(data.classes),), -1)
    lookup[numbers] = torch.arange(len(numbers))
    part = data.subset(lookup[data.labels] >= 0)
    return replace(part, labels=lookup[part.labels], classes=tuple(data.classes[number] for number in numbers))


def hardware(team: Team, device: torch.device) -> str:
    """Return what computes, in half a line."""
    if device.type == "cuda":
        return f"{team.size} × {torch.cuda.get_device_name(device)}"
    return f"{team.size} process(es) of {torch.get_num_threads()} thread(s), {cpu_name()}"


def cpu_name() -> str:
    """Return the name of the processor, as far as the system tells."""
    table = Path("/proc/cpuinfo")
    if table.exists():
        names = [line.partition(":")[2].strip() for line in table.read_text().splitlines() if "model name" in line]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Return the versions that figures depend on."""
    return {name: version(name) for name in ("torch", "torchvision", "visioncourse")} | {
        "python": platform.python_version()
    }
