"""Exercise 07.2: features computed once and kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor

from visioncourse.exercises.exercise import Exercise
from visioncourse.exercises.lesson_07 import kept
from visioncourse.exercises.lesson_07.kept import kept_by, mean_over, of_maps
from visioncourse.exercises.lesson_07.looks import CASES, TOLERANCE, Seen, look
from visioncourse.exercises.lesson_07.trials import Rule, handed, measure_by, mistakes_of, some
from visioncourse.exercises.wording import difference


def shaped(*shapes: str) -> Callable[[list[Seen]], bool]:
    """Return a function that says whether the result has, in some case, one of these shapes, such as "c h w"."""
    return some(lambda seen: any(seen.has_axes(*shape.split()) for shape in shapes))


def made(make: Callable[[Tensor], Tensor]) -> Callable[[list[Seen]], bool]:
    """Return a function that says whether the result was made of the maps in this way."""
    return some(lambda seen: seen.is_like(make(seen.maps)))


def otherwise(seen: Seen) -> str | None:
    """Return what else is wrong, or None."""
    if seen.is_like(seen.expected):
        return None
    return f"{difference(seen.result, seen.expected, TOLERANCE)} There were {len(seen.expected)} images."


MANNERS = [
    Rule(
        "train mode",
        "Your model looks in train mode: batch norm uses the batch, so an image's features depend on its neighbours, "
        "and every look moves the running statistics, which `torch.no_grad()` does not stop. `model.eval()` before the "
        "first look.",
        some(lambda seen: seen.learning),
        [
            kept_by(begin=lambda model: None),
            kept_by(begin=lambda model: model.train(), cut=lambda images: [images]),
            kept_by(begin=lambda model: None, guard=nullcontext, end=kept.left),
            kept_by(begin=lambda model: model.head.eval()),
        ],
    ),
    Rule(
        "gradients off for good",
        "Behind your function gradients are still switched off, for everything that comes later. "
        "`with torch.no_grad():` switches them on again at its end.",
        some(lambda seen: not seen.keeps_gradients),
        [kept.for_good],
    ),
    Rule(
        "weights frozen",
        "Your function freezes weights of the model and leaves them so: nobody can fine-tune it any more. "
        "`with torch.no_grad():` does without gradients as long as it lasts.",
        some(lambda seen: seen.frozen),
        [kept_by(begin=kept.frozen, guard=nullcontext)],
    ),
    Rule(
        "left in eval mode",
        "The model came in train mode, and you leave it, or parts of it, in eval mode. Keep `model.training` before "
        "you switch, and end with `model.train(mode)`.",
        some(lambda seen: (True, False) in seen.modes),
        [
            kept_by(end=kept.left),
            kept_by(begin=lambda model: model.stages.eval(), end=kept.left),
            kept_by(end=lambda model, mode: setattr(model, "training", mode)),
        ],
    ),
    Rule(
        "left in train mode",
        "The model came in eval mode, and you leave it in train mode. Put it back as it came: keep `model.training` "
        "before you switch, and end with `model.train(mode)`.",
        some(lambda seen: (False, True) in seen.modes),
        [kept_by(end=lambda model, mode: model.train())],
    ),
    Rule(
        "all at once",
        "Your model looks at too many images at once. The maps of a layer lie in memory together, for all of them; "
        "with real images that is more than there is. At most 256 at a time: `for some in images.split(256)`.",
        some(lambda seen: max(seen.batches, default=0) > kept.MOST),
        [kept_by(cut=lambda images: [images]), kept_by(cut=lambda images: images.split(300))],
    ),
    Rule(
        "looked twice",
        "Your model looks at the images more than once. Once is enough: that is what the features are kept for.",
        some(lambda seen: sum(seen.batches) >= 2 * len(seen.maps)),
        [kept_by(lambda model, images: (model(images), kept.pooled(model, images))[1])],
    ),
]

RESULTS = [
    Rule(
        "not joined",
        "You return a list, with a table for each batch. `torch.cat(...)` puts them one below the other.",
        some(lambda seen: isinstance(seen.result, list | tuple)),
        [kept_by(gather=list), kept_by(gather=tuple)],
    ),
    Rule(
        "no tensor",
        "You return a NumPy array. The head is a torch layer, and will want a tensor.",
        some(lambda seen: isinstance(seen.result, np.ndarray)),
        [kept_by(gather=lambda tables: np.concatenate([table.numpy() for table in tables]))],
    ),
    Rule(
        "inference mode",
        "Features made in `torch.inference_mode()` can never take part in a backward walk, not even one through a head "
        "that is trained on them. `torch.no_grad()` makes ordinary tensors.",
        some(lambda seen: isinstance(seen.result, Tensor) and seen.result.is_inference()),
        [torch.inference_mode()(kept.cache)],
    ),
    Rule(
        "graph kept",
        "Your features remember how they were made: each keeps all maps of its calculation in memory, and training a "
        "head on them would walk back through the whole model. Look under `with torch.no_grad():`.",
        some(lambda seen: isinstance(seen.result, Tensor) and seen.result.requires_grad),
        [kept_by(guard=nullcontext), kept_by(guard=nullcontext, cut=lambda images: images.split(1))],
    ),
    Rule(
        "not pooled",
        "You keep the maps, every place of them. Pool first: `model.head[:-1]` leaves one number of each map, its "
        "mean, and that is all the last layer sees.",
        shaped("c h w", "chw", "c hw"),
        [of_maps(lambda maps: maps), of_maps(lambda maps: maps.flatten(1)), of_maps(lambda maps: maps.flatten(2))],
    ),
    Rule(
        "logits",
        "Those are the logits, one for each of the old classes. Asked for is what the last layer sees, not what it "
        "says: stop in front of it, with `model.head[:-1]`.",
        shaped("k"),
        [kept_by(lambda model, images: model(images))],
    ),
    Rule(
        "axes left",
        "Your features have two axes of length 1 left. Asked for is a table: a row for each image, a column for each "
        "map.",
        shaped("c 1 1"),
        [of_maps(lambda maps: maps.mean(dim=(2, 3), keepdim=True))],
    ),
    Rule(
        "mean over the maps",
        "Your mean runs over the maps, axis 1. Each map is a feature of its own: take the mean over its places, axes 2 "
        "and 3, as `model.head[:-1]` does.",
        shaped("h w", "h", "w"),
        [mean_over(1), mean_over(1, 2), mean_over(1, 3)],
    ),
    Rule(
        "one axis pooled",
        "You take the mean over one axis of the maps; they have two, height and width.",
        shaped("c h", "c w"),
        [mean_over(2), mean_over(3)],
    ),
    Rule(
        "first batch only",
        "Only the first batch came back. Does `return` stand inside the loop?",
        lambda cases: all(seen.is_part() and len(seen.batches) == 1 for seen in cases),
        [kept_by(cut=lambda images: [images[:100]]), kept_by(cut=lambda images: [images[:256]])],
    ),
    Rule(
        "last batch only",
        "Only the last batch came back: each overwrites the one before. Put them into a list, then `torch.cat`.",
        some(lambda seen: seen.is_part(at_the_end=True)),
        [kept_by(gather=lambda tables: tables[-1])],
    ),
    Rule(
        "rest lost",
        "The images at the end are missing: the last batch is smaller than the others, and you lose it. "
        "`images.split(size)` hands it out, too.",
        some(lambda seen: seen.is_part()),
        [kept_by(cut=kept.full_ones(size)) for size in (32, 100, 256)] + [kept_by(gather=lambda t: torch.cat(t[:-1]))],
    ),
    Rule(
        "another order",
        "All features are there, in another order than the images. Then no label fits any more: don't shuffle, and "
        "put each batch behind the one before.",
        some(lambda seen: seen.is_shuffled()),
        [kept_by(cut=kept.shuffled), kept_by(gather=lambda tables: torch.cat(tables[::-1]))],
    ),
    Rule(
        "max for mean",
        "You keep the largest number of each map. This model's head takes the mean; `model.head[:-1]` pools as the "
        "last layer is used to.",
        made(lambda maps: maps.amax(dim=(2, 3))),
        [of_maps(lambda maps: maps.amax(dim=(2, 3)))],
    ),
    Rule(
        "sum for mean",
        "You add up each map. The model's head takes the mean; `model.head[:-1]` pools as the last layer is used to.",
        made(lambda maps: maps.sum(dim=(2, 3))),
        [of_maps(lambda maps: maps.sum(dim=(2, 3)))],
    ),
    Rule(
        "one place",
        "You keep one place of each map, its corner. Pool, so that all places have a part: `model.head[:-1]`.",
        made(lambda maps: maps[:, :, 0, 0]),
        [of_maps(lambda maps: maps[:, :, 0, 0])],
    ),
]
RULES = MANNERS + RESULTS

CACHING = Exercise(
    id="07.2",
    title="Keep features",
    reference=handed(kept.cache),
    mistakes=mistakes_of(RULES),
    hints=[
        "Three things frame the loop: keep the mode that the model came in, switch to eval, and put the mode back.",
        "Under `with torch.no_grad():` go through `images.split(256)`; each part goes through `model.forward_features` "
        "and then `model.head[:-1]`, which pools.",
        "Put what comes out into a list; `torch.cat` makes one table of it. `model.train(mode)` gives the mode back.",
    ],
    idea="A frozen model says the same about the same image every time, in eval mode at least. So ask it once; every "
    "epoch from then on costs the head alone.",
    measure=measure_by(look, CASES, ("model", "images"), RULES, otherwise),
)
