"""Exercise 05.5: every patient shows its symptom, and every prescription gets a helpful answer."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from visioncourse.data import ImageSet, load
from visioncourse.exercises import get, judge, lesson_05
from visioncourse.exercises.lesson_05.diagnosis import CONFUSIONS, CURES, LOOK, measure_cures
from visioncourse.exercises.lesson_05.patients import EPOCHS, Recipe, Run, batches, patients, train_patient

GUESS = math.log(10)
SEEDS = (0, 1)
EXERCISE = get("05.5")


@pytest.fixture(scope="module")
def digits() -> tuple[ImageSet, ImageSet]:
    return load("mnist5k"), load("mnist5k", "valid")


@pytest.fixture(scope="module", params=SEEDS)
def ward(request: pytest.FixtureRequest, digits: tuple[ImageSet, ImageSet], one_thread: Any) -> dict[str, Run]:
    return patients(*digits, request.param)


def test_the_ward_is_complete(ward: dict[str, Run]) -> None:
    assert list(ward) == ["healthy", *CURES] == ["healthy", *LOOK]
    for run in ward.values():
        for curve in (run.loss, run.valid_loss, run.valid_accuracy):
            assert len(curve) == EPOCHS and all(type(value) is float and math.isfinite(value) for value in curve)


def test_the_healthy_run_learns_and_understands(ward: dict[str, Run]) -> None:
    run = ward["healthy"]
    assert run.loss[-1] < 0.1 and run.valid_loss[-1] < 0.45 and run.valid_accuracy[-1] > 0.85


def test_a_low_rate_falls_steadily_and_has_not_arrived(ward: dict[str, Run]) -> None:
    run = ward["A"]
    assert run.loss == sorted(run.loss, reverse=True) and run.valid_loss == sorted(run.valid_loss, reverse=True)
    assert 1.3 < run.loss[-1] < 1.7 and abs(run.loss[-1] - run.valid_loss[-1]) < 0.1
    assert run.valid_accuracy[-1] > run.valid_accuracy[0] + 0.3
    assert run.valid_accuracy[-1] < ward["healthy"].valid_accuracy[-1] - 0.1


def test_an_exam_in_train_mode_fails_although_training_was_in_order(ward: dict[str, Run]) -> None:
    run = ward["B"]
    assert run.loss == ward["healthy"].loss, "the hints say: to the last digit"
    assert max(run.valid_accuracy) < 0.25 and min(run.valid_loss) > GUESS
    assert run.valid_loss[-1] > run.valid_loss[0] + 0.5


def test_a_high_rate_begins_far_above_a_guess_and_gets_nowhere(ward: dict[str, Run]) -> None:
    run = ward["C"]
    assert run.loss[0] > GUESS + 0.7 and min(run.loss) > 1.6 and run.loss[-1] > 1.8
    assert any(later > sooner + 0.05 for sooner, later in pairwise(run.valid_loss)), "up and down"
    assert max(run.valid_accuracy) < 0.5 and run.valid_accuracy[-1] < 0.4
    assert max(run.valid_loss[-1], 3) < min(ward["B"].valid_loss[-1], ward["F"].valid_loss[-1])


def test_memorising_shows_in_the_gap(ward: dict[str, Run]) -> None:
    run, healthy = ward["D"], ward["healthy"]
    assert all(one < other for one, other in zip(run.loss, healthy.loss, strict=True)) and max(run.loss[2:]) < 0.1
    assert min(run.valid_loss) > 0.6 and max(run.valid_loss[6:]) - min(run.valid_loss[6:]) < 0.1, "comes to rest"
    assert 0.6 < run.valid_accuracy[-1] < 0.8 < healthy.valid_accuracy[-1]


def test_softmax_twice_keeps_the_loss_up_and_the_answers_good(ward: dict[str, Run]) -> None:
    run = ward["E"]
    floor = math.log(1 + 9 / math.e)  # the softmax of (1, 0, …, 0)
    assert min(run.loss) > 1.5 > floor and run.loss[-1] < 1.7
    assert run.valid_accuracy[-1] > ward["healthy"].valid_accuracy[-1] - 0.03


def test_gradients_that_pile_up_spoil_what_was_learned(ward: dict[str, Run]) -> None:
    run, healthy = ward["F"], ward["healthy"]
    assert run.loss[0] < healthy.loss[0] and min(run.loss[:8]) < 0.45, "it learns well at first"
    assert all(one > other for one, other in zip(run.loss[6:], healthy.loss[6:], strict=True))
    assert run.loss[-1] > 1.5 * min(run.loss) and run.valid_loss[-1] > 5, "off the picture, which ends at 4"
    assert min(run.valid_accuracy[6:]) > 0.8, "it knows the answers, and is too sure of the others"


def test_wrong_labels_would_look_like_none_of_them(digits: tuple[ImageSet, ImageSet], one_thread: Any) -> None:
    train, valid = digits
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))
    run = train_patient(Recipe(), replace(train, labels=train.labels[order]), valid, seed=0)
    assert abs(run.loss[0] - GUESS) < 0.3 and run.loss == sorted(run.loss, reverse=True) and run.loss[-1] > 0.5
    assert (
        min(run.valid_loss) > GUESS - 0.2 and run.valid_loss[-1] > run.valid_loss[0] and run.valid_accuracy[-1] < 0.25
    )


@pytest.mark.parametrize(("n", "sizes"), [(1000, {50}), (100, {50}), (60, {60}), (101, {50, 51}), (7, {7})], ids=str)
def test_every_epoch_has_twenty_steps_that_go_through_all_images_alike(n: int, sizes: set[int]) -> None:
    drawn = batches(n)
    assert len(drawn) == 20 and {len(batch) for batch in drawn} == sizes
    counts = torch.cat(drawn).bincount(minlength=n)
    assert int(counts.max() - counts.min()) <= 1 and torch.cat(drawn).tolist() != sorted(torch.cat(drawn).tolist())


def toy(split: str, n: int) -> ImageSet:
    draw = torch.Generator().manual_seed(n)
    return ImageSet(torch.rand(n, 3, 8, 6, generator=draw), torch.arange(n) % 4, tuple("abcd"), split=split)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, one_thread: Any) -> None:
    monkeypatch.setattr(lesson_05.patients, "EPOCHS", 2)


def test_they_repeat_and_leave_the_random_state_alone(short: None) -> None:
    train, valid = toy("train", 120), toy("valid", 40)
    torch.manual_seed(7)
    before = torch.get_rng_state()
    first = patients(train, valid, seed=3)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(8)
    assert patients(train, valid, seed=3) == first != patients(train, valid, seed=4)


@pytest.mark.parametrize("sizes", [(101, 41), (60, 3), (7, 2)], ids=str)
def test_other_images_in_any_number_will_do(sizes: tuple[int, int], short: None) -> None:
    runs = patients(toy("train", sizes[0]), toy("valid", sizes[1]))
    assert all(len(run.valid_accuracy) == 2 for run in runs.values())


def test_a_single_held_out_image_has_no_spread() -> None:
    with pytest.raises(ValueError, match="more than 1 value"):
        patients(toy("train", 20), toy("valid", 1))


def test_the_right_cures_are_right() -> None:
    assert judge.judge(EXERCISE, dict(CURES)).status == "right"
    assert measure_cures({letter: np.int64(cure) for letter, cure in reversed(CURES.items())}) is None
    assert sorted(CURES.values()) == [1, 2, 3, 4, 5, 6]
    assert all(place != cure for place, cure in enumerate(CURES.values(), start=1)), "no order to guess"


@pytest.mark.parametrize("mistake", EXERCISE.mistakes, ids=lambda mistake: mistake.name)
def test_every_wrong_diagnosis_hears_its_own_hint(mistake: Any) -> None:
    verdict = judge.judge(EXERCISE, mistake.answer)
    assert (verdict.status, verdict.mistake) == ("wrong", mistake.name)
    wrong = sum(mistake.answer[letter] != cure for letter, cure in CURES.items())
    assert verdict.message == f"{mistake.hint} ({6 - wrong} of the 6 prescriptions are right.)"


def test_every_single_wrong_number_is_explained_without_the_answer() -> None:
    for letter, cure in CURES.items():
        for number in set(range(1, 8)) - {cure}:
            words = measure_cures(CURES | {letter: number}) or ""
            assert f"{letter}" in words and words.endswith("(5 of the 6 prescriptions are right.)")
    assert len({confusion.name for confusion in CONFUSIONS}) == len(CONFUSIONS)


def test_several_wrong_numbers_are_dealt_with_one_after_the_other() -> None:
    words = measure_cures(dict.fromkeys(CURES, 7)) or ""
    assert words.startswith("You blame A's labels.")
    assert words.endswith("(0 of the 6 prescriptions are right.)")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (dict.fromkeys(CURES, ...), "Replace the three dots"),
        (CURES | {"C": ...}, "No cure yet for C"),
        ({"A": 1}, "No cure yet for B, C, D, E and F"),
        ({}, "No cure yet for A, B, C, D, E and F"),
        (CURES | {"G": 1}, "There is no patient 'G': they are called A, B, C, D, E and F."),
        (CURES | {"B": 9}, "Patient B got 9; the cures are whole numbers from 1 to 7."),
        (CURES | {"B": "5"}, "Patient B got '5'; the cures are whole numbers"),
        (CURES | {"B": True}, "Patient B got True; the cures are whole numbers"),
        (CURES | {"B": float("nan")}, "Patient B got nan; the cures are whole numbers"),
        (CURES | {"B": np.ones(3)}, "Patient B got [1., 1., 1.]; the cures are whole numbers"),
        ([2, 5, 1, 6, 4, 3], "Expected a dictionary such as"),
        (None, "Expected a dictionary such as"),
    ],
    ids=str,
)
def test_half_filled_and_strange_prescriptions_get_a_sentence(answer: Any, words: str) -> None:
    verdict = judge.judge(EXERCISE, answer)
    assert verdict.status != "right" and words in verdict.message
