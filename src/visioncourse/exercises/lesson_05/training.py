"""Exercise 05.6: train and examine, and what can be forgotten."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_05.answers import train_and_examine
from visioncourse.exercises.lesson_05.several import SEVERAL
from visioncourse.exercises.lesson_05.ways import (
    build_network,
    loss_once,
    returning,
    still,
    summed,
    trained_by,
    twice,
)

DRAW = torch.Generator().manual_seed(5)
IMAGES, LABELS = torch.rand(72, 1, 3, 3, generator=DRAW), torch.arange(72) % 3
OTHERS = 1 + 2 * torch.rand(5, 1, 3, 3, generator=DRAW)


def no_brackets(build: Any, images: Any, labels: Any, others: Any, lr: Any, steps: Any) -> Any:
    """Take the function that builds a network for the network."""
    return torch.optim.SGD(build.parameters(), lr=lr)


TRAINING = Exercise(
    id="05.6",
    title="Train and examine",
    reference=train_and_examine,
    cases=[
        (build_network, IMAGES[:12], LABELS[:12], OTHERS, 0.5, 4),
        (build_network, IMAGES[:8], LABELS[:8], OTHERS[:2], 0.2, 2),
        (build_network, IMAGES, LABELS, OTHERS, 0.5, 3),
    ],
    mistakes=[
        Mistake(
            "gradients not cleared",
            trained_by(clear=False),
            "Your gradients are never cleared: `backward` adds to what is there, so each step repeats all that came "
            "before. `optimizer.zero_grad()` before each backward walk.",
        ),
        Mistake(
            "softmax twice",
            trained_by(twice),
            "You make shares before the cross-entropy, which makes shares itself: softmax twice. Hand it the logits.",
        ),
        Mistake(
            "exam in train mode",
            trained_by(settle=False),
            "Your exam is held in train mode: each answer depends on its neighbours in the batch. `model.eval()`, with "
            "brackets, before `others`; `torch.no_grad()` does not switch the mode.",
        ),
        Mistake(
            "trained in eval mode",
            trained_by(training=False),
            "You switched to eval before training. The running means then stay as they were at the start, and the "
            "network never learns what is usual. Train first, `eval` for the exam.",
        ),
        Mistake(
            "eval inside the loop",
            trained_by(after=lambda model, others: model.eval()),
            "Your `eval` stands inside the loop, so only the first step was taken in train mode. It belongs behind the "
            "loop, before the exam.",
        ),
        *SEVERAL,
        Mistake(
            "one step only",
            trained_by(count=lambda steps: min(1, steps)),
            "The network that you examine has taken a single step. Either `return` stands inside the loop, or "
            "`build()` does, so that each round begins anew with a fresh network.",
        ),
        Mistake(
            "one step too few",
            trained_by(count=lambda steps: steps - 1),
            "You are one step short: `range(steps)` counts from 0 and gives `steps` of them.",
        ),
        Mistake(
            "one step too many",
            trained_by(count=lambda steps: steps + 1),
            "You took one step more than asked for.",
        ),
        Mistake(
            "weights never moved",
            trained_by(make=still),
            "Your network looked at the images, and its weights never moved. Is `backward` or `step` missing? Does "
            "`zero_grad` stand between them, and wipe out what `backward` found? Or does the optimizer hold the "
            "weights of another `build()`?",
        ),
        Mistake(
            "untrained",
            trained_by(count=lambda steps: 0),
            "Those are the logits of a fresh network. Each call of `build()` returns a new one: build once, and "
            "examine the one that you have trained.",
        ),
        Mistake(
            "loss computed once",
            loss_once,
            "You looked at the images once, before the loop. The first `backward` uses that graph up, and after a step "
            "the weights are others: `model(images)` and its loss belong inside the loop.",
        ),
        Mistake(
            "uphill",
            trained_by(make=partial(torch.optim.SGD, maximize=True)),
            "Your steps go uphill: you add the gradient, and the loss grows. Take it off.",
        ),
        Mistake(
            "momentum",
            trained_by(make=partial(torch.optim.SGD, momentum=0.9)),
            "Your optimizer has momentum. Asked for is plain gradient descent: SGD with a rate, and nothing else.",
            also=[trained_by(make=partial(torch.optim.SGD, momentum=0.9, nesterov=True))],
        ),
        Mistake(
            "Adam",
            trained_by(make=torch.optim.Adam),
            "Your steps are Adam's. Asked for is plain gradient descent: `torch.optim.SGD` with a rate, and nothing "
            "else.",
            also=[trained_by(make=torch.optim.AdamW), trained_by(make=torch.optim.RMSprop)],
        ),
        Mistake(
            "loss added up",
            trained_by(summed),
            "Your loss adds up the images, so that each step is as many times too long as there are images. "
            "`F.cross_entropy` takes their mean if left alone.",
        ),
        Mistake(
            "no logarithm",
            trained_by(F.nll_loss),
            "`F.nll_loss` expects the logarithms of shares. `F.cross_entropy` takes logits, and does both.",
        ),
        Mistake(
            "mini-batches",
            trained_by(size=32),
            "You took mini-batches, in several steps a round. Asked for are `steps` steps, each with all images at "
            "once.",
            also=[trained_by(size=size) for size in (1, 2, 4, 5, 8, 10, 16, 20, 50, 64)],
        ),
        Mistake(
            "peeked",
            trained_by(after=lambda model, others: model(others)),
            "Your network sees `others` in train mode, while it still learns. Its running means then know them before "
            "the exam.",
        ),
        Mistake(
            "shares",
            returning(lambda logits: logits.softmax(dim=1)),
            "Those are shares; asked for are the logits, as the network returns them.",
        ),
        Mistake(
            "classes",
            returning(lambda logits: logits.argmax(dim=1)),
            "You return the classes. Asked for are the logits from which they are chosen.",
        ),
        Mistake(
            "images for others",
            lambda build, images, labels, others, lr, steps: train_and_examine(
                build, images, labels, images, lr, steps
            ),
            "You examined the training images. What a network understands shows on `others`.",
        ),
        Mistake(
            "others for images",
            lambda build, images, labels, others, lr, steps: train_and_examine(
                build, others, labels, others, lr, steps
            ),
            "You trained on `others`, which have no labels here. Train on `images`, and examine on `others`.",
        ),
        Mistake(
            "build without brackets",
            no_brackets,
            "`build` is the function that makes networks. Call it, with brackets, to get one: `model = build()`.",
            also=[lambda build, *rest: build.train()],
        ),
    ],
    hints=[
        "The order in each step: clear, look, walk back, step. The order of all: train, then `eval`, then answer.",
        "`torch.optim.SGD(model.parameters(), lr=lr)`, and `F.cross_entropy(model(images), labels)` with logits.",
        "After the loop `model.eval()`; then `return model(others)`, under `torch.no_grad()` if you like.",
    ],
    idea="Clear, loss on logits, backward, step; and `eval` before anyone is examined.",
    tolerance=1e-4,
)
