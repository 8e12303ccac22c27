"""Every exercise of the course: what its judge says to right, wrong, strange and missing answers."""

from __future__ import annotations

import copy
import inspect
import time
from typing import Any

import numpy as np
import pytest
import torch

from visioncourse.exercises import LESSONS, every, get, judge, of_lesson
from visioncourse.exercises.exercise import Exercise, Mistake

pytestmark = pytest.mark.usefixtures("remembered")
EXERCISES = every()
MEASURED = [pytest.mark.slow]
all_of_them = pytest.mark.parametrize(
    "exercise", [pytest.param(one, id=one.id, marks=MEASURED if one.measure else []) for one in EXERCISES]
)
functions = pytest.mark.parametrize("exercise", [one for one in EXERCISES if one.cases], ids=lambda one: one.id)
values = pytest.mark.parametrize(
    "exercise", [one for one in EXERCISES if not one.cases and not one.measure], ids=lambda one: one.id
)
mistakes = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [
        pytest.param(one, wrong, id=f"{one.id}-{wrong.name}", marks=MEASURED if one.measure else [])
        for one in EXERCISES
        for wrong in one.mistakes
    ],
)


def made(exercise: Exercise, answer: Any) -> Any:
    """Return what a learner would hand over: measured exercises keep functions that make the answer."""
    return answer() if exercise.measure and inspect.isfunction(answer) else answer


@all_of_them
def test_the_reference_is_right(exercise: Exercise) -> None:
    verdict = judge.judge(exercise, made(exercise, exercise.reference))
    assert (verdict.status, verdict.message) == ("right", exercise.idea)


@mistakes
def test_every_typical_mistake_is_recognised_and_hears_its_own_hint(exercise: Exercise, mistake: Mistake) -> None:
    verdict = judge.judge(exercise, made(exercise, mistake.answer))
    assert (verdict.status, verdict.mistake) == ("wrong", mistake.name)
    assert verdict.message.startswith(mistake.hint)


@pytest.mark.parametrize(
    ("exercise", "mistake"),
    [pytest.param(one, m, id=f"{one.id}-{m.name}") for one in EXERCISES for m in one.mistakes if m.also],
)
def test_other_forms_of_a_mistake_hear_the_same_hint(exercise: Exercise, mistake: Mistake) -> None:
    assert mistake.forms[0] is mistake.answer and exercise.measure is None
    for form in mistake.also:
        assert judge.judge(exercise, form) == judge.Verdict("wrong", mistake.hint, mistake.name)


@functions
def test_several_results_have_names(exercise: Exercise) -> None:
    if exercise.results:
        assert all(len(exercise.reference(*case)) == len(exercise.results) for case in exercise.cases)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_an_untouched_placeholder_is_not_a_mistake(exercise: Exercise) -> None:
    def placeholder(*arguments: Any) -> Any: ...

    for answer in (..., placeholder, lambda x: ...):
        assert judge.judge(exercise, answer).status == "not started"


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
def test_it_has_mistakes_hints_and_an_idea(exercise: Exercise) -> None:
    assert len(exercise.mistakes) >= 3
    for words in ([m.hint for m in exercise.mistakes], [m.name for m in exercise.mistakes], exercise.hints):
        assert words and all(word.strip() for word in words) and len(set(words)) == len(words)
    assert exercise.title and exercise.idea.strip()
    assert all(word.strip()[-1] in ".?`" for word in [exercise.idea, *exercise.hints])
    assert all(0 < len(mistake.hint) < 400 for mistake in exercise.mistakes)


def test_ids_count_up_within_their_lesson() -> None:
    for lesson in LESSONS:
        exercises = of_lesson(lesson)
        assert list(exercises) == [f"{lesson}.{number}" for number in range(1, len(exercises) + 1)]
        assert len(exercises) >= 3
    assert all(get(one.id) is one for one in EXERCISES)


@functions
def test_its_cases_tell_more_than_one_thing(exercise: Exercise) -> None:
    assert len(exercise.cases) >= 2
    assert all(inspect.signature(exercise.reference).bind(*case) for case in exercise.cases)
    assert inspect.getdoc(exercise.reference)


def misbehaving(exercise: Exercise) -> dict[str, Any]:
    """Return functions that misbehave, each taking what the exercise hands over."""
    reference = exercise.reference

    def raises(*arguments: Any) -> Any:
        raise RuntimeError("boom")

    def leaves(*arguments: Any) -> Any:
        raise SystemExit

    def forgets(*arguments: Any) -> Any:
        reference(*arguments)

    def nested(*arguments: Any) -> Any:
        return [[reference(*arguments)]]

    def wider(*arguments: Any) -> Any:
        return torch.zeros(3, 5, 7, 2)

    strange = {"a word": "word", "words": np.array(["a"]), "sparse": torch.eye(2).to_sparse(), "huge": 10**400}
    returned = {name: (lambda *arguments, value=value: value) for name, value in strange.items()}
    return {"raises": raises, "leaves": leaves, "forgets": forgets, "nested": nested, "wider": wider} | returned


@functions
def test_misbehaving_functions_get_a_helpful_verdict(exercise: Exercise) -> None:
    start, problems = time.monotonic(), {}
    for name, answer in misbehaving(exercise).items():
        try:
            verdict = judge.judge(exercise, answer)
        except Exception as error:
            problems[name] = repr(error)
            continue
        if verdict.status == "right" or len(verdict.message) < 20 or "Traceback" in verdict.message:
            problems[name] = str(verdict)
    assert problems == {}
    assert time.monotonic() - start < 10


@functions
def test_an_endless_loop_is_ended(exercise: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*arguments: Any) -> Any:
        while True:
            pass

    monkeypatch.setattr(judge, "SECONDS", 0.3)
    verdict = judge.judge(exercise, endless)
    assert verdict.status == "wrong" and "is there a loop that never stops?" in verdict.message


def spoil(argument: Any) -> bool:
    """Change a tensor, an array or a list in place; say whether that was possible."""
    if isinstance(argument, torch.Tensor | np.ndarray):
        argument += 1  # in place
    elif isinstance(argument, list):
        argument.append(1)
    else:
        return False
    return True


@pytest.mark.parametrize(
    "exercise",
    [one for one in EXERCISES if one.cases and any(map(spoil, copy.deepcopy(one.cases[0])))],
    ids=lambda one: one.id,
)
def test_a_function_that_changes_its_input_is_told_so(exercise: Exercise) -> None:
    def careless(*arguments: Any) -> Any:
        result = copy.deepcopy(exercise.reference(*arguments))
        any(spoil(argument) for argument in arguments)
        return result

    before = copy.deepcopy(exercise.cases)
    verdict = judge.judge(exercise, careless)
    assert verdict.status == "wrong" and "changed its argument" in verdict.message
    assert repr(exercise.cases) == repr(before)


@values
@pytest.mark.parametrize(
    "answer", [None, 10**400, {"a": 1}, [], "", pytest.param(object(), id="an object"), np.array(["a"]), len], ids=repr
)
def test_strange_values_get_a_helpful_verdict(exercise: Exercise, answer: Any) -> None:
    verdict = judge.judge(exercise, answer)
    assert verdict.status == "wrong" and len(verdict.message) > 10
    assert repr(exercise.reference) not in verdict.message


@pytest.mark.parametrize("exercise", [one for one in EXERCISES if one.measure], ids=lambda one: one.id)
def test_measured_exercises_take_any_answer(exercise: Exercise) -> None:
    for answer in (None, 3, "model", torch.nn.Identity(), torch.nn.Linear(3, 3), lambda images: images):
        verdict = judge.judge(exercise, answer)
        assert verdict.status == "wrong" and "exercise.measure" not in verdict.message
