"""Interleaved timing: in every round each arm trains once, one after the other, in rotated order."""

from __future__ import annotations

import gc
import statistics
import time
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import torch

from benchmarks.work import Prepare, Work

REFERENCE = "bare loop"
STEADY = 1.25  # beyond this something else was using the cores, and the median is a matter of luck


@dataclass(frozen=True)
class Ratios:
    """How many times as many images a second one arm trained as another, round by round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The figure that counts."""
        return statistics.median(self.values)

    @property
    def steady(self) -> bool:
        """Whether the rounds agree: the middle half of them within a factor of ``STEADY``."""
        if len(self.values) < 2:
            return False
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return high <= STEADY * low

    def __str__(self) -> str:
        return f"{self.median:5.2f}   {min(self.values):5.2f} to {max(self.values):5.2f}"


Times = dict[str, list[float]]
"""Seconds of every arm, one entry a round."""


def measure(
    arms: Mapping[str, Prepare],
    work: Work,
    rounds: int,
    say: Callable[[str], object] = lambda line: None,
    may_fail: Collection[str] = (),
) -> tuple[Times, list[str]]:
    """Time all arms, the reference among them, after one round that does not count.

    Args:
        arms: by name.
        work: the same for all.
        rounds: rounds that count.
        say: told one line a round.
        may_fail: arms to leave out, in one line each of what is returned, where they raise in the first round.
    """
    say("warm-up round")
    failed = {name: problem for name, arm in arms.items() if (problem := _attempt(arm, work, name in may_fail))}
    times: Times = {name: [] for name in arms if name not in failed}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        _round(arms, work, times, number)
    return times, [f"{name}: {problem}" for name, problem in failed.items()]


def _round(arms: Mapping[str, Prepare], work: Work, times: Times, number: int) -> None:
    """Add one time to each arm's."""
    for name in rotated(list(times), number):
        times[name].append(once(arms[name], work))


def _attempt(arm: Prepare, work: Work, may_fail: bool) -> str:
    """Run an arm untimed; return what went wrong in one line, or "" if nothing did."""
    try:
        once(arm, work)
    except Exception as problem:  # whatever a peer may raise, the others are still measured
        if not may_fail:
            raise
        return f"{type(problem).__name__}: {str(problem).splitlines()[0] if str(problem) else 'no reason given'}"
    return ""


def rotated(names: Sequence[str], by: int) -> list[str]:
    """Return the names beginning at another one, so that no arm always runs first.

    >>> rotated(["a", "b", "c"], 4)
    ['b', 'c', 'a']
    """
    start = by % len(names)
    return [*names[start:], *names[:start]]


def once(arm: Prepare, work: Work) -> float:
    """Build an arm, then time its training alone; the number of threads is put back.

    With one thread the processor's time counts, which other programs hardly touch; with several it cannot, because
    threads that wait for each other burn it: there it is the time on the wall.
    """
    threads = torch.get_num_threads()
    clock = time.process_time if threads == 1 else time.perf_counter
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # peers warn of missing loggers and workers
            _, call = arm(work)
            gc.collect()
            start = clock()
            call()
            return clock() - start
    finally:
        torch.set_num_threads(threads)


def compare(times: Times, name: str, other: str = REFERENCE) -> Ratios:
    """Compare two arms round by round: both trained on equally many images within seconds of each other."""
    return Ratios(tuple(theirs / ours for ours, theirs in zip(times[name], times[other], strict=True)))
