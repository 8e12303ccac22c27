"""Exercise 05.6, train and examine: what can be forgotten, and what to say about it."""

from __future__ import annotations

import torch.nn.functional as F

from visioncourse.exercises.exercise import Mistake
from visioncourse.exercises.lesson_05.answers import train_and_examine, trained_by

TRAINING = [
    Mistake(
        "gradients not cleared",
        trained_by(clear=False),
        "Your gradients are never cleared: `backward` adds to what is there, so each step repeats all that came "
        "before. `optimizer.zero_grad()` before each backward walk.",
    ),
    Mistake(
        "softmax twice",
        trained_by(loss=lambda logits, labels: F.cross_entropy(logits.softmax(dim=1), labels)),
        "You make shares before the cross-entropy, which makes shares itself: softmax twice. Hand it the logits.",
    ),
    Mistake(
        "exam in train mode",
        trained_by(settle=False),
        "Your exam is held in train mode: each answer depends on its neighbours in the batch. `model.eval()` before "
        "`others`.",
    ),
    Mistake(
        "trained in eval mode",
        trained_by(training=False),
        "You switched to eval before training. The running means then stay as they were at the start, and the network "
        "never learns what is usual. Train first, `eval` for the exam.",
    ),
    Mistake(
        "uphill",
        trained_by(uphill=True),
        "Your steps go uphill: you add the gradient, and the loss grows. Take it off.",
    ),
    Mistake(
        "one step too few",
        lambda build, images, labels, others, lr, steps: train_and_examine(
            build, images, labels, others, lr, steps - 1
        ),
        "You are one step short: `range(steps)` counts from 0 and gives `steps` of them.",
    ),
    Mistake(
        "one step too many",
        lambda build, images, labels, others, lr, steps: train_and_examine(
            build, images, labels, others, lr, steps + 1
        ),
        "You took one step more than asked for.",
    ),
    Mistake(
        "weights never moved",
        lambda build, images, labels, others, lr, steps: train_and_examine(build, images, labels, others, 0.0, steps),
        "Your network looked at the images and its weights never moved. Each round needs `loss.backward()`, which "
        "finds the gradients, and `optimizer.step()`, which uses them, on the weights of this very network.",
    ),
    Mistake(
        "untrained",
        lambda build, images, labels, others, lr, steps: train_and_examine(build, images, labels, others, lr, 0),
        "Those are the logits of a fresh network. Each call of `build()` returns a new one: build once, and examine "
        "the one that you have trained.",
    ),
    Mistake(
        "shares",
        lambda *arguments: train_and_examine(*arguments).softmax(dim=1),
        "Those are shares; asked for are the logits, as the network returns them.",
    ),
    Mistake(
        "images for others",
        lambda build, images, labels, others, lr, steps: train_and_examine(build, images, labels, images, lr, steps),
        "You examined the training images. What a network understands shows on `others`.",
    ),
]
