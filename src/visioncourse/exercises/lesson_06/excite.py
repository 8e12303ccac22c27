"""Exercise 06.3: squeeze-and-excitation."""

from __future__ import annotations

import torch

from visioncourse.exercises.exercise import Exercise, Mistake
from visioncourse.exercises.lesson_06 import gates as forms
from visioncourse.exercises.lesson_06.gates import (
    applied,
    gated,
    gates_of,
    identity,
    mean,
    multiplied,
    squeeze_excite,
    squeezed,
    swapped,
)

EXCITE = Exercise(
    id="06.3",
    title="Squeeze and excite",
    reference=squeeze_excite,
    cases=[forms.SMALL, forms.OBLONG, forms.CUBE],
    mistakes=[
        Mistake(
            "max for mean",
            squeezed(lambda maps: maps.amax(dim=(2, 3))),
            "You squeeze each map to its largest number. Asked for is the mean over its places, which all of them "
            "have a part in.",
        ),
        Mistake(
            "sum for mean",
            squeezed(lambda maps: maps.sum(dim=(2, 3))),
            "You squeeze each map to its sum. Then a larger picture would open the gates wider or close them, with the "
            "same things in it: take the mean.",
        ),
        Mistake(
            "mean over channels",
            squeezed(lambda maps: maps.mean(dim=1)),
            "You took the mean over the channels, axis 1. They are what the gates are for: keep them, and take the "
            "mean over the places, axes 2 and 3.",
            also=[
                lambda maps, reduce, expand: maps * gates_of(maps.mean(dim=1), reduce, expand)[..., None, None],
                lambda maps, reduce, expand: maps * gates_of(maps.mean(dim=1), reduce, expand)[:, None],
                squeezed(lambda maps: maps.mean(dim=(1, 2))),
                squeezed(lambda maps: maps.mean(dim=(1, 3))),
            ],
        ),
        Mistake(
            "one mean for all channels",
            squeezed(lambda maps: maps.mean(dim=(1, 2, 3), keepdim=True)[..., 0, 0].expand(maps.shape[:2])),
            "You squeeze whole pictures, all channels, to one number. Each channel has a mean of its own: only the "
            "axes 2 and 3 disappear.",
            also=[squeezed(lambda maps: maps.mean())],
        ),
        Mistake(
            "mean along one axis",
            forms.ONE_AXIS[0],
            "Your mean runs along one axis of the places only, so that height or width is still there. Both have to "
            "go: each map becomes one number, and the means have shape (b, c).",
            also=forms.ONE_AXIS[1:],
        ),
        Mistake(
            "axes kept",
            forms.KEPT[0],
            "Your means still have two axes for the places, perhaps by `keepdim=True`. A matrix product works on the "
            "last two axes, and those are 1 and 1 now. Into the matrices go means of shape (b, c).",
            also=forms.KEPT[1:],
        ),
        Mistake(
            "mean over the batch too",
            squeezed(lambda maps: maps.mean(dim=(0, 2, 3)).expand(maps.shape[:2])),
            "Your mean runs over the images of the batch as well. What one picture's gates are must not depend on who "
            "sits next to it: leave axis 0 alone.",
        ),
        Mistake(
            "first image's gates",
            applied(lambda maps, gates: maps * gates[0][:, None, None]),
            "All images get the gates of the first one. Each has its own: the gates have shape (b, c), and "
            "`[:, :, None, None]` lays them on the maps.",
        ),
        Mistake(
            "last image's gates",
            applied(lambda maps, gates: maps * gates[-1][:, None, None]),
            "All images get the gates of the last one. Does a loop over the batch keep only what it computed last? "
            "Without a loop: gates of shape (b, c), and two axes more.",
        ),
        Mistake(
            "no relu",
            gated(hide=identity),
            "Between your two matrices nothing happens, so the two are one matrix in disguise. relu goes between them.",
        ),
        Mistake(
            "no sigmoid",
            gated(gate=identity),
            "Your gates can be any number, also negative ones. A sigmoid brings them between 0, shut, and 1, open.",
        ),
        Mistake(
            "softmax",
            gated(gate=lambda raw: raw.softmax(dim=1)),
            "You used softmax, and the channels share one opening between them: the gates add up to 1. With a sigmoid "
            "all of them may be open at once.",
        ),
        Mistake(
            "softmax over the batch",
            gated(gate=lambda raw: raw.softmax(dim=0)),
            "You used softmax over axis 0, and the images of a batch share one opening between them. A sigmoid makes "
            "each gate by itself.",
        ),
        Mistake(
            "tanh",
            gated(gate=torch.tanh),
            "You used tanh, which runs from −1 to 1: such a gate can turn a map's sign. The sigmoid runs from 0 to 1.",
        ),
        Mistake(
            "relu for sigmoid",
            gated(gate=torch.relu),
            "relu stands where the sigmoid belongs. It closes gates below zero, and has no end above: a map could grow "
            "without limit.",
        ),
        Mistake(
            "sigmoid in the middle",
            gated(hide=torch.sigmoid),
            "Both your layers end in a sigmoid. The first, the narrow one, ends in relu; only the gates have to lie "
            "between 0 and 1.",
        ),
        Mistake(
            "relu and sigmoid swapped",
            gated(hide=torch.sigmoid, gate=torch.relu),
            "relu and sigmoid have changed places. relu in the middle, and the sigmoid last, because it makes the "
            "gates.",
        ),
        Mistake(
            "relu before the sigmoid",
            gated(gate=lambda raw: torch.sigmoid(torch.relu(raw))),
            "There is a relu before your sigmoid as well. What reaches the sigmoid is then never negative, and no gate "
            "closes further than to one half.",
        ),
        Mistake(
            "relu behind both matrices",
            gated(hide=identity, gate=lambda raw: torch.sigmoid(torch.relu(raw))),
            "Your relu comes behind both matrices. No gate closes further than to one half then, and the two matrices "
            "are one in disguise: relu goes between them.",
        ),
        Mistake(
            "sigmoid of the means",
            squeezed(lambda maps: torch.sigmoid(maps.mean(dim=(2, 3)))),
            "You send the means through an activation before the first matrix. They go in as they are: matrix, relu, "
            "matrix, sigmoid.",
            also=[
                squeezed(lambda maps: torch.relu(mean(maps))),
                multiplied(lambda means, reduce, expand: torch.relu(means) @ reduce.T @ expand.T),
            ],
        ),
        Mistake(
            "added",
            applied(lambda maps, gates: maps + gates[:, :, None, None]),
            "You add the gates to the maps. A gate turns its map up or down: multiply, so that 0 shuts it off.",
        ),
        Mistake(
            "maps added again",
            applied(lambda maps, gates: maps + maps * gates[:, :, None, None]),
            "You add the maps to the scaled maps, and then no gate can shut: at 0 the map still passes. Only the "
            "product is asked for.",
        ),
        Mistake(
            "divided",
            applied(lambda maps, gates: maps / gates[:, :, None, None]),
            "You divide by the gates: the more a gate is closed, the louder its map. Multiply.",
        ),
        Mistake(
            "shut for open",
            applied(lambda maps, gates: maps * (1 - gates[:, :, None, None])),
            "Your gates are open where they should be shut: you multiply with 1 minus the gate. The sigmoid itself is "
            "the share that passes.",
        ),
        Mistake(
            "gates alone",
            applied(lambda maps, gates: gates),
            "You return the gates, shape (b, c). What goes on is the maps, each scaled by its gate.",
            also=[
                applied(lambda maps, gates: gates[:, :, None, None]),
                applied(lambda maps, gates: gates[:, :, None, None].expand(maps.shape)),
            ],
        ),
        Mistake(
            "means scaled",
            applied(lambda maps, gates: maps.mean(dim=(2, 3)) * gates),
            "You scale the means, and the pictures are gone. The means only serve to find the gates; what is scaled is "
            "the maps, place by place.",
            also=[applied(lambda maps, gates: (maps.mean(dim=(2, 3)) * gates)[:, :, None, None])],
        ),
        Mistake(
            "no axes for the places",
            applied(lambda maps, gates: maps * gates),
            "Gates of shape (b, c) meet maps of (b, c, h, w). Broadcasting compares from the right, so that the gates "
            "land on height and width, or on nothing: add two axes, `gates[:, :, None, None]`.",
        ),
        Mistake(
            "one axis short",
            applied(lambda maps, gates: maps * gates[:, :, None]),
            "You gave the gates one axis more, and they need two, one for height and one for width. Broadcasting "
            "compares from the right, so that channels meet height now.",
        ),
        Mistake(
            "axes in the wrong place",
            applied(lambda maps, gates: maps * gates[:, None, None]),
            "Two new axes are right, and yours stand in the wrong place: the channels of the gates meet height or "
            "width. From (b, c) to (b, c, 1, 1): the new axes come last.",
            also=[applied(lambda maps, gates: maps * gates[:, None, :, None])],
        ),
        Mistake(
            "matrices not turned",
            forms.UNTURNED[0],
            "Means and matrices do not meet as they should. The means of a batch are (b, c), a row for each picture, "
            "and stand on the left; on the right stands a matrix, turned: `means @ reduce.T`, and with `expand` "
            "likewise. `reduce @ means`, as in the lesson, is for one picture alone.",
            also=forms.UNTURNED[1:],
        ),
        Mistake(
            "reshaped, not transposed",
            forms.IN_COLUMNS[0],
            "With the matrices on the left, means and gates are (c, b), a column for each picture. There and back it "
            "goes with `.T` only. If you reshaped where you should transpose, all numbers are there, in the wrong "
            "places.",
            also=forms.IN_COLUMNS[1:],
        ),
        Mistake(
            "matrices swapped",
            swapped,
            "`expand` comes first in your function, `reduce` second. First down from c numbers to r, with `reduce`, "
            "then up again.",
            also=[lambda maps, reduce, expand: swapped(maps, reduce.T, expand.T)],
        ),
    ],
    hints=[
        "Go through the shapes. Maps (b, c, h, w) become means (b, c); what do the two matrices make of those, and "
        "where do the last two axes come back?",
        "Squeeze: `maps.mean(dim=(2, 3))`. Then times `reduce.T`, relu, times `expand.T`, sigmoid: gates of shape "
        "(b, c).",
        "`maps * gates[:, :, None, None]`.",
    ],
    idea="A mean is the one number by which a channel tells the others what it has seen in the whole picture; after "
    "that, each gets a gate between 0 and 1.",
)
