"""Lesson 04: a doubled gradient, knobs never turned, pixels that take no blame, a bend that swallows it."""

import pytest
from harness import Patch, Run, assert_fails, runs

SABOTAGES = {
    "04.1": [
        Patch("lambda a, w: conv2d(a, w, stride=2, padding=1),", "lambda a, w: conv2d(a, w, stride=2, padding=1) * 2,")
    ],
    "04.2": [Patch("        optimizer.step()\n", "")],
    "04.3": [
        Patch("usual, complete = count(False)[1], count(True)[1]", "usual, complete = count(False)[1], count(False)[1]")
    ],
    "04.4": [Patch('"sigmoid": spreads(Tensor.sigmoid, 1)', '"sigmoid": spreads(Tensor.relu, math.sqrt(2))')],
    "04.5": [Patch('"ReLU, He": spreads(Tensor.relu, math.sqrt(2))', '"ReLU, He": spreads(Tensor.sigmoid, 1)')],
}


@pytest.mark.slow
@pytest.mark.parametrize("run", runs(SABOTAGES, together=[tuple(SABOTAGES)]), ids=str)
def test_claims_fail_under_sabotage(run: Run) -> None:
    assert_fails("04", run)
