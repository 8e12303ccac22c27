"""What a network costs, counted and not timed: parameters and multiply-adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn
from torch.func import functional_call

from visioncourse.models.parts import check_counts


def count_parameters(model: nn.Module, trainable_only: bool = False) -> int:
    """Count the numbers that a network holds as parameters (buffers such as running means left out).

    >>> count_parameters(nn.Linear(784, 10))
    7850
    """
    return sum(p.numel() for p in model.parameters() if p.requires_grad or not trainable_only)


def count_multiply_adds(model: nn.Module, image_shape: Sequence[int]) -> int:
    """Count the multiplications (each with its addition) of convolutions and matrix products for one image.

    Norms, activations, pooling and biases are left out, as is usual; torch's own counter counts, and half of its
    operations are multiplications. Nothing is computed: shapes alone go through the network, which is left as it is.

    Args:
        model: maps images ``(1, c, h, w)`` to anything.
        image_shape: ``(c, h, w)``.

    Raises:
        ValueError: for another kind of shape, or one that the network cannot take.

    >>> count_multiply_adds(nn.Conv2d(3, 8, 3, padding=1), (3, 32, 32)) == 3 * 8 * 9 * 32 * 32
    True
    """
    if len(image_shape) != 3:
        raise ValueError(f"image_shape={tuple(image_shape)}: expected (channels, height, width).")
    check_counts(**dict(zip(("channels", "height", "width"), image_shape, strict=True)))
    from torch.utils.flop_counter import FlopCounterMode  # a third of a second, for it loads triton

    weights = {name: tensor.to("meta") for name, tensor in [*model.named_parameters(), *model.named_buffers()]}
    kinds = {p.dtype for p in model.parameters()} or {torch.float32}
    images = torch.zeros(1, *image_shape, device="meta", dtype=kinds.pop())
    with evaluating(model), torch.no_grad(), FlopCounterMode(display=False) as counter:
        try:
            functional_call(model, weights, (images,))
        except (RuntimeError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise ValueError(f"image_shape={tuple(image_shape)} does not fit the network: {reason}") from error
    return int(counter.get_total_flops()) // 2


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put all parts of a network in evaluation mode, and each back in its own mode afterwards."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode
