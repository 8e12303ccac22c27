"""Train a network: one call, seeded to the bit, that survives being killed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from visioncourse.device import choose_device, choose_precision
from visioncourse.distributed import check_team, own_device, team
from visioncourse.history import History
from visioncourse.loop import Augment, Batches, Loss, Run, cross_entropy
from visioncourse.optim import OptimizerChoice, Schedule, make_optimizer, make_schedule
from visioncourse.textual import progress_bar
from visioncourse.train.keeper import Keeper

Callback = Callable[[nn.Module, History], object]


def fit(
    model: nn.Module,
    train: Batches,
    valid: Batches | None = None,
    *,
    epochs: int,
    batch_size: int = 64,
    lr: float = 1e-3,
    optimizer: OptimizerChoice = "adamw",
    weight_decay: float = 0.0,
    schedule: str | Schedule | None = "onecycle",
    loss: Loss = cross_entropy,
    params: Iterable[Any] | None = None,
    augment: Augment | None = None,
    precision: str = "auto",
    device: str = "auto",
    seed: int = 0,
    checkpoint: str | Path | None = None,
    callbacks: Sequence[Callable[[nn.Module, History], object]] = (),
    progress: bool = True,
) -> History:
    """Train a model in place and return what happened, epoch by epoch.

    The same seed, machine, thread count and versions give bitwise the same weights. Shuffling, augmentation and
    dropout draw from the seed alone, and torch's own random state is put back afterwards. The model is left on the
    device, in eval mode. A last batch of a single image is left out, because batch norm cannot train on it.

    Called by every process of a group (``torchrun``, see ``visioncourse.distributed``), it trains one network on all
    of them: ``batch_size`` counts the images of a step in all processes together, process 0 alone writes files.

    Args:
        model: maps inputs to outputs.
        train: an ``ImageSet``, or anything with ``len`` and ``batches(batch_size, shuffle, generator)``.
        valid: held-out images, measured after each epoch. Never pass test images here.
        epochs: passes over ``train``.
        batch_size: images a step.
        lr: peak learning rate.
        optimizer: "adamw", "adam", "sgd" (momentum 0.9), or a function of the parameters.
        weight_decay: decay of the named optimisers.
        schedule: "onecycle", "cosine", "constant", or a function of (steps done, steps in all).
        loss: maps (outputs, targets) to a scalar tensor.
        params: parameters or parameter groups to train; all that require gradients if None.
        augment: maps (images, labels, generator) to a new (images, labels).
        precision: "auto", "float32" or "bfloat16".
        device: "auto", "cpu", "cuda", "mps".
        seed: of everything random in this call.
        checkpoint: file written atomically each epoch; called again after an interruption, the run goes on from it
            and ends with bitwise the weights of an uninterrupted run.
        callbacks: called after each epoch with (model, history); one that returns True ends the training.
        progress: show a bar where somebody watches.

    Returns:
        History with one entry an epoch.

    Raises:
        ValueError: for zero epochs, a batch larger than the set, one class only, a wrong number of channels, labels
            that the model has no logit for, a checkpoint of another architecture or of other settings.
    """
    check_arguments(train, epochs, batch_size)
    together = team()
    check_team(together.size, batch_size, len(train))
    where = own_device(choose_device(device))
    how = choose_precision(precision, where)
    forked = [where] if where.type == "cuda" else []
    with torch.random.fork_rng(devices=forked):
        torch.manual_seed(seed)
        chosen = [p for p in model.parameters() if p.requires_grad] if params is None else params
        rule = make_optimizer(optimizer, chosen, lr, weight_decay)
        plan = make_schedule(schedule, rule, epochs * -(-len(train) // batch_size))
        order = torch.Generator().manual_seed(seed)
        history = History(precision=how.name, device=where.type)
        run = Run(model, rule, plan, loss, augment, where, how, batch_size, order, history, together)
        run.prepare(train)
        settings = {"epochs": epochs, "batch_size": batch_size, "lr": lr, "weight_decay": weight_decay,
                    "seed": seed, "images": len(train), "precision": how.name,
                    "optimizer": _name(optimizer), "schedule": _name(schedule),
                    "params": [len(group["params"]) for group in rule.param_groups]}  # fmt: skip
        keeper = Keeper(Path(checkpoint), settings) if checkpoint else None
        _train(run, train, valid, epochs, keeper, callbacks, progress)
    model.eval()
    return run.history


def check_arguments(train: Batches, epochs: int, batch_size: int) -> None:
    """Refuse what cannot be trained on, before anything is moved or written."""
    if not isinstance(epochs, int) or epochs < 1:
        raise ValueError(f"epochs={epochs!r}: expected a whole number of at least 1.")
    if not isinstance(batch_size, int) or batch_size < 1:
        raise ValueError(f"batch_size={batch_size!r}: expected a whole number of at least 1.")
    if len(train) == 0:
        raise ValueError("train is empty: expected at least one image.")
    if batch_size > len(train):
        raise ValueError(f"batch_size={batch_size} is larger than the training set of {len(train)} images.")


def _name(choice: object) -> str:
    """Return the name of an optimiser or schedule that was given by name or as a function."""
    return choice if isinstance(choice, str) else str(getattr(choice, "__qualname__", type(choice).__name__))


def _train(
    run: Run,
    train: Batches,
    valid: Batches | None,
    epochs: int,
    keeper: Keeper | None,
    callbacks: Sequence[Callback],
    progress: bool,
) -> None:
    """Go through the epochs that are still to do."""
    if keeper is not None and keeper.restore(run):
        return
    for _ in progress_bar(range(run.history.epochs, epochs), progress, "epochs"):
        run.record_epoch(train, valid)
        answers = [callback(run.model, run.history) for callback in callbacks]  # every one is called
        over = any(answer is True for answer in answers) or run.history.epochs == epochs
        if keeper is not None and run.team.leads:
            keeper.save(run, over)
        if over:
            return
