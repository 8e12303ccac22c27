"""Answers to the exercises of lesson 02, right and wrong, that are too long to stand beside their hints."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F


def output_size(size: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    """Count how often the stretched kernel can step on before it leaves the padded side, and add the first place."""
    span = dilation * (kernel - 1) + 1
    return (size + 2 * padding - span) // stride + 1


def convolve(image: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """Pad, then put the window at every stride-th place."""
    k = len(kernel)
    image = F.pad(image, (padding, padding, padding, padding))
    rows = (image.shape[0] - k) // stride + 1
    columns = (image.shape[1] - k) // stride + 1
    result = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            result[i, j] = (image[top : top + k, left : left + k] * kernel).sum()
    return result


def sobel_magnitude(image: Any) -> Any:
    """Measure the slope in both directions and combine them as Pythagoras combines two sides."""
    across = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    slopes = [F.conv2d(image[None, None], kernel[None, None])[0, 0] for kernel in (across, across.T)]
    return (slopes[0] ** 2 + slopes[1] ** 2).sqrt()


def channels_to_maps(image: Any, kernels: Any) -> Any:
    """Each map is the sum, over the channels, of one sliding kernel a channel."""
    maps = []
    for kernel in kernels:
        slices = [F.conv2d(c[None, None], k[None, None])[0, 0] for c, k in zip(image, kernel, strict=True)]
        maps.append(torch.stack(slices).sum(dim=0))
    return torch.stack(maps)


def separable_count(c_in: Any, c_out: Any, k: Any) -> Any:
    """One k × k kernel for each input channel, then a 1 × 1 kernel over all of them for each output channel."""
    return k * k * c_in + c_in * c_out


def step_forgotten(image: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    """Make a map of the right size from windows that move one pixel at a time."""
    full, size = convolve(image, kernel, 1, padding), convolve(image, kernel, stride, padding).shape
    return full[: size[0], : size[1]]


def slopes(image: Any) -> tuple[Any, Any]:
    """Return the slopes to the right and downwards."""
    across = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    first, second = (F.conv2d(image[None, None], kernel[None, None])[0, 0] for kernel in (across, across.T))
    return first, second


def plain_difference(image: Any) -> Any:
    """Measure edges with Prewitt's kernels in place of Sobel's."""
    across = torch.tensor([[-1.0, 0.0, 1.0]] * 3)
    first, second = (F.conv2d(image[None, None], kernel[None, None])[0, 0] for kernel in (across, across.T))
    return (first**2 + second**2).sqrt()
