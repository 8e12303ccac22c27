"""Lesson 00: labels that mean nothing, and a test that leaves the ink alone."""

import pytest
from harness import Patch, Run, assert_fails, runs

SHUFFLED = Patch(
    "history = fit(network, train, valid,",
    "history = fit(network, replace(train, labels=train.labels[torch.randperm(len(train))]), valid,",
)
SABOTAGES = {
    "00.1": [SHUFFLED],
    "00.2": [SHUFFLED],
    "00.3": [SHUFFLED],
    "00.4": [Patch("images=1 - test.images", "images=test.images")],
}


@pytest.mark.slow
@pytest.mark.parametrize("run", runs(SABOTAGES), ids=str)
def test_claims_fail_under_sabotage(run: Run) -> None:
    assert_fails("00", run)
