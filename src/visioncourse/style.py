"""The look of the course's figures: palette, fonts, and a decorator that applies them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# The palette of Okabe and Ito (2008), which colour-blind readers can tell apart. The same colour means the same
# thing in every lesson. Of their two oranges the darker one is used: the lighter is too faint on white.
TRAIN, HELD_OUT, CONTROL = "#0072B2", "#D55E00", "#707070"
GREEN, PURPLE, SKY, BLACK = "#009E73", "#CC79A7", "#56B4E9", "#000000"
SIGNED, AMOUNT, INK = (
    "RdBu_r",
    "viridis",
    "gray_r",
)  # maps for signed values, for magnitudes, for ink on paper

STYLE: Any = {
    "figure.dpi": 100, "savefig.dpi": 100, "figure.facecolor": "white", "figure.constrained_layout.use": True,
    "font.size": 11, "axes.titlesize": 11, "axes.labelsize": 11, "lines.linewidth": 2,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": False, "image.interpolation": "nearest",
    "image.cmap": "gray", "legend.frameon": False,
}  # fmt: skip


def use_style() -> None:
    """Set the course's style for every figure that this process draws from now on."""
    import matplotlib as mpl

    mpl.rcParams.update(STYLE)


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Give a drawing function the course's style, whatever the caller's settings are."""

    @wraps(draw)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib as mpl

        with mpl.rc_context(STYLE):
            return draw(*args, **kwargs)

    return in_style


@styled
def figure(
    rows: int = 1, columns: int = 1, *, size: tuple[float, float], widths: Sequence[float] | None = None
) -> tuple[Any, Any]:
    """Return a figure in the course's style and its axes: one axis, or an array of them.

    Args:
        rows: of axes.
        columns: of axes.
        size: (width, height) in inches; at most 8 wide.
        widths: of the columns, relative to each other.
    """
    import matplotlib.pyplot as plt

    return plt.subplots(rows, columns, figsize=size, width_ratios=widths)
