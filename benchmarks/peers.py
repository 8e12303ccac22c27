"""The peers, each in its plain settings at their quickest: no bars, no logs, no checkpoints, no validation."""

from __future__ import annotations

import logging
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import Any

import torch
import torch.nn.functional as F
from packaging.version import Version
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.work import Job, Prepare, Work
from visioncourse.optim import make_schedule

# Oldest versions that are run at all; lightning 2.6.2 and 2.6.3 carried malware, so they are not even imported.
OLDEST = {"skorch": "1.1", "lightning": "2.6.6", "fastai": "2.8"}


def skorch(work: Work) -> Job:
    """Train by skorch's ``NeuralNetClassifier`` with its callbacks off and no split for validation."""
    model = work.model()
    net = import_module("skorch").NeuralNetClassifier(
        model, criterion=nn.CrossEntropyLoss, optimizer=torch.optim.AdamW, lr=work.lr, max_epochs=work.epochs,
        batch_size=work.batch_size, iterator_train__shuffle=True, train_split=None, callbacks="disable", verbose=0,
    ).initialize()  # fmt: skip
    return model, lambda: net.partial_fit(work.images, work.labels)


def lightning(work: Work, precision: str = "32-true") -> Job:
    """Train by Lightning's ``Trainer`` on one processor device."""
    library: Any = import_module("lightning")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Net(library.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = work.model()

        def training_step(self, batch: Any, number: int) -> Any:
            return F.cross_entropy(self.model(batch[0]).float(), batch[1])

        def configure_optimizers(self) -> Any:
            return _lightning_optimizer(self, work)

    net = Net()
    batches = DataLoader(TensorDataset(work.images, work.labels), batch_size=work.batch_size, shuffle=True)
    trainer = library.Trainer(
        max_epochs=work.epochs, accelerator="cpu", devices=1, precision=precision, logger=False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    return net.model, partial(trainer.fit, net, batches)


def _lightning_optimizer(net: nn.Module, work: Work) -> Any:
    """Return AdamW as Lightning wants it, with a schedule only where there is one."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=work.lr)
    if work.schedule == "constant":
        return optimizer
    schedule = make_schedule(work.schedule, optimizer, work.steps)
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def fastai(work: Work) -> Job:
    """Train by fastai's ``Learner`` and its own loader, with torch's AdamW and a constant rate."""
    loading: Any = import_module("fastai.data.core")
    learning: Any = import_module("fastai.learner")
    optimizing: Any = import_module("fastai.optimizer")
    import_module("fastai.callback.progress")  # gives Learner its no_bar

    class NoValidation(import_module("fastai.callback.core").Callback):  # type: ignore[misc]
        def before_validate(self) -> None:
            raise import_module("fastai.callback.core").CancelValidException

    pairs = TensorDataset(work.images, work.labels)
    batches = import_module("fastai.data.load").DataLoader(pairs, bs=work.batch_size, shuffle=True, num_workers=0)
    model = work.model()
    learner = learning.Learner(
        loading.DataLoaders(batches, batches, device=torch.device("cpu")), model, loss_func=nn.CrossEntropyLoss(),
        opt_func=partial(optimizing.OptimWrapper, opt=torch.optim.AdamW), lr=work.lr, cbs=[NoValidation()],
    )  # fmt: skip

    def call() -> None:
        with learner.no_bar(), learner.no_logging():
            learner.fit(work.epochs, work.lr, wd=0.01)

    return model, call


PEERS: dict[str, Prepare] = {"skorch": skorch, "lightning": lightning, "fastai": fastai}


def why_not(name: str) -> str:
    """Return why a peer cannot be run, or "" where it can; the package is not imported for that."""
    try:
        found = installed_version(name)
    except PackageNotFoundError:
        return "not installed (pip install -e '.[bench]')"
    if Version(found) < Version(OLDEST[name]):
        return f"{found} is older than {OLDEST[name]}, not run"
    return ""
