"""Exercises of lesson 01: softmax, cross-entropy, a forward pass, counting, and standardising without a leak."""

from __future__ import annotations

from itertools import pairwise

import torch

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_01.answers import (
    mean_cross_entropy,
    mlp_forward,
    mlp_parameters,
    naive_softmax,
    picked,
    stable_softmax,
    standardise,
    wrong_forward,
)

LOGITS = torch.tensor([[2.0, 1.0, 0.0], [0.0, 3.0, -1.0]])
HUGE = torch.tensor([[1000.0, 1001.0, 999.0], [-1000.0, -999.0, -1001.0]])
WIDE = torch.tensor([[1000.0, -1000.0, 0.0]])
LABELS = torch.tensor([0, 2])
DRAW = torch.Generator().manual_seed(1)
IMAGES = torch.rand(3, 1, 2, 2, generator=DRAW)
WEIGHTS = [torch.randn(size, generator=DRAW) for size in ((4, 5), (5,), (5, 2), (2,))]
TRAIN, TEST = torch.rand(60, 1, 4, 4, generator=DRAW), 0.5 + torch.rand(30, 1, 4, 4, generator=DRAW) / 2

EXERCISES = [
    Exercise(
        id="01.1",
        title="A softmax that survives large logits",
        reference=stable_softmax,
        cases=[(LOGITS,), (HUGE,), (WIDE,), (torch.tensor([[0.0, 0.0]]),)],
        mistakes=[
            Mistake(
                "overflow",
                naive_softmax,
                "Right for small logits, but e to the 1000 is infinite, and infinite over infinite is no number. "
                "Make the largest logit of each row 0 before you exponentiate.",
            ),
            Mistake(
                "one maximum for all rows",
                lambda logits: naive_softmax(logits - logits.max()),
                "You subtract one maximum from all rows. A row far below it then has only zeros to divide by: "
                "each row needs its own, `dim=1`.",
            ),
            Mistake(
                "mean subtracted",
                lambda logits: naive_softmax(logits - logits.mean(dim=1, keepdim=True)),
                "You subtract each row's mean. In a row with 1000 and −1000 the largest logit is then still 1000: "
                "subtract the largest.",
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
        cases=[(LOGITS, LABELS), (LOGITS[:1], LABELS[:1]), (HUGE, LABELS), (WIDE, LABELS[1:])],
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
                lambda logits, labels: 1 - picked(stable_softmax(logits), labels).mean(),
                "That is one minus the share. Cross-entropy takes its logarithm, which punishes a confident error "
                "without limit.",
            ),
            Mistake(
                "overflow",
                lambda logits, labels: -picked(naive_softmax(logits), labels).log().mean(),
                "Right for small logits; with logits of 1000 the softmax overflows. Use your stable one, or "
                "`torch.logsumexp`.",
            ),
            Mistake(
                "share rounded to 0",
                lambda logits, labels: -picked(stable_softmax(logits), labels).log().mean(),
                "Your softmax is stable, but a tiny share rounds to 0 before its logarithm is taken, and the loss "
                "becomes infinite. Put the formula of the softmax into the logarithm: log-sum-exp minus the logit.",
            ),
            Mistake(
                "all classes",
                lambda logits, labels: -stable_softmax(logits).clamp(min=1e-30).log().mean(),
                "You averaged over all classes. Only the share of the label counts: `shares[range(n), labels]`.",
            ),
        ],
        hints=[
            "The logarithm of a quotient is a difference: log of the label's exponential minus log of their sum.",
            "One entry per row: `logits[torch.arange(len(labels)), labels]`. `torch.logsumexp(logits, dim=1)` is the "
            "stable logarithm of the sum.",
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
                lambda *a: wrong_forward(*a, bend=False, bias=True, last=False),
                "There is no bend between the layers, so your network is a linear classifier in two steps. "
                "Cut the hidden numbers off at zero.",
            ),
            Mistake(
                "activation at the end",
                lambda *a: wrong_forward(*a, bend=True, bias=True, last=True),
                "You also cut the logits off at zero. Logits may be negative: only the hidden layer is bent.",
            ),
            Mistake(
                "no bias",
                lambda *a: wrong_forward(*a, bend=True, bias=False, last=False),
                "The biases b1 and b2 are never added.",
            ),
            Mistake(
                "softmax at the end",
                lambda *a: stable_softmax(mlp_forward(*a)),
                "You turned the logits into shares. Asked for are the logits themselves; the loss does the rest.",
            ),
            Mistake(
                "bias after the bend",
                lambda images, w1, b1, w2, b2: ((images.flatten(1) @ w1).clamp(min=0) + b1) @ w2 + b2,
                "The first bias is added after the bend. It belongs inside, where it decides where the bend lies.",
            ),
        ],
        hints=[
            "Three steps: flatten the images to (n, h·w); weigh, add the bias and bend; weigh and add the bias.",
            "`images.flatten(1)` keeps the first dimension; `flat @ w1 + b1` weighs; `.clamp(min=0)` is the rectifier.",
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
        tolerance=2e-3,  # so that both customs of counting a standard deviation pass
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
                "no brackets",
                lambda train, test: tuple(part - train.mean() / train.std() for part in (train, test)),
                "Division comes before subtraction: put brackets around the difference.",
            ),
            Mistake(
                "per pixel",
                lambda train, test: tuple((part - train.mean(0)) / train.std(0) for part in (train, test)),
                "You took a mean for each pixel. Asked for is a single number over all pixels of all pictures.",
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
