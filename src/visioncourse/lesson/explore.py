"""Things to play with: a picture that follows sliders, lists and small matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Shaped

from visioncourse.textual import static


def explore(draw: Callable[..., Any], *, caption: str, alt: str, **controls: Any) -> None:
    """Draw a figure from its arguments, and draw it again whenever the reader changes one.

    Without widgets the figure stands once, at the starting values, so that the lesson is whole without them.

    Args:
        draw: takes the controls' values by name and returns a matplotlib figure.
        caption: what there is to see at the starting values.
        alt: the figure in words, for readers who do not see it.
        controls: ``(low, high, start)`` for a slider, a list for a choice (its first entry is the start), or a
            NumPy matrix for a grid of number fields.
    """
    from visioncourse.plot import show

    if static():
        show(draw(**{name: _start(control) for name, control in controls.items()}), caption=caption, alt=alt)
        return
    import ipywidgets as widgets
    from IPython.display import display

    knobs = {name: _knob(name, control) for name, control in controls.items()}
    picture = widgets.Output()

    def redraw(_: object = None) -> None:
        picture.clear_output(wait=True)
        with picture:
            show(draw(**{name: read() for name, (_, read, _) in knobs.items()}), caption=caption, alt=alt)

    for _, _, sources in knobs.values():
        for source in sources:
            source.observe(redraw, "value")
    display(widgets.VBox([*(knob for knob, _, _ in knobs.values()), picture]))
    redraw()


def _start(control: Any) -> Any:
    """Return the value at which a control begins."""
    if isinstance(control, tuple):
        return control[2]
    return control[0] if isinstance(control, list) else control


def _knob(name: str, control: Any) -> tuple[Any, Callable[[], Any], list[Any]]:
    """Return a widget, a function that reads it, and the parts that report changes."""
    import ipywidgets as widgets

    if isinstance(control, np.ndarray):
        return _matrix(name, control)
    if isinstance(control, list):
        knob = widgets.Dropdown(options=control, value=control[0], description=name)
    elif isinstance(control[2], int):
        knob = widgets.IntSlider(control[2], control[0], control[1], description=name, continuous_update=False)
    else:
        step = (control[1] - control[0]) / 50
        knob = widgets.FloatSlider(
            control[2], min=control[0], max=control[1], step=step, description=name, continuous_update=False
        )
    return knob, lambda: knob.value, [knob]


def _matrix(name: str, start: Shaped[np.ndarray, "h w"]) -> tuple[Any, Callable[[], Any], list[Any]]:
    """Return a grid of number fields for a small matrix."""
    import ipywidgets as widgets

    fields = [widgets.FloatText(float(value), layout={"width": "5em"}) for value in start.ravel()]
    grid = widgets.GridBox(fields, layout={"grid_template_columns": f"repeat({start.shape[1]}, 5.5em)"})
    box = widgets.VBox([widgets.Label(name), grid])
    return box, lambda: np.array([field.value for field in fields]).reshape(start.shape), fields
