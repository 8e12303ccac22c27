"""Parameter groups, right and wrong, and how they are read, for exercise 07.3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from numbers import Real
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

Rate = Callable[[float, float], float]  # takes lr and factor


def groups(model: Any, lr: Any, factor: Any) -> Any:
    """The head learns at lr, all the rest at lr * factor; what is frozen is in no group."""
    head = [weight for weight in model.head.parameters() if weight.requires_grad]
    rest = [weight for weight in model.stages.parameters() if weight.requires_grad]
    return [{"params": rest, "lr": lr * factor}, {"params": head, "lr": lr}]


@dataclass(frozen=True)
class Seen:
    """Groups that an answer made.

    Attributes:
        learnable: names of the parameters that can learn.
        rates: for each parameter by name the rate of each group in which it is.
        strangers: how many tensors are in groups that are no parameters of the model.
        lr: the rate of the head.
        factor: how much slower the rest learns.
        flaw: what keeps the groups from being read, a name in ``FLAWS``; "" for nothing.
    """

    learnable: set[str]
    rates: dict[str, list[float]]
    strangers: int
    lr: float
    factor: float
    flaw: str = ""

    def rated(self, names: set[str]) -> list[float]:
        """Return the rates of some parameters, without repetition."""
        return sorted({rate for name in names for rate in self.rates[name]})

    @property
    def head(self) -> set[str]:
        """Names of the learnable parameters of the head."""
        return {name for name in self.learnable if name.startswith("head.")}

    @property
    def rest(self) -> set[str]:
        """Names of all other learnable parameters."""
        return self.learnable - self.head

    @property
    def missing(self) -> set[str]:
        """Names of the learnable parameters that are in no group."""
        return {name for name in self.learnable if not self.rates[name]}

    @property
    def twice(self) -> set[str]:
        """Names of the parameters that are in several groups, or several times in one."""
        return {name for name, rates in self.rates.items() if len(rates) > 1}


def read(result: Any) -> tuple[list[dict[str, Any]], str]:
    """Return groups with their parameters in lists, and the flaw that keeps them from being read, or ""."""
    if isinstance(result, Optimizer | dict):
        return [], "one dictionary" if isinstance(result, dict) else "optimiser"
    if not isinstance(result, list | tuple | Iterator):
        return [], "no list"
    found = []
    for group in result:
        flaw = flaw_of(group)
        if flaw:
            return [], flaw
        params = [group["params"]] if isinstance(group["params"], Tensor) else list(group["params"])
        named = [isinstance(entry, tuple) and len(entry) == 2 for entry in params]
        tensors = [entry[1] if pair else entry for entry, pair in zip(params, named, strict=True)]
        if any(isinstance(entry, str) for entry in tensors):
            return [], "names"
        if not all(isinstance(entry, Tensor) for entry in tensors):
            return [], "modules"
        found.append({"params": tensors, "lr": group["lr"], "named": any(named)})
    if len({group["named"] for group in found if group["params"]}) > 1:
        return [], "half of them named"
    return found, ""


def flaw_of(group: Any) -> str:
    """Return what is wrong with the form of one group, or ""."""
    if not isinstance(group, dict):
        return "no dictionaries"
    if "params" not in group:
        return "other keys"
    if "lr" not in group:
        return "no rate"
    if not isinstance(group["lr"], Real | Tensor) or (isinstance(group["lr"], Tensor) and group["lr"].numel() != 1):
        return "strange rate"
    if isinstance(group["params"], set | frozenset):
        return "set"
    if isinstance(group["params"], str):
        return "names"
    return "" if hasattr(group["params"], "__iter__") and not isinstance(group["params"], nn.Sequential) else "modules"


def learnable_of(part: nn.Module) -> list[Any]:
    """Return the parameters that can learn."""
    return [weight for weight in part.parameters() if weight.requires_grad]


def slow(lr: float, factor: float) -> float:
    """Return the rate of everything but the head."""
    return lr * factor


def fast(lr: float, factor: float) -> float:
    """Return the rate of the head."""
    return lr


def made_of(
    head: Callable[[Any], Any] = lambda model: learnable_of(model.head),
    rest: Callable[[Any], Any] = lambda model: learnable_of(model.stages),
    head_rate: Rate = fast,
    rest_rate: Rate = slow,
) -> Callable[..., Any]:
    """Make a way to group: what is in each of the two groups, and at which rate it learns."""
    return lambda model, lr, factor: [
        {"params": rest(model), "lr": rest_rate(lr, factor)},
        {"params": head(model), "lr": head_rate(lr, factor)},
    ]


def by_layers(model: Any, lr: Any, factor: Any) -> Any:
    """Make a group of each stage, slower and slower towards the image."""
    parts = reversed([*model.stages, model.head])
    return [{"params": learnable_of(part), "lr": lr * factor**depth} for depth, part in enumerate(parts)]


def by_value(model: Any, lr: Any, factor: Any) -> Any:
    """Look for parameters in a list, which compares number by number."""
    head = list(model.head.parameters())
    rest = [weight for weight in model.parameters() if weight not in head]
    return [{"params": rest, "lr": lr * factor}, {"params": head, "lr": lr}]


def used_up(model: Any, lr: Any, factor: Any) -> Any:
    """Walk through a generator, and hand it over when it is at its end."""
    head = model.head.parameters()
    known = {id(weight) for weight in head}
    rest = [weight for weight in learnable_of(model) if id(weight) not in known]
    return [{"params": rest, "lr": lr * factor}, {"params": head, "lr": lr}]


def end_alone(model: Any, lr: Any, factor: Any) -> Any:
    """Let the last layer alone learn fast."""
    end = learnable_of(model.head[-1])
    known = {id(weight) for weight in end}
    rest = [weight for weight in learnable_of(model) if id(weight) not in known]
    return [{"params": rest, "lr": lr * factor}, {"params": end, "lr": lr}]
