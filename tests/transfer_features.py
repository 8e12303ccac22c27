"""Answers to exercise 07.2 as learners write them, right ones and wrong ones."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def pooled(model: Any, images: Any) -> Any:
    return model.head[:-1](model.forward_features(images))


@torch.no_grad()
def into_a_table(model: Any, images: Any) -> Any:
    mode = model.training
    model.eval()
    table = torch.empty(len(images), model.head[-1].in_features)
    for start in range(0, len(images), 64):
        table[start : start + 64] = model.forward_features(images[start : start + 64]).mean(dim=(2, 3))
    model.train(mode)
    return table


def by_a_loader(model: Any, images: Any) -> Any:
    modes = {module: module.training for module in model.modules()}
    model.eval()
    tables = []
    for (batch,) in DataLoader(TensorDataset(images), batch_size=128):
        with torch.no_grad():
            tables.append(nn.functional.adaptive_avg_pool2d(model.forward_features(batch), 1).flatten(1))
    for module, mode in modes.items():
        module.training = mode
    return torch.cat(tables, dim=0)


def detached(model: Any, images: Any) -> Any:
    mode = model.training
    model.eval()
    try:
        return torch.cat([model.head[0](model.forward_features(batch)).detach() for batch in images.chunk(10)])
    finally:
        model.train(mode)


def by_a_copy(model: Any, images: Any) -> Any:
    still = copy.deepcopy(model).eval().requires_grad_(False)
    return torch.vstack([still.head[:-1](still.stages(image[None])) for image in images])


def cloned_out_of_inference(model: Any, images: Any) -> Any:
    was = model.training
    model.eval()
    with torch.inference_mode():
        tables = [pooled(model, batch) for batch in images.split(50)]
    model.train() if was else model.eval()
    return torch.cat(tables)


def by_a_hook(model: Any, images: Any) -> Any:
    tables: list[Any] = []
    hook = model.head[-1].register_forward_hook(lambda module, inputs, output: tables.append(inputs[0].detach()))
    mode = model.training
    model.eval()
    for batch in images.split(100):
        model(batch)
    hook.remove()
    model.train(mode)
    return torch.concat(tables).double()


def stage_by_stage(model: Any, images: Any) -> Any:
    mode = model.training
    model.train(False)
    torch.set_grad_enabled(False)
    tables = []
    for maps in images.split(256):
        for stage in model.stages:
            maps = stage(maps)
        tables += [maps.flatten(2).mean(-1)]
    torch.set_grad_enabled(True)
    model.train(mode)
    return torch.cat(tables)


def frame(some: Any = pooled, gather: Any = torch.cat, batches: Any = lambda images: images.split(100)) -> Any:
    """Make an answer whose mode and gradients are right."""

    def answer(model: Any, images: Any) -> Any:
        mode = model.training
        model.eval()
        with torch.no_grad():
            tables = [some(model, batch) for batch in batches(images)]
        model.train(mode)
        return gather(tables)

    return answer


def no_mode(model: Any, images: Any) -> Any:
    with torch.no_grad():
        return torch.cat([pooled(model, batch) for batch in images.split(100)])


def no_brackets(model: Any, images: Any) -> Any:
    mode = model.training
    model.eval  # noqa: B018
    with torch.no_grad():
        tables = [pooled(model, batch) for batch in images.split(100)]
    model.train(mode)
    return torch.cat(tables)


def never_back(model: Any, images: Any) -> Any:
    model.eval()
    with torch.no_grad():
        return torch.cat([pooled(model, batch) for batch in images.split(100)])


def always_train(model: Any, images: Any) -> Any:
    tables = []
    for batch in images.split(100):
        model.eval()
        with torch.no_grad():
            tables.append(pooled(model, batch))
        model.train()
    return torch.cat(tables)


def overwritten(model: Any, images: Any) -> Any:
    mode = model.training
    model.eval()
    with torch.no_grad():
        for batch in images.split(100):
            features = pooled(model, batch)
    model.train(mode)
    return features


def returned_too_early(model: Any, images: Any) -> Any:
    mode = model.training
    model.eval()
    tables = []
    with torch.no_grad():
        for batch in images.split(100):
            tables.append(pooled(model, batch))
            model.train(mode)
            return torch.cat(tables)


def a_call_for_a_block(model: Any, images: Any) -> Any:
    mode = model.training
    model.eval()
    torch.no_grad()
    tables = [pooled(model, batch) for batch in images.split(100)]
    model.train(mode)
    return torch.cat(tables)


def never_on_again(model: Any, images: Any) -> Any:
    torch.set_grad_enabled(False)
    mode = model.training
    model.eval()
    table = torch.cat([pooled(model, batch) for batch in images.split(100)])
    model.train(mode)
    return table


def whole_hundreds(images: Any) -> Any:
    return [images[100 * i : 100 * i + 100] for i in range(len(images) // 100)]


def overlapping(images: Any) -> Any:
    return [images[start : start + 100] for start in range(0, len(images), 80)]


def at_random(images: Any) -> Any:
    return DataLoader(images, 100, shuffle=True, generator=torch.Generator().manual_seed(0))


RIGHT = [
    into_a_table,
    by_a_loader,
    detached,
    by_a_copy,
    cloned_out_of_inference,
    by_a_hook,
    stage_by_stage,
    frame(),
]
WRONG: list[tuple[Any, str]] = [
    (no_mode, "train mode"),
    (no_brackets, "train mode"),
    (never_back, "left in eval mode"),
    (always_train, "left in train mode"),
    (overwritten, "last batch only"),
    (returned_too_early, "first batch only"),
    (a_call_for_a_block, "graph kept"),
    (never_on_again, "gradients off for good"),
    (torch.inference_mode()(frame()), "inference mode"),
    (frame(batches=whole_hundreds), "rest lost"),
    (frame(batches=at_random), "another order"),
    (frame(batches=lambda images: [images]), "all at once"),
    (frame(batches=overlapping), "expected a tensor of shape (307, 5)"),
    (frame(some=lambda model, batch: model(batch)), "logits"),
    (frame(some=lambda model, batch: model.forward_features(batch)), "not pooled"),
    (frame(some=lambda model, batch: model.head(batch)), "mat1 and mat2"),
    (frame(some=lambda model, batch: pooled(model, batch) / 2), "Your result differs first at [0, 0]"),
    (frame(gather=torch.stack), "stack expects each tensor to be equal size"),
    (frame(gather=lambda tables: torch.cat(tables, dim=1)), "Sizes of tensors must match"),
    (frame(gather=lambda tables: torch.cat(tables).requires_grad_()), "graph kept"),
    (frame(gather=lambda tables: torch.cat(tables).mean(0)), "expected a tensor of shape (307, 5)"),
    (frame(gather=lambda tables: tables), "not joined"),
    (frame(gather=lambda tables: None), "returns None"),
    (lambda model: model, "the 2 arguments (model, images)"),
]
