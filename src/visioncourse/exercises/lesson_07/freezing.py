"""Exercise 07.1: freeze a network but for its head and its last stages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from visioncourse.exercises.compare import same
from visioncourse.exercises.exercise import Exercise
from visioncourse.exercises.lesson_07.frozen import COUNTS, WAYS, Seen, freeze, frozen_by, learnable, sizes
from visioncourse.exercises.lesson_07.toys import toy
from visioncourse.exercises.lesson_07.trials import Rule, any_of, handed, measure_by, mistakes_of, tried, trouble
from visioncourse.exercises.wording import difference

FOUR = (1, 2, 3, 4, 5)
CASES: list[tuple[dict[str, Any], int]] = [
    ({"widths": FOUR}, 1),
    ({}, 2),
    ({"widths": FOUR, "hidden": 3, "frozen": ("",)}, 2),
    ({"hidden": 2, "frozen": ("stages.2.", "head.")}, 1),
    ({}, 0),
    ({"frozen": ("stages",)}, 3),
]


def look(answer: Callable[..., Any], build: dict[str, Any], last: int) -> Seen | str:
    """Try an answer on a network, and see which of its parameters learn then."""
    model: Any = toy(**build)
    before, names = learnable(model), sizes(model)
    outcome, _ = tried(answer, model, last)
    complaint = trouble(outcome, f"a network of {len(model.stages)} stages and last = {last}")
    if not complaint and sizes(model) != names:
        complaint = "Your function built the network anew: some of its parameters are gone, or have another name."
    return complaint or Seen(names, before, len(model.stages), last, learnable(model), outcome.value)


def chosen_by(choose: Callable[[Seen], set[str]]) -> Callable[[list[Seen]], bool]:
    """Return a function that says whether just these parameters learn, in all cases."""
    return lambda cases: all(seen.after == choose(seen) for seen in cases)


def counted_by(count: Callable[[Seen], int]) -> Callable[[list[Seen]], bool]:
    """Return a function that says whether the right parameters learn, and were counted in this way."""
    return lambda cases: all(seen.after == seen.wanted and same(seen.result, count(seen)) for seen in cases)


def torn(cases: list[Seen]) -> bool:
    """Say whether, within one stage that should be frozen, some parameters learn and others do not."""
    for seen in cases:
        stages = [seen.of(stage) for stage in range(seen.stages - seen.last)]
        if any(stage & seen.after and stage - seen.after for stage in stages):
            return True
    return False


def otherwise(seen: Seen) -> str | None:
    """Return which parameter is not as it should be, or that the count is off, or None."""
    wrong = next((name for name in seen.numbers if (name in seen.after) != (name in seen.wanted)), None)
    if wrong:
        states = ("learnable", "frozen") if wrong in seen.after else ("frozen", "learnable")
        of = f"In a network of {seen.stages} stages, with last = {seen.last}"
        return f"{of}, `{wrong}` is {states[0]} behind your function; it should be {states[1]}."
    count = seen.count(seen.wanted)
    return None if same(seen.result, count) else f"The right ones learn. But: {difference(seen.result, count)}"


RULES = [
    *(Rule(name, hint, any_of(map(chosen_by, ways)), [frozen_by(way) for way in ways]) for name, ways, hint in WAYS),
    Rule(
        "half a stage",
        "Within one stage some parameters learn and others do not. A stage has kernels, and its batch norm has a scale "
        "and a shift: `stage.requires_grad_(False)` reaches them all.",
        torn,
        [
            frozen_by(lambda seen: seen.wanted | {name for name in seen.numbers if ".1." in name}),
            frozen_by(lambda seen: seen.wanted | {name for name in seen.before if name.endswith("bias")}),
        ],
    ),
    *(
        Rule(
            name,
            hint,
            any_of(map(counted_by, counts)),
            [frozen_by(lambda seen: seen.wanted, count) for count in counts],
        )
        for name, counts, hint in COUNTS
    ),
]

FREEZING = Exercise(
    id="07.1",
    title="Freeze",
    reference=handed(freeze),
    mistakes=mistakes_of(RULES),
    hints=[
        "First freeze everything, whatever was frozen before. Then make learnable again what shall learn.",
        "`model.requires_grad_(False)` freezes all, and `model.head.requires_grad_(True)` thaws the head. The last "
        "stages are `model.stages[len(model.stages) - last:]`; with a last of 0 they are none.",
        "`sum(weight.numel() for weight in model.parameters() if weight.requires_grad)` counts.",
    ],
    idea="Freeze all, then thaw what shall learn: then it does not matter in what state the network came. And count: "
    "the number tells at once whether it is what you meant.",
    measure=measure_by(look, CASES, ("model", "last"), RULES, otherwise),
)
