"""Layers for training on several processes: dropout and batch norm that know of the whole batch, or of its parts."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from visioncourse.models.parts import Number, check_counts


class SharedDropout(nn.Module):
    """Dropout that draws for the whole batch, and uses the rows of the images that this process has.

    All processes must have the same random state; then an image meets the same mask however many there are.

    Args:
        share: of the values that are set to zero in training; the others are scaled up.
        kind: "value" draws for every value, "channel" for whole channels, "image" for whole images.

    Attributes:
        place: number of the first image and of all images in the batch; None if the batch is here whole.
    """

    def __init__(self, share: Number, kind: str = "value") -> None:
        super().__init__()
        self.share, self.kind = share, kind
        self.place: tuple[int, int] | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Drop in training, and do nothing else."""
        if not self.training or self.share == 0:
            return x
        start, total = self.place or (0, len(x))
        kept_axes = {"value": x.dim(), "channel": 2, "image": 1}[self.kind]
        shape = (*x.shape[1:kept_axes], *[1] * (x.dim() - kept_axes))
        kept = torch.rand((total, *shape), device=x.device)[start : start + len(x)] >= self.share
        return x * kept / (1 - self.share)

    def extra_repr(self) -> str:
        """Return the arguments, for ``print(model)``."""
        return f"share={self.share}, kind={self.kind!r}"


class GhostBatchNorm(nn.BatchNorm2d):
    """Batch norm that takes its statistics from each of several parts of the batch apart.

    One process with ``ghosts=2`` computes what two processes compute, each from its own half. The running statistics
    become the mean over the parts. Source: Hoffer, Hubara and Soudry (2017), Train longer, generalize better.

    Args:
        chans: channels of the maps.
        ghosts: into how many parts a batch is cut, in order, sizes differing by one image at most.
    """

    def __init__(self, chans: int, ghosts: int) -> None:
        super().__init__(chans)
        check_counts(ghosts=ghosts)
        self.ghosts = ghosts

    def forward(self, maps: Tensor) -> Tensor:
        """Normalise ``(b, c, h, w)``; in eval mode as any batch norm.

        Raises:
            ValueError: for a batch of fewer images than there are parts.
        """
        if not self.training:
            return super().forward(maps)
        if len(maps) < self.ghosts:
            raise ValueError(f"ghosts={self.ghosts}: expected no more than the {len(maps)} images of the batch.")
        running = torch.stack([self.running_mean, self.running_var])  # type: ignore[list-item]
        copies = [running.clone() for _ in range(self.ghosts)]
        parts = [
            F.batch_norm(part, copy[0], copy[1], self.weight, self.bias, True, self.momentum or 0.1, self.eps)
            for part, copy in zip(maps.tensor_split(self.ghosts), copies, strict=True)
        ]
        mean, variance = torch.stack(copies).mean(0)
        self.running_mean.copy_(mean)  # type: ignore[union-attr]
        self.running_var.copy_(variance)  # type: ignore[union-attr]
        return torch.cat(parts)


def share_dropout(model: nn.Module) -> None:
    """Put ``SharedDropout`` in the place of every dropout and of every branch that images may skip."""
    for path, layer in list(model.named_modules()):
        shared = shared_version(layer)
        if shared is not None:
            model.set_submodule(path, shared)


def shared_version(layer: Any) -> SharedDropout | None:
    """Return what takes a layer's place; None for a layer that draws nothing."""
    if isinstance(layer, nn.Dropout2d):
        return SharedDropout(layer.p, "channel")
    if isinstance(layer, nn.Dropout):
        return SharedDropout(layer.p)
    if type(layer).__name__ == "StochasticDepth":  # torchvision's, which takes a second to import
        return SharedDropout(layer.p, "image")
    return None


def ghost_batch_norm(model: nn.Module, ghosts: int) -> None:
    """Put ``GhostBatchNorm`` in the place of every batch norm of maps, with the weights that are there.

    Raises:
        ValueError: for a model without any.
    """
    layers = [(path, layer) for path, layer in model.named_modules() if isinstance(layer, nn.BatchNorm2d)]
    if not layers:
        raise ValueError("ghost batches need a model with batch norm, and this one has none.")
    for path, layer in layers:
        ghost = GhostBatchNorm(layer.num_features, ghosts)
        ghost.load_state_dict(layer.state_dict())
        model.set_submodule(path, ghost)
