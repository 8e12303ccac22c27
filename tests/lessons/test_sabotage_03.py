"""Lesson 03: a larger kernel, shuffled labels, arms swapped, an order that changes nothing."""

import pytest
from harness import Patch, Run, assert_fails, runs

SHUFFLED = Patch(
    "history = fit(network, train, valid,",
    "history = fit(network, replace(train, labels=train.labels[torch.randperm(len(train))]), valid,",
)
SABOTAGES = {
    "03.1": [
        Patch(
            "nn.Conv2d(chans_in, chans_out, kernel_size=3, padding=1, bias=False)",
            "nn.Conv2d(chans_in, chans_out, kernel_size=5, padding=2, bias=False)",
        )
    ],
    "03.2": [SHUFFLED],
    "03.3": [Patch('("trained", network))', '("trained", newborn))')],
    "03.4": [
        Patch('size = count_parameters(rivals["MLP, 512 wide"])', 'size = count_parameters(rivals["MLP, equal size"])')
    ],
    "03.5": [SHUFFLED],
    "03.6": [SHUFFLED],
    "03.7": [Patch("order = torch.randperm(28 * 28, generator=generator)", "order = torch.arange(28 * 28)")],
    "03.8": [Patch('trained("mlp", scramble(train))', 'trained("mlp", train)')],
    "03.9": [Patch('"ours": network}', '"ours": rivals["MLP, 512 wide"]}')],
}
APART = [("03.1", "03.3", "03.4", "03.7", "03.9"), ("03.2", "03.5", "03.6", "03.8")]


@pytest.mark.slow
@pytest.mark.parametrize("run", runs(SABOTAGES, together=APART), ids=str)
def test_claims_fail_under_sabotage(run: Run) -> None:
    assert_fails("03", run)
