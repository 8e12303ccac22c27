"""The judge: right, wrong (and why), or not started."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from visioncourse.exercises.compare import in_brief, in_words, is_numeric, kind_of, same
from visioncourse.exercises.exercise import Exercise
from visioncourse.exercises.guard import Outcome, call
from visioncourse.exercises.recognise import recognise
from visioncourse.exercises.wording import difference

SECONDS = 8.0  # for all trial calls of one answer together
IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "CACHE", "COPY_FREE_VARS"}


@dataclass(frozen=True)
class Verdict:
    """Status "right", "wrong" or "not started", a message for the learner, and the mistake that was recognised."""

    status: str
    message: str
    mistake: str | None = None


def untouched(answer: Any) -> bool:
    """Say whether an answer is still ``...``, a dictionary of them, or a function whose body is one."""
    if answer is ... or (isinstance(answer, dict) and answer and all(value is ... for value in answer.values())):
        return True
    code = getattr(answer, "__code__", None)
    return code is not None and all(step.opname in IDLE for step in dis.get_instructions(code)) and _says_nothing(code)


def _says_nothing(code: Any) -> bool:
    """Say whether a function that only returns a constant returns None."""
    returns = [step for step in dis.get_instructions(code) if step.opname in {"LOAD_CONST", "RETURN_CONST"}]
    return all(step.argval is None or step.argval is ... for step in returns)


def judge(exercise: Exercise, answer: Any) -> Verdict:
    """Judge an answer against an exercise; whatever the answer does, a verdict comes back within ten seconds.

    A wrong answer is compared with the typical mistakes: the one that gives the same results names what went wrong.
    Where none does, the first trial call that differs is shown.
    """
    if untouched(answer):
        return Verdict("not started", "Replace the three dots with your answer, then run this cell again.")
    if exercise.measure is not None:
        return _judge_measured(exercise, answer)
    if not exercise.cases:
        return _judge_value(exercise, answer)
    if not callable(answer):
        return Verdict("wrong", f"Expected a function, got {kind_of(answer)}: hand over its name without brackets.")
    return _judge_function(exercise, answer)


def _judge_measured(exercise: Exercise, answer: Any) -> Verdict:
    """Judge by measuring the answer itself, as with a trained model."""
    assert exercise.measure is not None
    outcome = call(partial(exercise.measure, answer), (), SECONDS)
    complaint = outcome.problem or outcome.value
    if complaint is None:
        return Verdict("right", exercise.idea)
    names = [mistake.name for mistake in exercise.mistakes if complaint.startswith(mistake.hint)]
    return Verdict("wrong", complaint, names[0] if names else None)


def _judge_value(exercise: Exercise, answer: Any) -> Verdict:
    """Judge a value by comparing it with the reference and with the typical wrong values."""
    if isinstance(answer, str):
        answer = answer.strip(" ).").lower()  # "B)" is as good as "b"
    if same(answer, exercise.reference, exercise.tolerance):
        return Verdict("right", exercise.idea)
    for mistake in exercise.mistakes:
        if any(same(answer, form, exercise.tolerance) for form in mistake.forms):
            return Verdict("wrong", mistake.hint, mistake.name)
    if is_numeric(answer) != is_numeric(exercise.reference) or type(answer) is dict:
        return Verdict("wrong", f"Expected an answer like {_like(exercise.reference)}, got {in_words(answer)}.")
    return Verdict("wrong", f"Not {in_words(answer)}. hint({exercise.id!r}) shows where to begin.")


def _like(value: Any) -> str:
    """Describe the form of a reference value without giving it away."""
    if isinstance(value, dict):
        return f"a dictionary with the keys {', '.join(map(repr, value))}"
    if isinstance(value, tuple | list):
        return f"{len(value)} values in round brackets"
    return kind_of(value)


def _judge_function(exercise: Exercise, answer: Callable[..., Any]) -> Verdict:
    """Judge a function by trial calls."""
    complaint = _wrong_arguments(answer, exercise)
    if complaint:
        return Verdict("wrong", complaint)
    outcomes: list[Outcome] = []
    for case in exercise.cases:
        outcomes.append(call(answer, case, SECONDS / len(exercise.cases)))
        if outcomes[-1].timed_out:
            return Verdict("wrong", _capital(outcomes[-1].problem or ""))
    expected = [call(exercise.reference, case).value for case in exercise.cases]
    pairs = zip(outcomes, expected, strict=True)
    wrong = [i for i, (o, e) in enumerate(pairs) if o.problem or not same(o.value, e, exercise.tolerance)]
    if not wrong:
        return _right_unless_changed(exercise, answer, outcomes)
    found = recognise(exercise, outcomes, expected)
    if found is not None:
        mistake, more = found
        return Verdict("wrong", mistake.hint + " And that is not all." * more, mistake.name)
    return Verdict("wrong", _first_difference(exercise, outcomes[wrong[0]], wrong[0], expected[wrong[0]]))


def _wrong_arguments(answer: Callable[..., Any], exercise: Exercise) -> str | None:
    """Return a sentence where the function cannot take the arguments of the exercise."""
    try:
        inspect.signature(answer).bind(*exercise.cases[0])
    except TypeError:
        names = ", ".join(inspect.signature(exercise.reference).parameters)
        return f"Your function cannot be called with the {len(exercise.cases[0])} arguments ({names})."
    except ValueError:
        return None  # some built-in functions have no signature
    return None


def _right_unless_changed(exercise: Exercise, answer: Callable[..., Any], outcomes: list[Outcome]) -> Verdict:
    """Accept, except where the function wrote into its arguments."""
    changed = next((outcome.changed for outcome in outcomes if outcome.changed), 0)
    if not changed:
        return Verdict("right", exercise.idea)
    name = list(inspect.signature(exercise.reference).parameters)[changed - 1]
    return Verdict(
        "wrong",
        f"The result is right, but your function changed its argument {name}: whoever called it still needs the "
        "old values. Work on a copy, or make a new array.",
    )


def _first_difference(exercise: Exercise, outcome: Outcome, index: int, expected: Any) -> str:
    """Describe the first trial call that went wrong."""
    names = inspect.signature(exercise.reference).parameters
    case = ", ".join(f"{n} = {in_brief(v)}" for n, v in zip(names, exercise.cases[index], strict=False))
    if outcome.problem:
        return f"{_capital(outcome.problem)} It was called with {case}."
    if outcome.value is None:
        return "Your function returns None: does its last line say return?"
    sentence = difference(outcome.value, expected, exercise.tolerance, exercise.results)
    return f"{sentence} It was called with {case}."


def _capital(sentence: str) -> str:
    """Begin a sentence with a capital letter."""
    return sentence[:1].upper() + sentence[1:]
