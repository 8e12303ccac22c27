"""Lesson 06: depths and arms swapped, blocks that pass nothing on, an untrained rival, shares turned round."""

import pytest
from harness import Patch, Run, assert_fails, runs

SWAPPED = Patch(
    "costs_of_pulling(models[name])",
    'costs_of_pulling(models["resnet-44" if name == "plain-20" else "plain-20"])',
)
WRONG_SHARE = Patch('.append(100 * run["test_accuracy"])', '.append(100 - 100 * run["test_accuracy"])')
SABOTAGES = {
    "06.1": [Patch('losses[name] = learn(name.replace("-", ""))', 'losses[name] = learn("plain8")')],
    "06.2": [Patch("nn.init.dirac_(layer.weight)", "nn.init.zeros_(layer.weight)")],
    "06.3": [Patch('gradients(newborn("plain44", norm=norm)', 'gradients(newborn("plain8", norm=norm)')],
    "06.4": [Patch('agreed["plain-44"][:-5]', 'agreed["plain-8"][:-5]')],
    "06.5": [Patch('= learn("resnet44")\n', '= learn("plain44")\n')],
    "06.6": [Patch('agreement(newborn("resnet44"))', 'agreement(newborn("plain44"))')],
    "06.7": [Patch('learn(name.replace("-", ""), norm="none")', 'learn(name.replace("-", ""), norm="batch")')],
    "06.8": [SWAPPED],
    "06.9": [SWAPPED],
    "06.10": [Patch("padding=1, groups=64, bias=False)", "padding=1, groups=32, bias=False)")],
    "06.11": [
        Patch(
            "epochs=rounds, batch_size=50, lr=2e-2",
            "epochs=rounds, batch_size=50, lr=2e-2 if convolve is full else 1e-7",
        )
    ],
    "06.12": [Patch('spread["last gates"] - spread["first gates"]', 'spread["first gates"] - spread["last gates"]')],
    "06.13": [Patch('count_parameters(create(run["model"], in_chans=3))', 'count_parameters(create("resnet56"))')],
    "06.14": [WRONG_SHARE],
    "06.15": [WRONG_SHARE],
    "06.16": [WRONG_SHARE],
    "06.17": [Patch('gains = np.array([arms["se"][one] - arms["control"][one]', 'gains = np.array([arms["se"][one]')],
}
APART = [("06.1", "06.5"), tuple(name for name in SABOTAGES if name not in ("06.1", "06.5"))]


@pytest.mark.slow
@pytest.mark.parametrize("run", runs(SABOTAGES, together=APART), ids=str)
def test_claims_fail_under_sabotage(run: Run) -> None:
    assert_fails("06", run)
