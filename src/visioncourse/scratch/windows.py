"""A window that slides over pictures: which pixels lie under it, and how what it sends back is gathered.

Convolution and pooling walk over the *entries* of the window, not over its positions: a 3 × 3 window has nine entries,
and the pixels under one of them, at all positions at once, are one strided view. That makes nine steps in NumPy instead
of one for every position.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from visioncourse.scratch.convolution import Pair, output_size, pair
from visioncourse.scratch.graph import Array


@dataclass(frozen=True)
class Window:
    """Height and width of a window, its steps, the zeros around the picture, the distance of its entries."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]

    @classmethod
    def of(cls, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = 1) -> Window:
        """Make a window; one number stands for two.

        Raises:
            ValueError: for a kernel, stride or dilation below 1, or a padding below 0.
        """
        return cls(pair(kernel, "kernel", 1), pair(stride, "stride", 1),
                   pair(padding, "padding", 0), pair(dilation, "dilation", 1))  # fmt: skip

    def positions(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Count how often the window fits into pictures of a shape ``(n, c, h, w)``, down and across.

        Raises:
            ValueError: where it does not fit at all.

        >>> Window.of(kernel=3, stride=2, padding=1).positions((64, 1, 28, 28))
        (14, 14)
        """
        sides = zip(shape[2:], self.kernel, self.stride, self.padding, self.dilation, strict=True)
        down, across = (output_size(*side) for side in sides)
        return down, across

    def entries(self, images: Array, outside: float) -> Iterator[Array]:
        """Yield, for each entry of the window, row by row, the pixels ``(n, c, i, j)`` under it.

        Args:
            images: ``(n, c, h, w)``.
            outside: what the padding consists of.
        """
        (ph, pw), (n, c, h, w) = self.padding, images.shape
        padded = images
        if ph or pw:
            padded = np.full((n, c, h + 2 * ph, w + 2 * pw), outside, images.dtype)
            padded[:, :, ph : ph + h, pw : pw + w] = images
        return self._views(padded, self.positions(images.shape))

    def gather(self, parts: Iterable[Array], images: Array) -> Array:
        """Add to every pixel what came back from each entry that looked at it: ``entries`` in reverse.

        Args:
            parts: for each entry, row by row, what it sends back to the pixels under it, ``(n, c, i, j)``.
            images: the pictures that were looked at; only their shape and dtype are used.

        Returns:
            Sums in the shape of ``images``. What came back to the padding is dropped.
        """
        (ph, pw), (n, c, h, w) = self.padding, images.shape
        padded = np.zeros((n, c, h + 2 * ph, w + 2 * pw), images.dtype)
        for pixels, part in zip(self._views(padded, self.positions(images.shape)), parts, strict=True):
            pixels += part
        return padded[:, :, ph : ph + h, pw : pw + w]

    def _views(self, padded: Array, positions: tuple[int, int]) -> Iterator[Array]:
        """View the pixels under each entry, in one step per position."""
        spans = [step * (count - 1) + 1 for step, count in zip(self.stride, positions, strict=True)]
        for a, b in np.ndindex(self.kernel):
            top, left = a * self.dilation[0], b * self.dilation[1]
            yield padded[:, :, top : top + spans[0] : self.stride[0], left : left + spans[1] : self.stride[1]]
