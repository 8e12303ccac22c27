"""Augmentations that move whole pixels: mirroring and cutting windows out."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from visioncourse.augment.base import Augmentation, Choice
from visioncourse.augment.boxes import as_images, clip_boxes, each
from visioncourse.augment.draws import BORDERS, border_name, fitting, number, uniform, whole


class Flip(Augmentation):
    """Mirror left and right, each image with its own chance.

    Args:
        probability: of an image to be mirrored.

    >>> Flip().apply(torch.tensor([[[[1.0, 2.0]]]]), {"flip": torch.tensor([True])}).tolist()
    [[[[2.0, 1.0]]]]
    """

    def __init__(self, probability: int | float = 0.5) -> None:
        self.probability = number("probability", probability, 0, 1)

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``flip``, one bool an image."""
        return {"flip": uniform(generator, (batch,)) < self.probability}

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Mirror the chosen images."""
        return self.apply_masks(images, choice)

    def apply_masks(self, masks: Shaped[Tensor, "b *m h w"], choice: Choice) -> Shaped[Tensor, "b *m h w"]:
        """Mirror the masks of the chosen images."""
        chosen = choice["flip"].nonzero()[:, 0].to(masks.device)
        return masks.index_copy(0, chosen, masks.index_select(0, chosen).flip(-1))

    def apply_boxes(
        self, boxes: Float[Tensor, "b *k 4"], choice: Choice, size: tuple[int, int]
    ) -> Float[Tensor, "b *k 4"]:
        """Mirror the boxes of the chosen images, exactly."""
        left, top, right, bottom = boxes.unbind(-1)
        mirrored = torch.stack([size[1] - right, top, size[1] - left, bottom], -1)
        return clip_boxes(torch.where(each(choice["flip"], boxes), mirrored, boxes), size)


class ShiftCrop(Augmentation):
    """Move a window over each image by up to ``pixels`` in both directions, and cut it out.

    Args:
        pixels: largest shift; at least 1, and less than the side of the images.
        border: what comes in where the window leaves the image, "mirror" (its mirror image) or "zero".

    >>> ShiftCrop(1).apply(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), {"shift": torch.tensor([[0, 1]])}).tolist()
    [[[[2.0, 1.0], [4.0, 3.0]]]]
    """

    def __init__(self, pixels: int, border: str = "mirror") -> None:
        self.pixels = whole("pixels", pixels)
        self.border = border_name(border)

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``shift``: rows and columns by which the window moves, ``(b, 2)``, from -pixels to pixels."""
        limits = (-self.pixels, self.pixels + 1)
        return {"shift": torch.randint(*limits, (batch, 2), generator=generator, device=generator.device)}

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Cut the moved windows out of the padded images.

        Raises:
            ValueError: for images that are not larger than the shift.
        """
        height, width = images.shape[2:]
        fitting("pixels", self.pixels, (height, width), less=True)
        padded = F.pad(images, [self.pixels] * 4, mode=BORDERS[self.border])  # (b, c, h+2p, w+2p)
        return windows(padded, choice["shift"] + self.pixels, (height, width))

    def apply_masks(self, masks: Shaped[Tensor, "b *m h w"], choice: Choice) -> Shaped[Tensor, "b *m h w"]:
        """Move masks as their images: a mirrored piece of a thing is a piece of its mask."""
        return as_images(masks, lambda planes: self.apply(planes, choice))

    def apply_boxes(
        self, boxes: Float[Tensor, "b *k 4"], choice: Choice, size: tuple[int, int]
    ) -> Float[Tensor, "b *k 4"]:
        """Move boxes, cut off at the border; what the border mirrors, and the gap before it, are inside."""
        starts = choice["shift"].to(boxes)
        top, left = each(starts[:, 0], boxes[..., 0]), each(starts[:, 1], boxes[..., 0])
        mirror = self.border == "mirror"
        x0, x1 = seen_through(boxes[..., 0], boxes[..., 2], left, size[1], mirror)
        y0, y1 = seen_through(boxes[..., 1], boxes[..., 3], top, size[0], mirror)
        return clip_boxes(torch.stack([x0, y0, x1, y1], -1), size)


class Crop(Augmentation):
    """Cut a square out of each image, anywhere inside it.

    Args:
        side: of the square, pixels; at most the side of the images.

    >>> Crop(5)(torch.rand(2, 3, 8, 8), None, torch.Generator())[0].shape
    torch.Size([2, 3, 5, 5])
    """

    def __init__(self, side: int) -> None:
        self.side = whole("side", side)

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``corner``: where the upper left corner lies, ``(b, 2)``, as shares of the room there is."""
        return {"corner": uniform(generator, (batch, 2))}

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c i j"]:
        """Cut the squares out.

        Raises:
            ValueError: for images smaller than the square.
        """
        return windows(images, self.starts(choice, tuple(images.shape[2:])), (self.side, self.side))

    def starts(self, choice: Choice, size: tuple[int, ...]) -> Int[Tensor, "b 2"]:
        """Return the row and column where each square begins."""
        fitting("side", self.side, size)
        room = torch.tensor([length - self.side + 1 for length in size], device=choice["corner"].device)
        corner: Tensor = choice["corner"]
        return (corner * room).long().minimum(room - 1)

    def apply_masks(self, masks: Shaped[Tensor, "b *m h w"], choice: Choice) -> Shaped[Tensor, "b *m i j"]:
        """Cut the same squares out of masks."""
        return as_images(masks, lambda planes: self.apply(planes, choice))

    def apply_boxes(
        self, boxes: Float[Tensor, "b *k 4"], choice: Choice, size: tuple[int, int]
    ) -> Float[Tensor, "b *k 4"]:
        """Count boxes from the corner of the square, and cut them off at its border."""
        starts = self.starts(choice, size).to(boxes).flip(1).repeat(1, 2)  # (b, 4): left, top, left, top
        moved = boxes - starts.reshape(len(boxes), *[1] * (boxes.dim() - 2), 4)
        return clip_boxes(moved, self.resized(size))

    def resized(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the square's height and width."""
        return self.side, self.side


def windows(
    images: Float[Tensor, "b c h w"], starts: Int[Tensor, "b 2"], size: tuple[int, int]
) -> Float[Tensor, "b c i j"]:
    """Cut a window of ``size`` (height, width) out of each image; ``starts`` are their first rows and columns.

    Each row of a window lies in one piece in memory, so it is copied as a whole: several times as fast as by pixel.
    """
    batch, chans, height, width = images.shape
    if not batch:
        return images.new_empty(0, chans, *size)
    row = starts.to(images.device)[:, :1] + torch.arange(size[0], device=images.device)  # (b, i)
    plane = torch.arange(batch * chans, device=images.device).reshape(batch, chans, 1) * height
    first = (plane + row[:, None]) * width + starts.to(images.device)[:, 1, None, None]  # (b, c, i): in flat memory
    pieces = images.flatten().unfold(0, size[1], 1)  # every piece of j pixels in a row; a view that copies nothing
    return pieces.index_select(0, first.flatten()).reshape(batch, chans, *size)


def seen_through(
    low: Float[Tensor, "b ..."], high: Float[Tensor, "b ..."], start: Float[Tensor, "b ..."], size: int, mirror: bool
) -> tuple[Float[Tensor, "b ..."], Float[Tensor, "b ..."]]:
    """Return the edges, along one axis, of all that a window that begins at ``start`` shows of ``low`` to ``high``."""
    spans = [(low, high)]
    if mirror:  # pixel i, from i to i + 1, is seen again in place of -i, and of 2(size - 1) - i
        spans += [(1 - high, 1 - low), (2 * size - 1 - high, 2 * size - 1 - low)]
    lows = torch.stack([(one - start).clamp(0, size) for one, _ in spans])
    highs = torch.stack([(other - start).clamp(0, size) for _, other in spans])
    seen = highs > lows
    return torch.where(seen, lows, float(size)).amin(0), torch.where(seen, highs, 0.0).amax(0)
