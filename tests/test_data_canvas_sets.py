"""Sets of canvases: parts of them, batches, targets, segmentation, training on them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torchvision.ops import masks_to_boxes

from visioncourse.boxes import boxes_of
from visioncourse.data import CATALOGUE, ImageSet, load, verify
from visioncourse.data.canvas import CanvasSet, SceneSet, canvases, scenes
from visioncourse.data.canvas_masks import SegmentationSet, check_parts, semantic
from visioncourse.train import fit


@pytest.fixture(scope="module")
def ones() -> CanvasSet:
    return canvases("train", 60, size=40, clutter=3)


@pytest.fixture(scope="module")
def many() -> SceneSet:
    return scenes("valid", 30, size=(50, 70), digits=(0, 4), overlap=True)


def test_load_gives_every_digit_once_on_a_cluttered_canvas():
    for split, count in CATALOGUE["canvas"].counts.items():
        loaded = load("canvas", split)
        assert isinstance(loaded, CanvasSet) and (loaded.name, loaded.split) == ("canvas", split)
        assert loaded.images.shape == (count, *CATALOGUE["canvas"].shape)
        assert loaded.labels.bincount().tolist() == [count // 10] * 10
    assert torch.equal(loaded.masks, canvases("test", 1000).masks)
    assert loaded.images.sum() > 1.2 * canvases("test", 1000).images.sum()


def test_load_in_another_size_makes_larger_canvases_not_larger_digits():
    loaded = load("canvas", "valid", size=33, channels=3)
    assert isinstance(loaded, CanvasSet) and loaded.images.shape == (500, 3, 33, 33)
    assert (loaded.boxes[:, 2:] - loaded.boxes[:, :2]).max() == 20
    with pytest.raises(ValueError, match="size=12 is too small"):
        load("canvas", size=12)


def test_verify():
    assert verify("canvas") == []


def test_in_words(ones, many):
    assert repr(ones) == "CanvasSet canvas train: 60 images of 1×40×40, 10 classes"
    assert repr(many) == "SceneSet canvas valid: 30 images of 1×50×70, 0 to 4 digits each, 10 classes"
    assert repr(scenes(count=2, digits=1)) == "SceneSet canvas train: 2 images of 1×60×60, 1 digit each, 10 classes"
    assert repr(many.segmentation()) == "SegmentationSet canvas valid: 30 images of 1×50×70, 11 classes of pixels"


def test_a_canvas_set_is_an_image_set_all_of_whose_parts_stay_together(ones):
    assert isinstance(ones, ImageSet)
    part = ones.subset([7, -1, 7])
    for name in ("images", "labels", "boxes", "masks"):
        assert torch.equal(getattr(part, name), getattr(ones, name)[[7, 59, 7]])
    few = ones.few(2, seed=3)
    assert isinstance(few, CanvasSet) and few.labels.bincount().tolist() == [2] * 10
    assert torch.equal(boxes_of(few.masks), few.boxes)
    images, labels = next(ones.batches(16, shuffle=True, generator=torch.Generator().manual_seed(0)))
    assert images.shape == (16, 1, 40, 40) and labels.shape == (16,)


def test_images_can_be_exchanged(ones):
    marked = replace(ones, images=1 - ones.images)
    assert torch.equal(marked.images, 1 - ones.images) and marked.boxes is ones.boxes


def test_parts_that_do_not_fit_together_are_refused(ones):
    # Not through the sets, whose annotations are checked under pytest before their own checks speak.
    images, masks = ones.images, ones.masks
    with pytest.raises(ValueError, match=r"equally high and wide, got \(39, 40\) and \(40, 40\)"):
        check_parts(images=images[:, :, 1:], masks=masks)
    with pytest.raises(ValueError, match="images, boxes and masks must be equally many, got 60, 60 and 59"):
        check_parts(images=images, boxes=ones.boxes, masks=masks[1:])
    with pytest.raises(ValueError, match="images is empty"):
        check_parts(images=images[:0], masks=masks[:0])


def test_a_subset_of_scenes(many):
    part = many.subset(torch.tensor([4, 2]))
    assert torch.equal(part.images, many.images[[4, 2]]) and torch.equal(part.masks, many.masks[[4, 2]])
    assert torch.equal(part.labels[1], many.labels[2]) and torch.equal(part.boxes[1], many.boxes[2])
    alone = many.subset([len(labels) == 0 for labels in many.labels])
    assert 0 < len(alone) < len(many) and not alone.masks.any()
    assert not alone.segmentation().masks.any() and alone.target(0)["masks"].shape == (0, 50, 70)


def test_targets_are_torchvisions(ones, many):
    for drawn in (ones, many):
        for at in range(len(drawn)):
            target = drawn.target(at)
            labels, boxes, masks = target["labels"], target["boxes"], target["masks"]
            assert (labels.dtype, boxes.dtype, masks.dtype) == (torch.int64, torch.float32, torch.bool)
            assert boxes.shape == (len(labels), 4) and masks.shape == (len(labels), *drawn.images.shape[2:])
            if len(labels):
                inclusive = masks_to_boxes(masks)  # torchvision's last column and row lie within
                assert torch.equal(boxes, inclusive + torch.tensor([0, 0, 1, 1]))
    with pytest.raises(IndexError, match="indices holds 30; the set has 30 images"):
        many.target(30)


def test_torchvisions_own_detector_takes_the_targets():
    from torchvision.models.detection import ssdlite320_mobilenet_v3_large

    drawn = scenes(count=2, digits=2, size=64, channels=3)
    images, targets = next(drawn.batches(2))
    detector = ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None, num_classes=11).train()
    losses = detector(list(images), [{**one, "labels": one["labels"] + 1} for one in targets])
    assert all(loss.isfinite() for loss in losses.values())


def test_batches_of_scenes_hold_each_once_with_its_own_targets(many):
    generator = torch.Generator().manual_seed(1)
    seen = 0
    by_image = {image.numpy().tobytes(): at for at, image in enumerate(many.images)}
    for images, targets in many.batches(8, shuffle=True, generator=generator):
        assert len(images) == len(targets)
        for image, target in zip(images, targets, strict=True):
            at = by_image[image.numpy().tobytes()]
            assert torch.equal(target["boxes"], many.boxes[at])
            seen += 1
    assert seen == len(many)
    shared = [len(targets) for rank in (0, 1) for _, targets in many.batches(8, share=(rank, 2))]
    assert shared == [4, 4, 4, 3, 4, 4, 4, 3]


def test_classes_of_pixels(ones, many):
    seg = ones.segmentation()
    assert seg.classes == ("background", *"0123456789") and seg.masks.dtype == torch.uint8
    assert torch.equal(seg.masks.long(), ones.masks * (ones.labels + 1)[:, None, None])
    seg = many.segmentation()
    for classes, instances, labels in zip(seg.masks, many.masks, many.labels, strict=True):
        table = torch.cat([torch.tensor([0]), labels + 1])
        assert torch.equal(classes.long(), table[instances.long()])
    images, masks = next(seg.subset([3, 1]).batches(2))
    assert masks.dtype == torch.int64 and torch.equal(masks, seg.masks[[3, 1]].long())
    assert torch.equal(images, many.images[[3, 1]])


@given(st.lists(st.tuples(*[st.integers(0, 8)] * 4), min_size=1, max_size=6))
def test_the_box_of_a_mask(corners):
    masks = torch.zeros(len(corners), 9, 9, dtype=torch.bool)
    for mask, (one, two, three, four) in zip(masks, corners, strict=True):
        mask[one, two] = mask[three, four] = True
    boxes = [[min(b, d), min(a, c), max(b, d) + 1, max(a, c) + 1] for a, b, c, d in corners]
    assert boxes_of(masks).tolist() == boxes
    assert boxes_of(torch.zeros(2, 5, 5, dtype=torch.bool)).tolist() == [[0] * 4] * 2


def test_a_number_without_a_digit_is_background():
    assert semantic(torch.tensor([[[0, 1, 2]]], dtype=torch.uint8), torch.tensor([[4]])).tolist() == [[[0, 5, 0]]]


def test_sets_that_do_not_fit_together_are_refused(many):
    parts = (many.images, many.labels, many.boxes, many.masks)
    with pytest.raises(ValueError, match="images, labels, boxes and masks must be equally many, got 30, 29, 30 and 30"):
        SceneSet(parts[0], parts[1][1:], parts[2], parts[3], many.classes)
    with pytest.raises(ValueError, match="each image needs as many labels as boxes, but image 0 has 9 labels and"):
        SceneSet(parts[0], (torch.zeros(9).long(), *parts[1][1:]), parts[2], parts[3], many.classes)
    with pytest.raises(ValueError, match="empty"):
        many.subset([])
    seg = many.segmentation()
    with pytest.raises(ValueError, match=r"masks must lie in 0..1, got"):
        SegmentationSet(seg.images, seg.masks, ("background", "digit"))
    with pytest.raises(ValueError, match="empty"):
        seg.subset([])


def test_fit_takes_canvases(ones):
    net = nn.Sequential(nn.Conv2d(1, 4, 5, 2), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4, 10))
    history = fit(net, ones, ones.few(2), epochs=2, batch_size=20)
    assert len(history.valid_accuracy) == 2 and history.loss[0] > 0


def test_fit_takes_classes_of_pixels(many):
    history = fit(nn.Conv2d(1, 11, 3, padding=1), many.segmentation(), epochs=3, batch_size=10, lr=0.1)
    assert history.loss[-1] < history.loss[0]


def test_fit_takes_scenes_with_a_loss_of_their_own(many):
    def count_loss(outputs: torch.Tensor, targets: list[dict[str, torch.Tensor]]) -> torch.Tensor:
        wanted = torch.tensor([float(len(target["labels"])) for target in targets])
        return ((outputs[:, 0] - wanted) ** 2).mean()

    net = nn.Sequential(nn.Flatten(), nn.Linear(50 * 70, 1))
    history = fit(net, many, epochs=5, batch_size=10, loss=count_loss)
    assert history.loss[-1] < history.loss[0]
