"""Answers to exercise 07.1 as learners write them, right ones and wrong ones."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


def count(model: Any) -> int:
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def learnable(weights: Any) -> list[Any]:
    return [weight for weight in weights if weight.requires_grad]


def freeze_by_position(model: Any, last: Any) -> Any:
    for position, stage in enumerate(model.stages):
        for weight in stage.parameters():
            weight.requires_grad = position >= len(model.stages) - last
    for weight in model.head.parameters():
        weight.requires_grad = True
    return count(model)


def freeze_by_id(model: Any, last: Any) -> Any:
    kept = [*list(model.stages)[len(model.stages) - last :], model.head]
    ids = {id(weight) for part in kept for weight in part.parameters()}
    total = 0
    for weight in model.parameters():
        weight.requires_grad_(id(weight) in ids)
        total += weight.numel() * weight.requires_grad
    return total


def freeze_with_a_question(model: Any, last: Any) -> Any:
    for weight in model.parameters():
        weight.requires_grad = False
    if last > 0:
        for stage in model.stages[-last:]:
            stage.requires_grad_()
    model.head.requires_grad_()
    return torch.tensor(count(model))


def freeze_by_name(model: Any, last: Any) -> Any:
    names = tuple(f"stages.{i}." for i in range(len(model.stages) - last, len(model.stages)))
    for name, weight in model.named_parameters():
        weight.requires_grad = name.startswith((*names, "head."))
    return float(count(model))


def freeze_the_first(model: Any, last: Any) -> Any:
    model.requires_grad_(True)
    model.stages[: len(model.stages) - last].requires_grad_(False)
    return sum(weight.nelement() for weight in filter(lambda weight: weight.requires_grad, model.parameters()))


def freeze_from_the_end(model: Any, last: Any) -> Any:
    model.requires_grad_(False)
    model.head.requires_grad_(True)
    for i in range(1, last + 1):
        model.stages[-i].requires_grad_(True)
    return count(model)


def freeze_misspelt(model: Any, last: Any) -> Any:
    for weight in model.parameters():
        weight.require_grad = False
    return count(model)


def freeze_an_attribute(model: Any, last: Any) -> Any:
    model.requires_grad = False
    for part in [*model.stages[-last:], model.head]:
        part.requires_grad = True
    return count(model)


def freeze_count_only(model: Any, last: Any) -> Any:
    parts = [*model.stages[len(model.stages) - last :], model.head]
    return sum(weight.numel() for part in parts for weight in part.parameters())


def freeze_minus_zero(model: Any, last: Any) -> Any:
    model.requires_grad_(False)
    for part in [*model.stages[-last:], model.head]:
        part.requires_grad_(True)
    return count(model)


def freeze_one(model: Any, last: Any) -> Any:
    model.requires_grad_(False)
    model.stages[-last].requires_grad_(True)
    model.head.requires_grad_(True)
    return count(model)


def freeze_from_the_front(model: Any, last: Any) -> Any:
    model.requires_grad_(False)
    for part in [*model.stages[last:], model.head]:
        part.requires_grad_(True)
    return count(model)


def freeze_without_thawing(model: Any, last: Any) -> Any:
    model.stages[: len(model.stages) - last].requires_grad_(False)
    return count(model)


def freeze_head_among_the_last(model: Any, last: Any) -> Any:
    model.requires_grad_(False)
    for part in [*model.stages, model.head][-last:]:
        part.requires_grad_(True)
    return count(model)


def freeze_kernels_only(model: Any, last: Any) -> Any:
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            module.requires_grad_(False)
    for part in [*model.stages[len(model.stages) - last :], model.head]:
        part.requires_grad_(True)
    return count(model)


def freeze_end_of_head(model: Any, last: Any) -> Any:
    model.requires_grad_(False)
    for part in [*model.stages[len(model.stages) - last :], model.head[-1]]:
        part.requires_grad_(True)
    return count(model)


def freeze_last_after(model: Any, last: Any) -> Any:
    for part in [*model.stages[len(model.stages) - last :], model.head]:
        part.requires_grad_(True)
    model.requires_grad_(False)
    return count(model)


def freeze_other_stages(model: Any, last: Any) -> Any:
    for stage in model.stages[len(model.stages) - last :]:
        stage.requires_grad_(False)
    for part in [*model.stages[: len(model.stages) - last], model.head]:
        part.requires_grad_(True)
    return count(model)


def freeze_returning(value: Any) -> Any:
    def answer(model: Any, last: Any) -> Any:
        return value(model, freeze_by_id(model, last))

    return answer


def freeze_cut(model: Any, last: Any) -> Any:
    model.stages = model.stages[-last:]
    return count(model)


RIGHT = [
    freeze_by_position,
    freeze_by_id,
    freeze_with_a_question,
    freeze_by_name,
    freeze_the_first,
    freeze_from_the_end,
]
WRONG: list[tuple[Any, str]] = [
    (freeze_misspelt, "nothing happened"),
    (freeze_an_attribute, "nothing happened"),
    (freeze_count_only, "nothing happened"),
    (freeze_minus_zero, "minus zero"),
    (freeze_one, "one alone"),
    (freeze_from_the_front, "the first left out"),
    (freeze_without_thawing, "frozen only"),
    (freeze_head_among_the_last, "one too few"),
    (freeze_kernels_only, "half a stage"),
    (freeze_end_of_head, "end of the head"),
    (freeze_last_after, "everything frozen"),
    (freeze_other_stages, "the wrong half"),
    (freeze_returning(lambda model, n: len(learnable(model.parameters()))), "tensors counted"),
    (freeze_returning(lambda model, n: sum(w.numel() for w in model.parameters())), "all counted"),
    (
        freeze_returning(lambda model, n: sum(w.shape[0] for w in learnable(model.parameters()))),
        "The right ones learn.",
    ),
    (freeze_returning(lambda model, n: [n]), "expected a number"),
    (freeze_returning(lambda model, n: model), "expected a number"),
    (freeze_returning(lambda model, n: str(n)), "expected a number"),
    (freeze_returning(lambda model, n: None), "returns None"),
    (freeze_cut, "built the network anew"),
    (lambda model, last: model.stages[99], "It was called with a network of 4 stages and last = 1."),
    (lambda model: 3, "the 2 arguments (model, last)"),
]
