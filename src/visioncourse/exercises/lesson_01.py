"""Exercises of lesson 01: softmax, cross-entropy, a forward pass, counting, and standardising without a leak."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch

from visioncourse.exercises.exercise import Exercise, Mistake

LOGITS = torch.tensor([[2.0, 1.0, 0.0], [0.0, 3.0, -1.0]])
HUGE = torch.tensor([[1000.0, 1001.0, 999.0], [-1000.0, -999.0, -1001.0]])
LABELS = torch.tensor([0, 2])


def stable_softmax(logits: Any) -> Any:
    """Subtract each row's largest logit first: no exponential is larger than one, and the quotient is unchanged."""
    raised = (logits - logits.max(dim=1, keepdim=True).values).exp()
    return raised / raised.sum(dim=1, keepdim=True)


def mean_cross_entropy(logits: Any, labels: Any) -> Any:
    """Take minus the log share at the label, and average over the pictures."""
    top = logits.max(dim=1, keepdim=True).values
    log_total = (logits - top).exp().sum(dim=1).log() + top[:, 0]
    return (log_total - logits[torch.arange(len(labels)), labels]).mean()


def mlp_forward(images: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Flatten, weigh, bend, weigh."""
    hidden = (images.flatten(1) @ w1 + b1).clamp(min=0)
    return hidden @ w2 + b2


def mlp_parameters(widths: Any) -> Any:
    """Each layer has a weight for every pair of neighbours and a bias for every output."""
    return sum(wide_in * wide_out + wide_out for wide_in, wide_out in pairwise(widths))


def standardise(train: Any, test: Any) -> Any:
    """Use the training pictures' mean and spread for both sets."""
    mean, spread = train.mean(), train.std()
    return (train - mean) / spread, (test - mean) / spread


def _naive_softmax(logits: Any) -> Any:
    return logits.exp() / logits.exp().sum(dim=1, keepdim=True)


def _picked(shares: Any, labels: Any) -> Any:
    return shares[torch.arange(len(labels)), labels]


def _wrong_forward(images: Any, w1: Any, b1: Any, w2: Any, b2: Any, *, bend: bool, bias: bool, last: bool) -> Any:
    hidden = images.flatten(1) @ w1 + (b1 if bias else 0)
    hidden = hidden.clamp(min=0) if bend else hidden
    logits = hidden @ w2 + (b2 if bias else 0)
    return logits.clamp(min=0) if last else logits


DRAW = torch.Generator().manual_seed(1)
IMAGES = torch.rand(3, 1, 2, 2, generator=DRAW)
WEIGHTS = [torch.randn(size, generator=DRAW) for size in ((4, 5), (5,), (5, 2), (2,))]
TRAIN, TEST = torch.rand(4, 1, 2, 2, generator=DRAW), 0.5 + torch.rand(3, 1, 2, 2, generator=DRAW) / 2

EXERCISES = [
    Exercise(
        id="01.1",
        title="A softmax that survives large logits",
        reference=stable_softmax,
        cases=[(LOGITS,), (HUGE,), (torch.tensor([[0.0, 0.0]]),)],
        mistakes=[
            Mistake(
                "overflow",
                _naive_softmax,
                "Right for small logits, but e to the 1000 is infinite, and infinite over infinite is no number. "
                "Make the largest logit of each row 0 before you exponentiate.",
            ),
            Mistake(
                "one maximum for all rows",
                lambda logits: _naive_softmax(logits - logits.max()),
                "You subtract one maximum from all rows. A row far below it then has only zeros to divide by: "
                "each row needs its own, `dim=1`.",
            ),
            Mistake(
                "over pictures",
                lambda logits: stable_softmax(logits.T).T,
                "Your shares add up to 1 down the pictures. They must add up to 1 across the classes: `dim=1`.",
            ),
            Mistake(
                "not divided",
                lambda logits: (logits - logits.max(dim=1, keepdim=True).values).exp(),
                "The exponentials are there, but they do not add up to 1 yet: divide by their sum.",
            ),
        ],
        hints=[
            "What is e to the power 1000 on your machine? And what happens to a share when you subtract the same "
            "number from all logits of a row?",
            "`logits.max(dim=1, keepdim=True).values` has one number a row and can be subtracted from the whole.",
        ],
        idea="Subtracting a row's largest logit divides numerator and denominator alike, so the shares stay the same.",
    ),
    Exercise(
        id="01.2",
        title="Cross-entropy by hand",
        reference=mean_cross_entropy,
        cases=[(LOGITS, LABELS), (LOGITS[:1], LABELS[:1]), (HUGE, LABELS)],
        mistakes=[
            Mistake(
                "sum",
                lambda logits, labels: mean_cross_entropy(logits, labels) * len(labels),
                "You added the pictures up. The loss is their mean, so that it does not grow with the batch.",
            ),
            Mistake(
                "sign",
                lambda logits, labels: -mean_cross_entropy(logits, labels),
                "Your loss is negative: the logarithm of a share below 1 is. A minus sign makes surprise positive.",
            ),
            Mistake(
                "no log",
                lambda logits, labels: 1 - _picked(stable_softmax(logits), labels).mean(),
                "That is one minus the share. Cross-entropy takes its logarithm, which punishes a confident error "
                "without limit.",
            ),
            Mistake(
                "overflow",
                lambda logits, labels: -_picked(_naive_softmax(logits), labels).log().mean(),
                "Right for small logits; with logits of 1000 the softmax overflows. Use your stable one, or "
                "`torch.logsumexp`.",
            ),
            Mistake(
                "all classes",
                lambda logits, labels: -stable_softmax(logits).clamp(min=1e-30).log().mean(),
                "You averaged over all classes. Only the share of the label counts: `shares[range(n), labels]`.",
            ),
        ],
        hints=[
            "Softmax each row, pick the share at the label, take minus its logarithm, average.",
            "To pick one entry a row: `shares[torch.arange(len(labels)), labels]`. For huge logits write the loss as "
            "`logsumexp(logits) - logit of the label`.",
        ],
        idea="Minus the log share equals log-sum-exp minus the label's logit, and that form never overflows.",
    ),
    Exercise(
        id="01.3",
        title="Forward through a two-layer network",
        reference=mlp_forward,
        cases=[(IMAGES, *WEIGHTS), (IMAGES[:1], *WEIGHTS)],
        mistakes=[
            Mistake(
                "no activation",
                lambda *a: _wrong_forward(*a, bend=False, bias=True, last=False),
                "There is no bend between the layers, so your network is a linear classifier in two steps. "
                "Cut the hidden numbers off at zero.",
            ),
            Mistake(
                "activation at the end",
                lambda *a: _wrong_forward(*a, bend=True, bias=True, last=True),
                "You also cut the logits off at zero. Logits may be negative: only the hidden layer is bent.",
            ),
            Mistake(
                "no bias",
                lambda *a: _wrong_forward(*a, bend=True, bias=False, last=False),
                "The biases b1 and b2 are never added.",
            ),
            Mistake(
                "bias after the bend",
                lambda images, w1, b1, w2, b2: ((images.flatten(1) @ w1).clamp(min=0) + b1) @ w2 + b2,
                "The first bias is added after the bend. It belongs inside, where it decides where the bend lies.",
            ),
        ],
        hints=[
            "Three lines: flatten the images to (b, d); hidden = relu(flat @ w1 + b1); logits = hidden @ w2 + b2.",
            "`images.flatten(1)` keeps the first dimension; `.clamp(min=0)` is the rectifier.",
        ],
        idea="Weigh, bend, weigh: that is all a multi-layer perceptron does.",
    ),
    Exercise(
        id="01.4",
        title="Count the knobs",
        reference=mlp_parameters,
        cases=[([784, 512, 10],), ([2, 2, 2],), ([784, 10],), ([12, 30, 20, 5],)],
        mistakes=[
            Mistake(
                "no biases",
                lambda widths: sum(a * b for a, b in pairwise(widths)),
                "Those are the weights. Each output of each layer has a bias besides.",
            ),
            Mistake(
                "bias on the input",
                lambda widths: sum(a * b for a, b in pairwise(widths)) + sum(widths),
                "You gave the input a bias too. Only what a layer computes has one: all widths but the first.",
            ),
            Mistake(
                "one bias a layer",
                lambda widths: sum(a * b + 1 for a, b in pairwise(widths)),
                "One bias a layer is too few: every output has its own.",
            ),
            Mistake(
                "all to all",
                lambda widths: sum(a * b + b for i, a in enumerate(widths) for b in widths[i + 1 :]),
                "You connected every layer with every later one. Only neighbours are connected.",
            ),
        ],
        hints=[
            "A layer from 784 numbers to 512 has 784 × 512 weights and 512 biases. Then the next layer.",
            "`for a, b in zip(widths, widths[1:])` walks over neighbours.",
        ],
        idea="Nearly all of the parameters sit in the first layer: 784 pixels times 512 neurons.",
    ),
    Exercise(
        id="01.5",
        title="Standardise without a leak",
        reference=standardise,
        cases=[(TRAIN, TEST), (TRAIN * 0.5, TEST)],
        mistakes=[
            Mistake(
                "each by its own",
                lambda train, test: ((train - train.mean()) / train.std(), (test - test.mean()) / test.std()),
                "You measured the test pictures to standardise them. In use they come one at a time, and nobody may "
                "learn from them: use the training mean and spread for both.",
            ),
            Mistake(
                "together",
                lambda train, test: tuple(
                    (part - torch.cat([train, test]).mean()) / torch.cat([train, test]).std() for part in (train, test)
                ),
                "Your mean and spread come from both sets together, so the training knows something of the test. "
                "Measure the training pictures alone.",
            ),
            Mistake(
                "variance",
                lambda train, test: tuple((part - train.mean()) / train.var() for part in (train, test)),
                "You divided by the variance. The spread is its square root: `.std()`.",
            ),
            Mistake(
                "test left raw",
                lambda train, test: ((train - train.mean()) / train.std(), test),
                "The test pictures were left as they are. The network would meet numbers on another scale than it "
                "learned with.",
            ),
        ],
        hints=[
            "Which pictures may be measured before the exam?",
            "Two numbers, `train.mean()` and `train.std()`, are all you may take; apply them to both sets.",
        ],
        idea="Whatever is measured for preprocessing is part of the training, and the test set must not take part.",
    ),
]
