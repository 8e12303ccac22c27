"""What goes wrong in exercise 05.6 if several things are forgotten at once."""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F

from visioncourse.exercises.exercise import Mistake
from visioncourse.exercises.lesson_05.ways import still, summed, trained_by, twice

MOMENTUM = partial(torch.optim.SGD, momentum=0.9)
UPHILL = partial(torch.optim.SGD, maximize=True)

SEVERAL = [
    Mistake(
        "not cleared, exam in train mode",
        trained_by(clear=False, settle=False),
        "Two things are missing: `optimizer.zero_grad()` in each round, for `backward` adds to what is there; and "
        "`model.eval()` before the exam, which you hold in train mode.",
    ),
    Mistake(
        "softmax twice, exam in train mode",
        trained_by(twice, settle=False),
        "Two things: you make shares before the cross-entropy, which makes shares itself; and your exam is held in "
        "train mode. Hand the loss logits, and call `model.eval()` before `others`.",
    ),
    Mistake(
        "softmax twice, not cleared",
        trained_by(twice, clear=False),
        "Two things: you make shares before the cross-entropy, which makes shares itself; and your gradients are never "
        "cleared. Hand the loss logits, and call `optimizer.zero_grad()` in each round.",
    ),
    Mistake(
        "softmax twice, not cleared, exam in train mode",
        trained_by(twice, clear=False, settle=False),
        "Three things: you make shares before the cross-entropy, which makes shares itself; your gradients are never "
        "cleared; and your exam is held in train mode. One after the other.",
    ),
    Mistake(
        "exam in train mode, and more",
        trained_by(summed, settle=False),
        "Your exam is held in train mode: each answer depends on its neighbours in the batch. `model.eval()` before "
        "`others`. And that is not all: the training goes wrong, too.",
        also=[
            trained_by(F.nll_loss, settle=False),
            trained_by(make=MOMENTUM, settle=False),
            trained_by(make=UPHILL, settle=False),
            trained_by(make=still, settle=False),
            trained_by(make=torch.optim.Adam, settle=False),
            trained_by(count=lambda steps: 1, settle=False),
            trained_by(count=lambda steps: steps - 1, settle=False),
            trained_by(count=lambda steps: steps + 1, settle=False),
        ],
    ),
    Mistake(
        "not cleared, and more",
        trained_by(summed, clear=False),
        "Your gradients are never cleared: `backward` adds to what is there. `optimizer.zero_grad()` before each "
        "backward walk. And that is not all.",
        also=[
            trained_by(clear=False, training=False),
            trained_by(clear=False, after=lambda model, others: model.eval()),
            trained_by(make=MOMENTUM, clear=False),
            trained_by(make=UPHILL, clear=False),
        ],
    ),
    Mistake(
        "trained in eval mode, and more",
        trained_by(twice, training=False),
        "You switched to eval before training, so that the running means stay as they were at the start. Train first, "
        "`eval` for the exam. And that is not all.",
        also=[trained_by(twice, training=False, clear=False), trained_by(summed, training=False)],
    ),
]
