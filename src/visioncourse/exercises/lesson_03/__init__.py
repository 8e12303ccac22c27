"""Exercises of lesson 03: pooling, receptive fields, counting, a network under a budget, a confusion matrix."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_03.budget import BUDGET, HINTS, measure_small_network, small_network, wrong_network


def max_pool(image: Any, k: Any) -> Any:
    """Take the largest value of each k × k tile; what is left over at the border is dropped."""
    rows, columns = image.shape[0] // k, image.shape[1] // k
    tiles = image[: rows * k, : columns * k].reshape(rows, k, columns, k)
    return tiles.amax(dim=(1, 3))


def receptive_field(layers: Any) -> Any:
    """Widen by dilation · (kernel − 1) jumps a layer, where a jump is the product of all strides before."""
    field, jump = 1, 1
    for kernel, stride, dilation in layers:
        field += dilation * (kernel - 1) * jump
        jump *= stride
    return field


def cnn_parameters(in_chans: Any, widths: Any, num_classes: Any) -> Any:
    """Count 3 × 3 kernels over all channels, one bias a map, and the linear head behind the global pooling."""
    convolutions = sum(9 * before * after + after for before, after in pairwise([in_chans, *widths]))
    return convolutions + widths[-1] * num_classes + num_classes


def share_read(counts: Any) -> Any:
    """Divide the diagonal by the sums of the rows."""
    return counts.diag() / counts.sum(dim=1)


DRAW = torch.Generator().manual_seed(3)
EVEN, ODD = torch.randn(4, 6, generator=DRAW), torch.randn(5, 7, generator=DRAW)
COUNTS = torch.tensor([[8, 2, 0], [1, 5, 4], [0, 0, 20]])

EXERCISES = [
    Exercise(
        id="03.1",
        title="Max-pool",
        reference=max_pool,
        cases=[(EVEN, 2), (ODD, 2), (ODD, 3)],
        mistakes=[
            Mistake(
                "average",
                lambda image, k: F.avg_pool2d(image[None], k)[0],
                "You took the average of each tile. Max-pooling keeps the largest value only.",
            ),
            Mistake(
                "overlapping",
                lambda image, k: F.max_pool2d(image[None], k, stride=1)[0],
                "Your tiles overlap, because the window moves by one pixel. Pooling steps by k, so that tiles touch.",
            ),
            Mistake(
                "border kept",
                lambda image, k: F.max_pool2d(image[None], k, ceil_mode=True)[0],
                "You kept an incomplete tile at the border. Where k does not divide the side, the rest is dropped.",
            ),
            Mistake(
                "largest size",
                lambda image, k: F.max_pool2d(image[None].abs(), k)[0],
                "You dropped the signs before comparing. −3 is smaller than 1, whatever its size.",
            ),
            Mistake(
                "scrambled",
                lambda image, k: (
                    image[: image.shape[0] // k * k, : image.shape[1] // k * k]
                    .reshape(image.shape[0] // k, image.shape[1] // k, k, k)
                    .amax(dim=(2, 3))
                ),
                "Your reshape does not cut tiles: read row by row, the order is tile row, row in the tile, tile "
                "column, column in the tile: `reshape(rows, k, columns, k)`.",
            ),
            Mistake(
                "corner",
                lambda image, k: image[: image.shape[0] // k * k : k, : image.shape[1] // k * k : k],
                "You kept the first pixel of each tile. That shrinks the picture too, but looks at one pixel in k².",
            ),
        ],
        hints=[
            "How many tiles fit: `rows = image.shape[0] // k`. Then two loops as in `slide`, with `.max()` inside.",
            "The tile at (i, j) is `image[i*k:(i+1)*k, j*k:(j+1)*k]`.",
        ],
        idea="Cut into tiles that touch, keep the largest of each.",
    ),
    Exercise(
        id="03.2",
        title="Receptive field",
        reference=receptive_field,
        cases=[
            ([(3, 1, 1), (3, 1, 1)],),
            ([(3, 1, 1), (2, 2, 1), (3, 1, 1), (2, 2, 1), (3, 1, 1)],),
            ([(5, 1, 1), (2, 2, 1), (5, 1, 2)],),
            ([(3, 1, 1), (3, 1, 2), (3, 1, 4)],),
            ([(3, 2, 1), (3, 2, 1)],),
        ],
        mistakes=[
            Mistake(
                "strides ignored",
                lambda layers: 1 + sum(dilation * (kernel - 1) for kernel, _, dilation in layers),
                "Right as long as nothing shrinks the picture. After a stride of 2 neighbouring places lie two pixels "
                "apart, so every later layer widens the view twice as much.",
            ),
            Mistake(
                "own stride first",
                lambda layers: (
                    1
                    + sum(
                        d * (k - 1) * math.prod(s for _, s, _ in layers[: i + 1]) for i, (k, _, d) in enumerate(layers)
                    )
                ),
                "A layer's own stride changes how far apart its outputs lie, not what each of them sees: widen the "
                "field first, then multiply the jump.",
            ),
            Mistake(
                "dilation ignored",
                lambda layers: receptive_field([(kernel, stride, 1) for kernel, stride, _ in layers]),
                "Right until a kernel is stretched: with dilation d its entries lie d jumps apart.",
            ),
            Mistake(
                "starts at 0",
                lambda layers: receptive_field(layers) - 1,
                "You are one short: with no layers at all a place sees one pixel, itself.",
            ),
            Mistake(
                "kernels added",
                lambda layers: sum(kernel for kernel, _, _ in layers),
                "Kernels overlap: two layers of 3 see 5 pixels, not 6. Each adds its kernel less one.",
            ),
        ],
        hints=[
            "Keep two numbers: the field, which starts at 1, and the jump between neighbouring places, also 1.",
            "In the lesson a layer widened the field by (kernel − 1) jumps. How many jumps does a kernel span whose "
            "entries lie d apart?",
        ],
        idea="Per layer dilation · (kernel − 1) jumps more; the jump is the product of the strides so far.",
    ),
    Exercise(
        id="03.3",
        title="Count a network's parameters",
        reference=cnn_parameters,
        cases=[(1, [16, 32], 10), (3, [8], 5), (1, [32, 64, 64], 10)],
        mistakes=[
            Mistake(
                "no biases",
                lambda in_chans, widths, num_classes: (
                    sum(9 * a * b for a, b in pairwise([in_chans, *widths])) + widths[-1] * num_classes
                ),
                "The biases are missing: one for each map of each convolution, one for each class.",
            ),
            Mistake(
                "biases of the head only",
                lambda in_chans, widths, num_classes: (
                    sum(9 * a * b for a, b in pairwise([in_chans, *widths])) + (widths[-1] + 1) * num_classes
                ),
                "The convolutions' biases are missing, one for each map. (The lesson's network had none, because batch "
                "norm brings its own; this one has.)",
            ),
            Mistake(
                "no bias in the head",
                lambda in_chans, widths, num_classes: (
                    sum(9 * a * b + b for a, b in pairwise([in_chans, *widths])) + widths[-1] * num_classes
                ),
                "The head's biases are missing, one for each class.",
            ),
            Mistake(
                "one slice",
                lambda in_chans, widths, num_classes: (
                    sum(9 * b + b for b in widths) + widths[-1] * num_classes + num_classes
                ),
                "Each kernel has nine weights for every channel that it sees, not nine in all.",
            ),
            Mistake(
                "no kernels",
                lambda in_chans, widths, num_classes: (
                    sum(a * b + b for a, b in pairwise([in_chans, *widths])) + widths[-1] * num_classes + num_classes
                ),
                "You counted 1 × 1 kernels. These are 3 × 3: nine weights for each pair of channel and map.",
            ),
            Mistake(
                "no head",
                lambda in_chans, widths, num_classes: sum(9 * a * b + b for a, b in pairwise([in_chans, *widths])),
                "The convolutions are right. The linear layer behind the global pooling has parameters too.",
            ),
        ],
        hints=[
            "A convolution from a channels to b maps: 9·a·b weights and b biases.",
            "Global pooling leaves one number a map, so the head has widths[-1]·num_classes weights and num_classes "
            "biases.",
        ],
        idea="Image size appears nowhere in the count: neither kernels nor global pooling know it.",
    ),
    Exercise(
        id="03.4",
        title=f"A network under {BUDGET:,} parameters",
        reference=small_network,
        mistakes=[Mistake(name, lambda name=name: wrong_network(name), hint) for name, hint in HINTS.items()],
        hints=[
            "Most parameters sit between the widest layers. What do widths of 8, 16 and 24 cost? Use your 03.3.",
            "Two thin convolutions before each pooling often read better than one wide one. Train for at least ten "
            "epochs with lr=1e-2.",
        ],
        idea="Several shapes of this size will do; nearly all parameters sit between the last and widest layers.",
        measure=measure_small_network,
    ),
    Exercise(
        id="03.5",
        title="Read a confusion matrix",
        reference=share_read,
        cases=[(COUNTS,), (torch.tensor([[3, 1], [2, 2]]),)],
        mistakes=[
            Mistake(
                "by columns",
                lambda counts: counts.diag() / counts.sum(dim=0),
                "You divided by the columns: of all pictures that the network *called* a 4, how many were one. Asked "
                "is, of all that *are* a 4, how many were read. Rows are the labels.",
            ),
            Mistake(
                "counts",
                lambda counts: counts.diag(),
                "Those are counts. Divide each by how many pictures its class has.",
            ),
            Mistake(
                "of all pictures",
                lambda counts: counts.diag() / counts.sum(),
                "You divided by all pictures. Each class is measured against its own row.",
            ),
            Mistake(
                "mistakes",
                lambda counts: 1 - counts.diag() / counts.sum(dim=1),
                "That is the share that was missed; asked is the share that was read.",
            ),
        ],
        hints=[
            "Where in the matrix stand the right answers, and where all of a class?",
            "`.diag()` and `.sum(dim=1)`.",
        ],
        idea="Diagonal over row sums; this share is called the recall of a class, and diagonal over columns precision.",
    ),
]
