"""What the course promises of its speed, and where each promise applies."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from benchmarks.speed import REFERENCE, Ratios, Times, compare

ROUNDS = 7  # with fewer, a median says too little to be judged
IMPORT_SECONDS = 0.2
STEP, MEMORY, SCALARS = 8, 3, 1000  # of the NumPy engine, see judge_engine
BY_IMAGE, OF_STEP = 10, 0.05  # of augmentation, see judge_augmentation


@dataclass(frozen=True)
class Verdict:
    """One target, what was measured, and whether it holds: True, False, or None where it was not judged."""

    target: str
    measured: str
    holds: bool | None

    def __str__(self) -> str:
        word = {True: "holds", False: "MISSED", None: "not judged"}[self.holds]
        return f"{word:10s}  {self.target}: {self.measured}"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def judge_speed(times: Times, bfloat16: bool, judged: bool) -> list[Verdict]:
    """Compare the measured ratios with the targets of this kind of processor.

    Args:
        times: seconds of every arm, round by round.
        bfloat16: whether the processor has AVX512-BF16.
        judged: False for a trial run, too short for a verdict.
    """
    stand_in = " (what processors without bfloat16 get; the float32 arm stands for them)"
    wanted = [("fit float32", REFERENCE, 1.3, True, stand_in)]
    wanted += [("fit", REFERENCE, 2.0, bfloat16, ""), ("fit", "lightning", 2.5, bfloat16, "")]
    verdicts = []
    for name, other, bound, applies, note in wanted:
        target = f"{name} ≥ {bound}× {other}{note}"
        if not applies or other not in times:
            reason = f"{other} was not run" if applies else "this processor has no AVX512-BF16"
            verdicts.append(Verdict(target, reason, None))
            continue
        ratios = compare(times, name, other)
        verdicts.append(_verdict(target, ratios, partial(operator.le, bound), judged))
    return verdicts


def judge_engine(step: Ratios, memory: Ratios, scalars: Ratios, judged: bool) -> list[Verdict]:
    """Compare the NumPy engine's figures with their targets.

    Args:
        step: how many times as long as torch's its training step takes.
        memory: how many times as much memory it needs.
        scalars: how many times as many multiply-adds it does as an engine on single numbers.
        judged: False for a trial run.
    """
    return [
        _verdict(f"engine's step ≤ {STEP}× torch's", step, partial(operator.ge, STEP), judged),
        _verdict(f"engine's memory ≤ {MEMORY}× torch's", memory, partial(operator.ge, MEMORY), judged),
        _verdict(f"engine ≥ {SCALARS:,}× scalars, per multiply-add", scalars, partial(operator.le, SCALARS), judged),
    ]


def judge_augmentation(shape: str, by_image: Ratios, of_step: Ratios, judged: bool) -> list[Verdict]:
    """Compare the figures of batched augmentation with their targets.

    Args:
        shape: of the images, in words.
        by_image: how many times as long torchvision takes, image by image.
        of_step: which part of a training step the augmentation takes.
        judged: False for a trial run.
    """
    what = f"shift, flip and cutout of {shape}"
    return [
        _verdict(
            f"{what} ≥ {BY_IMAGE}× torchvision's image by image", by_image, partial(operator.le, BY_IMAGE), judged
        ),
        _verdict(f"{what} ≤ {OF_STEP}× a training step", of_step, partial(operator.ge, OF_STEP), judged),
    ]


def _verdict(target: str, ratios: Ratios, holds: Callable[[float], bool], judged: bool) -> Verdict:
    """Judge by the median of a run that was long enough, where the rounds agree: in size, or all in the verdict."""
    median = f"{ratios.median:,.0f}×" if ratios.median >= 100 else f"{ratios.median:.2f}×"
    agree = ratios.steady or len({holds(ratio) for ratio in ratios.values}) == 1
    note = "" if agree or not judged else ", but the rounds disagree"
    return Verdict(target, median + note, holds(ratios.median) if judged and agree else None)


def judge_import(seconds: float, of_torch: float, judged: bool) -> Verdict:
    """Compare what importing the package adds to importing torch with its target."""
    measured = f"{seconds:.2f} s here, {of_torch:.0%} of torch's own"
    return Verdict(f"import ≤ {IMPORT_SECONDS} s beyond torch", measured, seconds <= IMPORT_SECONDS if judged else None)
