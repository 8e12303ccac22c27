"""Lesson 01: another logarithm, the bend put back, arms swapped, an order for each picture, a shift by nothing."""

import pytest
from harness import Patch, Run, assert_fails, runs

SABOTAGES = {
    "01.1": [Patch("labels].log().mean()", "labels].log10().mean()")],
    "01.2": [
        Patch('first, second = models["two, no bend"]', 'first, _, second = models["two, ReLU"]'),
        Patch('apart = (models["two, no bend"](grid)', 'apart = (models["two, ReLU"](grid)'),
    ],
    "01.3": [Patch('mlp = create("mlp", num_classes=len(train.classes), hidden=[hidden])', 'mlp = create("linear")')],
    "01.4": [
        Patch(
            "images.images.flatten(1)[:, order]",
            "images.images.flatten(1).gather(1, torch.rand(len(images), 784).argsort(1))",
        )
    ],
    "01.5": [Patch("F.pad(images, (pixels, -pixels))", "F.pad(images, (0, 0))")],
}


@pytest.mark.slow
@pytest.mark.parametrize("run", runs(SABOTAGES, together=[("01.1", "01.2", "01.4", "01.5")]), ids=str)
def test_claims_fail_under_sabotage(run: Run) -> None:
    assert_fails("01", run)
