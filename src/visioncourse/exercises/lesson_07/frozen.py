"""Ways to freeze a network, most of them wrong, for exercise 07.1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn


@dataclass(frozen=True)
class Seen:
    """A network of which a part was to be frozen.

    Attributes:
        numbers: how many numbers each parameter holds, by name.
        before: names of the parameters that could learn before.
        stages: how many stages the network has.
        last: how many of them are to learn.
        after: names of the parameters that can learn now.
        result: what the function returned.
    """

    numbers: dict[str, int]
    before: set[str]
    stages: int
    last: int
    after: set[str]
    result: Any = None

    def of(self, *stages: int) -> set[str]:
        """Return the names of the parameters of some stages, counted from 0."""
        return {name for name in self.numbers if name.startswith(tuple(f"stages.{stage}." for stage in stages))}

    def since(self, first: int) -> set[str]:
        """Return the names of the parameters of all stages from one on."""
        return self.of(*range(max(0, first), self.stages))

    @property
    def head(self) -> set[str]:
        """Names of the parameters of the head."""
        return {name for name in self.numbers if name.startswith("head.")}

    @property
    def wanted(self) -> set[str]:
        """Names of the parameters that should be able to learn."""
        return self.head | self.since(self.stages - self.last)

    @property
    def end(self) -> set[str]:
        """Names of the parameters of the last layer."""
        return set(list(self.numbers)[-2:])

    def count(self, names: Any) -> int:
        """Count numbers."""
        return sum(self.numbers[name] for name in names)


def learnable(model: nn.Module) -> set[str]:
    """Return the names of the parameters that can learn."""
    return {name for name, weight in model.named_parameters() if weight.requires_grad}


def sizes(model: nn.Module) -> dict[str, int]:
    """Return how many numbers each parameter holds."""
    return {name: weight.numel() for name, weight in model.named_parameters()}


def freeze(model: Any, last: Any) -> Any:
    """Freeze everything, then make the last stages and the head learnable again."""
    model.requires_grad_(False)
    for part in [*model.stages[len(model.stages) - last :], model.head]:
        part.requires_grad_(True)
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def frozen_by(
    choose: Callable[[Seen], set[str]], count: Callable[[Seen], int] = lambda seen: seen.count(seen.after)
) -> Callable[..., Any]:
    """Make a way to freeze.

    Args:
        choose: returns the names of the parameters that shall learn.
        count: returns what the way returns.
    """

    def way(model: Any, last: Any) -> Any:
        seen = Seen(sizes(model), learnable(model), len(model.stages), last, set())
        after = choose(seen)
        for name, weight in model.named_parameters():
            weight.requires_grad_(name in after)
        return count(Seen(seen.numbers, seen.before, seen.stages, last, after))

    return way


WAYS: list[tuple[str, list[Callable[[Seen], set[str]]], str]] = [
    (
        "nothing happened",
        [lambda seen: seen.before],
        "The same parameters learn as before your call. Is `requires_grad` spelled in full? And on a whole module, "
        "`model.requires_grad = False` only makes a new attribute that nobody reads: it is "
        "`model.requires_grad_(False)`, with an underscore and brackets.",
    ),
    (
        "everything frozen",
        [lambda seen: set()],
        "Nothing learns any more, not even the head. Freeze everything first, and then make learnable again what shall "
        "learn; the other way round the freezing comes last, and wins.",
    ),
    (
        "everything learnable",
        [lambda seen: set(seen.numbers)],
        "Everything learns. Only the head and the last stages shall: `requires_grad_(False)` for the whole network "
        "first, then `requires_grad_(True)` for those.",
    ),
    (
        "thawed only",
        [lambda seen: seen.before | seen.wanted, lambda seen: seen.before | seen.head],
        "What you make learnable is learnable, but nothing was frozen: stages that learned before your call still do. "
        "Freeze everything first.",
    ),
    (
        "frozen only",
        [
            lambda seen: seen.before & seen.wanted,
            lambda seen: seen.before & seen.wanted | seen.head,
            lambda seen: seen.before & seen.head | seen.wanted - seen.head,
        ],
        "You freeze what shall be frozen. But what shall learn and was frozen before your call remains so: set "
        "`requires_grad_(True)` for all of that, too, the head included.",
    ),
    (
        "the wrong half",
        [
            lambda seen: set(seen.numbers) - seen.wanted,
            lambda seen: seen.of(*range(seen.stages - seen.last)) | seen.head,
        ],
        "The wrong half is frozen: the stages that shall learn do not, and those before them do. True and False have "
        "changed places.",
    ),
    (
        "first for last",
        [
            lambda seen: seen.of(*range(seen.last)) | seen.head,
            lambda seen: seen.of(*range(seen.last)),
        ],
        "You let the first stages learn, those next to the image. Asked for are the last ones, next to the head, "
        "which are more particular to the old task.",
    ),
    (
        "the first left out",
        [lambda seen: seen.head | seen.since(seen.last)],
        "`stages[last:]` leaves out the first `last` stages, and lets all others learn. Asked for are the last `last`: "
        "`stages[len(stages) - last:]`.",
    ),
    (
        "head only",
        [lambda seen: seen.head],
        "Only the head learns, whatever `last` is. The last stages, as many as `last` says, shall learn with it.",
    ),
    (
        "head forgotten",
        [
            lambda seen: seen.wanted - seen.head,
            lambda seen: seen.since(seen.stages - seen.last if seen.last else 0),
        ],
        "The stages are right, and the head is frozen. It is new, knows nothing yet, and has to learn in every case.",
    ),
    (
        "end of the head",
        [lambda seen: seen.wanted - seen.head | seen.end],
        "Of the head only the last layer learns. A head may have several; all of `model.head` shall learn.",
    ),
    (
        "minus zero",
        [lambda seen: seen.wanted if seen.last else seen.head | seen.since(0)],
        "With a last of 0 all stages learn: `stages[-0:]` is `stages[0:]`, and that is everything. Count from the "
        "front: `stages[len(stages) - last:]`.",
    ),
    (
        "one alone",
        [
            lambda seen: seen.head | seen.of((seen.stages - seen.last) % seen.stages),
            lambda seen: seen.head | (seen.of(seen.stages - seen.last) if seen.last else set()),
            lambda seen: seen.head | seen.of(seen.stages - 1),
            lambda seen: seen.head | (seen.of(seen.stages - 1) if seen.last else set()),
        ],
        "One stage alone learns. `stages[-last]` is a single stage; with a colon behind, a slice, it is that one and "
        "all behind it. (But mind a last of 0: -0 is 0.)",
    ),
    (
        "one too many",
        [
            lambda seen: seen.head | seen.since(seen.stages - seen.last - 1),
            lambda seen: (
                seen.wanted if seen.last == seen.stages else seen.head | seen.since(seen.stages - seen.last - 1)
            ),
        ],
        "One stage too many learns. With a last of 1 only the very last stage does, and with 0 none.",
    ),
    (
        "one too few",
        [
            lambda seen: seen.head | seen.since(seen.stages - seen.last + 1),
            lambda seen: seen.head | seen.since(seen.stages - seen.last + 1 if seen.last else 0),
        ],
        "One stage too few learns. The head does not count as one of the `last`: it learns besides.",
    ),
]

COUNTS: list[tuple[str, list[Callable[[Seen], int]], str]] = [
    (
        "tensors counted",
        [lambda seen: len(seen.after), lambda seen: len(seen.numbers)],
        "The right ones learn. But you count tensors; asked for is how many numbers they hold: `weight.numel()` for "
        "each.",
    ),
    (
        "all counted",
        [lambda seen: seen.count(seen.numbers)],
        "The right ones learn. But you count all numbers, the frozen ones as well: add `if weight.requires_grad`.",
    ),
    (
        "frozen ones counted",
        [lambda seen: seen.count(seen.numbers) - seen.count(seen.after)],
        "The right ones learn. But you count the numbers that are frozen; asked for are the others.",
    ),
    (
        "counted too early",
        [lambda seen: seen.count(seen.before)],
        "The right ones learn. But you count what learned before your call: the count comes last.",
    ),
    (
        "head not counted",
        [lambda seen: seen.count(seen.after - seen.head)],
        "The right ones learn. But you do not count the head, which learns as well.",
    ),
    (
        "head alone counted",
        [lambda seen: seen.count(seen.head)],
        "The right ones learn. But you count the head alone, and the last stages learn as well.",
    ),
]
