"""Lesson 07: pictures as they come, features that were never learned, rates and origins swapped, arms mixed."""

import pytest
from harness import Patch, Run, assert_fails, runs

NEVER_LEARNED = [Patch('{"frozen teacher": eyes(teacher),', '{"frozen teacher": eyes(newborn(10, seed + 1)),')]
MIXED = [Patch('(run["arm"], run["per_class"]) == (arm, count)', 'run["per_class"] == count')]
SABOTAGES = {
    "07.1": [Patch("accuracy(at_home_in(teacher, ten.images), test)", "abroad")],
    "07.2": NEVER_LEARNED,
    "07.3": NEVER_LEARNED,
    "07.4": NEVER_LEARNED,
    "07.5": NEVER_LEARNED,
    "07.6": [Patch("rest = count_multiply_adds(nn.Sequential(nn.Flatten(), layer), (width, 1, 1))", "rest = whole")],
    "07.7": [Patch('("all, slowly", 99, 0.01)', '("all, slowly", 99, 1)')],
    "07.8": [Patch("other = [mean_graft(n, same=False)", "other = [mean_graft(n, same=True)")],
    "07.9": [
        Patch(
            "return accuracy(school(model, halves[task][0].images, halves[task][0].labels), halves[task][1])",
            "return accuracy(model, halves[task][1])",
        )
    ],
    "07.10": [Patch("accuracy(learn(small_one, few, lr=2e-2), exam)", "accuracy(small_one, exam)")],
    "07.11": MIXED,
    "07.12": MIXED,
    "07.13": MIXED,
    "07.14": MIXED,
}


@pytest.mark.slow
@pytest.mark.parametrize("run", runs(SABOTAGES, together=[tuple(SABOTAGES)]), ids=str)
def test_claims_fail_under_sabotage(run: Run) -> None:
    assert_fails("07", run)
