"""Bring images to one size and one number of channels, in memory or one picture at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from visioncourse.data.damage import DamagedPictureError

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
        picture: a ``PIL.Image.Image`` of any mode, see ``plain``.
        size: height and width of the result, pixels.
        channels: 1 (luma) or 3.
    """
    from PIL import Image

    ready = plain(picture)
    mode = "L" if channels == 1 else "RGB"
    if ready.mode not in ("F", mode):
        ready = ready.convert(mode)
    side = min(ready.size)
    left, top = (ready.width - side) // 2, (ready.height - side) // 2
    square = ready.crop((left, top, left + side, top + side))
    resized = square.resize((size, size), Image.Resampling.BILINEAR)  # Pillow's is antialiased
    pixels = torch.from_numpy(np.array(resized).reshape(size, size, -1)).permute(2, 0, 1)
    values = pixels.float().div(255) if pixels.dtype == torch.uint8 else pixels.clamp(0, 1)
    return values.expand(channels, size, size).contiguous()


def plain(picture: Any) -> Any:
    """Turn a Pillow picture of any mode into a plain one: upright, opaque, of mode L, RGB or (more than 8 bits) F.

    A camera's note of how it was held (EXIF) is obeyed. What is transparent is laid on white. Grey pictures with more
    than 8 bits keep their depth: mode F, values in [0, 1].

    Args:
        picture: a ``PIL.Image.Image``.
    """
    from PIL import Image, ImageOps

    try:
        upright = ImageOps.exif_transpose(picture)
    except Exception:  # a note that cannot be read (many kinds of errors) is no note; the pixels are good
        upright = picture
    if upright.mode[0] in "IF":
        return Image.fromarray(brightness(upright))
    if upright.has_transparency_data:
        opaque = upright.convert("RGBA")  # without the detour, the colours behind transparent pixels would show
        return Image.alpha_composite(Image.new("RGBA", opaque.size, "white"), opaque).convert("RGB")
    return upright if upright.mode in ("L", "RGB") else upright.convert("L" if upright.mode == "1" else "RGB")


def brightness(picture: Any) -> Float[np.ndarray, "h w"]:
    """Return the values of a grey picture with more than 8 bits (modes I, I;16 and F) as float32 in [0, 1].

    Whole numbers are shares of 65535; Pillow itself would clip them at 255. Fractions are taken as they are, or as
    shares of 255 where any of them is larger than 1.
    """
    values = np.nan_to_num(np.asarray(picture).astype(np.float32))
    largest = 65535 if picture.mode != "F" else 255 if values.max() > 1 else 1
    return np.asarray((values / largest).clip(0, 1), dtype=np.float32)


def open_picture(path: Path) -> Any:
    """Open and decode a picture file; return it as ``plain`` does.

    Raises:
        DamagedPictureError: naming the file, where it is no picture, or not a whole one; a kind of ValueError.
        ValueError: naming the file, where it is missing or may not be read.
    """
    from PIL import Image

    try:
        with Image.open(path) as picture:
            picture.load()
            return plain(picture)
    except MemoryError:
        raise  # no fault of the file
    # Pillow reports broken files by many kinds of errors, SyntaxError and struct.error among them.
    except Exception as error:
        lost = isinstance(error, OSError) and error.errno is not None  # the system's error, not Pillow's
        kind = ValueError if lost else DamagedPictureError
        raise kind(f"cannot read picture {str(path)!r}: {error}") from error
