"""Rotating, scaling, shearing and shifting in one go: each new pixel is looked up once, between four old ones."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float, Shaped
from torch import Tensor

from visioncourse.augment.base import Augmentation, Choice
from visioncourse.augment.boxes import as_images, clip_boxes
from visioncourse.augment.draws import border_name, fitting, number, uniform

LOOKED_UP = {"mirror": "reflection", "zero": "zeros"}  # torch's names of the borders in ``grid_sample``


class Affine(Augmentation):
    """Rotate, scale, shear and shift each image about its centre.

    Args:
        degrees: largest rotation, to both sides, from 0 to 180.
        scale: largest enlargement, 0.25 for a quarter; as a factor, from 1 / (1 + scale) to 1 + scale.
        shear: largest shear, to both sides, in degrees below 90.
        shift: largest shift in each direction, pixels (parts of a pixel count); less than the side of the images.
        border: what comes in from outside the image, "zero" or "mirror" (its mirror image).

    >>> turn = {"angle": torch.tensor([90.0]), "scale": torch.ones(1), "shear": torch.zeros(1)}
    >>> Affine(degrees=90).apply(torch.eye(2)[None, None], turn | {"shift": torch.zeros(1, 2)}).round(decimals=4)
    tensor([[[[0., 1.],
              [1., 0.]]]])
    """

    def __init__(
        self,
        degrees: int | float = 0,
        scale: int | float = 0,
        shear: int | float = 0,
        shift: int | float = 0,
        border: str = "zero",
    ) -> None:
        self.degrees = number("degrees", degrees, 0, 180)
        self.scale = number("scale", scale, 0)
        self.shear = number("shear", shear, 0, 90, below=True)
        self.shift = number("shift", shift, 0)
        self.border = border_name(border)

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``angle`` and ``shear`` (degrees), ``scale`` (factor), ``shift`` (pixels down and right, ``(b, 2)``)."""
        largest = math.log1p(self.scale)
        return {
            "angle": uniform(generator, (batch,), -self.degrees, self.degrees),
            "scale": uniform(generator, (batch,), -largest, largest).exp(),
            "shear": uniform(generator, (batch,), -self.shear, self.shear),
            "shift": uniform(generator, (batch, 2), -self.shift, self.shift),
        }

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Move the images: anti-clockwise by ``angle``, then by ``shift``; between pixels, blend the four nearest.

        Raises:
            ValueError: for images that are not larger than the shift.
        """
        return self.look_up(images, choice, "bilinear")

    def look_up(self, images: Float[Tensor, "b c h w"], choice: Choice, mode: str) -> Float[Tensor, "b c h w"]:
        """Find for each new pixel where it comes from, and fetch it from there."""
        height, width = images.shape[2:]
        fitting("shift", self.shift, (height, width), less=True)
        if not len(images):
            return images
        linear, shift = matrices(choice)  # (b, 2, 2), (b, 2, 1)
        back = torch.linalg.inv(linear)
        half = torch.tensor([width / 2, height / 2])  # torch counts from -1 at one border to 1 at the other
        theta = torch.cat([back * half / half[:, None], -(back @ shift) / half[:, None]], 2).to(images.device)
        grid = F.affine_grid(theta, list(images.shape), align_corners=False)
        moved = F.grid_sample(images.float(), grid, mode=mode, padding_mode=LOOKED_UP[self.border], align_corners=False)
        return moved.to(images.dtype)

    def apply_masks(self, masks: Shaped[Tensor, "b *m h w"], choice: Choice) -> Shaped[Tensor, "b *m h w"]:
        """Move masks as their images; each new pixel is the nearest old one."""
        return as_images(masks, lambda planes: self.look_up(planes, choice, "nearest"))

    def apply_boxes(
        self, boxes: Float[Tensor, "b *k 4"], choice: Choice, size: tuple[int, int]
    ) -> Float[Tensor, "b *k 4"]:
        """Move the corners of each box, and return the box around them, cut off at the border.

        It holds all of the thing, and is too large for a round one that was turned: ``boxes_of(apply_masks(...))``
        is the smallest.

        Raises:
            ValueError: for border="mirror", which may show pieces of a thing that its corners do not tell of.
        """
        if self.border == "mirror":
            raise ValueError("border='mirror': boxes are moved for border='zero' only; take boxes_of the moved masks.")
        linear, shift = (part.to(boxes) for part in matrices(choice))
        centre = torch.tensor([size[1] / 2, size[0] / 2], dtype=boxes.dtype, device=boxes.device)
        corners = boxes[..., [[0, 1], [2, 1], [0, 3], [2, 3]]] - centre  # (b, *k, 4, 2)
        pairs = corners.reshape(len(boxes), math.prod(boxes.shape[1:]), 2)
        moved = (pairs @ linear.mT + shift.mT).reshape(corners.shape) + centre
        around = torch.cat([moved.amin(-2), moved.amax(-2)], -1)
        return clip_boxes(around, size)


class Rotate(Affine):
    """Rotate each image about its centre.

    Args:
        degrees: largest rotation, to both sides, from 0 to 180.
        border: what comes in from outside the image, "zero" or "mirror".

    >>> Rotate(15).sample(torch.Generator().manual_seed(0), 1)["angle"]
    tensor([-0.1123])
    """

    def __init__(self, degrees: int | float, border: str = "zero") -> None:
        super().__init__(degrees=degrees, border=border)


def matrices(choice: Choice) -> tuple[Float[Tensor, "b 2 2"], Float[Tensor, "b 2 1"]]:
    """Return, for (x, y) counted from the centre, x to the right, y down: what they are multiplied by, then added."""
    angle, shear, scale = choice["angle"].deg2rad().cpu(), choice["shear"].deg2rad().cpu(), choice["scale"].cpu()
    cos, sin, one, zero = angle.cos(), angle.sin(), torch.ones_like(angle), torch.zeros_like(angle)
    turn = torch.stack([cos, sin, -sin, cos], 1).reshape(-1, 2, 2)  # anti-clockwise, for y points down
    slant = torch.stack([one, shear.tan(), zero, one], 1).reshape(-1, 2, 2)
    return scale[:, None, None] * turn @ slant, choice["shift"].cpu().flip(1)[:, :, None]
