"""Is a backward pass right? Compare it with differences: move one number a little, and see what the result does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from visioncourse.scratch.graph import Array, Node, no_grad
from visioncourse.scratch.operands import quiet

EPSILON = float(np.finfo(np.float64).eps)
TRUST = 1e8  # a gradient so many times as large as the rounding in a difference is compared for what it is


@quiet
def gradcheck(function: Callable[..., Any], *inputs: Any, h: float = 1e-6) -> float:
    """Compare what ``backward`` says with central differences, entry by entry.

    The result is summed with fixed random weights, so that one walk back checks all of its entries, and errors in two
    of them do not cancel. Where the function has a kink within ``h`` (relu at 0, the maximum at a tie) the difference
    means nothing: choose other inputs.

    Args:
        function: takes tensors, returns one, and gives the same each time; labels and the like go in by a lambda.
        inputs: float64 tensors of any shapes. Those that require a gradient are checked, the others held.
        h: how far each entry is moved to both sides. Smaller loses digits to rounding, larger to curvature.

    Returns:
        The largest difference over all inputs, relative to the largest entry of that input's gradient. Below 1e-6 the
        rules are right, from 1e-3 on they are wrong. A gradient that vanishes against rounding is compared with that.

    Raises:
        TypeError: where an input or the result is no float64 tensor.
        ValueError: for NaN or infinity, where nothing requires a gradient, where a gradient has the wrong shape, or
            where the function gives something else the second time.

    >>> from visioncourse.scratch.autograd import Tensor
    >>> gradcheck(lambda a, b: a * b, Tensor([3.0], requires_grad=True), Tensor([2.0])) < 1e-9
    True
    """
    if not 0 < h < 1:
        raise ValueError(f"h={h!r}: expected a small number above 0, such as 1e-6.")
    copies = [_copied(given, place) for place, given in enumerate(inputs)]
    if not any(node.requires_grad for node in copies):
        raise ValueError("gradcheck: none of the inputs requires a gradient, so there is nothing to compare.")
    result = _valued(function, copies)
    weights = np.asarray(np.random.default_rng(0).uniform(0.5, 1.5, result.shape))
    result.backward(weights)
    checked = [(place, node) for place, node in enumerate(copies) if node.requires_grad]
    walked = [_walked(node, place) for place, node in checked]
    found = [_differences(function, copies, node, weights, h) for _, node in checked]
    return max(_distance(one, *other) for one, other in zip(walked, found, strict=True))


def _copied(given: Any, place: int) -> Any:
    """Return a leaf with the numbers of an input, so that the caller's own stays as it is."""
    if not isinstance(given, Node):
        raise TypeError(f"gradcheck: input {place} is a {type(given).__name__}: expected a tensor.")
    if given.dtype != np.float64:
        raise TypeError(f"gradcheck: input {place} holds {given.dtype}: expected float64, because differences so small "
                        "drown in the rounding of float32.")  # fmt: skip
    if not np.isfinite(given.data).all():
        raise ValueError(f"gradcheck: input {place} holds NaN or infinity, with which nothing can be compared.")
    return type(given)(given.data, requires_grad=given.requires_grad)


def _valued(function: Callable[..., Any], inputs: list[Any]) -> Any:
    """Return the function's result, fit to be compared."""
    result = function(*inputs)
    with no_grad():
        again = function(*inputs)
    if not isinstance(result, Node) or result.dtype != np.float64:
        what = f"holds {result.dtype}" if isinstance(result, Node) else f"is a {type(result).__name__}"
        raise TypeError(f"gradcheck: the function's result {what}: expected a float64 tensor.")
    if not np.isfinite(result.data).all():
        raise ValueError("gradcheck: the function's result holds NaN or infinity, with which nothing can be compared.")
    if not np.array_equal(result.data, again.data):
        raise ValueError("gradcheck: the function gives another result the second time; fix what it draws or keeps.")
    return result


def _walked(node: Any, place: int) -> Array:
    """Return the gradient that ``backward`` left, zeros where it left none."""
    walked: Array = np.zeros(node.shape) if node.grad is None else np.asarray(node.grad)
    if walked.shape != node.shape:
        raise ValueError(f"gradcheck: input {place} has shape {node.shape}, but its gradient has {walked.shape}.")
    if not np.isfinite(walked).all():
        raise ValueError(f"gradcheck: the gradient of input {place} holds NaN or infinity.")
    return walked


def _differences(
    function: Callable[..., Any], inputs: list[Any], node: Any, weights: Array, h: float
) -> tuple[Array, float]:
    """Return the gradient of the weighted sum by moving each entry up and down, and how far it may be rounded."""
    found, noise = np.empty(node.shape), np.zeros(node.shape)
    with no_grad():
        for index in np.ndindex(node.shape):
            at, values = float(node.data[index]), []
            for moved in (at + h, at - h):
                node.assign(moved, where=index)
                values.append(function(*inputs).data * weights)
            node.assign(at, where=index)
            apart = (at + h) - (at - h)  # not quite 2 h: sums are rounded
            change = values[0] - values[1]
            found[index] = change.sum() / apart
            moving = values[0][change != 0] if change.any() else values[0]  # what stays is not rounded anew
            noise[index] = EPSILON * np.abs(moving).sum() / apart
    if not np.isfinite(found).all():
        raise ValueError(f"gradcheck: the function gives NaN or infinity within h={h:g} of the inputs.")
    return found, float(noise.max(initial=0.0))


def _distance(walked: Array, found: Array, noise: float) -> float:
    """Return the largest difference relative to the largest entry, or to what rounding makes of a zero."""
    largest = max(np.abs(walked).max(initial=0.0), np.abs(found).max(initial=0.0), TRUST * noise)
    return float(np.abs(walked - found).max(initial=0.0) / largest) if largest else 0.0
