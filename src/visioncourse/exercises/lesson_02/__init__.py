"""Exercises of lesson 02: sizes, sliding with stride and padding, Sobel, channels, and a count."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_02.answers import (
    channels_to_maps,
    convolve,
    output_size,
    plain_difference,
    separable_count,
    slopes,
    sobel_magnitude,
    step_forgotten,
)

DRAW = torch.Generator().manual_seed(2)
SEVEN = torch.tensor(
    [[0.0, 0, 0, 0, 0, 0], [0, 2, 2, 2, 2, 0], [0, 0, 0, 0, 2, 0], [0, 0, 0, 2, 0, 0], [0, 0, 2, 0, 0, 0],
     [0, 0, 2, 0, 0, 0]]
)  # fmt: skip
KERNEL = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, 0.0], [0.0, 1.0, 3.0]])
PICTURE = torch.rand(5, 8, generator=DRAW)
COLOURED, KERNELS = torch.rand(3, 6, 5, generator=DRAW), torch.randn(4, 3, 3, 3, generator=DRAW)

EXERCISES = [
    Exercise(
        id="02.1",
        title="How many places",
        reference=output_size,
        cases=[
            (28, 3, 1, 0, 1),
            (28, 3, 2, 0, 1),
            (28, 5, 1, 2, 1),
            (32, 3, 2, 1, 1),
            (10, 3, 1, 0, 2),
            (12, 3, 3, 0, 1),
        ],
        mistakes=[
            Mistake(
                "first place forgotten",
                lambda size, kernel, stride, padding, dilation: (
                    (size + 2 * padding - dilation * (kernel - 1) - 1) // stride
                ),
                "You are one short: a window of 3 on a side of 3 has one place, not none. Count the steps, then add "
                "the place where it starts.",
            ),
            Mistake(
                "dilation forgotten",
                lambda size, kernel, stride, padding, dilation: (size + 2 * padding - kernel) // stride + 1,
                "Your sizes are right until the kernel is stretched: with dilation 2 a kernel of 3 spans 5 pixels.",
            ),
            Mistake(
                "padding on one side",
                lambda size, kernel, stride, padding, dilation: (
                    (size + padding - dilation * (kernel - 1) - 1) // stride + 1
                ),
                "Padding is added at both ends of the side, so it counts twice.",
            ),
            Mistake(
                "rounded up",
                lambda size, kernel, stride, padding, dilation: (
                    -(-(size + 2 * padding - dilation * (kernel - 1) - 1) // stride) + 1
                ),
                "Where the last step does not fit it is not taken: divide with `//`, which rounds down.",
            ),
            Mistake(
                "added before dividing",
                lambda size, kernel, stride, padding, dilation: (
                    (size + 2 * padding - dilation * (kernel - 1)) // stride
                ),
                "You added the 1 before dividing by the stride. The first place is one place, whatever the stride: "
                "divide first.",
            ),
        ],
        hints=[
            "How far can the window travel? That is the padded side minus what the kernel spans.",
            "A kernel of k entries with dilation d spans d·(k − 1) + 1 pixels. Places: travel // stride + 1.",
        ],
        idea="Places = (size + 2·padding − span) // stride + 1, with span = dilation·(kernel − 1) + 1.",
    ),
    Exercise(
        id="02.2",
        title="Slide with stride and padding",
        reference=convolve,
        cases=[(SEVEN, KERNEL, 1, 0), (SEVEN, KERNEL, 2, 0), (SEVEN, KERNEL, 1, 1), (PICTURE, KERNEL, 2, 1)],
        mistakes=[
            Mistake(
                "flipped",
                lambda image, kernel, stride, padding: convolve(image, kernel.flip(0, 1), stride, padding),
                "Your kernel is turned by 180 degrees. That is convolution as mathematicians write it; networks do "
                "not turn it.",
            ),
            Mistake(
                "stride ignored",
                lambda image, kernel, stride, padding: convolve(image, kernel, 1, padding),
                "Your map is too large when the stride is 2: the window still stops at every pixel.",
            ),
            Mistake(
                "padding ignored",
                lambda image, kernel, stride, padding: convolve(image, kernel, stride, 0),
                "Your map is too small when there is padding: put `padding` rows and columns of zeros around first.",
            ),
            Mistake(
                "window not moved by the stride",
                step_forgotten,
                "The map has the right size, but entry (i, j) looks at pixel (i, j). With a stride it looks at pixel "
                "(i·stride, j·stride).",
            ),
            Mistake(
                "padding top left",
                lambda image, kernel, stride, padding: convolve(
                    F.pad(image, (padding, 0, padding, 0)), kernel, stride, 0
                ),
                "The zeros go around all four sides; you put them above and to the left only.",
            ),
        ],
        hints=[
            "Three changes to `slide`: pad first, count the places, let the window start at i·stride.",
            "`F.pad(image, (p, p, p, p))` adds p columns left and right, then p rows above and below.",
        ],
        idea="Padding changes the picture, stride changes where the windows start; the sum inside stays the same.",
    ),
    Exercise(
        id="02.3",
        title="How strong is the edge",
        reference=sobel_magnitude,
        cases=[(SEVEN,), (PICTURE,)],
        mistakes=[
            Mistake(
                "one direction",
                lambda image: slopes(image)[0].abs(),
                "You measured the slope from left to right only. A horizontal edge has none: add the other direction.",
            ),
            Mistake(
                "sum of absolutes",
                lambda image: slopes(image)[0].abs() + slopes(image)[1].abs(),
                "You added the two slopes' sizes. Their combined length follows Pythagoras: square, add, root.",
            ),
            Mistake(
                "no root",
                lambda image: slopes(image)[0] ** 2 + slopes(image)[1] ** 2,
                "That is the squared magnitude: the root is missing.",
            ),
            Mistake(
                "signed sum",
                lambda image: slopes(image)[0] + slopes(image)[1],
                "You added the slopes with their signs, so that opposite ones cancel. Square them first.",
            ),
            Mistake(
                "middle not doubled",
                plain_difference,
                "That kernel is Prewitt's: Sobel counts the middle row twice, [−2, 0, 2].",
            ),
        ],
        hints=[
            "Two kernels: the one from the lesson and its transpose. Two maps. Then Pythagoras, pixel by pixel.",
            "`slide(image, kernel)` from the lesson does the sliding; `(a**2 + b**2).sqrt()` the rest.",
        ],
        idea="The slope is an arrow with two components; its length says how strong the edge is.",
    ),
    Exercise(
        id="02.4",
        title="From channels to maps",
        reference=channels_to_maps,
        cases=[(COLOURED, KERNELS), (COLOURED[:1], KERNELS[:2, :1])],
        mistakes=[
            Mistake(
                "mean over channels",
                lambda image, kernels: channels_to_maps(image, kernels) / len(image),
                "You averaged the channels. They are added up, and the weights decide how much each counts.",
            ),
            Mistake(
                "first channel only",
                lambda image, kernels: channels_to_maps(image[:1], kernels[:, :1]),
                "Only the first channel takes part. Every kernel has a slice for each channel.",
            ),
            Mistake(
                "channels kept apart",
                lambda image, kernels: torch.stack(
                    [
                        torch.stack([convolve(p, k, 1, 0) for p, k in zip(image, kernel, strict=True)])
                        for kernel in kernels
                    ]
                ),
                "You have one map for each kernel and channel. Add them up over the channels: one map a kernel.",
            ),
            Mistake(
                "kernels added up",
                lambda image, kernels: channels_to_maps(image, kernels).sum(0),
                "You added the maps of different kernels. Each kernel asks its own question and keeps its own map.",
            ),
        ],
        hints=[
            "Two loops around `slide`: over the kernels, and inside it over the channels. Which of the two adds up?",
            "`torch.stack([...])` makes one tensor (o, i, j) of a list of o maps.",
        ],
        idea="A kernel is as deep as its input has channels, and yields one map: the channels are added up.",
    ),
    Exercise(
        id="02.5",
        title="Count a depthwise-separable convolution",
        reference=separable_count,
        cases=[(32, 64, 3), (3, 16, 5), (64, 64, 3)],
        mistakes=[
            Mistake(
                "an ordinary convolution",
                lambda c_in, c_out, k: k * k * c_in * c_out,
                "That is the ordinary convolution, in which every output sees a k × k window of every channel. Here "
                "windows and channels are dealt with one after the other.",
            ),
            Mistake(
                "separable in space",
                lambda c_in, c_out, k: 2 * k * c_in + c_in * c_out,
                "You split each kernel into a column and a row. That is another kind of separable; here each channel "
                "keeps a whole k × k kernel, and the channels are mixed afterwards.",
            ),
            Mistake(
                "one kernel for all",
                lambda c_in, c_out, k: k * k + c_in * c_out,
                "One k × k kernel for all channels together is too few: depthwise means that each has its own.",
            ),
            Mistake(
                "no 1 × 1",
                lambda c_in, c_out, k: k * k * c_in,
                "That is the first half. The 1 × 1 convolution that mixes the channels has weights too.",
            ),
            Mistake(
                "depthwise for the outputs",
                lambda c_in, c_out, k: k * k * c_out + c_in * c_out,
                "The k × k kernels come first and belong to the input channels: c_in of them, not c_out.",
            ),
            Mistake(
                "k for k squared",
                lambda c_in, c_out, k: k * c_in + c_in * c_out,
                "A k × k kernel has k·k weights.",
            ),
        ],
        hints=[
            "Two layers one after the other: count each, then add.",
            "Depthwise: c_in kernels of k × k, one a channel. Pointwise: c_out kernels of 1 × 1 × c_in.",
        ],
        idea="k²·c_in + c_in·c_out instead of k²·c_in·c_out: for 3 × 3 and many channels about nine times fewer.",
    ),
]
