"""Augmentations made of others: one after another, or only now and then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from visioncourse.augment.base import Augmentation, Choice
from visioncourse.augment.boxes import each
from visioncourse.augment.draws import number, uniform
from visioncourse.augment.mixing import soft_labels


class Compose(Augmentation):
    """One augmentation after another.

    >>> from visioncourse.augment import Cutout, Flip
    >>> sorted(Compose([Flip(), Cutout(4)]).sample(torch.Generator(), 2))
    ['0', '1']
    """

    def __init__(self, steps: Sequence[Augmentation]) -> None:
        self.steps = list(steps)
        for step in self.steps:
            require_augmentation("steps", step)

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw every step's choice; they are numbered ``"0"``, ``"1"``, ..."""
        return {str(place): step.sample(generator, batch) for place, step in enumerate(self.steps)}

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c i j"]:
        """Apply every step to what the one before has made."""
        for place, step in enumerate(self.steps):
            images = step.apply(images, choice[str(place)])
        return images

    def apply_masks(self, masks: Shaped[Tensor, "b *m h w"], choice: Choice) -> Shaped[Tensor, "b *m i j"]:
        """Apply every step to the masks."""
        for place, step in enumerate(self.steps):
            masks = step.apply_masks(masks, choice[str(place)])
        return masks

    def apply_boxes(
        self, boxes: Float[Tensor, "b *k 4"], choice: Choice, size: tuple[int, int]
    ) -> Float[Tensor, "b *k 4"]:
        """Apply every step to the boxes."""
        for place, step in enumerate(self.steps):
            boxes, size = step.apply_boxes(boxes, choice[str(place)], size), step.resized(size)
        return boxes

    def apply_labels(self, labels: Any, choice: Choice, size: tuple[int, int]) -> Any:
        """Apply every step to the labels."""
        for place, step in enumerate(self.steps):
            labels, size = step.apply_labels(labels, choice[str(place)], size), step.resized(size)
        return labels

    def resized(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the size that the last step leaves."""
        for step in self.steps:
            size = step.resized(size)
        return size


class Maybe(Augmentation):
    """Apply an augmentation to some images, each with the same chance, and leave the others.

    Args:
        augmentation: what is applied; it must keep the size of images.
        probability: of an image to be changed.

    >>> from visioncourse.augment import Noise
    >>> Maybe(Noise(0.1), 0.5).sample(torch.Generator().manual_seed(0), 4)["use"]
    tensor([ True, False,  True,  True])
    """

    def __init__(self, augmentation: Augmentation, probability: int | float) -> None:
        self.augmentation = require_augmentation("augmentation", augmentation)
        self.probability = number("probability", probability, 0, 1)

    def sample(self, generator: torch.Generator, batch: int) -> Choice:
        """Draw ``use``, one bool an image, and the inner ``choice``."""
        use = uniform(generator, (batch,)) < self.probability
        return {"use": use, "choice": self.augmentation.sample(generator, batch)}

    def apply(self, images: Float[Tensor, "b c h w"], choice: Choice) -> Float[Tensor, "b c h w"]:
        """Change the chosen images.

        Raises:
            ValueError: where the augmentation changes the size of images.
        """
        return self.changed(images, choice, self.augmentation.apply)

    def apply_masks(self, masks: Shaped[Tensor, "b *m h w"], choice: Choice) -> Shaped[Tensor, "b *m h w"]:
        """Change the masks of the chosen images."""
        return self.changed(masks, choice, self.augmentation.apply_masks)

    def apply_boxes(
        self, boxes: Float[Tensor, "b *k 4"], choice: Choice, size: tuple[int, int]
    ) -> Float[Tensor, "b *k 4"]:
        """Change the boxes of the chosen images."""
        return self.changed(boxes, choice, lambda old, inner: self.augmentation.apply_boxes(old, inner, size))

    def apply_labels(self, labels: Any, choice: Choice, size: tuple[int, int]) -> Any:
        """Change the labels of the chosen images; where they become soft, the others do too."""
        changed = self.augmentation.apply_labels(labels, choice["choice"], size)
        if changed is labels:
            return labels
        if changed.dim() > labels.dim():
            labels = soft_labels(labels, changed.shape[1])
        return torch.where(each(choice["use"], changed), changed, labels)

    def changed(self, values: Tensor, choice: Choice, change: Callable[[Tensor, Choice], Tensor]) -> Tensor:
        """Take the changed values of the chosen images, and the old ones of the others."""
        new = change(values, choice["choice"])
        if new.shape != values.shape:
            raise ValueError(
                f"{self.augmentation!r} makes {tuple(new.shape[1:])} of {tuple(values.shape[1:])}: "
                "Maybe expects an augmentation that keeps the size."
            )
        return torch.where(each(choice["use"], values), new, values)


def require_augmentation(name: str, value: Any) -> Augmentation:
    """Return what is an augmentation.

    Raises:
        TypeError: for anything else.
    """
    if not isinstance(value, Augmentation):
        raise TypeError(f"{name}: {value!r} is no visioncourse.augment.Augmentation; Policy makes one of a transform.")
    return value
