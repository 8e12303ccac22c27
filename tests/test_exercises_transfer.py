"""The exercises of lesson 07: what the judge says, and that the references do what they are for."""

from __future__ import annotations

import inspect
import itertools
import time
from typing import Any

import pytest
import torch
import transfer_features
import transfer_freezing
import transfer_groups
from torch import nn

from visioncourse.exercises.exercise import Exercise
from visioncourse.exercises.judge import Verdict, judge
from visioncourse.exercises.lesson_07 import EXERCISES, caching, freezing, grouping, modes, trials
from visioncourse.exercises.lesson_07.choices import RIGHT, SCENARIOS, WORDS, WRONG
from visioncourse.exercises.lesson_07.frozen import freeze
from visioncourse.exercises.lesson_07.grouped import groups
from visioncourse.exercises.lesson_07.kept import cache
from visioncourse.exercises.lesson_07.switches import train_mode
from visioncourse.exercises.lesson_07.toys import toy
from visioncourse.exercises.lesson_07.trials import Rule
from visioncourse.models import count_parameters, create

pytestmark = pytest.mark.usefixtures("warm")
RULES = {"07.1": freezing.RULES, "07.2": caching.RULES, "07.3": grouping.RULES, "07.4": modes.RULES}
RIGHT_ANSWERS = {
    "07.1": transfer_freezing.RIGHT,
    "07.2": transfer_features.RIGHT,
    "07.3": transfer_groups.GROUPS_RIGHT,
    "07.4": transfer_groups.MODES_RIGHT,
}
WRONG_ANSWERS = {
    "07.1": transfer_freezing.WRONG,
    "07.2": transfer_features.WRONG,
    "07.3": transfer_groups.GROUPS_WRONG,
    "07.4": transfer_groups.MODES_WRONG,
}
BY_ID = {one.id: one for one in EXERCISES}
CHOICES = BY_ID["07.5"]
every = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
functions = pytest.mark.parametrize("exercise", EXERCISES[:4], ids=lambda one: one.id)


@pytest.fixture(scope="module")
def warm() -> None:
    """Make the first optimizer of the session, which takes much longer than the second."""
    torch.optim.SGD([torch.zeros(1)])


@every
def test_the_reference_is_right_and_can_be_read(exercise: Exercise) -> None:
    begin = time.monotonic()
    assert judge(exercise, exercise.reference()) == Verdict("right", exercise.idea)
    assert time.monotonic() - begin < 5
    assert inspect.getsource(exercise.reference).startswith("def ") and "return " in inspect.getsource(
        exercise.reference
    )


@pytest.mark.parametrize(
    ("id", "rule"),
    [(id, r) for id, rules in RULES.items() for r in rules],
    ids=lambda x: x.name if isinstance(x, Rule) else x,
)
def test_every_form_of_a_mistake_hears_its_own_hint(id: str, rule: Rule) -> None:
    for form in rule.forms:
        assert judge(BY_ID[id], form) == Verdict("wrong", rule.hint, rule.name)


@pytest.mark.parametrize(
    ("id", "answer"),
    [(id, a) for id, answers in RIGHT_ANSWERS.items() for a in answers],
    ids=lambda x: getattr(x, "__name__", x),
)
def test_right_answers_in_other_words_are_right(id: str, answer: Any) -> None:
    assert judge(BY_ID[id], answer) == Verdict("right", BY_ID[id].idea)


@pytest.mark.parametrize(
    ("id", "answer", "words"),
    [(id, *a) for id, answers in WRONG_ANSWERS.items() for a in answers],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_wrong_answers_in_other_words_are_named_or_shown(id: str, answer: Any, words: str) -> None:
    verdict = judge(BY_ID[id], answer)
    assert verdict.status == "wrong" and (verdict.mistake == words or words in verdict.message)
    assert (verdict.mistake is None) is (words not in [rule.name for rule in RULES[id]])


@every
def test_words_are_complete_and_said_once(exercise: Exercise) -> None:
    for words in ([m.hint for m in exercise.mistakes], [m.name for m in exercise.mistakes], exercise.hints):
        assert len(words) >= 3 and len(set(words)) == len(words)
    hints = [mistake.hint for mistake in exercise.mistakes]
    assert not any(one.startswith(other) for one, other in itertools.permutations(hints, 2)), "the judge asks for that"
    assert all(0 < len(hint) < 400 and hint[-1] in ".?`)" for hint in hints)
    assert all(word[-1] in ".?`" for word in [exercise.idea, *exercise.hints])


def test_ids_count_up() -> None:
    assert [one.id for one in EXERCISES] == [f"07.{number}" for number in range(1, 6)]


@functions
def test_what_is_no_function_gets_a_sentence(exercise: Exercise) -> None:
    for answer in (None, 3, "model", {}, nn.Identity(), nn.Linear(3, 3), len, torch.zeros(2), lambda: 1):
        verdict = judge(exercise, answer)
        assert verdict.status == "wrong" and len(verdict.message) > 20


@functions
def test_an_error_is_shown_with_its_line(exercise: Exercise) -> None:
    def careless(model: Any, *arguments: Any) -> Any:
        return model.haed

    message = judge(exercise, careless).message
    assert (
        "AttributeError" in message and "in its line `return model.haed`" in message and "It was called with" in message
    )


@functions
def test_an_endless_loop_is_ended(exercise: Exercise, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*arguments: Any) -> Any:
        while True:
            pass

    monkeypatch.setattr(trials, "SECONDS", 0.2)
    assert "is there a loop that never stops?" in judge(exercise, endless).message


@functions
def test_a_check_leaves_the_random_state_and_gradients_alone(exercise: Exercise) -> None:
    before = torch.get_rng_state()
    for answer in (exercise.reference(), lambda *arguments: torch.set_grad_enabled(False)):
        judge(exercise, answer)
    assert torch.equal(torch.get_rng_state(), before) and torch.is_grad_enabled()


@pytest.mark.parametrize("last", range(5))
def test_a_frozen_network_of_the_course_learns_only_in_its_last_stages(last: int) -> None:
    model = create("resnet8")
    count = freeze(model, last)
    parts = [*model.stages[4 - last :], model.head]
    assert count == sum(map(count_parameters, parts))
    model(torch.rand(2, 1, 8, 8)).sum().backward()
    learned = {weight for weight in model.parameters() if weight.grad is not None}
    assert learned == {weight for part in parts for weight in part.parameters()}


def test_kept_features_give_the_logits_of_the_whole_network() -> None:
    model, images = create("resnet8"), torch.rand(300, 1, 8, 8)
    features = cache(model, images)
    assert model.training and features.shape == (300, 64)
    with torch.no_grad():
        torch.testing.assert_close(model.head[-1](features), model.eval()(images), rtol=1e-4, atol=1e-5)
    model.head[-1](features).sum().backward()
    assert model.head[-1].weight.grad is not None, "a head can be trained on them"


def test_features_made_in_inference_mode_cannot_train_a_head() -> None:
    with torch.inference_mode():
        features = cache(toy(), torch.rand(3, 1, 6, 6))
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
        nn.Linear(5, 2)(features)


def test_two_rates_make_two_lengths_of_step() -> None:
    model = toy(frozen=("stages.0.",))
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    optimizer = torch.optim.SGD(groups(model, 0.5, 0.1))
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    optimizer.step()
    for name, weight in model.named_parameters():
        step = 0 if name.startswith("stages.0.") else 0.5 if name.startswith("head.") else 0.05
        torch.testing.assert_close(weight.detach(), before[name] - step)


def test_running_statistics_stand_still_in_this_mode_and_in_no_other() -> None:
    model = toy()
    for switch, still in ((train_mode, True), (nn.Module.train, False)):
        before = [running.clone() for running in model.buffers()]
        switch(model)(torch.rand(4, 1, 6, 6))
        assert all(map(torch.equal, before, model.buffers())) is still


def test_four_tasks_four_words() -> None:
    assert len(SCENARIOS) == len(RIGHT) == len(WRONG) == 4 and sorted(RIGHT) == sorted(WORDS) and list(WORDS) != RIGHT
    for right, wrong, scenario in zip(RIGHT, WRONG, SCENARIOS, strict=True):
        assert {right, *wrong} == set(WORDS) and len(wrong) == 3
        title = scenario.partition(".")[0]
        assert all(hint.startswith(f"{title}: ") for hint in wrong.values())
        assert "linear layer" in scenario and not any(letter.isdigit() for letter in scenario)


def test_every_other_answer_is_wrong_and_counted() -> None:
    for words in itertools.product(WORDS, repeat=4):
        verdict, right = judge(CHOICES, list(words)), sum(map(str.__eq__, words, RIGHT))
        assert verdict.status == ("right" if right == 4 else "wrong")
        count = f"({right} of the 4 choices {'is' if right == 1 else 'are'} right.)"
        assert right == 4 or (verdict.mistake and verdict.message.endswith(count))


@pytest.mark.parametrize("mistake", CHOICES.mistakes, ids=lambda mistake: mistake.name)
def test_every_wrong_choice_hears_its_own_hint(mistake: Any) -> None:
    verdict = judge(CHOICES, mistake.answer)
    assert verdict.mistake == mistake.name and verdict.message.startswith(mistake.hint)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (tuple(RIGHT), ""), (["from scratch", "Frozen", " NEITHER", "Fine tuning"], ""), (None, "a list of four words"),
        ("scratch", "a list of four words"), (dict(enumerate(RIGHT)), "a list of four words"), (RIGHT[:3], "got 3"),
        ([...] * 4, "No choice yet for task 1, 2, 3, 4"), (["frozen", ..., "scratch", ...], "for task 2, 4"),
        (["scratch", "thawed", 3, "frozen"], "no choice 'thawed'"), ([1, 2, 3, 4], "no choice 1"),
    ],
    ids=str,
)  # fmt: skip
def test_choices_are_read_kindly_and_strange_ones_get_a_sentence(answer: Any, words: str) -> None:
    verdict = judge(CHOICES, answer)
    assert (verdict.status == "right") is (not words) and words in verdict.message
