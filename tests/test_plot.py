from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import torch
from display_toys import displayed

from visioncourse import plot
from visioncourse.history import History


@pytest.fixture(autouse=True)
def drawn_without_a_window() -> Iterator[None]:
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    yield
    plt.close("all")


def run(epochs: int = 3, **more: Any) -> History:
    falling = [1 / (epoch + 1) for epoch in range(epochs)]
    return History(falling, [1 - loss for loss in falling], **more)


FIGURES: dict[str, Callable[[], Any]] = {
    "figure": lambda: plot.figure(size=(8.0, 3.0))[0],
    "figure, several": lambda: plot.figure(2, 3, size=(8.0, 4.0), widths=(1.0, 2.0, 1.0))[0],
    "image_row": lambda: plot.image_row(torch.rand(23, 1, 8, 8), [f"{i}\nno" for i in range(23)]),
    "image_row, colour": lambda: plot.image_row(torch.rand(2, 3, 8, 8), limits=None),
    "pixel_values": lambda: plot.pixel_values(np.arange(64).reshape(8, 8) - 20, cmap=plot.SIGNED, marked=(1, 2, 3, 3)),
    "pixel_values, zero": lambda: plot.pixel_values(torch.zeros(2, 2), title="nothing", spec=".1f"),
    "signed_images": lambda: plot.signed_images(torch.randn(7, 3, 3), ["a", "b"]),
    "learning_curves": lambda: plot.learning_curves(run(valid_loss=[3.0, 2.0, 1.0], valid_accuracy=[0.1, 0.2, 0.3])),
    "learning_curves, two": lambda: plot.learning_curves({"plain": run(), "wide": run()}),
    "learning_curves, one epoch": lambda: plot.learning_curves(run(1)),
    "learning_curves, no accuracy": lambda: plot.learning_curves(History([1.0, 0.5], [math.nan, math.nan])),
    "confusion_matrix": lambda: plot.confusion_matrix(torch.arange(100).reshape(10, 10), "0123456789"),
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_every_figure_fits_the_page_and_can_be_shown(draw: Callable[[], Any]) -> None:
    figure = draw()
    assert isinstance(figure, mpl.figure.Figure)
    assert figure.get_figwidth() <= 8 and figure.get_figheight() <= 8
    with displayed() as outputs:
        plot.show(figure, caption="It falls.", alt="A falling line.")
    picture = outputs[0].data["image/png"]
    assert picture.startswith(b"\x89PNG") and 500 < len(picture) < 200_000
    assert 0 < int.from_bytes(picture[16:20], "big") <= 800  # pixels


def test_show_stores_the_alternative_text_and_a_visible_caption() -> None:
    with displayed() as outputs:
        plot.show(plot.figure(size=(2.0, 2.0))[0], caption="It falls.", alt="A falling line.")
    picture, caption = outputs
    assert picture.metadata == {"image/png": {"alt": "A falling line."}}
    assert caption.data == {"text/markdown": "*It falls.*", "text/plain": "It falls."}
    assert set(picture.data) == {"image/png", "text/plain"}


def test_show_closes_the_figure_and_leaves_others_open() -> None:
    import matplotlib.pyplot as plt

    first, second = plot.figure(size=(2.0, 2.0))[0], plot.figure(size=(2.0, 2.0))[0]
    with displayed():
        plot.show(first, caption="It falls.", alt="A falling line.")
    assert plt.get_fignums() == [second.number]


def test_the_same_figure_gives_the_same_bytes() -> None:
    pictures = []
    for _ in range(2):
        with displayed() as outputs:
            plot.show(FIGURES["learning_curves"](), caption="It falls.", alt="A falling line.")
        pictures.append(outputs[0].data["image/png"])
    assert pictures[0] == pictures[1] and b"Matplotlib" not in pictures[0]


@pytest.mark.parametrize("empty", ["caption", "alt"])
@pytest.mark.parametrize("text", ["", " \n"])
def test_show_refuses_to_be_mute(empty: str, text: str) -> None:
    words = {"caption": "It falls.", "alt": "A falling line."} | {empty: text}
    with displayed() as outputs, pytest.raises(ValueError, match=f"^{empty} is empty: expected a sentence"):
        plot.show(plot.figure(size=(2.0, 2.0))[0], **words)
    assert outputs == []


def test_the_style_holds_inside_and_nowhere_else() -> None:
    with mpl.rc_context({"figure.dpi": 33, "axes.spines.top": True}):
        figure, axis = plot.figure(size=(2.0, 2.0))
        assert figure.dpi == 100 and not axis.spines["top"].get_visible()
        assert mpl.rcParams["figure.dpi"] == 33


def test_the_style_can_be_set_for_good() -> None:
    with mpl.rc_context():
        plot.use_style()
        assert all(mpl.rcParams[name] == value for name, value in plot.STYLE.items())


def test_an_image_is_drawn_as_it_is() -> None:
    assert np.array_equal(plot.as_picture(torch.eye(3)), np.eye(3))
    assert np.array_equal(plot.as_picture(torch.eye(3)[None]), np.eye(3))
    colour = torch.rand(3, 4, 5)
    assert np.array_equal(plot.as_picture(colour)[2, 3], colour[:, 2, 3].numpy())


def test_titles_and_empty_places_in_a_row() -> None:
    figure = plot.image_row(torch.rand(5, 1, 4, 4), ["one", "two"], columns=3)
    assert [axis.get_title() for axis in figure.axes] == ["one", "two", "", "", "", ""]
    assert [len(axis.get_images()) for axis in figure.axes] == [1, 1, 1, 1, 1, 0]


def test_numbers_are_written_into_their_pixels_readably() -> None:
    figure = plot.pixel_values([[0, 1.25], [-3, 9]], spec=".1f", cmap=plot.SIGNED)
    texts = figure.axes[0].texts
    assert [text.get_text() for text in texts] == ["0.0", "1.2", "-3.0", "9.0"]
    assert [text.get_color() for text in texts] == ["black", "black", "black", "white"]
    low, high = figure.axes[0].get_images()[0].get_clim()
    assert low == -high == -9


def test_pixel_values_draws_where_it_is_told() -> None:
    figure, axes = plot.figure(1, 2, size=(6.0, 3.0))
    assert plot.pixel_values(np.eye(3), axis=axes[1], marked=(0, 1, 2, 2)) is figure
    assert len(axes[1].patches) == 1 and not axes[0].texts


def test_weights_are_coloured_around_zero() -> None:
    figure = plot.signed_images(torch.tensor([[[0.5, -2.0]], [[1.0, 0.0]]]))
    assert {axis.get_images()[0].get_clim() for axis in figure.axes[:2]} == {(-2.0, 2.0)}


def test_training_and_held_out_keep_their_colours() -> None:
    figure = plot.learning_curves({"a": run(valid_loss=[1.0] * 3, valid_accuracy=[0.5] * 3), "b": run()})
    left, right = figure.axes
    drawn = [(line.get_label(), line.get_color(), line.get_linestyle()) for line in right.get_lines()]
    assert drawn == [
        ("a training", plot.TRAIN, "-"), ("a held-out", plot.HELD_OUT, "-"), ("b training", plot.TRAIN, "--"),
    ]  # fmt: skip
    assert left.get_ylim()[0] == 0 and list(left.get_lines()[0].get_xdata()) == [1, 2, 3]


def test_every_run_is_drawn_however_many_there_are() -> None:
    figure = plot.learning_curves({name: run() for name in "abcdef"})
    assert [line.get_label()[0] for line in figure.axes[0].get_lines()] == list("abcdef")


def test_labels_at_line_ends_do_not_lie_on_each_other() -> None:
    axis = plot.figure(size=(4.0, 3.0))[1]
    for name, end in (("low", 0.5), ("same", 0.5), ("near", 0.52), ("_hidden", 0.9), ("high", 1.0)):
        axis.plot([0, 1], [0, end], label=name)
    axis.set_ylim(0, 1)
    plot.label_ends(axis, gap=0.1)
    heights = {text.get_text(): text.xy[1] for text in axis.texts}
    assert set(heights) == {"low", "same", "near", "high"}
    ordered = sorted(heights.values())
    assert all(above - below >= 0.1 - 1e-9 for below, above in pairwise(ordered))
    assert heights["high"] == 1.0


def test_a_confusion_matrix_shows_its_counts_and_no_zeros() -> None:
    counts = torch.tensor([[5, 0], [2, 7]])
    figure = plot.confusion_matrix(counts, ("cat", "dog"))
    assert [text.get_text() for text in figure.axes[0].texts] == ["5", "", "2", "7"]
    assert counts.tolist() == [[5, 0], [2, 7]]
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["cat", "dog"]
