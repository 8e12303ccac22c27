"""Exercise 07.4: train mode, and batch norm left in eval mode."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from visioncourse.exercises.compare import same
from visioncourse.exercises.exercise import Exercise
from visioncourse.exercises.lesson_07 import switches
from visioncourse.exercises.lesson_07.switches import KINDS, is_norm, network, switched, train_mode, with_settings
from visioncourse.exercises.lesson_07.trials import Rule, handed, measure_by, mistakes_of, some, tried, trouble

NORMS = (*KINDS, nn.GroupNorm)  # the last is the same in both modes
CASES: list[tuple[bool | None]] = [(False,), (True,), (None,)]


@dataclass(frozen=True)
class Seen:
    """A network behind a call.

    Attributes:
        model: the network.
        result: what the function returned.
        before: the network as it came.
    """

    model: nn.Module
    result: Any
    before: nn.Module

    def norms(self, *kinds: type) -> list[bool]:
        """Return of each batch norm of some kinds, of all if none is named, whether it is in train mode."""
        return [module.training for module in self.model.modules() if isinstance(module, kinds or KINDS)]

    @property
    def by_kind(self) -> bool:
        """Whether all batch norms of one kind are in one mode, but not all kinds in the same."""
        modes = [set(self.norms(kind)) for kind in KINDS]
        return all(len(mode) == 1 for mode in modes) and len(set().union(*modes)) == 2

    @property
    def layers(self) -> list[bool]:
        """Of each layer that is no norm, whether it is in train mode."""
        return [m.training for m in self.model.modules() if not list(m.children()) and not isinstance(m, NORMS)]

    @property
    def holders(self) -> list[bool]:
        """Of each module that holds others, the network itself among them, whether it is in train mode."""
        return [module.training for module in self.model.modules() if list(module.children())]

    @property
    def unchanged(self) -> bool:
        """Whether each module in the network is in the mode in which it came."""
        pairs = list(zip(self.model.modules(), self.before.modules(), strict=True))[1:]
        return all(now.training is then.training for now, then in pairs)

    @property
    def rebuilt(self) -> bool:
        """Whether modules were replaced."""
        return [type(one) for one in self.model.modules()] != [type(one) for one in self.before.modules()]

    @property
    def frozen(self) -> bool:
        """Whether other parameters learn than before."""
        return [w.requires_grad for w in self.model.parameters()] != [w.requires_grad for w in self.before.parameters()]

    @property
    def reset(self) -> bool:
        """Whether a batch norm has other settings, or other numbers."""
        pairs = [pair for pair in zip(self.model.modules(), self.before.modules(), strict=True) if is_norm(pair[0])]
        settings = ("momentum", "track_running_stats", "eps", "affine")
        return any(
            any(getattr(now, name) != getattr(then, name) for name in settings)
            or not same(dict(now.state_dict()), dict(then.state_dict()), 0.0)
            for now, then in pairs
        )


def look(answer: Callable[..., Any], training: bool | None) -> Seen | str:
    """Try an answer on a network in train mode, in eval mode, or partly in both (None)."""
    model = network(training)
    before = copy.deepcopy(model)
    outcome, _ = tried(answer, model)
    mode = {True: "in train mode", False: "in eval mode", None: "partly in train mode"}[training]
    return trouble(outcome, f"a network {mode}") or Seen(model, outcome.value, before)


def every(sign: Callable[[Seen], bool]) -> Callable[[list[Seen]], bool]:
    """Return a function that says whether a sign is seen in all cases."""
    return lambda cases: all(map(sign, cases))


def otherwise(seen: Seen) -> str | None:
    """Return which module is in the wrong mode, or None."""
    for name, module in seen.model.named_modules():
        if module.training is is_norm(module) and not isinstance(module, nn.GroupNorm):
            mode = ("eval", "train") if module.training else ("train", "eval")
            return f"A {type(module).__name__}, `{name or 'model'}`, is in {mode[1]} mode; expected {mode[0]}."
    return None


RULES = [
    Rule(
        "rebuilt",
        "Your function takes layers out, or puts others in. The network shall stay as it is; only its modes change.",
        some(lambda seen: seen.rebuilt),
        [switches.without_norm],
    ),
    Rule(
        "settings changed",
        "You changed the batch norm itself: its settings, or its numbers. Without momentum the running statistics stay "
        "still, but in train mode the batch's own are used all the same. `module.eval()` does both, and can be undone.",
        some(lambda seen: seen.reset),
        [
            with_settings(lambda norm: setattr(norm, "momentum", 0.0), keep=False),
            with_settings(lambda norm: setattr(norm, "track_running_stats", False)),
            with_settings(lambda norm: norm.reset_running_stats()),
        ],
    ),
    Rule(
        "weights frozen",
        "You froze parameters. That is another thing: running statistics are no parameters, and move whenever a batch "
        "norm looks in train mode, `requires_grad` or not. Asked for are the modes alone.",
        some(lambda seen: seen.frozen),
        [
            with_settings(lambda norm: norm.requires_grad_(False), keep=False),
            with_settings(lambda norm: norm.requires_grad_(False)),
            lambda model: train_mode(model).requires_grad_(False),
        ],
    ),
    Rule(
        "a copy",
        "You switch a copy. The network that came is the one that will be trained: switch that, and return it.",
        every(lambda seen: seen.unchanged and isinstance(seen.result, nn.Module) and seen.result is not seen.model),
        [lambda model: train_mode(copy.deepcopy(model))],
    ),
    Rule(
        "nothing happened",
        "All layers are in the mode in which they came. `model.train` without brackets does nothing, and "
        "`model.training = True` does not reach them; `model.train()` does. Then comes `eval()`, for batch norm.",
        every(lambda seen: seen.unchanged),
        [lambda model: model, switches.root_alone],
    ),
    Rule(
        "batch norm in train mode",
        "Your batch norm is in train mode, with all the rest. `model.train()` reaches everything beneath: it has to "
        "come first, and then `eval()` for each batch norm. (Coming last, it switches them all back.)",
        every(lambda seen: all(seen.norms()) and all(seen.layers)),
        [
            lambda model: model.train(),
            switched(is_norm, first=False),
            switched(lambda module: type(module) is nn.modules.batchnorm._BatchNorm),
        ],
    ),
    Rule(
        "all in eval mode",
        "Everything is in eval mode. Dropout then sleeps while the network learns. Only batch norm shall be in eval "
        "mode: `model.train()` first, then those one by one.",
        every(lambda seen: not any(seen.norms()) and not any(seen.layers)),
        [lambda model: model.eval(), switched(lambda module: True)],
    ),
    Rule(
        "modes swapped",
        "The modes have changed places: batch norm is in train mode, and everything else in eval mode.",
        every(lambda seen: all(seen.norms()) and not any(seen.layers)),
        [switches.swapped, switched(lambda module: not is_norm(module) and not list(module.children()))],
    ),
    Rule(
        "never switched to train mode",
        "Batch norm is in eval mode, but you never switch the rest to train mode: a network that comes in eval mode "
        "stays there. `model.train()` first.",
        lambda cases: (
            not any(cases[0].layers) and all(cases[1].layers) and not any(n for s in cases for n in s.norms())
        ),
        [switches.norms_only],
    ),
    Rule(
        "model's own mode",
        "The layers are right. But the model's own `model.training` says False, or that of a module that holds some. "
        "`model.train()` sets it for all of them, and only then batch norm is switched back.",
        some(lambda seen: not any(seen.norms()) and all(seen.layers) and not all(seen.holders)),
        [switches.all_but_root, switches.leaves_only],
    ),
    Rule(
        "one kind",
        "You caught one kind of batch norm, and not the others. Between linear layers it is `nn.BatchNorm1d`, between "
        "convolutions `nn.BatchNorm2d`, and for volumes `nn.BatchNorm3d`: `isinstance` takes them all in a tuple.",
        every(lambda seen: all(seen.layers) and seen.by_kind),
        [
            switched(lambda module: isinstance(module, nn.BatchNorm2d)),
            switched(lambda module: isinstance(module, nn.BatchNorm1d)),
            switched(lambda module: isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)),
        ],
    ),
    Rule(
        "some missed",
        "You caught some batch norm layers, and others are still in train mode. `model.children()` gives only what "
        "lies at the top; `model.modules()` goes through everything, however deep. (And `return` belongs behind the "
        "loop.)",
        every(lambda seen: all(seen.layers) and any(seen.norms())),
        [
            switched(is_norm, reach="children"),
            switches.two_deep,
            switches.first_alone,
        ],
    ),
    Rule(
        "too many in eval mode",
        "Batch norm is in eval mode, and more than that: other layers of the network, dropout for instance, shall "
        "be in train mode. `eval()` on a block switches everything in it.",
        some(lambda seen: not any(seen.norms()) and not all(seen.layers)),
        [
            switches.whole_blocks,
            switched(lambda module: "Norm" in type(module).__name__ or isinstance(module, nn.Dropout)),
        ],
    ),
    Rule(
        "another network",
        "All modes are right, but you return something else than the network that came: `return model`.",
        some(lambda seen: seen.result is not seen.model),
        [lambda model: [train_mode(model)], lambda model: list(train_mode(model).modules())],
    ),
]

MODES = Exercise(
    id="07.4",
    title="Batch norm stays in eval",
    reference=handed(train_mode),
    mistakes=mistakes_of(RULES),
    hints=[
        "Two steps, and their order matters: everything into train mode, then batch norm back into eval mode.",
        "`model.modules()` gives every module, however deep; `isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, "
        "nn.BatchNorm3d))` says whether it is batch norm.",
        "`model.train()`; a loop with `module.eval()` for those; `return model`.",
    ],
    idea="Running statistics are no parameters: no gradient moves them and no freezing holds them. Only eval mode "
    "does, and every later `model.train()` ends it.",
    measure=measure_by(look, CASES, ("model",), RULES, otherwise),
)
