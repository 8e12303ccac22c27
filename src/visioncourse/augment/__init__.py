"""Batched augmentations: what is drawn at random is kept apart from what is done with it.

``sample(generator, batch)`` draws a choice for each of ``batch`` images, and ``apply(images, choice)`` carries it out
without any chance. So a choice can be repeated, cut into the parts of several processes, or carried out on the
images' masks, boxes and labels:

>>> import torch
>>> move = Compose([Flip(), Rotate(15)])
>>> choice = move.sample(torch.Generator().manual_seed(0), batch=2)
>>> move.apply(torch.rand(2, 3, 8, 8), choice).shape
torch.Size([2, 3, 8, 8])
>>> move.apply_masks(torch.ones(2, 8, 8, dtype=torch.bool), choice).shape
torch.Size([2, 8, 8])
>>> move.apply_boxes(torch.tensor([[0.0, 0.0, 4.0, 2.0], [1.0, 1.0, 5.0, 5.0]]), choice, (8, 8)).shape
torch.Size([2, 4])

In one go, as ``fit(augment=...)`` does:

>>> mixed, soft = Mixup(num_classes=10)(torch.rand(2, 3, 8, 8), torch.tensor([3, 7]), torch.Generator())
>>> mixed.shape, soft.shape
(torch.Size([2, 3, 8, 8]), torch.Size([2, 10]))
"""

from __future__ import annotations

from visioncourse.augment.affine import Affine, Rotate
from visioncourse.augment.base import Augmentation, Choice, Still, rows
from visioncourse.augment.colour import Brightness, Colour, Contrast
from visioncourse.augment.combine import Compose, Maybe
from visioncourse.augment.hide import Cutout, Noise
from visioncourse.augment.mixing import CutMix, Mixup
from visioncourse.augment.moves import Crop, Flip, ShiftCrop
from visioncourse.augment.policy import Policy
from visioncourse.boxes import boxes_of

__all__ = [
    "Affine", "Augmentation", "Brightness", "Choice", "Colour", "Compose", "Contrast", "Crop", "CutMix", "Cutout",
    "Flip", "Maybe", "Mixup", "Noise", "Policy", "Rotate", "ShiftCrop", "Still", "boxes_of", "rows",
]  # fmt: skip
