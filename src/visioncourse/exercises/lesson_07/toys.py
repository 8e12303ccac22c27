"""Small networks built as those of the course are, on which the exercises try what a learner wrote."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from visioncourse.models.cnn import ConvNet, GlobalAverage, conv_block


class Toy(ConvNet):
    """Stages of a convolution, batch norm and ReLU each, and a head.

    Args:
        widths: channels of the images and of each stage.
        hidden: neurons of a hidden layer in the head; none for 0.
    """

    def __init__(self, widths: tuple[int, ...] = (1, 2, 3, 5), hidden: int = 0) -> None:
        super().__init__()
        self.stages = nn.Sequential(*(conv_block(a, b) for a, b in pairwise(widths)))
        layers = [nn.Linear(widths[-1], hidden), nn.ReLU()] if hidden else []
        self.head = nn.Sequential(GlobalAverage(), *layers, nn.Linear(hidden or widths[-1], 4))


def toy(widths: tuple[int, ...] = (1, 2, 3, 5), hidden: int = 0, frozen: tuple[str, ...] = ()) -> Toy:
    """Build the same network at every call, whatever torch's random state, which is left as it was.

    Args:
        widths: channels of the images and of each stage.
        hidden: neurons of a hidden layer in the head; none for 0.
        frozen: beginnings of the names of parameters that do not learn; "" for all.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(7)  # torch.manual_seed would also reseed the graphics cards
        model = Toy(widths, hidden)
        for name, running in model.named_buffers():
            if running.is_floating_point():  # as after some training
                running.uniform_(*((0.2, 0.8) if name.endswith("var") else (-0.5, 0.0)))
    for name, weight in model.named_parameters():
        weight.requires_grad_(not name.startswith(frozen))
    return model
