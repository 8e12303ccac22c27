"""Exercise 06.2: how many channels leave a dense block and its transition."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from visioncourse.exercises.exercise import Exercise, Mistake


def dense_channels(chans_in: Any, growth: Any, layers: Any, compression: Any) -> Any:
    """Every layer lays its new channels behind all before; the transition keeps a share of them all."""
    in_block = chans_in + layers * growth
    return math.floor(in_block * compression)


def counted(count: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    """Make a rule whose transition is right; ``count`` takes channels, growth and layers, and counts the block's."""
    return lambda chans_in, growth, layers, compression: math.floor(count(chans_in, growth, layers) * compression)


def thinned(thin: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Make a rule whose block is right; ``thin`` takes the block's channels and the compression."""
    return lambda chans_in, growth, layers, compression: thin(chans_in + layers * growth, compression)


def thinned_each_time(chans_in: Any, growth: Any, layers: Any, compression: Any) -> Any:
    """Compress behind each layer."""
    for _ in range(layers):
        chans_in = math.floor((chans_in + growth) * compression)
    return chans_in


def doubled(chans_in: Any, growth: Any, layers: Any) -> Any:
    """Lay all maps so far behind a layer's input once more."""
    for _ in range(layers):
        chans_in += chans_in + growth
    return chans_in


DENSE = Exercise(
    id="06.2",
    title="Channels of a dense block",
    reference=dense_channels,
    cases=[(16, 12, 3, 0.5), (3, 2, 3, 0.5), (10, 3, 7, 0.75), (5, 4, 2, 0.75), (24, 12, 6, 1.0)],
    mistakes=[
        Mistake(
            "growth once",
            counted(lambda chans_in, growth, layers: chans_in + growth),
            "You count the growth once, as if the block had one layer. Each of its layers lays `growth` new channels "
            "behind what is there.",
        ),
        Mistake(
            "multiplied",
            counted(lambda chans_in, growth, layers: chans_in * growth * layers),
            "You multiply the channels that come in. New channels are laid behind the old ones, and that is a sum: "
            "16 channels and 12 new ones are 28.",
            also=[counted(lambda chans_in, growth, layers: chans_in * growth**layers)],
        ),
        Mistake(
            "last layer forgotten",
            counted(lambda chans_in, growth, layers: chans_in + (layers - 1) * growth),
            "You counted what the last layer sees. It lays its own `growth` channels behind that, and the transition "
            "gets them too.",
        ),
        Mistake(
            "one layer too many",
            counted(lambda chans_in, growth, layers: chans_in + (layers + 1) * growth),
            "You count the growth of one layer too many. What comes in is there before the first layer; after `layers` "
            "layers `layers` times the growth has come to it.",
        ),
        Mistake(
            "new channels compressed",
            lambda chans_in, growth, layers, compression: chans_in + math.floor(layers * growth * compression),
            "Your transition thins out the new channels only, and lets those that came in pass. It sees them all in "
            "one pile: add first, then compress.",
        ),
        Mistake(
            "old channels compressed",
            lambda chans_in, growth, layers, compression: math.floor(chans_in * compression) + layers * growth,
            "You compress what comes in, and the new channels not at all. The transition stands behind the block: "
            "first all the channels, then the share that is kept.",
        ),
        Mistake(
            "growth compressed",
            lambda chans_in, growth, layers, compression: chans_in + layers * math.floor(growth * compression),
            "You compress each layer's growth by itself. Layers give `growth` channels in full; the transition comes "
            "once, behind the last of them, and thins out everything.",
        ),
        Mistake(
            "compressed behind each layer",
            thinned_each_time,
            "You compress behind each layer. The transition stands behind the whole block, and thins out once.",
        ),
        Mistake(
            "rounded up",
            thinned(lambda count, compression: math.ceil(count * compression)),
            "Where the share is no whole number you round up. There is no half channel, so the fraction is dropped: "
            "4.5 makes 4.",
        ),
        Mistake(
            "rounded to the nearest",
            thinned(lambda count, compression: round(count * compression)),
            "You round to the nearest whole number. Asked for is down: 9.75 makes 9.",
            also=[thinned(lambda count, compression: math.floor(count * compression + 0.5))],
        ),
        Mistake(
            "not rounded",
            thinned(lambda count, compression: count * compression),
            "Your count has a fraction, and half a channel cannot be computed. Round down: `int(...)` does.",
        ),
        Mistake(
            "compression forgotten",
            thinned(lambda count, compression: count),
            "That is what the block gives. The transition behind it keeps a share `compression` of it.",
        ),
        Mistake(
            "divided",
            thinned(lambda count, compression: math.floor(count / compression)),
            "You divide by the compression, and the channels become more. It is the share that is kept: multiply.",
        ),
        Mistake(
            "share thrown away",
            thinned(lambda count, compression: math.floor(count * (1 - compression))),
            "You keep what should be thrown away. At a compression of 0.75 three quarters stay.",
            also=[
                thinned(lambda count, compression: count - math.floor(count * compression)),
                thinned(lambda count, compression: count * (1 - compression)),
            ],
        ),
        Mistake(
            "halved by the pooling",
            thinned(lambda count, compression: math.floor(count * compression / 2)),
            "You let the pooling in the transition thin out the channels as well. It makes height and width smaller; "
            "how many channels there are it leaves alone.",
            also=[thinned(lambda count, compression: math.floor(count * compression / 4))],
        ),
        Mistake(
            "what came in dropped",
            counted(lambda chans_in, growth, layers: layers * growth),
            "You count only what the layers add. What came into the block is still there at its end: that is what "
            "dense means.",
        ),
        Mistake(
            "last layer alone",
            counted(lambda chans_in, growth, layers: growth),
            "You hand on what the last layer made, as a plain network does. Here all that came before lies in front of "
            "it.",
        ),
        Mistake(
            "inputs summed",
            counted(lambda chans_in, growth, layers: sum(chans_in + done * growth for done in range(layers))),
            "You add up what goes through each layer, so that the same channels count again and again. They are "
            "seen many times, but there is one copy of each: every layer adds its `growth`, and no more.",
            also=[
                counted(lambda chans_in, growth, layers: sum(chans_in + i * growth for i in range(1, layers + 1))),
                counted(lambda chans_in, growth, layers: sum(chans_in + i * growth for i in range(layers + 1))),
            ],
        ),
        Mistake(
            "what came in multiplied",
            counted(lambda chans_in, growth, layers: layers * (chans_in + growth)),
            "You take what came in times the number of layers. It comes in once, and is there once; what is new with "
            "each layer is the growth. Do the brackets stand where you want them?",
            also=[counted(lambda chans_in, growth, layers: layers * chans_in + growth)],
        ),
        Mistake(
            "growth that grows",
            counted(lambda chans_in, growth, layers: chans_in + growth * sum(range(1, layers + 1))),
            "Each of your layers adds more than the one before: the growth once, then twice, then three times. A later "
            "layer sees more, but it gives as much as all others, `growth` channels.",
            also=[counted(lambda chans_in, growth, layers: chans_in + growth * sum(range(layers)))],
        ),
        Mistake(
            "doubled in each layer",
            counted(doubled),
            "Your channels more than double in each layer. A layer sees everything so far, but what it gives is "
            "`growth` channels, not those that it saw.",
        ),
        Mistake(
            "inside of the bottleneck",
            counted(lambda chans_in, growth, layers: chans_in + 4 * layers * growth),
            "You let each layer add 4 · growth channels. That many may lie inside a layer, between its 1×1 and its 3×3 "
            "convolution; `growth` come out.",
        ),
    ],
    hints=[
        "How many channels are there after one layer? After two?",
        "Each layer lays `growth` channels behind all that is there: after `layers` layers there are "
        "chans_in + layers · growth.",
        "The transition keeps the share `compression` of them all, and `int(...)` drops what is left of a channel.",
    ],
    idea="Concatenation makes channels grow by a sum, in small equal steps. The transition thins out once, behind the "
    "block, so that the next one starts small.",
)
