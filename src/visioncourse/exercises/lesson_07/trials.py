"""Try a function on several networks, look at what it did to them, and find the first rule that it breaks.

What these exercises ask for is mostly not what a function returns: which weights learn, in which mode a layer is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from visioncourse.exercises.compare import kind_of
from visioncourse.exercises.exercise import Mistake
from visioncourse.exercises.guard import Outcome, call

SECONDS = 6.0  # for one call: the very first optimizer of a session takes some


@dataclass(frozen=True)
class Rule:
    """A typical mistake, and how one sees it.

    Attributes:
        name: the mistake in a few words.
        hint: what the learner reads.
        broken: takes what was seen in all trial calls, and says whether the mistake was made.
        forms: wrong answers that make it.
    """

    name: str
    hint: str
    broken: Callable[[list[Any]], bool]
    forms: Sequence[Callable[..., Any]]


class Trial:
    """One call of a learner's function, which remembers whether it left gradients switched on."""

    def __init__(self, answer: Callable[..., Any], arguments: tuple[Any, ...], then: Callable[[Any], Any]) -> None:
        self.answer, self.arguments, self.then, self.keeps_gradients = answer, arguments, then, True
        self.__code__ = getattr(answer, "__code__", None)  # in whose file an error's line is looked for

    def __call__(self) -> Any:
        """Call the function."""
        value = self.answer(*self.arguments)
        self.keeps_gradients = torch.is_grad_enabled()
        return None if value is None else self.then(value)


def tried(
    answer: Callable[..., Any], *arguments: Any, then: Callable[[Any], Any] = lambda value: value
) -> tuple[Outcome, bool]:
    """Call a function on the arguments themselves, not on copies.

    Args:
        answer: the function.
        arguments: what it takes.
        then: what is done with its result, unless that is None.

    Returns:
        What came of it, and whether gradients were still switched on behind the call.
    """
    trial = Trial(answer, arguments, then)
    outcome = call(trial, (), SECONDS)
    return outcome, trial.keeps_gradients


def trouble(outcome: Outcome, words: str) -> str | None:
    """Return a sentence where a call gave no result, or None.

    Args:
        outcome: what came of the call.
        words: what the function was called with.
    """
    if outcome.problem:
        return f"{outcome.problem[:1].upper()}{outcome.problem[1:]} It was called with {words}."
    return "Your function returns None: does its last line say return?" if outcome.value is None else None


def some(sign: Callable[[Any], bool]) -> Callable[[list[Any]], bool]:
    """Return a function that says whether a sign is seen in some case."""
    return lambda cases: any(map(sign, cases))


def any_of(signs: Iterable[Callable[[list[Any]], bool]]) -> Callable[[list[Any]], bool]:
    """Return a function that says whether one of several mistakes was made."""
    known = list(signs)
    return lambda cases: any(sign(cases) for sign in known)


def measure_by(
    look: Callable[..., Any],
    cases: Iterable[tuple[Any, ...]],
    names: Sequence[str],
    rules: Sequence[Rule],
    otherwise: Callable[[Any], str | None],
) -> Callable[[Any], str | None]:
    """Make a function that returns what is wrong with an answer, or None.

    Args:
        look: takes the answer and one of ``cases``, and returns what was seen, or a sentence if there was nothing.
        cases: what the answer is tried on.
        names: of the arguments that the answer takes.
        rules: typical mistakes, of which the first that is seen is told.
        otherwise: takes what was seen in a case, and says what else is wrong, or None.
    """

    def measure(answer: Any) -> str | None:
        seen = not_to_call(answer, names) or look_at_all(look, answer, cases)
        if isinstance(seen, str):
            return seen
        broken = (rule.hint for rule in rules if rule.broken(seen))
        return next(broken, None) or next(filter(None, map(otherwise, seen)), None)

    return measure


def look_at_all(look: Callable[..., Any], answer: Any, cases: Iterable[tuple[Any, ...]]) -> list[Any] | str:
    """Return what was seen in all cases, or the sentence that stands for the first in which there was nothing."""
    seen: list[Any] = []
    for case in cases:
        seen.append(look(answer, *case))
        if isinstance(seen[-1], str):
            return str(seen[-1])
    return seen


def not_to_call(answer: Any, names: Sequence[str]) -> str | None:
    """Return a sentence where an answer is no function of so many arguments, or None."""
    if not callable(answer):
        return f"Expected a function, got {kind_of(answer)}: hand over its name without brackets."
    try:
        inspect.signature(answer).bind(*names)
    except TypeError:
        several = f"the {len(names)} arguments" if len(names) > 1 else "one argument"
        return f"Your function cannot be called with {several} ({', '.join(names)})."
    except ValueError:
        return None  # some built-in functions have no signature
    return None


def handed(answer: Callable[..., Any]) -> Callable[[], Any]:
    """Return a function that hands over an answer, as measured exercises keep them; its source is the answer's."""

    def hand_over() -> Any:
        return answer

    vars(hand_over)["__wrapped__"] = answer
    return hand_over


def mistakes_of(rules: Sequence[Rule]) -> list[Mistake]:
    """Return the rules as mistakes of a measured exercise."""
    return [Mistake(rule.name, handed(rule.forms[0]), rule.hint) for rule in rules]
