"""Figures that more than one lesson draws, in one style: each function returns the Figure; ``show`` displays it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from visioncourse.history import History
from visioncourse.style import (
    AMOUNT,
    BLACK,
    CONTROL,
    GREEN,
    HELD_OUT,
    INK,
    PURPLE,
    SIGNED,
    SKY,
    STYLE,
    TRAIN,
    figure,
    styled,
    use_style,
)

__all__ = [
    "AMOUNT",
    "BLACK",
    "CONTROL",
    "GREEN",
    "HELD_OUT",
    "INK",
    "PURPLE",
    "SIGNED",
    "SKY",
    "STYLE",
    "TRAIN",
    "as_picture",
    "confusion_matrix",
    "figure",
    "image_row",
    "label_ends",
    "learning_curves",
    "pixel_values",
    "show",
    "signed_images",
    "styled",
    "use_style",
]


def show(fig: Any, *, caption: str, alt: str) -> None:
    """Display a figure with a visible caption, store its alternative text, and close it.

    Args:
        fig: a matplotlib figure.
        caption: the finding, in a sentence or two; measured numbers follow the sign ≈.
        alt: what the picture shows, for readers who do not see it.

    Raises:
        ValueError: for an empty caption or alternative text.
    """
    import matplotlib.pyplot as plt
    from IPython.display import publish_display_data

    for name, text in (("caption", caption), ("alt", alt)):
        if not text.strip():
            raise ValueError(f"{name} is empty: expected a sentence about the figure.")
    picture = io.BytesIO()
    fig.savefig(picture, format="png", metadata={"Software": None})
    plt.close(fig)
    publish_display_data({"image/png": picture.getvalue(), "text/plain": "<figure>"}, {"image/png": {"alt": alt}})
    publish_display_data({"text/markdown": f"*{caption}*", "text/plain": caption})


def as_picture(image: Float[Tensor, "c h w"] | Float[Tensor, "h w"]) -> Any:
    """Return an image as matplotlib wants it: ``(h, w)`` for one channel, ``(h, w, 3)`` for three."""
    if image.ndim == 2:
        return image.numpy()
    return image[0].numpy() if image.shape[0] == 1 else image.permute(1, 2, 0).numpy()


@styled
def image_row(
    images: Float[Tensor, "n c h w"],
    titles: Sequence[str] = (),
    *,
    columns: int = 10,
    cmap: str = INK,
    limits: tuple[float, float] | None = (0, 1),
    cell: float = 0.8,
) -> Any:
    """Draw images side by side, pixels visible, each with a title above.

    Args:
        images: values in ``limits``.
        titles: one an image, or none.
        columns: images a row.
        cmap: colour map for one channel; three channels are drawn as they are.
        limits: values drawn as the ends of the map; each image's own if None.
        cell: width of an image in inches.
    """
    import matplotlib.pyplot as plt

    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    lines = max((title.count("\n") + 1 for title in titles), default=0)
    fig, axes = plt.subplots(rows, columns, squeeze=False, figsize=(cell * columns, (cell + 0.22 * lines) * rows))
    low, high = limits if limits else (None, None)
    for index, axis in enumerate(axes.flat):
        axis.axis("off")
        if index < len(images):
            axis.imshow(as_picture(images[index]), cmap=cmap, vmin=low, vmax=high)
            axis.set_title(titles[index] if index < len(titles) else "", pad=3)
    return fig


@styled
def pixel_values(
    grid: Any,
    *,
    axis: Any = None,
    title: str = "",
    spec: str = "g",
    cmap: str = INK,
    marked: tuple[int, ...] = (),
    top: float | None = None,
) -> Any:
    """Draw a small matrix with its numbers written into the pixels.

    Args:
        grid: ``(h, w)`` numbers, at most about 8 × 8.
        axis: where to draw; a new figure if None.
        title: above the matrix.
        spec: format of a number.
        cmap: colour map; signed maps are centred on zero.
        marked: (top, left, height, width) of a window to frame.
        top: size of the value drawn darkest; the largest in the matrix if None.
    """
    import matplotlib.pyplot as plt
    from matplotlib.patches import Rectangle

    values = np.asarray(grid, dtype=float)
    if axis is None:
        _, axis = plt.subplots(figsize=(0.5 * values.shape[1] + 0.3, 0.5 * values.shape[0] + 0.5))
    top = max(abs(values).max(), 1e-9) if top is None else top
    low = -top if cmap == SIGNED else min(0.0, values.min())
    axis.imshow(values, cmap=cmap, vmin=low, vmax=top * (1.0 if cmap == SIGNED else 1.6))
    for (row, column), value in np.ndenumerate(values):
        dark = abs(value) > 0.6 * top if cmap == SIGNED else (value - low) / (1.6 * top - low) > 0.5
        axis.text(column, row, format(value, spec), ha="center", va="center", color="white" if dark else "black")
    if marked:
        axis.add_patch(
            Rectangle((marked[1] - 0.5, marked[0] - 0.5), marked[3], marked[2], fill=False, lw=3, ec=HELD_OUT)
        )
    axis.set(title=title, xticks=[], yticks=[])
    axis.spines[:].set_visible(False)
    return axis.figure


@styled
def signed_images(
    images: Float[Tensor, "n h w"], titles: Sequence[str] = (), *, columns: int = 5, cell: float = 1.3
) -> Any:
    """Draw kernels or weights on one map centred on zero, with its colour bar."""
    import matplotlib.pyplot as plt

    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    fig, axes = plt.subplots(rows, columns, squeeze=False, figsize=(cell * columns + 0.8, (cell + 0.25) * rows))
    top = float(images.abs().max())
    for index, axis in enumerate(axes.flat):
        axis.axis("off")
        if index < len(images):
            drawn = axis.imshow(images[index].numpy(), cmap=SIGNED, vmin=-top, vmax=top)
            axis.set_title(titles[index] if index < len(titles) else "", pad=3)
    fig.colorbar(drawn, ax=axes, shrink=0.8, label="weight")
    return fig


def label_ends(axis: Any, gap: float = 0.08) -> None:
    """Write each line's label at its right end, in its colour, moved apart where two ends meet.

    Args:
        axis: its labelled lines; the limits must be set already.
        gap: least distance of two labels, as a share of the axis.
    """
    low, high = axis.get_ylim()
    lines = [line for line in axis.get_lines() if not line.get_label().startswith("_")]
    height = -gap
    for line in sorted(lines, key=lambda one: one.get_ydata()[-1]):
        height = max(height + gap, (line.get_ydata()[-1] - low) / (high - low))
        axis.annotate(line.get_label(), (1.02, height), xycoords="axes fraction", color=line.get_color(), va="center")


@styled
def learning_curves(histories: History | dict[str, History]) -> Any:
    """Draw loss and accuracy by epoch: training in blue, held-out in orange, several runs as several line styles."""
    import matplotlib.pyplot as plt

    runs = histories if isinstance(histories, dict) else {"": histories}
    fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2))
    for (name, run), dash in zip(runs.items(), cycle(("-", "--", ":", "-.")), strict=False):
        epochs = np.arange(1, run.epochs + 1)
        for axis, seen, held in ((left, run.loss, run.valid_loss), (right, run.accuracy, run.valid_accuracy)):
            axis.plot(epochs, seen, dash, color=TRAIN, label=f"{name} training".strip())
            if held:
                axis.plot(epochs, held, dash, color=HELD_OUT, label=f"{name} held-out".strip())
            axis.xaxis.get_major_locator().set_params(integer=True)
    left.set(xlabel="epoch", ylabel="cross-entropy (nats)", ylim=(0, None))
    right.set(xlabel="epoch", ylabel="accuracy", ylim=(None, 1.005))
    right.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    label_ends(right)
    return fig


@styled
def confusion_matrix(counts: Int[Tensor, "k k"], classes: Sequence[str]) -> Any:
    """Draw a confusion matrix; the diagonal is left white so that the mistakes show."""
    import matplotlib.pyplot as plt

    wrong = counts.clone().fill_diagonal_(0)
    fig, axis = plt.subplots(figsize=(5.6, 5.2))
    axis.imshow(wrong.numpy(), cmap="Oranges", vmin=0, vmax=max(1, int(wrong.max()) * 1.5))
    for row in range(len(classes)):
        for column in range(len(classes)):
            value = int(counts[row, column])
            axis.text(
                column, row, str(value or ""), ha="center", va="center", color=CONTROL if row == column else BLACK
            )
    ticks = range(len(classes))
    axis.set(
        xticks=ticks,
        yticks=ticks,
        xticklabels=classes,
        yticklabels=classes,
        xlabel="the network says",
        ylabel="the label says",
    )
    for spine in axis.spines.values():
        spine.set_visible(False)
    return fig
