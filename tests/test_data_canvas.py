"""Canvases: exact boxes and masks, digits that are mnist5k's and of the right split, seeds, bad wishes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visioncourse.data import canvas as module
from visioncourse.data import canvas_glyphs, load
from visioncourse.data.canvas import CanvasSet, SceneSet, canvases, scenes
from visioncourse.data.canvas_glyphs import INK, read_glyphs
from visioncourse.data.canvas_painting import BACKGROUNDS
from visioncourse.data.embedded import PHOTOS, mnist5k_bytes, split_indices
from visioncourse.data.splits import SPLITS

few_examples = settings(max_examples=25)
splits, seeds = st.sampled_from(SPLITS), st.integers(0, 2**32 - 1)
sides = st.integers(20, 70) | st.tuples(st.integers(20, 70), st.integers(20, 70))
scenery = {
    "clutter": st.integers(0, 5),
    "background": st.sampled_from([None, "photos"]),
    "channels": st.sampled_from([1, 3]),
}


@pytest.fixture(autouse=True, scope="module")
def read_once() -> Iterator[None]:
    """Read digits and photographs once, not for each of many examples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "read_glyphs", cache(read_glyphs))
        patch.setattr(module, "read_backgrounds", cache(module.read_backgrounds))
        yield


def plain_box(mask: np.ndarray) -> list[float]:
    """Find the box of a mask from the list of its pixels."""
    pixels = [(y, x) for y, row in enumerate(mask.tolist()) for x, inside in enumerate(row) if inside]
    ys, xs = [y for y, _ in pixels], [x for _, x in pixels]
    return [min(xs), min(ys), max(xs) + 1, max(ys) + 1]


@cache
def cuttings(split: str) -> dict[tuple[Any, bytes], int]:
    """Cut mnist5k's digits out at their own ink; return the label of each."""
    digits = load("mnist5k", split)
    found = {}
    for image, label in zip((digits.images[:, 0] * 255).round().byte().numpy(), digits.labels.tolist(), strict=True):
        ys, xs = np.nonzero(image >= INK)
        cut = image[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
        found[cut.shape, cut.tobytes()] = label
    assert len(found) == len(digits)
    return found


def cut(image: torch.Tensor, box: torch.Tensor) -> tuple[Any, bytes]:
    """Cut a box out of a canvas."""
    left, top, right, bottom = (int(edge) for edge in box)
    pixels = (image[0, top:bottom, left:right] * 255).round().byte().numpy()
    return pixels.shape, pixels.tobytes()


def same(one: Any, two: Any) -> bool:
    """Compare two sets bit by bit."""
    pairs = [(one.images, two.images), (one.masks, two.masks), *zip(one.boxes, two.boxes, strict=True)]
    return all(torch.equal(*pair) for pair in [*pairs, *zip(one.labels, two.labels, strict=True)])


@few_examples
@given(
    split=splits,
    count=st.integers(1, 5),
    size=sides,
    seed=seeds,
    scale=st.sampled_from([1, 0.5, (0.5, 1.0)]),
    **scenery,
)
def test_one_digit_a_canvas_with_the_box_of_its_mask(split, count, size, seed, scale, clutter, background, channels):
    drawn = canvases(
        split, count, size=size, clutter=clutter, background=background, channels=channels, scale=scale, seed=seed
    )
    height, width = (size, size) if isinstance(size, int) else size
    assert drawn.images.shape == (count, channels, height, width) and drawn.masks.shape == (count, height, width)
    assert (drawn.name, drawn.split, drawn.classes) == ("canvas", split, tuple("0123456789"))
    for mask, box in zip(drawn.masks.numpy(), drawn.boxes.tolist(), strict=True):
        assert box == plain_box(mask)
    lit = drawn.images.amin(1)[drawn.masks]  # on whatever background, a digit's pixels show its ink
    assert lit.min() >= INK / 255 - 1e-6


@few_examples
@given(
    split=splits,
    count=st.integers(1, 4),
    size=sides,
    seed=seeds,
    overlap=st.booleans(),
    fewest=st.integers(0, 3),
    more=st.integers(0, 3),
    **scenery,
)
def test_several_digits_each_with_the_box_of_its_mask(
    split, count, size, seed, overlap, fewest, more, clutter, background, channels
):
    height, width = (size, size) if isinstance(size, int) else size
    most = min(max(fewest + more, 1), (height // 20) * (width // 20))
    digits = (min(fewest, most), most)
    drawn = scenes(
        split, count, size=size, digits=digits, overlap=overlap, clutter=clutter, background=background,
        channels=channels, seed=seed,
    )  # fmt: skip
    assert drawn.images.shape == (count, channels, height, width) and drawn.masks.shape == (count, height, width)
    for at, (labels, boxes, masks) in enumerate(zip(drawn.labels, drawn.boxes, drawn.masks.numpy(), strict=True)):
        assert digits[0] <= len(labels) <= digits[1] and len(boxes) == len(labels)
        assert set(np.unique(masks)) - {0} == set(range(1, len(labels) + 1))
        assert boxes.tolist() == [plain_box(masks == number + 1) for number in range(len(labels))]
        assert drawn.images[at].amin(0)[torch.from_numpy(masks > 0)].numpy().min(initial=1) >= INK / 255 - 1e-6
        assert overlap or not any(crossing(*pair) for pair in combinations(boxes.tolist(), 2))


def crossing(one: list[float], two: list[float]) -> bool:
    """Say whether two boxes share a pixel."""
    return max(one[0], two[0]) < min(one[2], two[2]) and max(one[1], two[1]) < min(one[3], two[3])


@few_examples
@given(split=splits, size=sides, seed=seeds)
def test_a_digit_cut_out_at_its_box_is_the_digit_of_mnist5k_with_that_label(split, size, seed):
    drawn = canvases(split, 8, size=size, seed=seed)
    for image, box, label in zip(drawn.images, drawn.boxes, drawn.labels.tolist(), strict=True):
        assert cuttings(split)[cut(image, box)] == label


@few_examples
@given(split=splits, digits=st.integers(1, 9), seed=seeds)
def test_so_is_each_of_several_digits_and_no_ink_is_lost(split, digits, seed):
    drawn = scenes(split, 3, size=60, digits=digits, seed=seed)
    for image, boxes, labels in zip(drawn.images, drawn.boxes, drawn.labels, strict=True):
        assert [cuttings(split)[cut(image, box)] for box in boxes] == labels.tolist()


def test_without_overlap_even_the_faint_rims_keep_apart():
    glyphs = read_glyphs("train")
    drawn = scenes("train", 350, size=60, digits=9, overlap=False)  # nearly every training digit, once
    ink = {key: int(glyphs.tiles[at].sum()) for at, key in enumerate(keys_of(glyphs))}
    for image, boxes in zip(drawn.images, drawn.boxes, strict=True):
        assert round(float(image.double().sum()) * 255) == sum(ink[cut(image, box)] for box in boxes)


def keys_of(glyphs: Any) -> list[tuple[Any, bytes]]:
    """Cut glyphs out at their ink."""
    images = torch.from_numpy(glyphs.tiles)[:, None].float() / 255
    boxes = [torch.tensor(plain_box(tile >= INK)) for tile in glyphs.tiles]
    return [cut(image, box) for image, box in zip(images, boxes, strict=True)]


def test_every_digit_comes_once_before_any_comes_twice():
    drawn = canvases("test", 1200)
    keys = [cut(image, box) for image, box in zip(drawn.images, drawn.boxes, strict=True)]
    assert set(keys[:1000]) == set(cuttings("test")) and len(set(keys[1000:])) == 200
    assert drawn.labels[:1000].bincount().tolist() == [100] * 10


def test_no_ink_of_one_split_is_on_a_canvas_of_another(monkeypatch):
    rows, labels = mnist5k_bytes()
    shade = {"train": 90, "valid": 150, "test": 250}
    marked = np.zeros_like(rows)
    for split, index in split_indices(labels).items():
        marked[index] = np.where(rows[index] >= INK, shade[split], 0)
    monkeypatch.setattr(canvas_glyphs, "mnist5k_bytes", lambda: (marked, labels))
    monkeypatch.setattr(module, "read_glyphs", read_glyphs)
    for split, ink in shade.items():
        for drawn in (canvases(split, 1100, clutter=9), scenes(split, 300, digits=(0, 5), overlap=True, clutter=9)):
            assert set((drawn.images * 255).round().unique().tolist()) == {0, ink}


def test_no_photograph_is_in_two_splits():
    names = [name for split in SPLITS for name in BACKGROUNDS[split]]
    assert sorted(names) == [name for name, _, _ in PHOTOS]


def test_photographs_are_real_parts_darkened():
    drawn = canvases("test", 40, size=(33, 47), background="photos", channels=3)
    photos = load("photos")
    chosen = [photos.images[photos.classes.index(name)] * 0.6 for name in BACKGROUNDS["test"]]
    corner = drawn.images[:, :, :3, :3]  # mostly without a digit
    places = [photo.unfold(1, 3, 1).unfold(2, 3, 1).permute(1, 2, 0, 3, 4).reshape(-1, 27) for photo in chosen]
    known = {place.numpy().tobytes() for part in places for place in part}
    assert sum(one.reshape(27).contiguous().numpy().tobytes() in known for one in corner) > 20
    assert canvases("train", 2, size=300, background="photos").images.shape == (2, 1, 300, 300)


def test_same_seed_same_bits_and_another_seed_others():
    for make in (canvases, scenes):
        wish = {"clutter": 3, "background": "photos", "scale": (0.8, 1.2), "size": 50}
        assert same(make("train", 5, **wish, seed=4), make("train", 5, **wish, seed=4))
        assert not same(make("train", 5, **wish, seed=4), make("train", 5, **wish, seed=5))
    assert not torch.equal(canvases("train", 9).boxes, canvases("valid", 9).boxes)


def test_drawing_leaves_the_random_states_alone():
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # type: ignore[index]
    scenes("train", 5, clutter=2, background="photos")
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert np.random.get_state()[1].tolist() == numpy_before  # type: ignore[index]


def test_scenery_moves_no_digit(monkeypatch):
    monkeypatch.setattr(module, "PORTION", 20_000)  # several portions
    plain = canvases("train", 30, seed=1)
    for wish in ({"clutter": 20}, {"background": "photos"}, {"channels": 3}):
        other = canvases("train", 30, seed=1, **wish)
        assert torch.equal(plain.masks, other.masks) and torch.equal(plain.labels, other.labels)
    cluttered = canvases("train", 30, seed=1, clutter=20)
    assert torch.equal(plain.images[:, 0][plain.masks], cluttered.images[:, 0][plain.masks])  # clutter lies behind
    assert (cluttered.images >= plain.images).all() and cluttered.images.sum() > 1.5 * plain.images.sum()


# SHA-256 of labels, masks and bytes of ink: canvases that move would change every stored number about them.
PINS = {"canvases": "5767fc274c8cae88", "scenes": "df4a56557634cf45"}


def test_canvases_never_move():
    for name, drawn in {"canvases": canvases("train", 50, clutter=4), "scenes": scenes("test", 50)}.items():
        digest = hashlib.sha256(torch.cat([drawn.labels] if name == "canvases" else drawn.labels).numpy().tobytes())
        digest.update(drawn.masks.byte().numpy().tobytes())
        digest.update((drawn.images * 255).round().byte().numpy().tobytes())
        assert digest.hexdigest()[:16] == PINS[name], name


def test_many_portions_make_a_whole(monkeypatch):
    monkeypatch.setattr(module, "PORTION", 1)  # one canvas at a time
    drawn = scenes("valid", 7, size=64, digits=(1, 5))
    for image, boxes, labels in zip(drawn.images, drawn.boxes, drawn.labels, strict=True):
        assert [cuttings("valid")[cut(image, box)] for box in boxes] == labels.tolist()


def test_digits_lie_everywhere():
    corners = canvases("train", 3000, size=30).boxes[:, :2]
    assert corners.amin(0).tolist() == [0, 0] and corners.amax(0)[0] >= 24  # a thin 1 at the right border
    middle = canvases("train", 3000, size=100).boxes.view(-1, 2, 2).mean((0, 1))
    assert (middle - 50).abs().max() < 2


BAD: list[tuple[dict[str, Any], str]] = [
    ({"split": "tests"}, "unknown split 'tests': did you mean test"),
    ({"count": 0}, "count=0 must be a whole number, at least 1"),
    ({"size": 19}, "size=19 is too small: digits are up to 20 pixels high and wide at scale 1"),
    ({"size": (64, 19)}, r"size=\(64, 19\) is too small"),
    ({"size": 60, "scale": 4.0}, "digits are up to 80 pixels high and wide at scale 4"),
    ({"size": 0}, "size=0 must be a whole number, at least 1"),
    ({"size": (60, 60, 60)}, r"size=\(60, 60, 60\) must be one number or two"),
    ({"clutter": -1}, "clutter=-1 must be a whole number, at least 0"),
    ({"background": "photo"}, "unknown background 'photo': did you mean photos"),
    ({"channels": 2}, r"channels=2 must be 1 \(grey\) or 3"),
    ({"seed": -1}, "seed=-1 must be a whole number, at least 0"),
    ({"seed": 2**32}, r"seed=4294967296 must be less than 2\*\*32"),
    ({"scale": 0.25}, "scale=0.25 must be a number of at least 0.5"),
    ({"scale": float("nan")}, "scale=nan must be a number"),
    ({"scale": (2.0, 1.0)}, r"scale=\(2.0, 1.0\) must be \(smallest, largest\)"),
]
BAD_DIGITS: list[tuple[dict[str, Any], str]] = [
    ({"digits": 0}, "digits=0 must be a whole number, at least 1"),
    ({"digits": -2}, "digits=-2 must be a whole number, at least 1"),
    ({"digits": (0, 0)}, "digits=0 must be a whole number, at least 1"),
    ({"digits": (3, 1)}, r"digits=\(3, 1\) must be \(fewest, most\), but 3 is more than 1"),
    ({"digits": (1, 2, 3)}, r"digits=\(1, 2, 3\) must be one number or two"),
    ({"digits": 10}, "digits=10 is too many: at most 9 always find room on 60×60 pixels without overlap"),
    ({"digits": 300, "overlap": True}, "digits=300 is too many: at most 255 always find room on a canvas"),
    ({"digits": 9, "overlap": True, "size": 20, "count": 1}, "digits=9: so many hide each other on canvases of 20"),
]


@pytest.mark.parametrize(("wish", "sentence"), BAD)
@pytest.mark.parametrize("make", [canvases, scenes])
def test_bad_wishes_are_refused_in_one_sentence(make, wish, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        make(**wish)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("wish", "sentence"), BAD_DIGITS)
def test_bad_numbers_of_digits_are_refused_in_one_sentence(wish, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        scenes(**wish)
    assert "\n" not in str(caught.value)


def test_types():
    assert isinstance(canvases(count=1), CanvasSet) and isinstance(scenes(count=1, digits=1), SceneSet)
