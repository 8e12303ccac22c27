"""Exercises of lesson 00: shapes, accuracy, doubt, and how to read a claim."""

from __future__ import annotations

from typing import Any

import torch

from visioncourse.exercises.exercise import Exercise, Mistake

GUESSES, LABELS = torch.tensor([3, 1, 4, 1, 5]), torch.tensor([3, 1, 4, 7, 2])
CHANCES = torch.tensor([[0.70, 0.30, 0.00], [0.40, 0.35, 0.25], [0.98, 0.01, 0.01]])
TIED = torch.tensor([[0.5, 0.5, 0.0], [0.4, 0.3, 0.3]])
MORE_CHANCES = torch.tensor([[0.2, 0.8], [0.45, 0.55], [0.7, 0.3], [0.96, 0.04], [0.65, 0.35]])


def share_right(guesses: Any, labels: Any) -> Any:
    """Average ones (right) and zeros (wrong)."""
    return (guesses == labels).double().mean()


def most_doubtful(chances: Any, count: int) -> Any:
    """Sort by the largest share, smallest first, and keep the beginning."""
    return chances.max(dim=1).values.argsort()[:count]


EXERCISES = [
    Exercise(
        id="00.1",
        title="The shape of a batch",
        reference=(64, 1, 28, 28),
        mistakes=[
            Mistake(
                "no channel",
                (64, 28, 28),
                "The channel is missing. Even a grey picture has one, and PyTorch wants it spelled out, second.",
            ),
            Mistake(
                "channel last",
                (64, 28, 28, 1),
                "Those are the right four numbers in the order of many picture files; PyTorch puts channels second.",
            ),
            Mistake(
                "flattened",
                (64, 784),
                "784 is 28 × 28 in one row. A batch of pictures keeps height and width apart: four numbers.",
            ),
            Mistake(
                "three channels",
                (64, 3, 28, 28),
                "Three channels would be red, green and blue. These digits are grey: how many numbers has a pixel?",
            ),
            Mistake(
                "one picture",
                (1, 1, 28, 28),
                "That is a batch of a single picture. The question has 64 of them, and they come first.",
            ),
        ],
        hints=[
            "Four numbers: how many pictures, how many channels, how high, how wide.",
            "The cell under “Look before you compute” prints the height and the width.",
        ],
        idea="Pictures first, then channels, then height and width: (64, 1, 28, 28). The course keeps this order.",
    ),
    Exercise(
        id="00.2",
        title="Share of right guesses",
        reference=share_right,
        cases=[(GUESSES, LABELS), (LABELS, LABELS), (torch.tensor([0, 1]), torch.tensor([1, 0]))],
        mistakes=[
            Mistake(
                "a count",
                lambda guesses, labels: (guesses == labels).sum(),
                "You counted the right guesses. A share is that count divided by how many guesses there are.",
            ),
            Mistake(
                "share wrong",
                lambda guesses, labels: (guesses != labels).double().mean(),
                "That is the share of wrong guesses: `!=` asks whether two numbers differ.",
            ),
            Mistake(
                "percent",
                lambda guesses, labels: 100 * (guesses == labels).double().mean(),
                "That is a percentage. The share is a number from 0 to 1: leave out the factor 100.",
            ),
            Mistake(
                "not averaged",
                lambda guesses, labels: (guesses == labels).double(),
                "You have a one or a zero for each picture. Their average is the share: one more step.",
            ),
        ],
        hints=["What is the average of a list of ones and zeros?", "Compare, turn into numbers, take `.mean()`."],
        idea="The mean of ones and zeros is the share of ones.",
    ),
    Exercise(
        id="00.3",
        title="The most doubtful pictures",
        reference=most_doubtful,
        cases=[(CHANCES, 2), (MORE_CHANCES, 3), (MORE_CHANCES, 1), (TIED, 1)],
        mistakes=[
            Mistake(
                "surest first",
                lambda chances, count: chances.max(dim=1).values.argsort(descending=True)[:count],
                "Those are the pictures that the network is surest of. Doubt means a small largest share.",
            ),
            Mistake(
                "smallest share",
                lambda chances, count: chances.min(dim=1).values.argsort()[:count],
                "You sorted by each picture's smallest share. How sure the network is shows in its largest one.",
            ),
            Mistake(
                "margin",
                lambda chances, count: chances.topk(2).values.diff(dim=1)[:, 0].neg().argsort()[:count],
                "You sorted by the distance between the first and the second share. That is a sensible measure of "
                "doubt too; asked for is the size of the largest share alone.",
            ),
            Mistake(
                "values",
                lambda chances, count: chances.max(dim=1).values.sort().values[:count],
                "Those are the shares themselves. The post office needs to know which pictures: their positions.",
            ),
            Mistake(
                "along pictures",
                lambda chances, count: chances.max(dim=0).values.argsort()[:count],
                "You took the largest share of each class over the pictures. It is the other direction: `dim=1`.",
            ),
            Mistake(
                "all of them",
                lambda chances, count: chances.max(dim=1).values.argsort(),
                "The order is right, but you return all the pictures. Only the first `count` are asked for.",
            ),
        ],
        hints=[
            "How sure is the network of one picture? Take the largest of its shares: `chances.max(dim=1).values`.",
            "`argsort()` gives positions from the smallest value to the largest; `[:count]` keeps the beginning.",
        ],
        idea="The smaller the largest share, the greater the doubt; argsort returns positions instead of values.",
    ),
    Exercise(
        id="00.4",
        title="Reading a claim",
        reference="b",
        mistakes=[
            Mistake(
                "the same",
                "a",
                "Other random knobs, another way to learn: the number moves a little from seed to seed.",
            ),
            Mistake(
                "all digits",
                "c",
                "The 96 % is a bound that was set for this exam and this network, not a law about handwriting.",
            ),
            Mistake(
                "nothing",
                "d",
                "Random does not mean anything goes: over ten seeds the number stayed within a narrow range, and the "
                "claim was set below it.",
            ),
        ],
        hints=["What changes with the seed, and what was the bound chosen for?"],
        idea="Every claim in this course was measured over at least ten seeds before it was written down.",
    ),
]
