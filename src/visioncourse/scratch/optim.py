"""Optimisers by hand, step for step those of ``torch.optim``: each is what its ``update`` says, and no more.

``memory`` is what an optimiser keeps from step to step, one dictionary for each parameter. In Adam's paper ``mean`` is
called m, ``square`` v, and ``betas`` say how much of the old ones is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from visioncourse.scratch.graph import Array, Node, no_grad
from visioncourse.scratch.operands import quiet

Memory = dict[str, Any]
Number = float | int


class Optimizer:
    """What all optimisers share: the parameters, the rate, and the loop over them.

    Attributes:
        params: the values to train, all of which require a gradient.
        lr: learning rate; it may be set anew before every step, which is all that a schedule does.
        weight_decay: how strongly the values are drawn to zero.
    """

    def __init__(self, params: Any, lr: Number, weight_decay: Number) -> None:
        """Keep the parameters and begin without memories.

        Raises:
            TypeError: where ``params`` is no list of nodes.
            ValueError: where there are none, one is given twice, needs no gradient or was computed from others,
                or a number is out of its range.
        """
        self.params = _trainable(params)
        self.lr = _positive("lr", lr)
        self.weight_decay = _not_negative("weight_decay", weight_decay)
        self._memories: list[Memory] = [{} for _ in self.params]

    def zero_grad(self) -> None:
        """Forget the gradients: without this the next ``backward`` adds to them."""
        for param in self.params:
            param.grad = None

    @quiet
    def step(self) -> None:
        """Move every parameter that has a gradient; the others are left alone, and so are their memories.

        Raises:
            ValueError: where a gradient was set by hand in another shape than the parameter's.
        """
        gradients = [None if param.grad is None else np.asarray(param.grad) for param in self.params]
        for place, (param, gradient) in enumerate(zip(self.params, gradients, strict=True)):
            if gradient is not None and gradient.shape != param.shape:  # before anything has moved
                raise ValueError(f"step: params[{place}] has shape {param.shape}, its gradient {gradient.shape}.")
        with no_grad():
            for param, gradient, memory in zip(self.params, gradients, self._memories, strict=True):
                if gradient is not None:
                    param.assign(self.update(param.data, gradient, memory))

    def update(self, value: Array, gradient: Array, memory: Memory) -> Any:
        """Return the new value of one parameter.

        Args:
            value: where it is, any shape.
            gradient: of the loss, in the same shape.
            memory: what the optimiser remembers of this parameter, empty before its first step; changed here.
        """
        raise NotImplementedError("update: an optimiser says here how a parameter moves.")


class SGD(Optimizer):
    """Go down the gradient, with momentum and Nesterov's look ahead if wanted.

    Sources: Polyak (1964) for momentum; Nesterov (1983) in the form of Sutskever et al. (2013).

    >>> w = Node(np.array([1.0, -2.0]), requires_grad=True)
    >>> w.grad = np.array([0.5, 0.0])
    >>> SGD([w], lr=0.1).step()
    >>> w.data.tolist()
    [0.95, -2.0]
    """

    def __init__(
        self, params: Any, lr: Number, momentum: Number = 0.0, nesterov: bool = False, weight_decay: Number = 0.0
    ) -> None:
        """Take the settings.

        Args:
            params: the tensors to train, in any iterable.
            lr: learning rate, above 0.
            momentum: share of the last velocity that is kept, from 0 to below 1.
            nesterov: whether to use the gradient's share of the velocity one step early.
            weight_decay: strength of the penalty ``weight_decay / 2 * value**2``, whose gradient is added.
        """
        super().__init__(params, lr, weight_decay)
        self.momentum, self.nesterov = _share("momentum", momentum), nesterov
        if nesterov and momentum == 0:
            raise ValueError("nesterov=True: expected a momentum above 0, because it looks ahead along the velocity.")

    def update(self, value: Array, gradient: Array, memory: Memory) -> Any:
        """Let the velocity gather gradients, and follow it."""
        gradient = gradient + self.weight_decay * value
        velocity = memory["velocity"] = self.momentum * memory.get("velocity", 0.0) + gradient
        return value - self.lr * (gradient + self.momentum * velocity if self.nesterov else velocity)


class RMSprop(Optimizer):
    """Divide each gradient by its own recent size, so that steep and flat directions move alike.

    Source: Hinton (2012), lecture 6e of his course on neural networks.
    """

    def __init__(
        self, params: Any, lr: Number = 0.01, alpha: Number = 0.99, eps: Number = 1e-8, momentum: Number = 0.0,
        weight_decay: Number = 0.0,
    ) -> None:  # fmt: skip
        """Take the settings.

        Args:
            params: the tensors to train, in any iterable.
            lr: learning rate, above 0.
            alpha: share of the old mean square that is kept, from 0 to below 1.
            eps: what keeps the division from zero, above 0.
            momentum: share of the last velocity that is kept, from 0 to below 1.
            weight_decay: strength of the penalty, as in SGD.
        """
        super().__init__(params, lr, weight_decay)
        self.alpha, self.eps = _share("alpha", alpha), _positive("eps", eps)
        self.momentum = _share("momentum", momentum)

    def update(self, value: Array, gradient: Array, memory: Memory) -> Any:
        """Average the squares, divide by their root, and follow the velocity."""
        gradient = gradient + self.weight_decay * value
        square = memory["square"] = self.alpha * memory.get("square", 0.0) + (1 - self.alpha) * gradient**2
        scaled = gradient / (np.sqrt(square) + self.eps)
        velocity = memory["velocity"] = self.momentum * memory.get("velocity", 0.0) + scaled
        return value - self.lr * velocity


class Adam(Optimizer):
    """Follow the mean gradient, divided by the root of the mean square; both means are freed of their start at zero.

    Source: Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 1.
    """

    def __init__(
        self, params: Any, lr: Number = 1e-3, betas: Sequence[Number] = (0.9, 0.999), eps: Number = 1e-8,
        weight_decay: Number = 0.0,
    ) -> None:  # fmt: skip
        """Take the settings.

        Args:
            params: the tensors to train, in any iterable.
            lr: learning rate, above 0; a step is seldom longer.
            betas: shares of the old mean and of the old mean square that are kept, each from 0 to below 1.
            eps: what keeps the division from zero, above 0.
            weight_decay: strength of the decay; in Adam it goes into the gradient, in AdamW it does not.
        """
        super().__init__(params, lr, weight_decay)
        if not isinstance(betas, Sequence) or len(betas) != 2:
            raise ValueError(f"betas={betas!r}: expected two numbers, each from 0 to below 1.")
        first, second = (_share(f"betas[{i}]", beta) for i, beta in enumerate(betas))
        self.betas, self.eps = (first, second), _positive("eps", eps)

    def update(self, value: Array, gradient: Array, memory: Memory) -> Any:
        """Add the decay to the gradient, where the division by its size weakens it, and step."""
        return value - self.lr * self._direction(gradient + self.weight_decay * value, memory)

    def _direction(self, gradient: Any, memory: Memory) -> Any:
        """Return the corrected mean over the root of the corrected mean square."""
        (keep, keep_square), steps = self.betas, memory.get("steps", 0) + 1
        mean = keep * memory.get("mean", 0.0) + (1 - keep) * gradient
        square = keep_square * memory.get("square", 0.0) + (1 - keep_square) * gradient**2
        memory.update(steps=steps, mean=mean, square=square)
        return mean / (1 - keep**steps) / (np.sqrt(square / (1 - keep_square**steps)) + self.eps)


class AdamW(Adam):
    """Adam with the decay taken from the values themselves, so that no division weakens it.

    Source: Loshchilov and Hutter (2019), Decoupled weight decay regularization.
    """

    def __init__(
        self, params: Any, lr: Number = 1e-3, betas: Sequence[Number] = (0.9, 0.999), eps: Number = 1e-8,
        weight_decay: Number = 0.01,
    ) -> None:  # fmt: skip
        """Take the settings: Adam's, but with some decay."""
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, value: Array, gradient: Array, memory: Memory) -> Any:
        """Shrink the value, then step."""
        return (1 - self.lr * self.weight_decay) * value - self.lr * self._direction(gradient, memory)


def _trainable(params: Any) -> list[Node]:
    """Return the parameters as a list, all of them fit to be trained."""
    if isinstance(params, Node) or not isinstance(params, Iterable):
        raise TypeError(f"params is a {type(params).__name__}: expected a list of tensors, e.g. [weight, bias].")
    nodes = list(params)
    if not nodes:
        raise ValueError("params is empty: expected at least one tensor with requires_grad=True.")
    for place, node in enumerate(nodes):
        if not isinstance(node, Node):
            raise TypeError(f"params[{place}] is a {type(node).__name__}: expected a tensor.")
        if not node.requires_grad:
            raise ValueError(f"params[{place}] of shape {node.shape} does not require a gradient: expected "
                             "requires_grad=True.")  # fmt: skip
        if node.operation:
            raise ValueError(
                f"params[{place}] of shape {node.shape} was computed by {node.operation}: expected a leaf."
            )
        if any(node is other for other in nodes[:place]):
            raise ValueError(f"params[{place}] of shape {node.shape} is given twice: it would move twice a step.")
    return nodes


def _positive(name: str, value: Any) -> float:
    return _number(name, value, lambda number: 0 < number < math.inf, "above 0")


def _not_negative(name: str, value: Any) -> float:
    return _number(name, value, lambda number: 0 <= number < math.inf, "of at least 0")


def _share(name: str, value: Any) -> float:
    return _number(name, value, lambda number: 0 <= number < 1, "from 0 to below 1")


def _number(name: str, value: Any, fits: Callable[[Any], bool], wanted: str) -> float:
    """Return a setting that lies in its range; NaN lies in none."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name}={value!r}: expected a number {wanted}.")
    if not fits(value):
        raise ValueError(f"{name}={value!r}: expected a number {wanted}.")
    return float(value)
