"""Exercise 06.4: compound scaling, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

from visioncourse.exercises.exercise import Exercise, Mistake


def compound(phi: Any, alpha: Any, beta: Any, gamma: Any) -> Any:
    """Depth costs what it grows by; width and resolution cost the square."""
    depth, width, resolution = alpha**phi, beta**phi, gamma**phi
    work = (alpha * beta**2 * gamma**2) ** phi
    return depth, width, resolution, work


def works(work: Callable[[Any, Any, Any, Any], Any]) -> Callable[..., Any]:
    """Make a rule whose three factors are right; ``work`` takes phi, alpha, beta and gamma."""
    return lambda phi, alpha, beta, gamma: (alpha**phi, beta**phi, gamma**phi, work(phi, alpha, beta, gamma))


def grows(grow: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Make a rule whose work is right; ``grow`` takes a base and phi, and returns a factor."""

    def rule(phi: Any, alpha: Any, beta: Any, gamma: Any) -> Any:
        return (*(grow(base, phi) for base in (alpha, beta, gamma)), (alpha * beta**2 * gamma**2) ** phi)

    return rule


def grows_all(grow: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Make a rule that computes the work of the wrong factors."""

    def rule(phi: Any, alpha: Any, beta: Any, gamma: Any) -> Any:
        depth, width, resolution = (grow(base, phi) for base in (alpha, beta, gamma))
        return depth, width, resolution, depth * width**2 * resolution**2

    return rule


def raised(work: Callable[[Any, Any, Any], Any], more: int = 0) -> Callable[..., Any]:
    """Make a rule whose work is a power; ``work`` takes alpha, beta and gamma, ``more`` is added to phi."""
    return works(lambda phi, alpha, beta, gamma: work(alpha, beta, gamma) ** (phi + more))


def in_order(*places: int) -> Callable[..., Any]:
    """Make a rule that gives the right results in another order."""
    return lambda *arguments: tuple(compound(*arguments)[place] for place in places)


def one_step(alpha: Any, beta: Any, gamma: Any) -> Any:
    """Return what one step costs."""
    return alpha * beta**2 * gamma**2


ORDERS = [in_order(*places) for places in permutations(range(4))]  # the first is the right one

SCALING = Exercise(
    id="06.4",
    title="Compound scaling and its budget",
    reference=compound,
    # beta < gamma < alpha in each: whoever sorts the results gives them in one and the same wrong order
    cases=[(2, 5.0, 2.0, 3.0), (1, 1.2, 1.1, 1.15), (3, 1.4, 1.2, 1.3), (0, 1.3, 1.1, 1.2)],
    results=("depth", "width", "resolution", "work"),
    mistakes=[
        Mistake(
            "width not squared",
            raised(lambda alpha, beta, gamma: alpha * beta * gamma**2),
            "Your work grows with the width itself. But twice the channels come in and twice the channels go out: a "
            "convolution then has four times the work.",
        ),
        Mistake(
            "resolution not squared",
            raised(lambda alpha, beta, gamma: alpha * beta**2 * gamma),
            "Your work grows with the resolution itself. A picture twice as wide is twice as high, too: four times as "
            "many places to compute.",
        ),
        Mistake(
            "nothing squared",
            raised(lambda alpha, beta, gamma: alpha * beta * gamma),
            "In your work all three count once. That holds for the depth only: width counts for channels in and "
            "channels out, resolution for height and width.",
        ),
        Mistake(
            "all squared",
            raised(lambda alpha, beta, gamma: (alpha * beta * gamma) ** 2),
            "You square all three. Twice as many layers are twice the work, not four times: no square for the depth.",
        ),
        Mistake(
            "depth squared",
            raised(lambda alpha, beta, gamma: alpha**2 * beta * gamma),
            "You square the depth, and a square is missing elsewhere. Twice the layers, twice the work; channels count "
            "twice, coming in and going out, and pixels in height and width.",
            also=[
                raised(lambda alpha, beta, gamma: alpha**2 * beta**2 * gamma),
                raised(lambda alpha, beta, gamma: alpha**2 * beta * gamma**2),
            ],
        ),
        Mistake(
            "doubled for squared",
            raised(lambda alpha, beta, gamma: alpha * 2 * beta * 2 * gamma),
            "You take width and resolution times two, where they are to be squared: `beta**2`. With alpha, beta and "
            "gamma at 1, which scale nothing, your work would still be four times as large at each step.",
        ),
        Mistake(
            "work times phi",
            works(lambda phi, alpha, beta, gamma: phi * one_step(alpha, beta, gamma)),
            "You multiply the work of one step by phi. Every step multiplies what the one before has reached, so phi "
            "is an exponent. What would be left at phi = 0?",
        ),
        Mistake(
            "factors times phi",
            grows(lambda base, phi: base * phi),
            "Your depth, width and resolution are phi times the base. Each step multiplies once more: base to the "
            "power of phi, which is 1 at phi = 0.",
            also=[
                grows_all(lambda base, phi: base * phi),
                lambda phi, a, b, g: (phi * a, phi * b, phi * g, phi * one_step(a, b, g)),
                lambda phi, a, b, g: (phi * a, phi * b, phi * g, (phi * one_step(a, b, g)) ** phi),
            ],
        ),
        Mistake(
            "the same amount each step",
            grows(lambda base, phi: 1 + phi * (base - 1)),
            "Your factors grow by the same amount at each step: 1.2, 1.4, 1.6. They grow by the same factor: "
            "1.2, 1.44, 1.728.",
            also=[grows_all(lambda base, phi: 1 + phi * (base - 1))],
        ),
        Mistake(
            "summed",
            raised(lambda alpha, beta, gamma: alpha + beta**2 + gamma**2),
            "You add up what the three cost. They act on one another, for each new layer is wide and sees a large "
            "picture, too: multiply.",
            also=[
                raised(lambda alpha, beta, gamma: alpha + beta + gamma),
                works(lambda phi, alpha, beta, gamma: alpha**phi + beta**phi + gamma**phi),
                works(lambda phi, alpha, beta, gamma: alpha**phi + beta ** (2 * phi) + gamma ** (2 * phi)),
            ],
        ),
        Mistake(
            "one step too many",
            lambda phi, alpha, beta, gamma: compound(phi + 1, alpha, beta, gamma),
            "You raise to phi + 1. At phi = 0 nothing is scaled yet: all four are 1.",
            also=[raised(one_step, 1), grows(lambda base, phi: base ** (phi + 1))],
        ),
        Mistake(
            "one step too few",
            lambda phi, alpha, beta, gamma: compound(phi - 1, alpha, beta, gamma),
            "You raise to phi − 1. The first step, phi = 1, scales already, by the bases themselves.",
            also=[raised(one_step, -1), grows(lambda base, phi: base ** (phi - 1))],
        ),
        Mistake(
            "raised twice",
            works(lambda phi, alpha, beta, gamma: (alpha**phi * beta ** (2 * phi) * gamma ** (2 * phi)) ** phi),
            "Your work is raised to phi twice: depth, width and resolution hold that power already. Either the bases "
            "and the power, or the three factors without.",
        ),
        Mistake(
            "work of one step",
            works(lambda phi, alpha, beta, gamma: one_step(alpha, beta, gamma)),
            "Your work is that of one step. There are phi of them, and each multiplies: to the power of phi.",
        ),
        Mistake(
            "phi not used",
            lambda phi, alpha, beta, gamma: (alpha, beta, gamma, one_step(alpha, beta, gamma)),
            "Your depth, width and resolution are the bases, whatever phi is. They are what one step scales by; phi "
            "steps are the power of phi.",
            also=[grows(lambda base, phi: base)],
        ),
        Mistake(
            "base and exponent swapped",
            grows(lambda base, phi: phi**base),
            "You raise phi to the power of the base. It is the other way round: `alpha**phi`, alpha times itself, phi "
            "times over.",
            also=[
                grows_all(lambda base, phi: phi**base),
                lambda phi, a, b, g: (phi**a, phi**b, phi**g, phi ** one_step(a, b, g)),
            ],
        ),
        Mistake(
            "two for each step",
            works(lambda phi, alpha, beta, gamma: 2**phi),
            "You let every step double the work. EfficientNet's bases were chosen so that it comes near that; with "
            "other bases it does not. Compute it from alpha, beta and gamma.",
        ),
        Mistake(
            "another order",
            ORDERS[1],
            "All four numbers are right, and not in their places: depth by alpha, width by beta, resolution by gamma, "
            "and then the work.",
            also=ORDERS[2:],
        ),
    ],
    hints=[
        "Double one thing at a time, and count a 3×3 convolution's multiply-adds anew: twice the layers; twice the "
        "channels, in and out; twice the height and the width.",
        "Layers count once, channels and pixels squared: a step costs alpha · beta² · gamma². And phi steps?",
        "`(alpha * beta**2 * gamma**2) ** phi` is the fourth; the first three are powers of their own base.",
    ],
    idea="A budget of work can be spent on layers, channels or pixels, and the last two are dear: they cost the square "
    "of what they grow by.",
)
