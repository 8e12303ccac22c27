"""Exercise 07.3: parameter groups with two learning rates."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from visioncourse.exercises.compare import number
from visioncourse.exercises.exercise import Exercise
from visioncourse.exercises.lesson_07 import grouped
from visioncourse.exercises.lesson_07.flaws import FLAWS
from visioncourse.exercises.lesson_07.grouped import Rate, Seen, fast, learnable_of, made_of, read, slow
from visioncourse.exercises.lesson_07.toys import toy
from visioncourse.exercises.lesson_07.trials import Rule, any_of, handed, measure_by, mistakes_of, some, tried, trouble

CASES: list[tuple[dict[str, Any], float, float]] = [
    ({}, 0.2, 0.05),
    ({"hidden": 3}, 0.5, 0.1),
    ({"hidden": 2, "frozen": ("stages.0.", "head.1.bias")}, 0.04, 0.3),
    ({"frozen": ("stages.",)}, 0.3, 0.5),
]
BY_VALUE = ("Boolean value of Tensor", "must match the size of tensor")


def look(answer: Callable[..., Any], build: dict[str, Any], lr: float, factor: float) -> Seen | str:
    """Try an answer on a network, and read the groups that it makes."""
    model = toy(**build)
    names = {id(weight): name for name, weight in model.named_parameters()}
    learns = {name for name, weight in model.named_parameters() if weight.requires_grad}
    outcome, _ = tried(answer, model, lr, factor, then=read)
    if any(words in (outcome.problem or "") for words in BY_VALUE):
        return Seen(learns, {}, 0, lr, factor, "by value")
    complaint = trouble(outcome, f"a network, lr = {lr} and factor = {factor}")
    if complaint:
        return complaint
    found, flaw = outcome.value
    inside = [(id(tensor), float(group["lr"])) for group in found for tensor in group["params"]]
    rates = {name: [rate for one, rate in inside if one == key] for key, name in names.items()}
    return Seen(learns, rates, sum(key not in names for key, _ in inside), lr, factor, flaw)


def close(rates: list[float], rate: float) -> bool:
    """Say whether all rates are this one."""
    return all(math.isclose(one, rate, rel_tol=1e-5) for one in rates)


def rated(head: Rate, rest: Rate) -> Callable[[list[Seen]], bool]:
    """Return a function that says whether head and rest learn at these rates, in all cases."""
    return lambda cases: all(
        close(seen.rated(seen.head), head(seen.lr, seen.factor))
        and close(seen.rated(seen.rest), rest(seen.lr, seen.factor))
        for seen in cases
    )


def otherwise(seen: Seen) -> str | None:
    """Return which parameter learns at another rate than it should, or None."""
    for name in [name for name in seen.rates if name in seen.learnable]:
        rate = seen.lr if name in seen.head else seen.lr * seen.factor
        if not close(seen.rates[name], rate):
            with_ = f"With lr = {seen.lr} and factor = {seen.factor}"
            return f"{with_}, `{name}` learns at {number(seen.rates[name][0])}; expected {number(rate)}."
    return None


def flawed(name: str) -> Callable[[list[Seen]], bool]:
    """Return a function that says whether some groups could not be read, for this reason."""
    return some(lambda seen: seen.flaw == name)


FORMS = [Rule(name, hint, flawed(name), forms) for name, hint, forms in FLAWS]

CONTENTS = [
    Rule(
        "no parameters",
        "Some tensors in your groups are not the model's parameters, but copies, or running statistics. `detach`, "
        "`data` and `state_dict` give such tensors. Only `parameters()` and `named_parameters()` give the real ones.",
        some(lambda seen: seen.strangers > 0),
        [
            made_of(rest=lambda model: [weight.detach() for weight in learnable_of(model.stages)]),
            made_of(rest=lambda model: model.stages.state_dict().values()),
            made_of(rest=lambda model: [*learnable_of(model.stages), *model.stages.buffers()]),
        ],
    ),
    Rule(
        "head twice",
        "The head is in two groups. `model.parameters()` holds all, the head as well; take only those that are not the "
        "head's: by name, for instance, with `name.startswith('head.')`.",
        lambda cases: {name.partition(".")[0] for seen in cases for name in seen.twice} == {"head"},
        [
            made_of(rest=learnable_of),
            made_of(rest=lambda model: model.parameters()),
            made_of(head=lambda model: learnable_of(model.head) * 2),
        ],
    ),
    Rule(
        "others twice",
        "Some parameters are in two groups, or twice in one. Each would take two steps at a time; torch refuses that. "
        "Every parameter belongs to one group alone.",
        some(lambda seen: bool(seen.twice)),
        [
            made_of(head=learnable_of),
            made_of(head=learnable_of, rest=learnable_of),
            made_of(rest=lambda model: learnable_of(model.stages) + learnable_of(model.stages[-1])),
        ],
    ),
    Rule(
        "frozen ones in",
        "Frozen parameters are in your groups. They never have a gradient, and do not belong there; leave out all "
        "whose `requires_grad` is False, in the head as well.",
        some(lambda seen: any(rates and name not in seen.learnable for name, rates in seen.rates.items())),
        [
            made_of(rest=lambda model: model.stages.parameters()),
            made_of(head=lambda model: model.head.parameters()),
            made_of(lambda model: model.head.parameters(), lambda model: model.stages.parameters()),
        ],
    ),
    Rule(
        "head missing",
        "The head is in no group, and would never learn. Did you forget it? Or is `model.head.parameters()` used up? "
        "That is a generator: one walk through it, and it is empty. `list(...)` keeps what it gives.",
        some(lambda seen: bool(seen.head) and seen.head <= seen.missing),
        [made_of(head=lambda model: []), grouped.used_up, lambda model, lr, factor: []],
    ),
    Rule(
        "head alone",
        "Only the head is in your groups. The rest shall learn, too, only more slowly: at `lr * factor`.",
        some(lambda seen: bool(seen.rest) and seen.rest <= seen.missing),
        [made_of(rest=lambda model: []), lambda model, lr, factor: [{"params": learnable_of(model.head), "lr": lr}]],
    ),
    Rule(
        "some missing",
        "Some learnable parameters are in no group, and would never move. There is more than one stage, and in each "
        "there are kernels and the scale and shift of a batch norm.",
        some(lambda seen: bool(seen.missing)),
        [
            made_of(rest=lambda model: [w for w in learnable_of(model.stages) if w.dim() > 1]),
            made_of(rest=lambda model: learnable_of(model.stages[-1])),
            made_of(head=lambda model: [model.head[-1].weight]),
            made_of(head=lambda model: learnable_of(model.head[-1])),
        ],
    ),
]

SPEEDS: list[tuple[str, list[tuple[Rate, Rate]], str]] = [
    (
        "rates swapped",
        [(slow, fast)],
        "The rates have changed places. The head is new and has everything to learn: `lr`. The rest has learned "
        "already, and takes the smaller steps: `lr * factor`.",
    ),
    (
        "one rate",
        [(fast, fast), (slow, slow)],
        "All learn at one and the same rate. The head should take `lr`, and all the rest `lr * factor`.",
    ),
    (
        "factor for a rate",
        [(fast, lambda lr, factor: factor), (lambda lr, factor: factor, fast)],
        "You take the factor itself for a rate. It says how many times as large the slow rate is: `lr * factor`.",
    ),
    (
        "divided",
        [(fast, lambda lr, factor: lr / factor), (lambda lr, factor: lr / factor, fast)],
        "You divide by the factor, which is smaller than 1, so that the result is larger than `lr`. Multiply.",
    ),
    (
        "factor twice",
        [(fast, lambda lr, factor: lr * factor**2), (slow, lambda lr, factor: lr * factor**2)],
        "The factor is in there twice. The rest learns at `lr * factor`, the head at `lr`.",
    ),
]
RATES = [
    *(
        Rule(name, hint, any_of(rated(*pair) for pair in pairs), [made_of(head_rate=a, rest_rate=b) for a, b in pairs])
        for name, pairs, hint in SPEEDS
    ),
    Rule(
        "end of the head",
        "Only a part of the head learns at `lr`. A head may have several layers; all of `model.head` takes the fast "
        "rate.",
        some(lambda seen: len(seen.rated(seen.head)) > 1),
        [grouped.end_alone],
    ),
    Rule(
        "slower and slower",
        "Your stages have several rates, slower and slower towards the image, as some people do. Asked for are two "
        "rates: the head's, and one for all the rest.",
        some(lambda seen: len(seen.rated(seen.rest)) > 1),
        [grouped.by_layers],
    ),
]
RULES = FORMS + CONTENTS + RATES

GROUPING = Exercise(
    id="07.3",
    title="Two rates",
    reference=handed(grouped.groups),
    mistakes=mistakes_of(RULES),
    hints=[
        "Two lists of parameters: those of the head, and all others. In both, only those that can learn.",
        "`[weight for weight in model.head.parameters() if weight.requires_grad]` is one. For the others take "
        "`model.stages` in place of `model.head`.",
        '`[{"params": rest, "lr": lr * factor}, {"params": head, "lr": lr}]` is what the optimizer takes.',
    ],
    idea="The head begins at random and needs large steps; the rest is good already, and large steps would spoil it "
    "before the head knows what to ask of it.",
    measure=measure_by(look, CASES, ("model", "lr", "factor"), RULES, otherwise),
)
