"""Bring images to one size and one number of channels, in memory or one picture at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

# ITU-R BT.601: how much red, green and blue add to the brightness that people see. Pillow uses the same.
LUMA = (0.299, 0.587, 0.114)


def check_form(size: int | None, channels: int | None) -> None:
    """Raise ValueError unless ``size`` is positive (or None) and ``channels`` is 1, 3 or None."""
    if size is not None and (not isinstance(size, int) or size < 1):
        raise ValueError(f"size={size!r} must be a whole number of pixels, at least 1, or None")
    if channels not in (None, 1, 3):
        raise ValueError(f"channels={channels!r} must be 1 (grey), 3 (red, green, blue) or None (as it is)")


def to_channels(images: Float[Tensor, "n c h w"], channels: int | None) -> Float[Tensor, "n k h w"]:
    """Turn colour to grey by luma weights, or grey to colour by repeating it.

    >>> to_channels(torch.zeros(2, 3, 8, 8), 1).shape
    torch.Size([2, 1, 8, 8])
    """
    if channels is None or images.shape[1] == channels:
        return images
    if channels == 3:
        return images.repeat(1, 3, 1, 1)
    luma = torch.tensor(LUMA, dtype=images.dtype).view(1, 3, 1, 1)
    return (images * luma).sum(dim=1, keepdim=True)


def to_size(images: Float[Tensor, "n c h w"], size: int | None) -> Float[Tensor, "n c s t"]:
    """Cut the central square out of each image and resize it by antialiased bilinear interpolation.

    >>> to_size(torch.zeros(2, 3, 20, 30), 8).shape
    torch.Size([2, 3, 8, 8])
    """
    if size is None:
        return images
    images = central_square(images)
    if images.shape[-1] == size:
        return images
    return interpolate(images, size=(size, size), mode="bilinear", antialias=True, align_corners=False)


def central_square(images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c s s"]:
    """Cut the largest central square out of each image.

    >>> central_square(torch.zeros(1, 3, 20, 30)).shape
    torch.Size([1, 3, 20, 20])
    """
    height, width = images.shape[-2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return images[..., top : top + side, left : left + side]


def fit_images(images: Float[Tensor, "n c h w"], size: int | None, channels: int | None) -> Float[Tensor, "n k s t"]:
    """Bring images to ``size`` and ``channels``; values stay within [0, 1]."""
    check_form(size, channels)
    # Weights that sum to one may still overshoot by a rounding error.
    return to_size(to_channels(images, channels), size).clamp(0, 1).contiguous()


def fit_picture(picture: Any, size: int, channels: int) -> Float[Tensor, "c s s"]:
    """Turn one Pillow picture into a tensor: upright, its central square, resized, values in [0, 1].

    Args:
        picture: a ``PIL.Image.Image`` of any mode; a camera's rotation note (EXIF) is obeyed.
        size: height and width of the result, pixels.
        channels: 1 (luma) or 3.
    """
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(picture).convert("L" if channels == 1 else "RGB")
    side = min(upright.size)
    left, top = (upright.width - side) // 2, (upright.height - side) // 2
    square = upright.crop((left, top, left + side, top + side))
    resized = square.resize((size, size), Image.Resampling.BILINEAR)  # Pillow's is antialiased
    array = np.array(resized, dtype=np.uint8).reshape(size, size, channels)
    return torch.from_numpy(array).permute(2, 0, 1).float().div(255).contiguous()


def open_picture(path: Path) -> Any:
    """Open and decode a picture file.

    Raises:
        ValueError: naming the file, where it is missing, truncated or no picture.
    """
    from PIL import Image

    try:
        with Image.open(path) as picture:
            picture.load()
            return picture.copy()
    # Pillow reports broken files by many kinds of errors, SyntaxError and struct.error among them.
    except Exception as error:
        raise ValueError(f"cannot read picture {str(path)!r}: {error}") from error
