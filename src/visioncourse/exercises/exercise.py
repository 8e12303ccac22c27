"""The parts of an exercise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mistake:
    """A typical wrong answer and the words that name what went wrong.

    Attributes:
        name: the mistake in a few words, for tests and reports.
        answer: a wrong answer of the kind that the exercise asks for; for measured exercises a function that makes one.
        hint: what the learner reads.
        also: other forms of the same mistake, which hear the same hint.
    """

    name: str
    answer: Any
    hint: str
    also: Sequence[Any] = ()

    @property
    def forms(self) -> tuple[Any, ...]:
        """All wrong answers that hear this hint."""
        return (self.answer, *self.also)


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        id: lesson and number.
        title: a few words.
        reference: a correct answer: a function, or a value.
        mistakes: at least three typical ones, each told apart from all others by the cases.
        cases: arguments of each trial call, for functions; empty for values.
        hints: from a nudge to nearly the answer.
        idea: one or two sentences that go with the solution.
        tolerance: relative and absolute error that numbers may have.
        measure: for answers that cannot be compared with the reference (a trained model): takes the answer and
            returns None if it is right, else what is wrong with it.
        results: what each of several results is ("the gradient of x"), where the function returns a tuple.
    """

    id: str
    title: str
    reference: Any
    mistakes: Sequence[Mistake]
    cases: Sequence[tuple[Any, ...]] = ()
    hints: Sequence[str] = ()
    idea: str = ""
    tolerance: float = 1e-5
    measure: Callable[[Any], str | None] | None = None
    results: Sequence[str] = ()
