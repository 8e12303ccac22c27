"""Exercise 06.5: which blocks cannot work, because their shortcut does not project?"""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from torch import Tensor

from visioncourse.exercises.compare import in_words, kind_of
from visioncourse.exercises.exercise import Exercise, Mistake

Block = tuple[int, int, int, str]  # channels in, channels out, stride, shortcut

BLOCKS: list[Block] = [
    (16, 16, 1, "identity"),
    (16, 32, 2, "project"),
    (32, 32, 2, "identity"),
    (32, 64, 1, "identity"),
    (64, 64, 1, "identity"),
]

WHOLE: dict[str, tuple[list[int], str]] = {
    "all accused": (
        [0, 1, 2, 3, 4],
        "You accuse all five. Take the first: 16 channels in, 16 out, no pixel skipped. Its sum adds maps of one and "
        "the same shape.",
    ),
    "nobody accused": (
        [],
        "You accuse none. A sum needs two maps of one shape: write down what the branch makes of a picture of 16 "
        "channels and 32×32 pixels, block by block.",
    ),
    "counted from 1": (
        [3, 4],
        "Is the first block number 1 for you? Positions count from 0, as in Python, and yours are one too high. (Or "
        "did you mean the last block? It keeps channels and size.)",
    ),
    "the others": (
        [0, 1, 4],
        "Those are exactly the blocks that work. Asked for are the others.",
    ),
    "all identities": (
        [0, 2, 3, 4],
        "You accuse every block without a projection. Where the branch gives the shape that came in, x can be added "
        "as it is, and nothing is missing.",
    ),
    "every change": (
        [1, 2, 3],
        "You accuse every block that changes the shape. One of them changes channels and size, and brings a projection "
        "that does the same to x: there the sum works.",
    ),
}
PARTLY: dict[str, tuple[list[int], str]] = {
    "equal shapes": (
        [0, 2, 3],
        "One that you accuse gives the shape that it gets: as many channels, stride 1. Branch and x can be added there "
        "as they are.",
    ),
    "projection": (
        [1, 2],
        "One that you accuse has its projection: a 1×1 convolution, with the block's stride, brings x to the shape of "
        "the branch.",
    ),
    "only the channels": (
        [3],
        "You looked at the channels. One block that you let pass keeps theirs and still changes the shape: how wide do "
        "its maps come out of a stride of 2?",
    ),
    "only the stride": (
        [2],
        "You looked at the stride. One block that you let pass keeps height and width and still changes the shape: "
        "count its channels, in and out.",
    ),
}
HINTS = {name: hint for name, (_, hint) in {**WHOLE, **PARTLY}.items()}


def impossible() -> Any:
    """A block needs a projection where its branch changes the channels or, by a stride, height and width."""
    return [
        position
        for position, (chans_in, chans_out, stride, shortcut) in enumerate(BLOCKS)
        if shortcut == "identity" and (chans_in != chans_out or stride != 1)
    ]


def measure_positions(answer: Any) -> str | None:
    """Return what is wrong with the positions of the blocks that cannot work, or None.

    Args:
        answer: whole numbers in a list, tuple, set or array, in any order; or one alone.
    """
    numbers = listed(answer)
    if numbers is None:
        return f"Expected a list of positions, such as `[0, 1]`; got {kind_of(answer)}."
    complaint = strange(numbers)
    if complaint:
        return complaint
    found = complaints({int(number) for number in numbers})
    return HINTS[found[0]] + " And that is not all." * (len(found) > 1) if found else None


def listed(answer: Any) -> list[Any] | None:
    """Return what an answer holds as a list, or None where it is no collection."""
    if isinstance(answer, Tensor | np.ndarray):
        answer = answer.tolist()
    if isinstance(answer, Real):
        return [answer]
    return list(answer) if isinstance(answer, list | tuple | set | frozenset | range) else None


def strange(numbers: list[Any]) -> str | None:
    """Return a sentence about the first entry that is no position, or None."""
    for number in numbers:
        if isinstance(number, bool | np.bool_):
            return "Expected the positions themselves, such as `[0, 1]`, not True or False."
        if isinstance(number, str):
            return "Expected numbers, not text: positions are written without quotes, such as `[0, 1]`."
        if not isinstance(number, Real) or number not in range(len(BLOCKS)):
            return f"There is no block {in_words(number)}: they have the positions 0 to {len(BLOCKS) - 1}."
    return None


def complaints(accused: set[int]) -> list[str]:
    """Return the keys of ``HINTS`` that fit the accused, the weightiest first; none for the right ones."""
    for name, (positions, _) in WHOLE.items():
        if accused == set(positions):
            return [name]
    blocks = [(*block, position in accused) for position, block in enumerate(BLOCKS)]
    found = {
        "equal shapes": any(a == b and step == 1 and named for a, b, step, _, named in blocks),
        "projection": any(way == "project" and named for _, _, _, way, named in blocks),
        "only the channels": any(way == "identity" and step > 1 and not named for _, _, step, way, named in blocks),
        "only the stride": any(way == "identity" and a != b and not named for a, b, _, way, named in blocks),
    }
    return [name for name, fits in found.items() if fits]


SHORTCUTS = Exercise(
    id="06.5",
    title="The missing projection",
    reference=impossible,
    mistakes=[Mistake(name, positions, hint) for name, (positions, hint) in {**WHOLE, **PARTLY}.items()],
    hints=[
        "A sum needs two maps of one shape. Which two things can a branch change about the shape?",
        "A stride of 2 halves height and width; other channels out than in change the depth of the pile. Either is "
        "enough, unless the shortcut projects.",
        "Go through the list: equal channels and stride 1, nothing is needed; a projection, nothing is missing. Two "
        "blocks are left.",
    ],
    idea="Where a block changes the channels or the size, its shortcut must change them too. That is all a projection "
    "is for, and an identity cannot do it.",
    measure=measure_positions,
)
