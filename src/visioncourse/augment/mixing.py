"""Augmentations that mix two images of a batch, and their labels in the same shares."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Shaped
from torch import Tensor

from visioncourse.augment.base import PARTNER, Augmentation, Choice
from visioncourse.augment.boxes import each
from visioncourse.augment.draws import number, seeds, uniform, whole
from visioncourse.augment.hide import rectangles


class Mixing(Augmentation):
    """Base: each image is mixed with a partner of the same batch; labels become soft, ``(b, num_classes)``.

    Args:
        num_classes: how many classes there are.
        alpha: at least 0.001; small values leave most images nearly pure, 1 makes every share alike likely.
    """

    def __init__(self, num_classes: int, alpha: int | float) -> None:
        self.num_classes = whole("num_classes", num_classes, 2)
        self.alpha = number("alpha", alpha, 1e-3)

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``partner``, an index into the batch, and ``share``, from Beta(alpha, alpha): what an image keeps."""
        draw = np.random.default_rng(int(seeds(generator, 1)))
        partner = torch.randperm(batch, generator=generator, device=generator.device)
        share = torch.from_numpy(draw.beta(self.alpha, self.alpha, batch)).float()
        return {PARTNER: partner, "share": share.to(generator.device)}

    def kept(self, choice: Choice, size: tuple[int, int]) -> Float[Tensor, " b"]:
        """Return the share of each image's own label."""
        raise NotImplementedError

    def apply_labels(self, labels: Any, choice: Choice, size: tuple[int, int]) -> Float[Tensor, "b k"]:
        """Mix labels ``(b,)`` or soft labels ``(b, k)`` as the images are mixed."""
        own = soft_labels(labels, self.num_classes)
        kept = each(self.kept(choice, size), own)
        return kept * own + (1 - kept) * own[choice[PARTNER].to(own.device)]


class Mixup(Mixing):
    """Lay two images over each other.

    Source: Zhang, Cisse, Dauphin and Lopez-Paz (2018), mixup: beyond empirical risk minimization.

    Args:
        num_classes: how many classes there are.
        alpha: at least 0.001; small values leave most images nearly pure, 1 makes every share alike likely.

    >>> choice = {"partner": torch.tensor([1, 0]), "share": torch.tensor([0.75, 0.5])}
    >>> Mixup(3).apply_labels(torch.tensor([0, 2]), choice, (8, 8))
    tensor([[0.7500, 0.0000, 0.2500],
            [0.5000, 0.0000, 0.5000]])
    """

    def __init__(self, num_classes: int, alpha: int | float = 0.2) -> None:
        super().__init__(num_classes, alpha)

    def kept(self, choice: Choice, size: tuple[int, int]) -> Float[Tensor, " b"]:
        """Return the share as drawn."""
        share: Tensor = choice["share"]
        return share

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Blend every image with its partner."""
        share = each(choice["share"].to(images.dtype), images)
        return share * images + (1 - share) * images[choice[PARTNER].to(images.device)]


class CutMix(Mixing):
    """Paste a rectangle of the partner over each image; labels are mixed by area.

    Source: Yun and others (2019), CutMix: regularization strategy to train strong classifiers with localizable
    features.

    Args:
        num_classes: how many classes there are.
        alpha: at least 0.001; 1 makes every area alike likely.

    >>> images, labels = torch.arange(2.0).reshape(2, 1, 1, 1).expand(2, 1, 4, 4), torch.tensor([0, 1])
    >>> mixed, soft = CutMix(2)(images, labels, torch.Generator().manual_seed(0))
    >>> torch.equal(mixed.mean((1, 2, 3)), soft[:, 1])
    True
    """

    def __init__(self, num_classes: int, alpha: int | float = 1.0) -> None:
        super().__init__(num_classes, alpha)

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``partner``, ``share``, and ``centre``, where the rectangle lies, ``(b, 2)``, as shares of the sides."""
        return super().sample(generator, batch) | {"centre": uniform(generator, (batch, 2))}

    def pasted(self, choice: Choice, size: tuple[int, ...]) -> Float[Tensor, "b 1 h w"]:
        """Return 1 where the partner is seen and 0 elsewhere; what falls outside the image is cut off."""
        sides = (1 - choice["share"]).sqrt()[:, None] * torch.tensor(size, device=choice["share"].device)
        return rectangles(choice["centre"], sides.long(), size)

    def kept(self, choice: Choice, size: tuple[int, int]) -> Float[Tensor, " b"]:
        """Return the share of an image's own pixels, counted."""
        return 1 - self.pasted(choice, size).mean((1, 2, 3))

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Paste the rectangles."""
        pasted = self.pasted(choice, tuple(images.shape[2:])).to(images.device) > 0
        return torch.where(pasted, images[choice[PARTNER].to(images.device)], images)

    def apply_masks(self, masks: Shaped[Tensor, "b *m h w"], choice: Choice) -> Shaped[Tensor, "b *m h w"]:
        """Paste the same rectangles of the partner's masks."""
        pasted = self.pasted(choice, tuple(masks.shape[-2:])).to(masks.device) > 0
        pasted = pasted.reshape(len(masks), *[1] * (masks.dim() - 3), *masks.shape[-2:])
        return torch.where(pasted, masks[choice[PARTNER].to(masks.device)], masks)


def soft_labels(labels: Any, num_classes: int) -> Float[Tensor, "b k"]:
    """Return labels ``(b,)`` as rows with a single 1; soft labels ``(b, k)`` as they are.

    Raises:
        ValueError: for labels that are no tensor of whole numbers below ``num_classes`` or of ``num_classes`` columns.
    """
    if isinstance(labels, Tensor) and labels.dim() == 2 and labels.shape[1] == num_classes:
        return labels.float()
    if not isinstance(labels, Tensor) or labels.dim() != 1 or labels.is_floating_point():
        form = tuple(labels.shape) if isinstance(labels, Tensor) else type(labels).__name__
        raise ValueError(f"labels are {form}: expected whole numbers (b,), or soft labels (b, {num_classes}).")
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < num_classes:
        ends = f"{int(labels.min())} to {int(labels.max())}"
        raise ValueError(f"labels go from {ends}: expected 0 to {num_classes - 1}, for num_classes={num_classes}.")
    return F.one_hot(labels.long(), num_classes).float()
