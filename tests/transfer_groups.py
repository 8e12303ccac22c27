"""Answers to exercises 07.3 and 07.4 as learners write them, right ones and wrong ones."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def can_learn(part: Any) -> list[Any]:
    return [weight for weight in part.parameters() if weight.requires_grad]


def by_id(model: Any, lr: Any, factor: Any) -> Any:
    head = {id(weight) for weight in model.head.parameters()}
    fast = [weight for weight in can_learn(model) if id(weight) in head]
    slow = [weight for weight in can_learn(model) if id(weight) not in head]
    return [{"params": fast, "lr": lr}, {"params": slow, "lr": factor * lr}]


def one_by_one(model: Any, lr: Any, factor: Any) -> Iterator[Any]:
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            yield {"params": [weight], "lr": lr if name.startswith("head") else lr * factor}


def by_generators(model: Any, lr: Any, factor: Any) -> Any:
    fast = (weight for weight in model.head.parameters() if weight.requires_grad)
    slow = filter(lambda weight: weight.requires_grad, model.stages.parameters())
    slowly = {"params": slow, "lr": torch.tensor(lr * factor), "weight_decay": 0.0}
    return ({"params": fast, "lr": lr, "name": "head"}, slowly)


def by_rate(model: Any, lr: Any, factor: Any) -> Any:
    found: dict[float, list[Any]] = {lr: [], lr * factor: []}
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            found[lr if "head" in name else lr * factor].append(weight)
    return [{"params": weights, "lr": rate} for rate, weights in found.items() if weights]


def bare_tensors(model: Any, lr: Any, factor: Any) -> Any:
    def rate(weight: Any) -> Any:
        return lr if any(weight is other for other in model.head.parameters()) else lr * factor

    return [{"params": weight, "lr": rate(weight)} for weight in can_learn(model)]


def stage_after_stage(model: Any, lr: Any, factor: Any) -> Any:
    slow = [{"params": can_learn(stage), "lr": lr * factor} for stage in model.stages]
    return [*slow, {"params": can_learn(model.head), "lr": lr}]


def with_names(model: Any, lr: Any, factor: Any) -> Any:
    head = set(model.head.parameters())
    pairs = [pair for pair in model.named_parameters() if pair[1].requires_grad]
    fast = [pair for pair in pairs if pair[1] in head]
    return [{"params": fast, "lr": lr}, {"params": [p for p in pairs if p[1] not in head], "lr": lr * factor}]


def value(fast: Any = can_learn, slow: Any = can_learn, rates: Any = lambda lr, factor: (lr, lr * factor)) -> Any:
    """Make an answer of two groups; ``fast`` takes the head, ``slow`` the stages."""

    def answer(model: Any, lr: Any, factor: Any) -> Any:
        fast_rate, slow_rate = rates(lr, factor)
        return [{"params": fast(model.head), "lr": fast_rate}, {"params": slow(model.stages), "lr": slow_rate}]

    return answer


def used_up(head: Any) -> Any:
    weights = head.parameters()
    assert len(list(weights))
    return weights


def in_a_list(model: Any, lr: Any, factor: Any) -> Any:
    head = list(model.head.parameters())
    return [{"params": head, "lr": lr}, {"params": (w for w in model.parameters() if w not in head), "lr": lr * factor}]


def thawed(model: Any, lr: Any, factor: Any) -> Any:
    model.requires_grad_(True)
    return value()(model, lr, factor)


def everything_slow(model: Any, lr: Any, factor: Any) -> Any:
    return [{"params": can_learn(model.head), "lr": lr}, {"params": can_learn(model), "lr": lr * factor}]


GROUPS_RIGHT = [by_id, one_by_one, by_generators, by_rate, bare_tensors, stage_after_stage, with_names, value()]
GROUPS_WRONG: list[tuple[Any, str]] = [
    (everything_slow, "head twice"),
    (in_a_list, "by value"),
    (thawed, "frozen ones in"),
    (value(slow=lambda stages: stages.parameters()), "frozen ones in"),
    (value(fast=used_up), "head missing"),
    (value(fast=lambda head: head), "modules"),
    (value(slow=lambda stages: [weight.requires_grad for weight in stages.parameters()]), "modules"),
    (value(slow=lambda stages: [weight.data for weight in can_learn(stages)]), "no parameters"),
    (value(slow=lambda stages: can_learn(copy.deepcopy(stages))), "no parameters"),
    (value(slow=lambda stages: [name for name, _ in stages.named_parameters()]), "names"),
    (value(slow=lambda stages: [w for n, w in stages.named_parameters() if "weight" in n]), "frozen ones in"),
    (value(slow=lambda stages: [w for w in can_learn(stages) if w.dim() == 4]), "some missing"),
    (value(slow=lambda stages: set(stages.parameters())), "set"),
    (value(rates=lambda lr, factor: (lr * factor, lr)), "rates swapped"),
    (value(rates=lambda lr, factor: (lr, lr / factor)), "divided"),
    (value(rates=lambda lr, factor: (lr, factor)), "factor for a rate"),
    (value(rates=lambda lr, factor: (lr, lr - factor)), "`stages.0.0.weight` learns at 0.15; expected 0.01"),
    (value(rates=lambda lr, factor: ("lr", lr * factor)), "strange rate"),
    (lambda model, lr, factor: [{"params": can_learn(model), "lr": lr}], "one rate"),
    (lambda model, lr, factor: [{"params": can_learn(model.head), "lr": lr}], "head alone"),
    (lambda model, lr, factor: {"params": can_learn(model), "lr": lr}, "one dictionary"),
    (lambda model, lr, factor: (can_learn(model.head), can_learn(model.stages)), "no dictionaries"),
    (lambda model, lr, factor: torch.optim.SGD(value()(model, lr, factor)), "optimiser"),
    (lambda model, lr, factor: [], "head missing"),
    (lambda model, lr, factor: model.nothing, "has no attribute 'nothing'"),
    (lambda model, lr, factor: None if model.head else 0, "returns None"),
    (lambda model, lr: [], "the 3 arguments (model, lr, factor)"),
]


def each_in_turn(model: Any) -> Any:
    for module in model.modules():
        module.train(not isinstance(module, nn.modules.batchnorm._BatchNorm))
    return model


def by_apply(model: Any) -> Any:
    return model.train().apply(lambda module: module.eval() if isinstance(module, NORMS) else module)


def by_marks(model: Any) -> Any:
    for module in model.modules():
        module.training = "BatchNorm" not in type(module).__name__
    return model


def by_their_means(model: Any) -> Any:
    model.train(True)
    for _, module in model.named_modules():
        if hasattr(module, "running_mean"):
            module.eval()
    return model


def by_recursion(model: Any) -> Any:
    model.training = not isinstance(model, NORMS)
    for child in model.children():
        by_recursion(child)
    return model


def all_norms(model: Any) -> Any:
    model.train()
    for module in model.modules():
        if "Norm" in type(module).__name__:  # group norm is the same in both modes
            module.train(False)
    return model


def then(do: Any, of: Any = NORMS, first: Any = nn.Module.train, last: Any = lambda model: model) -> Any:
    """Make an answer with one thing before a loop over some modules, one in it, and one behind."""

    def answer(model: Any) -> Any:
        first(model)
        for module in model.modules():
            if isinstance(module, of):
                do(module)
        return last(model)

    return answer


def other_way_round(model: Any) -> Any:
    model.eval()
    for module in model.modules():
        if not isinstance(module, NORMS):
            module.train()
    return model


MODES_RIGHT = [each_in_turn, by_apply, by_marks, by_their_means, by_recursion, all_norms, then(nn.Module.eval)]
MODES_WRONG: list[tuple[Any, str]] = [
    (lambda model: model.train(), "batch norm in train mode"),
    (other_way_round, "batch norm in train mode"),
    (then(nn.Module.eval, last=nn.Module.train), "batch norm in train mode"),
    (then(lambda module: module.eval), "batch norm in train mode"),
    (lambda model: model.eval(), "all in eval mode"),
    (then(nn.Module.eval, of=nn.BatchNorm2d), "one kind"),
    (then(nn.Module.eval, of=(*NORMS, nn.Dropout)), "too many in eval mode"),
    (then(nn.Module.train, first=nn.Module.eval), "modes swapped"),
    (then(nn.Module.eval, first=lambda model: model.train), "never switched to train mode"),
    (then(nn.Module.requires_grad_), "batch norm in train mode"),
    (then(lambda module: module.requires_grad_(False)), "weights frozen"),
    (then(lambda module: setattr(module, "momentum", 0)), "settings changed"),
    (then(lambda module: setattr(module, "running_mean", None)), "settings changed"),
    (lambda model: setattr(model, "training", True) or model, "nothing happened"),
    (lambda model: each_in_turn(copy.deepcopy(model)), "a copy"),
    (then(nn.Module.eval, last=lambda model: model.train), "another network"),
    (then(nn.Module.eval, last=lambda model: None), "returns None"),
    (then(nn.Module.eval, of=nn.Dropout, first=by_apply), "too many in eval mode"),
    (lambda model: model[99], "It was called with a network in eval mode."),
    (lambda: 0, "one argument (model)"),
]
