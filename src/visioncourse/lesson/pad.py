"""A pad to draw a digit on with mouse, pen or finger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from visioncourse.textual import static

SIDE = 28


def from_strokes(pixels: Float[Tensor, "h w"]) -> Float[Tensor, "1 1 28 28"]:
    """Centre and scale a drawing the way the real digits were: 20 pixels tall or wide, middle of mass in the centre.

    Args:
        pixels: ink in [0, 1], any size; all zero gives an empty picture.

    Source of the recipe: LeCun, Bottou, Bengio and Haffner (1998), section III.
    """
    inked = pixels > 0.1
    page = torch.zeros(1, 1, SIDE, SIDE)
    if not inked.any():
        return page
    rows, columns = inked.any(1).nonzero().ravel(), inked.any(0).nonzero().ravel()
    crop = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = 20 / max(crop.shape)
    size = [max(1, round(side * scale)) for side in crop.shape]
    small = torch.nn.functional.interpolate(crop[None, None], size, mode="bilinear", antialias=True)[0, 0]
    mass = small.sum()
    middle = [float((small.sum(1 - axis) * torch.arange(size[axis])).sum() / mass) for axis in (0, 1)]
    top, left = (min(max(round(13.5 - m), 0), SIDE - s) for m, s in zip(middle, size, strict=True))
    page[0, 0, top : top + size[0], left : left + size[1]] = small.clamp(0, 1)
    return page


def drawing_pad(guess: Callable[[Float[Tensor, "1 1 28 28"]], str]) -> None:
    """Show a pad; each stroke is handed to ``guess``, and its answer appears below the pad.

    Where there are no widgets, one line says so; nothing later in a lesson needs the pad.

    Args:
        guess: maps an image ``(1, 1, 28, 28)`` with ink 1 on ground 0 to a line of text.
    """
    if static():
        print("The drawing pad needs JupyterLab; here the lesson goes on without it.")
        return
    from IPython.display import display

    display(_make_pad(guess))


def _make_pad(guess: Callable[[Any], str]) -> Any:
    """Build the widget: the page draws, Python looks."""
    import anywidget
    import traitlets

    class Pad(anywidget.AnyWidget):
        _esm = Path(__file__).with_name("pad.js")
        pixels = traitlets.List(traitlets.Float()).tag(sync=True)
        answer = traitlets.Unicode("Draw a digit.").tag(sync=True)

        @traitlets.observe("pixels")
        def look(self, change: dict[str, Any]) -> None:
            """Answer a stroke."""
            pixels = torch.tensor(change["new"])
            side = int(len(pixels) ** 0.5)
            self.answer = guess(from_strokes(pixels.reshape(side, side))) if pixels.any() else "Draw a digit."

    return Pad()
