"""The arms that need torch alone: ``fit``, and loops as people write them by hand."""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.work import Job, Prepare, Work
from visioncourse.data import ImageSet
from visioncourse.optim import make_schedule
from visioncourse.train import fit


def fitted(work: Work, precision: str = "auto") -> Job:
    """Train by ``visioncourse.train.fit``; its own set-up and bookkeeping are inside the clock."""
    model = work.model()
    train = ImageSet(work.images, work.labels, tuple("0123456789"))
    call = partial(
        fit, model, train, epochs=work.epochs, batch_size=work.batch_size, lr=work.lr, weight_decay=0.01,
        schedule=work.schedule, precision=precision, device="cpu", seed=work.seed, progress=False,
    )  # fmt: skip
    return model, call


def bare(work: Work) -> Job:
    """Train by the reference: plain float32, contiguous tensors indexed by ``randperm``, nothing else."""
    model = work.model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=work.lr)
    schedule = None if work.schedule == "constant" else make_schedule(work.schedule, optimizer, work.steps)

    def call() -> None:
        model.train()
        for _ in range(work.epochs):
            for index in torch.randperm(len(work.labels)).split(work.batch_size):
                loss = F.cross_entropy(model(work.images[index]), work.labels[index])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                if schedule is not None:
                    schedule.step()

    return model, call


def tuned(work: Work) -> Job:
    """Train by the bare loop with all that ``fit`` chooses done by hand: what ``fit``'s comfort costs."""
    model = work.model().to(memory_format=torch.channels_last)
    images = work.images.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), lr=work.lr, fused=True)

    def call() -> None:
        model.train()
        for _ in range(work.epochs):
            for index in torch.randperm(len(work.labels)).split(work.batch_size):
                with torch.autocast("cpu", torch.bfloat16):
                    logits = model(images[index])
                loss = F.cross_entropy(logits.float(), work.labels[index])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

    return model, call


def loader(work: Work) -> Job:
    """Train by the loop of the tutorials: a ``DataLoader`` over a ``TensorDataset``, no worker processes."""
    model = work.model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=work.lr)
    batches = DataLoader(TensorDataset(work.images, work.labels), batch_size=work.batch_size, shuffle=True)

    def call() -> None:
        model.train()
        for _ in range(work.epochs):
            for images, labels in batches:
                loss = F.cross_entropy(model(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

    return model, call


def own_arms(bfloat16: bool) -> dict[str, Prepare]:
    """Return the arms by name, the reference first.

    Args:
        bfloat16: also the loop that is tuned by hand, which needs native bfloat16 to make sense.
    """
    arms: dict[str, Prepare] = {
        "bare loop": bare,
        "fit": fitted,
        "fit float32": partial(fitted, precision="float32"),
        "DataLoader loop": loader,
    }
    return arms | ({"bare loop, bfloat16": tuned} if bfloat16 else {})
