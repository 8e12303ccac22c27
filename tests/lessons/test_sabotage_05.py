"""Lesson 05: another friction, a tiny rate, a start without the 2, labels left in order, none typed in a hurry."""

import pytest
from harness import Patch, Run, assert_fails, runs

SABOTAGES = {
    "05.1": [
        Patch("    walk(momentum, start, 50, rate=0.02),", "    walk(momentum, start, 50, rate=0.02, beta=0.91),")
    ],
    "05.2": [Patch('cycle = trained(3e-2, "onecycle",', 'cycle = trained(1e-5, "onecycle",')],
    "05.3": [Patch('"He": forward_spreads(math.sqrt(2 / 1024))', '"He": forward_spreads(math.sqrt(1 / 1024))')],
    "05.4": [Patch('"0.01": forward_spreads(0.01)', '"0.01": forward_spreads(math.sqrt(2 / 1024))')],
    "05.5": [Patch("fit(parrot, shuffled, epochs=rounds + 10,", "fit(parrot, shuffled, epochs=1,")],
    "05.6": [Patch("train.labels[torch.randperm(len(train), generator=generator)]", "train.labels")],
    "05.7": [
        Patch(
            "hasty = torch.rand(len(few), generator=generator) < 0.3",
            "hasty = torch.rand(len(few), generator=generator) < 0",
        )
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "run", runs(SABOTAGES, together=[tuple(name for name in SABOTAGES if name != "05.5"), ("05.5",)]), ids=str
)
def test_claims_fail_under_sabotage(run: Run) -> None:
    assert_fails("05", run)
