from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visioncourse.exercises import get, judge
from visioncourse.exercises.lesson_04.suspects import SUSPECTS
from visioncourse.exercises.lesson_04.trial import HINTS, guilty, slope_error

GUILTY = {"swish", "leaky relu", "mean square"}
EXERCISE = get("04.5")
positive = st.floats(0.1, 3.0)
nonzero = st.tuples(positive, st.sampled_from([-1.0, 1.0])).map(lambda pair: pair[0] * pair[1])


def slope_error_of_the_lesson(
    forward: Callable[..., Any], backward: Callable[..., Any], x: Any, h: float = 1e-6
) -> Any:
    weigh = np.random.default_rng(1).normal(size=np.shape(forward(x)))
    rule, slopes = backward(x, weigh), np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = h
        slopes[place] = (weigh * (forward(x + step) - forward(x - step))).sum() / (2 * h)
    return abs(rule - slopes).max() / abs(slopes).max()


checks = pytest.mark.parametrize("check", [slope_error_of_the_lesson, slope_error], ids=["lesson", "package"])


def found(check: Callable[..., Any], x: Any) -> set[str]:
    """Return the suspects that a gradient check at x finds guilty; a check that divides 0 by 0 finds nobody."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return {name for name, pair in SUSPECTS.items() if check(*pair, x) > 1e-4}


@checks
@given(inputs=st.lists(nonzero, min_size=2, max_size=6).filter(lambda xs: min(xs) < 0 < max(xs)))
def test_several_inputs_of_both_signs_find_exactly_the_guilty(check: Callable[..., Any], inputs: list[float]) -> None:
    assert found(check, np.array(inputs)) == GUILTY


@checks
@given(inputs=st.lists(positive, min_size=2, max_size=6))
def test_positive_inputs_let_the_leaky_relu_go(check: Callable[..., Any], inputs: list[float]) -> None:
    assert found(check, np.array(inputs)) == GUILTY - {"leaky relu"}


@checks
@given(value=positive)
def test_a_single_input_lets_the_mean_square_go(check: Callable[..., Any], value: float) -> None:
    for x in (np.array(-value), np.array([-value]), np.array([[-value]])):
        assert found(check, x) == GUILTY - {"mean square"}


@checks
def test_at_the_kink_relu_looks_wrong(check: Callable[..., Any]) -> None:
    assert found(check, np.array([-1.0, 0.0, 2.0])) == GUILTY | {"relu"}


@given(value=st.floats(-5, 5))
def test_swish_is_wrong_everywhere(value: float) -> None:
    assert slope_error(*SUSPECTS["swish"], np.array([value])) > 0.1


@given(value=st.floats(0.1, 30))
def test_right_rules_come_out_as_near_as_the_hints_say(value: float) -> None:
    for name in ("square", "softplus", "relu"):
        assert slope_error(*SUSPECTS[name], np.array([value, value / 2])) < 1e-6


def test_whole_numbers_make_all_look_guilty_as_the_hints_say() -> None:
    assert found(slope_error_of_the_lesson, np.array([-2, 1, 3])) == set(SUSPECTS)
    for below in ([-2, -1], [-3], [-2, 0]):
        assert found(slope_error_of_the_lesson, np.array(below)) == set(SUSPECTS) - {"relu"}


@checks
def test_where_right_rules_look_wrong_as_the_hints_say(check: Callable[..., Any]) -> None:
    for x in ([3e6, -1e6], [1e10]):
        assert found(check, np.array(x)) >= {"square", "softplus"}
    assert "softplus" in found(check, np.array([-740.0]))
    with np.errstate(invalid="ignore"):
        assert np.isnan(check(*SUSPECTS["square"], np.zeros(3)))
    assert check(*SUSPECTS["softplus"], np.zeros(3)) < 1e-9  # zeros are no excuse for accusing softplus


@given(inputs=st.lists(st.floats(-600, 1e4), min_size=1, max_size=4).filter(lambda xs: max(map(abs, xs)) > 1e-3))
def test_and_nowhere_else(inputs: list[float]) -> None:
    with np.errstate(invalid="ignore", divide="ignore"):
        assert not found(slope_error, np.array(inputs)) & {"square", "softplus"}


def test_suspects_take_any_shape_and_change_nothing() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    before = x.copy()
    for forward, backward in SUSPECTS.values():
        gradient = np.ones(np.shape(forward(x)))
        assert backward(x, gradient).shape == x.shape
        assert (gradient == 1).all()
    assert (x == before).all()
    assert np.shape(SUSPECTS["mean square"][0](x)) == ()


def verdict(answer: Any) -> judge.Verdict:
    return judge.judge(EXERCISE, answer)


@pytest.mark.parametrize(
    "answer",
    [
        ["swish", "leaky relu", "mean square"],
        ("mean square", "swish", "leaky relu", "swish"),
        pytest.param({"Leaky ReLU", "mean_square", " swish "}, id="a set"),
        "swish, mean square, leaky relu",
        guilty(),
    ],
    ids=repr,
)
def test_order_and_container_do_not_matter(answer: Any) -> None:
    assert verdict(answer) == judge.Verdict("right", EXERCISE.idea)


@pytest.mark.parametrize("mistake", EXERCISE.mistakes, ids=lambda mistake: mistake.name)
def test_each_mistake_hears_its_own_hint(mistake: Any) -> None:
    assert verdict(mistake.answer) == judge.Verdict("wrong", mistake.hint, mistake.name)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (["swish"], "leaky relu missed"),
        (["relu", "swish"], "relu accused"),
        (["softplus", "square", "relu"], "innocents named"),
        (["softplus"], "softplus accused"),
        (["relu", "softplus"], "softplus accused"),
        (["softplus", "square", "swish", "leaky relu"], "square accused"),
        ("", "nobody accused"),
        ("swish", "leaky relu missed"),
    ],
)
def test_of_several_mistakes_the_weightiest_is_named_and_the_rest_announced(answer: Any, mistake: str) -> None:
    said = verdict(answer)
    assert said.mistake == mistake
    several = mistake not in {"innocents named", "nobody accused"}
    assert said.message == HINTS[mistake] + (" And that is not all." if several else "")


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (["swisch", "leaky relu"], "Unknown suspect 'swisch': did you mean swish? Known: leaky relu, mean square,"),
        ("leaky", "Unknown suspect 'leaky': did you mean leaky relu? Known:"),
        (None, 'Expected a list of names, such as ["square", "relu"]; got None.'),
        (3, 'Expected a list of names, such as ["square", "relu"]; got a number.'),
        ([SUSPECTS["swish"]], "Expected names in quotes in the list; one of its entries is a tuple of 2 values."),
    ],
    ids=["unknown", "one unknown", "nothing", "a number", "a pair of functions"],
)
def test_what_is_no_list_of_suspects_gets_a_sentence(answer: Any, sentence: str) -> None:
    assert verdict(answer).message.startswith(sentence)
    assert verdict(answer).status == "wrong" and verdict(answer).mistake is None


@pytest.mark.parametrize("answer", [..., None, []], ids=repr)
def test_nothing_handed_over_is_told_from_nobody_accused(answer: Any) -> None:
    assert verdict(answer).status == ("not started" if answer is ... else "wrong")


def test_the_rules_of_the_answers_agree_with_torch() -> None:
    import torch
    import torch.nn.functional as F

    def by_torch(function: Callable[..., Any], gradient: Any, *arrays: Any) -> list[Any]:
        leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
        return [part.numpy() for part in torch.autograd.grad(function(*leaves), leaves, torch.tensor(gradient))]

    for a, b, gradient in get("04.1").cases:
        for ours, theirs in zip(
            get("04.1").reference(a, b, gradient), by_torch(torch.mul, gradient, a, b), strict=True
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    for x, gradient in get("04.2").cases:
        np.testing.assert_array_equal(get("04.2").reference(x, gradient), *by_torch(torch.relu, gradient, x))
    for *arrays, gradient in get("04.3").cases:
        theirs = by_torch(lambda x, w, b: x @ w + b, gradient, *arrays)
        for ours, other in zip(get("04.3").reference(*arrays, gradient), theirs, strict=True):
            np.testing.assert_allclose(ours, other, rtol=1e-10, atol=1e-12)
    for image, k, gradient in get("04.4").cases:
        pool = by_torch(lambda x, k=k: F.max_pool2d(x[None], k)[0], gradient, image)
        np.testing.assert_array_equal(get("04.4").reference(image, k, gradient), *pool)
