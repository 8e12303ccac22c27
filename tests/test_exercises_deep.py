"""The exercises of lesson 06: what the judge says, and that the references agree with the course's own networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.judge import Verdict, judge
from visioncourse.exercises.lesson_06 import EXERCISES
from visioncourse.exercises.lesson_06.blocks import residual_block
from visioncourse.exercises.lesson_06.dense import dense_channels
from visioncourse.exercises.lesson_06.gates import squeeze_excite
from visioncourse.exercises.lesson_06.scaling import SCALING, compound
from visioncourse.exercises.lesson_06.shortcuts import BLOCKS, SHORTCUTS, complaints, impossible
from visioncourse.models import densenet, efficientnet, mbconv, residual

pytestmark = pytest.mark.usefixtures("remembered")
every = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda one: one.id)
mistakes = pytest.mark.parametrize(
    ("exercise", "mistake"), [pytest.param(one, m, id=f"{one.id}-{m.name}") for one in EXERCISES for m in one.mistakes]
)


@every
def test_the_reference_is_right(exercise: Exercise) -> None:
    answer = exercise.reference() if exercise.measure else exercise.reference
    assert judge(exercise, answer) == Verdict("right", exercise.idea)


@mistakes
def test_every_mistake_hears_its_own_hint(exercise: Exercise, mistake: Mistake) -> None:
    for form in mistake.forms:
        verdict = judge(exercise, form)
        assert (verdict.status, verdict.mistake) == ("wrong", mistake.name)
        assert verdict.message.startswith(mistake.hint) if exercise.measure else verdict.message == mistake.hint


@every
def test_words_are_complete_and_said_once(exercise: Exercise) -> None:
    for words in ([m.hint for m in exercise.mistakes], [m.name for m in exercise.mistakes], exercise.hints):
        assert len(words) >= 3 and len(set(words)) == len(words)
    assert all(0 < len(m.hint) < 400 for m in exercise.mistakes)
    assert all(word[-1] in ".?`" for word in [exercise.idea, *exercise.hints])


def test_ids_count_up() -> None:
    assert [one.id for one in EXERCISES] == [f"06.{number}" for number in range(1, 6)]


@torch.no_grad()
@pytest.mark.parametrize("shape", [(4, 4, 1), (4, 6, 2), (4, 6, 1), (4, 4, 2)])
def test_the_residual_block_is_that_of_the_course(shape: tuple[int, int, int]) -> None:
    block = residual.BasicBlock(*shape, shortcut="project").eval()
    x = torch.randn(2, 4, 6, 6)
    projection = None if isinstance(block.shortcut, nn.Identity) else block.shortcut
    assert torch.allclose(residual_block(x, block.branch, projection), block(x))


@torch.no_grad()
@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 4), st.sampled_from([0.5, 0.75, 1.0]))
def test_dense_channels_are_those_of_the_course(chans_in: int, growth: int, layers: int, compression: float) -> None:
    block = densenet.DenseBlock(chans_in, layers, growth).eval()
    maps = block(torch.zeros(1, chans_in, 2, 2))
    assert dense_channels(chans_in, growth, layers, compression) == int(maps.shape[1] * compression)


@torch.no_grad()
def test_squeeze_and_excitation_is_that_of_the_course() -> None:
    layer, maps = mbconv.SqueezeExcitation(4, 2), torch.randn(3, 4, 5, 6)
    reduce, expand = layer.gate[0], layer.gate[2]
    for conv in (reduce, expand):
        conv.bias.zero_()
    weights = (conv.weight[:, :, 0, 0] for conv in (reduce, expand))
    assert torch.allclose(squeeze_excite(maps, *weights), layer(maps), atol=1e-6)


@given(st.integers(0, 6))
def test_compound_scaling_is_that_of_the_course(phi: int) -> None:
    depth, width, resolution, work = compound(phi, 1.2, 1.1, 1.15)
    assert (depth, width, resolution) == pytest.approx(efficientnet.compound(phi))
    assert work == pytest.approx(depth * width**2 * resolution**2)


@pytest.mark.parametrize("falling", [False, True])
def test_sorted_results_are_told_that_their_order_is_wrong(falling: bool) -> None:
    verdict = judge(SCALING, lambda *arguments: tuple(sorted(compound(*arguments), reverse=falling)))
    assert verdict.mistake == "another order"


@torch.no_grad()
def test_the_accused_blocks_fail_and_the_others_run() -> None:
    for position, (chans_in, chans_out, stride, shortcut) in enumerate(BLOCKS):
        branch = nn.Conv2d(chans_in, chans_out, 3, stride, 1)
        projection = nn.Conv2d(chans_in, chans_out, 1, stride) if shortcut == "project" else None
        maps = torch.randn(1, chans_in, 8, 8)
        if position in impossible():
            with pytest.raises(RuntimeError, match="must match"):
                residual_block(maps, branch, projection)
        else:
            assert residual_block(maps, branch, projection).shape[1] == chans_out


@pytest.mark.parametrize(
    "answer", [(3, 2), {2, 3}, range(2, 4), np.array([2, 3]), torch.tensor([3.0, 2.0]), [2, 3, 3]], ids=repr
)
def test_positions_are_taken_in_any_order_and_container(answer: Any) -> None:
    assert judge(SHORTCUTS, answer).status == "right"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("2, 3", "list of positions"), (None, "list of positions"), ({2: 3}, "list of positions"),
        ([2, 5], "no block 5"), ([-1], "no block -1"), (["2", "3"], "numbers, not text"), ([[2, 3]], "no block [2, 3]"),
        ([2.5], "no block 2.5"), ([False, False, True, True, False], "not True or False"),
        (np.array([False, True]), "not True or False"), (3, "stride of 2"),
        (torch.tensor(2), "You looked at the stride"), ([1], "And that is not all"), ([...], "no block"),
    ],
)  # fmt: skip
def test_other_answers_are_told_what_is_expected(answer: Any, words: str) -> None:
    verdict = judge(SHORTCUTS, answer)
    assert verdict.status == "wrong" and words in verdict.message


@given(st.sets(st.integers(0, 4)))
def test_every_set_of_positions_but_one_is_wrong(accused: set[int]) -> None:
    assert (complaints(accused) == []) is (accused == {2, 3})


def test_wrong_answers_of_no_known_kind_are_shown_the_first_difference() -> None:
    verdict = judge(EXERCISES[3], lambda phi, alpha, beta, gamma: (1, 2, 3))
    assert verdict.message.startswith("Your function returns 3 results; expected 4 (depth, width, resolution, work)")
    verdict = judge(EXERCISES[0], lambda x, branch, projection: x * 7)
    assert verdict.mistake is None and "branch = one_minus_twice, projection = None" in verdict.message
