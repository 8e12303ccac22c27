"""Boxes and masks: edges in pixels, left, top, right, bottom; four zeros stand for no box."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from jaxtyping import Float, Shaped
from torch import Tensor


def clip_boxes(boxes: Float[Tensor, "*n 4"], size: tuple[int, int]) -> Float[Tensor, "*n 4"]:
    """Cut boxes off at the border of pictures of ``size`` (height, width); nothing left gives four zeros."""
    height, width = size
    low, high = boxes[..., :2], boxes[..., 2:]
    edge = torch.tensor([width, height], dtype=boxes.dtype, device=boxes.device)
    low, high = low.clamp(min=0).minimum(edge), high.clamp(min=0).minimum(edge)
    seen = (high > low).all(-1, keepdim=True)
    return torch.where(seen, torch.cat([low, high], -1), 0.0)


def each(values: Shaped[Tensor, "b ..."], like: Shaped[Tensor, "b ..."]) -> Shaped[Tensor, "b ..."]:
    """Bring values, one an image, to the device of ``like``, with as many axes, so that they combine.

    >>> each(torch.rand(5), torch.rand(5, 3, 8, 8)).shape
    torch.Size([5, 1, 1, 1])
    """
    return values.to(like.device).reshape(len(values), *[1] * (like.dim() - 1))


def as_images(masks: Shaped[Tensor, "b *m h w"], change: Callable[[Tensor], Tensor]) -> Shaped[Tensor, "b *m i j"]:
    """Change masks by a function of images ``(b, c, h, w)`` in float32; give them back in their own form and type."""
    planes = masks.reshape(len(masks), math.prod(masks.shape[1:-2]), *masks.shape[-2:]).float()
    changed = change(planes)
    return changed.reshape(*masks.shape[:-2], *changed.shape[-2:]).to(masks.dtype)
