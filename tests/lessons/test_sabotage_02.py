"""Lesson 02: another column, a larger kernel, a turned kernel, zeros for the drum, answers to other pictures."""

import pytest
from harness import Patch, Run, assert_fails, runs

SABOTAGES = {
    "02.1": [Patch("torch.tensor([[1.0], [2.0], [1.0]])", "torch.tensor([[1.0], [1.0], [1.0]])")],
    "02.2": [
        Patch(
            "sliding = nn.Conv2d(1, 1, kernel_size=3, padding=1, bias=False)",
            "sliding = nn.Conv2d(1, 1, kernel_size=5, padding=2, bias=False)",
        )
    ],
    "02.3": [
        Patch("conv2d(images.numpy(), weights.numpy(), None", "conv2d(images.numpy(), weights.numpy()[..., ::-1], None")
    ],
    "02.4": [
        Patch(
            'return F.conv2d(F.pad(images, (1, 1, 1, 1), mode="circular"), kernel)',
            "return F.conv2d(images, kernel, padding=1)",
        )
    ],
    "02.5": [Patch("target = F.conv2d(pictures,", "target = F.conv2d(pictures.flip(0),")],
}


@pytest.mark.slow
@pytest.mark.parametrize("run", runs(SABOTAGES, together=[tuple(SABOTAGES)]), ids=str)
def test_claims_fail_under_sabotage(run: Run) -> None:
    assert_fails("02", run)
