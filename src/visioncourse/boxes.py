"""From masks to boxes: edges in pixels, left, top, right, bottom; four zeros stand for no box."""

from __future__ import annotations

import torch
from jaxtyping import Float, Shaped
from torch import Tensor


def boxes_of(masks: Shaped[Tensor, "*n h w"]) -> Float[Tensor, "*n 4"]:
    """Return the smallest box around each mask: left, top, right, bottom; four zeros for an empty one.

    Right and bottom are one beyond the last pixel, so ``image[:, top:bottom, left:right]`` cuts the box out.
    (torchvision's ``masks_to_boxes`` ends at the last pixel.)

    Args:
        masks: what is not zero counts.

    >>> boxes_of(torch.tensor([[0, 0, 0], [0, 1, 1]])).tolist()
    [1.0, 1.0, 3.0, 2.0]
    """
    filled = masks != 0
    (left, right), (top, bottom) = span(filled.any(-2)), span(filled.any(-1))
    return torch.stack([left, top, right, bottom], -1).float()


def span(filled: Shaped[Tensor, "*n w"]) -> tuple[Shaped[Tensor, "*n"], Shaped[Tensor, "*n"]]:
    """Return where the True entries of each row begin and end; both zero where there are none."""
    place = torch.arange(filled.shape[-1], device=filled.device)
    start = torch.where(filled, place, filled.shape[-1]).amin(-1)
    stop = torch.where(filled, place + 1, 0).amax(-1)
    return torch.minimum(start, stop), stop
