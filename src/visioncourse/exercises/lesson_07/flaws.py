"""What keeps parameter groups from being read, and what is said about it, for exercise 07.3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.optim import SGD

from visioncourse.exercises.lesson_07.grouped import by_value, groups, learnable_of, made_of


def given_as(change: Callable[[list[dict[str, Any]]], Any]) -> Callable[..., Any]:
    """Make a way to group whose groups are right, and handed over in another form."""
    return lambda model, lr, factor: change(groups(model, lr, factor))


FLAWS: list[tuple[str, str, list[Callable[..., Any]]]] = [
    (
        "by value",
        "`weight in some_list` compares number by number, with every tensor in the list, and there it stops. Two "
        "parameters are the same if `a is b`; easier is to ask for the name, with `model.named_parameters()`.",
        [by_value],
    ),
    (
        "optimiser",
        "You return an optimizer. Asked for are the groups that it is made of: a list of dictionaries.",
        [given_as(lambda found: SGD(found))],
    ),
    (
        "one dictionary",
        "You return a single dictionary. Asked for is a list with one for each group: "
        '`[{"params": …, "lr": …}, {"params": …, "lr": …}]`.',
        [given_as(lambda found: found[0]), given_as(lambda found: {"rest": found[0], "head": found[1]})],
    ),
    (
        "no list",
        "Expected a list of groups, each a dictionary with its parameters and its rate.",
        [given_as(lambda found: 0.1), given_as(lambda found: "groups")],
    ),
    (
        "no dictionaries",
        "Your list holds something else than groups. A group is a dictionary with two keys: `params`, a list of "
        "parameters, and `lr`, their rate.",
        [
            given_as(lambda found: [weight for group in found for weight in group["params"]]),
            given_as(lambda found: [group["params"] for group in found]),
            given_as(lambda found: [(group["params"], group["lr"]) for group in found]),
        ],
    ),
    (
        "other keys",
        "One of your groups has no key `params`. The optimizer looks for just that word.",
        [
            given_as(lambda found: [{"parameters": group["params"], "lr": group["lr"]} for group in found]),
            given_as(lambda found: [{group["lr"]: group["params"]} for group in found]),
        ],
    ),
    (
        "no rate",
        "One of your groups has no key `lr`. Such a group takes whatever rate the optimizer is given for all; write "
        "both rates down, under just that word.",
        [
            given_as(lambda found: [found[0], {"params": found[1]["params"]}]),
            given_as(lambda found: [{"params": group["params"], "learning_rate": group["lr"]} for group in found]),
        ],
    ),
    (
        "strange rate",
        "The rate of one of your groups is not a number.",
        [given_as(lambda found: [{**group, "lr": [group["lr"]]} for group in found])],
    ),
    (
        "set",
        "Your parameters are in a set, which has no order. The optimizer wants a list.",
        [given_as(lambda found: [{**group, "params": set(group["params"])} for group in found])],
    ),
    (
        "names",
        "Your groups hold names of parameters. The optimizer needs the parameters themselves: "
        "`model.named_parameters()` gives both, the name first.",
        [
            made_of(rest=lambda model: [name for name, w in model.stages.named_parameters() if w.requires_grad]),
            made_of(rest=lambda model: dict(model.stages.named_parameters())),
        ],
    ),
    (
        "half of them named",
        "In some of your groups parameters come with their names, and in others without. The optimizer takes either, "
        "but not both: the names can be left out.",
        [made_of(rest=lambda model: [pair for pair in model.stages.named_parameters() if pair[1].requires_grad])],
    ),
    (
        "modules",
        "Under `params` there is something else than parameters. A module is none, but `module.parameters()`, with "
        "brackets, gives its parameters; and a list of lists has to become one list.",
        [
            made_of(head=lambda model: model.head),
            made_of(head=lambda model: model.head[-1]),
            made_of(rest=lambda model: list(model.stages)),
            made_of(head=lambda model: model.head.parameters),
            made_of(rest=lambda model: [learnable_of(stage) for stage in model.stages]),
        ],
    ),
]
