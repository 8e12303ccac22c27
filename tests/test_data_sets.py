"""ImageSet, its checks and its verbs; sizes and channels; batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from visioncourse.data import ImageSet, require_classes
from visioncourse.data.batches import as_indices, batch_indices
from visioncourse.data.pixels import LUMA, fit_images, fit_picture, open_picture, to_channels
from visioncourse.data.sets import check_shapes
from visioncourse.data.splits import balanced, by_group, stratified


def small(per_class: int = 4, classes: tuple[str, ...] = ("cat", "dog", "owl")) -> ImageSet:
    labels = torch.arange(len(classes)).repeat(per_class)
    images = torch.rand(len(labels), 1, 5, 5, generator=torch.Generator().manual_seed(0))
    return ImageSet(images, labels, classes, "pets", "train")


GOOD = torch.full((2, 1, 4, 4), 0.5)
LABELS = torch.tensor([0, 1])


def spoiled(value: float) -> torch.Tensor:
    images = GOOD.clone()
    images[1, 0, 2, 3] = value
    return images


@pytest.mark.parametrize(
    ("images", "labels", "error", "sentence"),
    [
        (GOOD.numpy(), LABELS, TypeError, "images must be a torch.Tensor, got ndarray"),
        (GOOD, [0, 1], TypeError, "labels must be a torch.Tensor, got list"),
        (GOOD.double(), LABELS, TypeError, r"images must be torch.float32, got torch.float64 of shape"),
        (GOOD, LABELS.int(), TypeError, "labels must be torch.int64, got torch.int32"),
        (GOOD[:, 0], LABELS, ValueError, r"images must have shape \(n, channels, height, width\), got \(2, 4, 4\)"),
        (GOOD, LABELS[:, None], ValueError, r"labels must have shape \(n,\), got \(2, 1\)"),
        (GOOD, LABELS[:1], ValueError, "equally many, got 2 and 1"),
        (GOOD[:0], LABELS[:0], ValueError, "images is empty"),
        (GOOD[..., :0], LABELS, ValueError, "images is empty"),
    ],
)
def test_wrong_types_and_shapes_are_refused_in_one_sentence(images, labels, error, sentence):
    # Not through ImageSet(...), whose annotations are checked under pytest before its own checks speak.
    with pytest.raises(error, match=sentence) as caught:
        check_shapes(images, labels)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("images", "labels", "sentence"),
    [
        (GOOD[:0], LABELS[:0], "images is empty"),
        (spoiled(float("nan")), LABELS, "1 of 2 images hold NaN or infinity"),
        (spoiled(float("inf")), LABELS, "1 of 2 images hold NaN or infinity"),
        (spoiled(-0.25), LABELS, r"images must lie in \[0, 1\], got values from -0.25 to 0.5"),
        (spoiled(255.0), LABELS, r"images must lie in \[0, 1\], got values from 0.5 to 255"),
        (GOOD, torch.tensor([0, 2]), r"labels must lie in 0..1 for 2 classes, got 2"),
        (GOOD, torch.tensor([-1, 0]), r"labels must lie in 0..1 for 2 classes, got -1"),
    ],
)
def test_wrong_values_are_refused_in_one_sentence(images, labels, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        ImageSet(images, labels, ("a", "b"))
    assert "\n" not in str(caught.value)


def test_repr_and_len():
    assert repr(small()) == "ImageSet pets train: 12 images of 1×5×5, 3 classes"
    assert len(small()) == 12


def test_a_set_cannot_be_changed_by_assignment():
    with pytest.raises(AttributeError):
        small().labels = LABELS  # type: ignore[misc]


def test_subset_by_numbers_range_mask_array_and_tensor():
    full = small()
    assert torch.equal(full.subset([3, 0, -1]).labels, full.labels[[3, 0, 11]])
    assert torch.equal(full.subset(range(2, 4)).images, full.images[2:4])
    assert torch.equal(full.subset(full.labels == 2).images, full.images[full.labels == 2])
    assert torch.equal(full.subset(np.array([5])).images, full.images[5:6])
    assert torch.equal(full.subset(torch.tensor([5])).images, full.images[5:6])
    assert full.subset([0]).name == "pets" and full.subset([0]).split == "train"


def test_subset_refuses_what_is_no_index():
    with pytest.raises(IndexError, match="indices holds 12; the set has 12 images"):
        small().subset([12])
    with pytest.raises(IndexError, match="indices holds -13; the set has 12 images"):
        small().subset([-13])
    with pytest.raises(IndexError, match="mask of shape"):
        small().subset(np.array([True]))
    with pytest.raises(TypeError, match="whole numbers in one row"):
        as_indices(np.array([0.5]), 3)
    with pytest.raises(ValueError, match="empty"):
        small().subset([])


def test_few_is_balanced_seeded_and_nested():
    full = small(per_class=9)
    two, three = full.few(2, seed=1), full.few(3, seed=1)
    assert torch.bincount(three.labels).tolist() == [3, 3, 3]
    assert torch.equal(three.images, full.few(3, seed=1).images)
    assert not torch.equal(three.images, full.few(3, seed=2).images)
    kept = {image.numpy().tobytes() for image in three.images}
    assert {image.numpy().tobytes() for image in two.images} < kept


def test_few_refuses_poor_classes_and_wrong_numbers():
    lopsided = small().subset([0, 1, 2, 3, 4])  # cat, dog, owl, cat, dog
    with pytest.raises(ValueError, match="per_class=2 is too many: class 'owl' has only 1 image"):
        lopsided.few(2)
    with pytest.raises(ValueError, match="per_class=0 must be a whole number, at least 1"):
        lopsided.few(0)


def test_require_classes():
    require_classes(small())
    with pytest.raises(ValueError, match=r"holds images of 1 class only \(dog\); at least 2 are needed"):
        require_classes(small().subset([1, 4]))
    with pytest.raises(ValueError, match="at least 4 are needed"):
        require_classes(small(), at_least=4)


@given(count=st.integers(1, 50), batch_size=st.integers(1, 60), seed=st.integers(0, 99), shuffle=st.booleans())
def test_batches_hold_every_image_once(count, batch_size, seed, shuffle):
    portions = batch_indices(count, batch_size, shuffle, torch.Generator().manual_seed(seed))
    assert sorted(torch.cat(portions).tolist()) == list(range(count))
    assert all(len(portion) == batch_size for portion in portions[:-1])
    assert len(portions[-1]) == (count - 1) % batch_size + 1


def test_batches_are_seeded_and_pair_images_with_labels():
    full = small()
    by_image = {image.numpy().tobytes(): int(label) for image, label in zip(full.images, full.labels, strict=True)}

    def run(seed):
        return list(full.batches(5, shuffle=True, generator=torch.Generator().manual_seed(seed)))

    for one, two in zip(run(3), run(3), strict=True):
        assert torch.equal(one[0], two[0]) and torch.equal(one[1], two[1])
    assert not torch.equal(run(3)[0][0], run(4)[0][0])
    assert [len(labels) for _, labels in run(3)] == [5, 5, 2]
    for images, labels in run(3):
        assert [by_image[image.numpy().tobytes()] for image in images] == labels.tolist()


def test_batches_without_shuffle_leave_the_random_state_alone():
    before = torch.get_rng_state()
    assert torch.equal(torch.cat([labels for _, labels in small().batches(5)]), small().labels)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_batch_that_is_changed_does_not_change_the_set():
    full = small()
    next(iter(full.batches(4)))[0].zero_()
    assert full.images[:4].sum() > 0


@pytest.mark.parametrize("batch_size", [0, -3])
def test_wrong_batch_size_is_refused_at_the_call(batch_size):
    with pytest.raises(ValueError, match=f"batch_size={batch_size} must be a whole number, at least 1"):
        small().batches(batch_size)


@given(labels=st.lists(st.integers(0, 4), min_size=1, max_size=80), seed=st.integers(0, 9))
def test_stratified_parts_cover_everything_once_and_evenly(labels, seed):
    labels = np.array(labels)
    parts = stratified(labels, (0.7, 0.1, 0.2), seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(labels)))
    for label in np.unique(labels):
        total = int((labels == label).sum())
        for part, share in zip(parts, (0.7, 0.1, 0.2), strict=True):
            assert abs((labels[part] == label).sum() - share * total) <= 1


def test_groups_stay_together():
    labels = np.repeat([0, 1], 60)
    groups = np.arange(120) // 3
    train, valid = by_group(labels, groups, (0.9, 0.1))
    assert not set(groups[train]) & set(groups[valid])
    assert len(train) == 108 and len(valid) == 12 and set(labels[valid]) == {0, 1}


def test_balanced_takes_the_same_number_of_every_class():
    labels = np.array([0] * 9 + [1] * 3)
    assert np.bincount(labels[balanced(labels, 3, seed=5)]).tolist() == [3, 3]


def test_channels():
    colour = torch.rand(2, 3, 4, 4)
    grey = to_channels(colour, 1)
    assert torch.allclose(grey[:, 0], sum(w * colour[:, i] for i, w in enumerate(LUMA)))
    assert torch.equal(to_channels(grey, 3), grey.expand(2, 3, 4, 4))
    assert to_channels(colour, None) is colour
    assert fit_images(torch.ones(1, 3, 4, 4), None, 1).max() <= 1


def test_resize_is_antialiased_and_crops_the_central_square():
    stripes = torch.zeros(1, 1, 64, 64)
    stripes[..., ::2] = 1
    assert (fit_images(stripes, 16, None) - 0.5).abs().max() < 0.1  # without antialiasing: 0 or 1
    wide = torch.zeros(1, 1, 4, 8)
    wide[..., 2:6] = 1
    assert torch.equal(fit_images(wide, 4, None), torch.ones(1, 1, 4, 4))


@pytest.mark.parametrize(("size", "channels", "word"), [(0, None, "size=0"), (-2, 1, "size=-2"), (8, 2, "channels=2")])
def test_wrong_size_and_channels(size, channels, word):
    with pytest.raises(ValueError, match=word):
        fit_images(GOOD, size, channels)


def test_pictures_from_files_look_like_images_from_memory():
    pixels = np.random.RandomState(0).randint(0, 256, (40, 60, 3)).astype(np.uint8)
    tensor = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
    for channels in (1, 3):
        picture = fit_picture(Image.fromarray(pixels), 20, channels)
        assert (picture - fit_images(tensor, 20, channels)[0]).abs().max() < 2 / 255  # Pillow rounds to bytes


def test_a_cameras_rotation_note_is_obeyed(tmp_path):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4] = 255  # bright above
    exif = Image.Exif()
    exif[0x0112] = 3  # taken upside down
    Image.fromarray(pixels).save(tmp_path / "a.jpg", exif=exif, quality=100)
    picture = fit_picture(open_picture(tmp_path / "a.jpg"), 8, 1)
    assert picture[0, 0].mean() < 0.1 and picture[0, 7].mean() > 0.9
