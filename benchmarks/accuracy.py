"""Is the speed paid for with accuracy? Equal epochs, equal first weights, five seeds, mnist5k."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from dataclasses import replace

import torch

from benchmarks.speed import once
from benchmarks.targets import Verdict
from benchmarks.work import Job, Prepare, Work, digits
from visioncourse import data

SEEDS = 5
EPOCHS = 5
LR = 3e-3
MARGIN = 0.01  # the sampling error of an accuracy near 97 % on 1,000 images, two standard errors
STUDENT = {3: 4.303, 5: 2.776, 10: 2.262}  # two-sided 95 % points of Student's t for that many pairs


@torch.no_grad()
def accuracy(arm: Prepare, work: Work) -> float:
    """Train an arm and return its share of right answers on the 1,000 test digits, computed in float32."""
    kept: list[Job] = []

    def keep(task: Work) -> Job:
        kept.append(arm(task))
        return kept[-1]

    with torch.enable_grad():
        once(keep, work)
    model, test = kept[0][0].float().eval(), data.load("mnist5k", "test")
    return float((model(test.images).argmax(1) == test.labels).double().mean())


def compare_accuracy(
    arms: Mapping[str, Prepare], say: Callable[[str], object], seeds: int = SEEDS, count: int | None = None
) -> dict[str, list[float]]:
    """Train each arm for ``EPOCHS`` epochs from each seed; nothing is chosen by the result, so the test set serves.

    Returns:
        Accuracies of each arm, one entry a seed.
    """
    work = replace(digits(count, EPOCHS), lr=LR, schedule="onecycle")
    found: dict[str, list[float]] = {name: [] for name in arms}
    for seed in range(seeds):
        say(f"seed {seed}")
        for name, arm in arms.items():
            found[name].append(accuracy(arm, replace(work, seed=seed)))
    return found


def judge_accuracy(found: Mapping[str, list[float]], name: str, other: str) -> Verdict:
    """Say whether an arm is as accurate as another.

    It is where the whole 95 % interval of the difference, paired by seed, lies above minus ``MARGIN``: a difference
    that is merely lost in a wide interval does not pass.
    """
    gaps = [ours - theirs for ours, theirs in zip(found[name], found[other], strict=True)]
    noise = STUDENT[len(gaps)] * statistics.stdev(gaps) / math.sqrt(len(gaps))
    gap = statistics.mean(gaps)
    measured = f"difference {100 * gap:+.2f} points, 95 % interval ± {100 * noise:.2f}"
    return Verdict(f"{name} as accurate as {other}", measured, gap - noise >= -MARGIN)


def line(name: str, values: list[float]) -> str:
    """Return one row of the table: mean and range in per cent."""
    return f"{name:22s} {statistics.mean(values):6.2%}   {min(values):.1%} to {max(values):.1%}"
