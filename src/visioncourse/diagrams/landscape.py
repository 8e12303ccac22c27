"""Drawings of a loss over two weights, and of the ways that optimisers take upon it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from visioncourse.diagrams.labels import Name, write
from visioncourse.style import BLACK, GREEN, HELD_OUT, PURPLE, TRAIN, styled

Number = float | int
Range = tuple[Number, Number]
Loss = Callable[[Any, Any], Any]
LOOKS = ((BLACK, "o"), (GREEN, "s"), (TRAIN, "^"), (PURPLE, "D"), (HELD_OUT, "v"))  # colour and marker of each path
NAMES = ("$w_1$", "$w_2$")


@styled
def landscape(
    function: Loss,
    x: Range = (-2.0, 2.0),
    y: Range = (-2.0, 2.0),
    paths: Mapping[str, Any] | None = None,
    *,
    panels: Mapping[str, Mapping[str, Any]] | None = None,
    marks: Mapping[str, tuple[Number, Number]] | None = None,
    levels: int | Sequence[Number] = 20,
    names: tuple[str, str] = NAMES,
    height: str = "loss",
    order: Iterable[str] = (),
    resolution: int = 201,
) -> Any:
    """Draw a function of two weights as a map with contours, darker where it is higher, and paths upon it.

    A marker stands at every step of a path, a ring at its start, its name at its end. Both axes have one scale, as
    long as the ranges are not too different, so that steepest ways are seen to cross the contours at right angles.

    Args:
        function: takes two arrays of one shape and returns the heights there.
        x: range of the first weight.
        y: range of the second weight.
        paths: by name, (n, 2) weights, a row a step. What leaves the ranges is cut off.
        panels: paths by title instead, for maps side by side, up to three a row.
        marks: points by name, drawn as stars.
        levels: how many bands there are, half of them for the lower half of the map; or their bounds.
        names: of the two weights.
        height: what the function gives, written at the colour bar; empty for no bar.
        order: all names of a lesson, so that each keeps its colour and marker from figure to figure.
        resolution: points of the grid along each axis; fewer for a function that is slow.

    Raises:
        ValueError: for a path that is no (n, 2) array or begins outside the ranges; for both paths and panels.
    """
    if paths is not None and panels is not None:
        raise ValueError("paths and panels are both given: expected one of them.")
    shown = _checked({"": paths or {}} if panels is None else panels, x, y)
    looks = _looks([*order, *(name for some in shown.values() for name in some)])
    grid = _grid(x, y, resolution)
    bounds, heights = _bands(function, grid, levels)
    fig, axes = _maps(len(shown), x, y, names, any(shown), bool(height))
    for axis, (title, some) in zip(axes, shown.items(), strict=True):
        ground = _ground(axis, grid, bounds, heights)
        axis.set_title(title)
        _draw(axis, some, marks or {}, looks)
        ends = [path[_inside(path, x, y)][-1] for path in some.values()]
        stars = [Name(name, np.array(point, dtype=float)) for name, point in (marks or {}).items()]
        write(axis, [*_names(some, ends, [path[0] for path in some.values()], looks), *stars], list(some.values()))
    if height:
        _bar(axes, ground, bounds, height)
    return fig


@styled
def surface(
    function: Loss,
    x: Range = (-2.0, 2.0),
    y: Range = (-2.0, 2.0),
    paths: Mapping[str, Any] | None = None,
    *,
    levels: int | Sequence[Number] = 20,
    names: tuple[str, str] = NAMES,
    height: str = "loss",
    view: tuple[Number, Number] = (45.0, -65.0),
    order: Iterable[str] = (),
) -> Any:
    """Draw the same as ``landscape`` in perspective: the shades are those of the map. Paths are laid onto the surface.

    Args:
        function: takes two arrays of one shape and returns the heights there.
        x: range of the first weight.
        y: range of the second weight.
        paths: by name, (n, 2) weights, a row a step.
        levels: bands of the shades, as for ``landscape``.
        names: of the two weights.
        height: what the function gives.
        view: degrees above the horizon, and around.
        order: all names of a lesson, as for ``landscape``.
    """
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    from matplotlib.colors import BoundaryNorm, ListedColormap

    grid = _grid(x, y)
    bounds, heights = _bands(function, grid, levels)
    some = _checked({"": paths or {}}, x, y)[""]
    looks = _looks([*order, *some])
    with mpl.rc_context({"grid.color": "#DDDDDD", "grid.linewidth": 0.5}):
        axis: Any = plt.figure(figsize=(5.6, 4.4), layout="none").add_subplot(projection="3d", computed_zorder=False)
        axis.figure.subplots_adjust(left=0, right=0.92, bottom=0.05, top=1)
    shades = {"cmap": ListedColormap(_shades(len(bounds) - 1)), "norm": BoundaryNorm(bounds, len(bounds) - 1)}
    axis.plot_surface(*grid, heights, rcount=40, ccount=40, lw=0.3, edgecolor="#8A8A8A", **shades)
    axis.set(xlabel=names[0], ylabel=names[1], zlabel=height)
    axis.zaxis.labelpad = 9
    axis.view_init(*view)
    for one in (axis.xaxis, axis.yaxis, axis.zaxis):
        one.set_pane_color("white")
        one.get_major_locator().set_params(nbins=5)
    inside = {name: path[_inside(path, x, y)] for name, path in some.items()}
    seen = [_lay(axis, function, path, *looks[name]) for name, path in inside.items()]
    write(axis, _names(some, [way[-1] for way in seen], [way[0] for way in seen], looks), seen)
    return axis.figure


def _checked(panels: Mapping[str, Mapping[str, Any]], x: Range, y: Range) -> dict[str, dict[str, Any]]:
    """Return the paths as arrays, up to where they stop being finite."""
    checked: dict[str, dict[str, Any]] = {}
    for title, paths in panels.items():
        checked[title] = {}
        for name, path in paths.items():
            points = np.asarray(path, dtype=float)
            if points.ndim != 2 or points.shape[1] != 2 or not len(points):
                raise ValueError(f"path {name!r} has shape {points.shape}: expected (n, 2), two weights a step.")
            if not _inside(points[:1], x, y)[0]:
                raise ValueError(f"path {name!r} begins at {points[0].tolist()}: expected x in {x} and y in {y}.")
            checked[title][name] = points[: np.argmin(np.append(np.isfinite(points).all(1), False))]
    return checked


def _inside(points: Float[np.ndarray, "n 2"], x: Range, y: Range) -> Bool[np.ndarray, " n"]:
    """Say which points lie within the ranges."""
    return np.asarray(((points >= [x[0], y[0]]) & (points <= [x[1], y[1]])).all(1))


def _looks(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Give each name its colour and marker."""
    return {name: LOOKS[number % len(LOOKS)] for number, name in enumerate(dict.fromkeys(names))}


def _grid(x: Range, y: Range, resolution: int = 201) -> Any:
    """Return the weights at which a function is evaluated: two square arrays."""
    return np.meshgrid(np.linspace(*x, resolution), np.linspace(*y, resolution))


def _shades(count: int) -> Any:
    """Return light greys, from white on."""
    import matplotlib as mpl

    return mpl.colormaps["Greys"](np.linspace(0, 0.45, count))


def _bands(function: Loss, grid: Any, levels: int | Sequence[Number]) -> tuple[Any, Any]:
    """Return the bounds of the bands and the heights on the grid, cut off at the outermost bounds."""
    heights = np.asarray(function(*grid), dtype=float)
    if heights.shape != grid[0].shape:
        raise ValueError(f"function gives an array of shape {heights.shape}: expected {grid[0].shape}, as it is given.")
    bounds = np.asarray(levels, dtype=float)
    if isinstance(levels, int):
        low, middle, high = np.quantile(heights[np.isfinite(heights)], [0, 0.5, 1])
        high = high if high > low else low + 1
        power = np.log2(1 / np.clip((middle - low) / (high - low), 0.03, 0.5))
        bounds = low + (high - low) * np.linspace(0, 1, levels + 1) ** power
    return bounds, np.clip(heights, bounds[0], bounds[-1])


def _maps(count: int, x: Range, y: Range, names: tuple[str, str], titled: bool, bar: bool) -> tuple[Any, list[Any]]:
    """Return a figure with maps as large as the page lets them be: 4.4 inches, or as many as up to three a row."""
    import matplotlib.pyplot as plt

    columns = count if count < 4 else -(-count // 2) if count < 7 else 3
    rows, gap, left, right = -(-count // columns), 0.35, 0.75, 1.15 if bar else 0.15
    bottom, top = 0.5, 0.3 if titled else 0.1
    wide = min(4.4, (8 - left - right + gap) / columns - gap)
    ratio = np.clip((y[1] - y[0]) / (x[1] - x[0]), 0.4, 1.5)
    size = (left + columns * (wide + gap) - gap + right, bottom + rows * (wide * ratio + top))
    fig, axes = plt.subplots(rows, columns, squeeze=False, sharex=True, sharey=True, figsize=size, layout="none")
    fig.subplots_adjust(
        left / size[0], bottom / size[1], 1 - right / size[0], 1 - top / size[1], gap / wide, top / wide / ratio
    )
    for axis in axes.flat:
        axis.set(xlim=x, ylim=y, xlabel=names[0], ylabel=names[1])
        axis.label_outer()
        axis.locator_params(nbins=5)
    for axis in axes.flat[count:]:
        axis.remove()
    return fig, list(axes.flat[:count])


def _bar(axes: Sequence[Any], ground: Any, bounds: Any, height: str) -> None:
    """Draw the colour bar, to the right of the maps and as tall as they are."""
    fig, top, bottom = axes[0].figure, axes[0].get_position().y1, axes[-1].get_position().y0
    wide = fig.get_figwidth()
    ticks = bounds[:: max(1, len(bounds) // 7)]
    place = fig.add_axes(((wide - 1.0) / wide, bottom, 0.13 / wide, top - bottom))
    bar = fig.colorbar(ground, cax=place, label=height, ticks=ticks)
    least = abs(bounds).max() / 1000  # what is smaller is nothing, at this scale
    bar.ax.set_yticklabels([f"{float(f'{tick:.2g}') * (abs(tick) > least):g}".replace("-", "−") for tick in ticks])


def _ground(axis: Any, grid: Any, bounds: Any, heights: Any) -> Any:
    """Draw the bands and their contours."""
    bands = axis.contourf(*grid, heights, levels=bounds, colors=_shades(len(bounds) - 1))
    axis.contour(*grid, heights, levels=bounds[1:-1], colors="#A0A0A0", linewidths=0.5, linestyles="solid")
    return bands


def _draw(axis: Any, paths: Mapping[str, Any], marks: Mapping[str, Any], looks: Mapping[str, tuple[str, str]]) -> None:
    """Draw paths and marks."""
    for name, path in paths.items():
        colour, marker = looks[name]
        size = float(np.clip(4.5 * (40 / len(path)) ** 0.5, 2.5, 4.5))
        axis.plot(*path.T, color=colour, marker=marker, ms=size, mec="white", mew=0.4, lw=1.2, zorder=4)
        axis.plot(*path[-1], color=colour, marker=marker, ms=8, mec="white", mew=0.8, zorder=5)
        axis.plot(*path[0], color="none", marker="o", ms=10, mec=BLACK, mew=1.5, zorder=5)
    for point in marks.values():
        axis.plot(*point, color=BLACK, marker="*", ms=13, mec="white", mew=0.8, zorder=5.5)


def _lay(axis: Any, function: Loss, path: Float[np.ndarray, "n 2"], colour: str, marker: str) -> Any:
    """Draw a path on a surface, along the slopes between its steps, and return it as seen: (m, 2)."""
    from mpl_toolkits.mplot3d import proj3d

    at = np.linspace(0, len(path) - 1, 20 * len(path) - 19)
    fine = np.stack([np.interp(at, range(len(path)), weight) for weight in path.T])
    axis.plot(*fine, function(*fine), color=colour, lw=1.2, zorder=5)
    axis.plot(*path.T, function(*path.T), marker, color=colour, ms=4.5, mec="white", mew=0.4, zorder=6)
    return np.stack(proj3d.proj_transform(*fine, function(*fine), axis.get_proj())[:2], axis=1)


def _names(
    paths: Mapping[str, Any], ends: Sequence[Any], starts: Sequence[Any], looks: Mapping[str, Any]
) -> list[Name]:
    """Return what to write at the ends and starts of paths; what starts at one place is one start."""
    apart = {tuple(np.round(start, 6)): start for start in starts}
    return [
        *(Name(name, end, looks[name][0], "bold") for name, end in zip(paths, ends, strict=True)),
        *(Name("start", start) for start in apart.values()),
    ]
