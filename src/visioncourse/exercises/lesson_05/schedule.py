"""Exercise 05.3: a schedule with warm-up."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_05.answers import rate


def rises(rise: Callable[..., Any]) -> Callable[..., Any]:
    """Make a schedule whose fall is right; ``rise`` takes step, warm-up and peak, and returns the rate."""

    def schedule(step: Any, total: Any, warmup: Any, peak: Any) -> Any:
        return rise(step, warmup, peak) if step < warmup else rate(step, total, warmup, peak)

    return schedule


def zero_first(schedule: Callable[..., Any]) -> Callable[..., Any]:
    """Make another schedule start at zero."""
    start = rises(lambda step, warmup, peak: peak * step / warmup)
    return lambda step, total, warmup, peak: (start if step < warmup else schedule)(step, total, warmup, peak)


def since_warmup(step: Any, total: Any, warmup: Any) -> Any:
    """Return how much of the time after the warm-up is over."""
    return (step - warmup) / (total - warmup)


def half_cosine(done: Any) -> Any:
    """Fall from 1 to 0 along half a cosine."""
    return (1 + math.cos(math.pi * done)) / 2


def falls(share: Callable[..., Any] = half_cosine, done: Callable[..., Any] = since_warmup) -> Callable[..., Any]:
    """Make a schedule whose warm-up is right.

    Args:
        share: takes how much of the fall is done, and returns the share of the peak.
        done: takes step, total and warm-up, and returns how much of the fall is done.
    """

    def schedule(step: Any, total: Any, warmup: Any, peak: Any) -> Any:
        return rate(step, total, warmup, peak) if step < warmup else peak * share(done(step, total, warmup))

    return schedule


SCHEDULE = Exercise(
    id="05.3",
    title="Warm up, then fall",
    reference=rate,
    cases=[
        *((step, 20, 4, 0.5) for step in (0, 1, 3, 4, 5, 12, 19)),
        *((step, 10, 1, 2.0) for step in (0, 1, 2, 9)),
    ],
    mistakes=[
        Mistake(
            "starts at zero",
            rises(lambda step, warmup, peak: peak * step / warmup),
            "Your warm-up starts at zero, and its first step is wasted: step 0 already gets one part, peak / warmup.",
        ),
        Mistake(
            "starts at zero, and more",
            zero_first(falls(done=lambda step, total, warmup: step / total)),
            "Your warm-up starts at zero, and its first step is wasted: step 0 already gets one part, peak / warmup. "
            "And that is not all: the fall is wrong, too.",
            also=[
                zero_first(falls(done=lambda step, total, warmup: (step - warmup) / total)),
                zero_first(falls(done=lambda step, total, warmup: (step - warmup + 1) / (total - warmup))),
                zero_first(falls(done=lambda step, total, warmup: (step - warmup) / (total - warmup - 1))),
                zero_first(falls(lambda done: 1 - done)),
                zero_first(falls(lambda done: math.cos(math.pi / 2 * done))),
            ],
        ),
        Mistake(
            "one part too few",
            rises(lambda step, warmup, peak: peak * step / (warmup - 1)),
            "Your rise has `warmup − 1` parts and begins at zero, so step 0 is wasted; and with a `warmup` of 1 it "
            "divides by zero. `warmup` parts, and step 0 gets the first.",
            also=[rises(lambda step, warmup, peak: peak * step / max(1, warmup - 1))],
        ),
        Mistake(
            "one part too many",
            rises(lambda step, warmup, peak: peak * (step + 1) / (warmup + 1)),
            "Your rise has `warmup + 1` parts, and at step `warmup` − 1 it has not arrived at the peak. Divide by "
            "`warmup`.",
        ),
        Mistake(
            "one step too long",
            lambda step, total, warmup, peak: (
                peak * (step + 1) / warmup if step <= warmup else rate(step, total, warmup, peak)
            ),
            "At step `warmup` your rate is above the peak: it still rises there. The first `warmup` steps are those "
            "with `step < warmup`.",
        ),
        Mistake(
            "no warm-up",
            lambda step, total, warmup, peak: peak * half_cosine(step / total),
            "The warm-up is missing: your cosine begins at step 0. The first `warmup` steps rise.",
        ),
        Mistake(
            "peak from the start",
            rises(lambda step, warmup, peak: peak),
            "In the warm-up your rate stands at the peak. It should rise to it, in equal parts.",
        ),
        Mistake(
            "one part throughout",
            rises(lambda step, warmup, peak: peak / warmup),
            "In the warm-up your rate stands at peak / warmup. That is one part; step 1 gets two of them, and so on.",
        ),
        Mistake(
            "curved rise",
            rises(lambda step, warmup, peak: peak * (1 - half_cosine((step + 1) / warmup))),
            "Your rise follows a cosine. It goes up in equal parts; only the fall is half a cosine.",
        ),
        Mistake(
            "counted from step 0",
            falls(done=lambda step, total, warmup: step / total),
            "Your cosine is counted from step 0, so that part of it has passed when the warm-up ends, and the rate "
            "jumps down. Count from step `warmup`: its argument is 0 there.",
        ),
        Mistake(
            "too long",
            falls(done=lambda step, total, warmup: (step - warmup) / total),
            "Your cosine takes `total` steps, and only `total − warmup` are left: the rate ends too high.",
        ),
        Mistake(
            "below the peak",
            falls(done=lambda step, total, warmup: (step - warmup + 1) / (total - warmup)),
            "Your cosine is one step ahead: at step `warmup` the rate is below the peak already, and the last step "
            "gets zero. There are no steps behind you yet at step `warmup`.",
        ),
        Mistake(
            "zero at the last step",
            falls(done=lambda step, total, warmup: (step - warmup) / (total - warmup - 1)),
            "Your rate reaches zero at step `total − 1`, and that step changes nothing. It is the step after the last, "
            "number `total`, that would get zero.",
        ),
        Mistake(
            "full period",
            falls(lambda done: half_cosine(2 * done)),
            "Your rate falls, and climbs up again: a full period of the cosine is 2π. Half of it, π, leads from the "
            "top to the bottom.",
        ),
        Mistake(
            "quarter period",
            falls(lambda done: math.cos(math.pi / 2 * done)),
            "You used a quarter of the cosine, from 1 to 0. It ends at its steepest; half a cosine runs from 1 to −1 "
            "and is lifted: (1 + cos(π·x)) / 2.",
        ),
        Mistake(
            "π forgotten",
            falls(lambda done: (1 + math.cos(done)) / 2),
            "Your π is missing. x runs from 0 to 1, and the cosine reaches its bottom at π: without it the rate ends "
            "at three quarters of the peak.",
        ),
        Mistake(
            "degrees",
            falls(lambda done: (1 + math.cos(180 * done)) / 2),
            "`math.cos` does not count in degrees: half a turn is π, not 180.",
        ),
        Mistake(
            "upside down",
            falls(lambda done: half_cosine(1 - done)),
            "Your cosine rises from 0 where it should fall from 1: plus the cosine, (1 + cos(π·x)) / 2.",
        ),
        Mistake(
            "sine",
            falls(lambda done: (1 + math.sin(math.pi * done)) / 2),
            "You took the sine, which begins in the middle. The cosine begins at the top.",
        ),
        Mistake(
            "not lifted",
            falls(lambda done: math.cos(math.pi * done)),
            "Your rate becomes negative, because the cosine ends at −1. Lift it by 1, and halve.",
        ),
        Mistake(
            "not halved",
            falls(lambda done: 2 * half_cosine(done)),
            "At step `warmup` your rate is twice the peak: 1 + cos(0) is 2. Halve it.",
        ),
        Mistake(
            "straight",
            falls(lambda done: 1 - done),
            "Your rate falls along a straight line. The ends are right; between them stands half a cosine.",
        ),
        Mistake(
            "share of the peak",
            lambda step, total, warmup, peak: rate(step, total, warmup, 1.0),
            "You return the share of the highest rate. Times `peak`, and it is right.",
        ),
        Mistake(
            "fall from one",
            lambda step, total, warmup, peak: rate(step, total, warmup, peak if step < warmup else 1.0),
            "Your rise ends at the peak, and your fall begins at 1, whatever the peak is. Half a cosine gives the "
            "share: times `peak`.",
        ),
        Mistake(
            "rise to one",
            lambda step, total, warmup, peak: rate(step, total, warmup, 1.0 if step < warmup else peak),
            "Your fall begins at the peak, and your rise ends at 1, whatever the peak is. Times `peak` there, too.",
        ),
    ],
    hints=[
        "Two cases: `step < warmup`, and the rest. How many parts of peak / warmup does step 0 get?",
        "For the rest: how many steps have passed since the warm-up, of how many that are left? Call it x, from 0 to "
        "nearly 1.",
        "Half a cosine from 1 to 0 is (1 + cos(π·x)) / 2.",
    ],
    idea="A straight line up, then (1 + cos(π·x)) / 2 with x counted from the end of the warm-up.",
)
