from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from visioncourse.optim import OPTIMIZERS, SCHEDULES, START, constant, cosine, make_optimizer, make_schedule, one_cycle

totals = st.integers(1, 300)


def rates(schedule: str | None, total: int, lr: float = 0.5) -> list[float]:
    """Return the learning rate of every step of a run."""
    optimizer = make_optimizer("sgd", nn.Linear(2, 1).parameters(), lr, 0.0)
    plan, seen = make_schedule(schedule, optimizer, total), []
    for _ in range(total):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        plan.step()
    return seen


@given(total=totals, part=st.floats(0, 1))
@pytest.mark.parametrize("schedule", SCHEDULES.values())
def test_factors_lie_between_nothing_and_the_peak(schedule: Any, total: int, part: float) -> None:
    assert 0 < schedule(round(part * total), total) <= 1 + 1e-12


@given(total=st.integers(4, 300))
def test_one_cycle_rises_once_and_falls_once(total: int) -> None:
    factors = [one_cycle(step, total) for step in range(total + 1)]
    top = factors.index(max(factors))
    assert factors[0] == pytest.approx(START)
    assert factors[top] > 0.8
    assert factors[: top + 1] == sorted(factors[: top + 1])
    assert factors[top:] == sorted(factors[top:], reverse=True)
    assert factors[-1] == pytest.approx(1e-4)


@given(total=totals)
def test_cosine_falls_from_the_full_rate(total: int) -> None:
    factors = [cosine(step, total) for step in range(total + 1)]
    assert factors[0] == 1 and factors[-1] == pytest.approx(1e-4)
    assert factors == sorted(factors, reverse=True)


def test_schedules_outlive_their_last_step() -> None:
    assert one_cycle(11, 10) == cosine(11, 10) == 1e-4
    assert constant(7, 3) == 1


def test_a_schedule_multiplies_the_rate() -> None:
    assert rates("constant", 3) == rates(None, 3) == [0.5] * 3
    assert rates("cosine", 4) == pytest.approx([0.5 * cosine(step, 4) for step in range(4)])
    assert rates("onecycle", 10) == pytest.approx([0.5 * one_cycle(step, 10) for step in range(10)])


def test_a_schedule_of_ones_own() -> None:
    optimizer = make_optimizer("sgd", nn.Linear(2, 1).parameters(), 1.0, 0.0)
    plan = make_schedule(lambda step, total: 1 - step / total, optimizer, 4)
    optimizer.step()
    plan.step()
    assert optimizer.param_groups[0]["lr"] == 0.75


def test_every_group_keeps_its_own_peak() -> None:
    body, head = nn.Linear(2, 2), nn.Linear(2, 1)
    groups = [{"params": body.parameters(), "lr": 0.01}, {"params": head.parameters()}]
    optimizer = make_optimizer("adamw", groups, 0.1, 0.0)
    make_schedule("onecycle", optimizer, 10)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.01 * START, 0.1 * START])


@pytest.mark.parametrize(("name", "plain"), [("adamw", torch.optim.AdamW), ("adam", torch.optim.Adam)])
def test_named_optimisers_are_torchs(name: str, plain: Any) -> None:
    ours, theirs = nn.Linear(3, 2), nn.Linear(3, 2)
    theirs.load_state_dict(ours.state_dict())
    steps = [make_optimizer(name, ours.parameters(), 0.1, 0.01), plain(theirs.parameters(), lr=0.1, weight_decay=0.01)]
    for _ in range(3):
        for model, optimizer in zip((ours, theirs), steps, strict=True):
            optimizer.zero_grad()
            model(torch.ones(4, 3)).square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(ours.weight, theirs.weight)


def test_sgd_carries_momentum_and_decay() -> None:
    group = make_optimizer("sgd", nn.Linear(3, 2).parameters(), 0.1, 0.2).param_groups[0]
    assert (group["momentum"], group["weight_decay"], group["lr"]) == (0.9, 0.2, 0.1)


def test_an_optimiser_of_ones_own() -> None:
    built = make_optimizer(lambda params: torch.optim.RMSprop(params, lr=0.3), nn.Linear(3, 2).parameters(), 0.1, 0.0)
    assert isinstance(built, torch.optim.RMSprop) and built.param_groups[0]["lr"] == 0.3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lr": -0.1}, "lr=-0.1: expected a learning rate above 0"),
        ({"lr": 0.0}, "lr=0.0: expected"),
        ({"lr": float("nan")}, "lr=nan: expected"),
        ({"lr": float("inf")}, "lr=inf: expected"),
        ({"weight_decay": -1.0}, "weight_decay=-1.0: expected 0 or more"),
        ({"choice": "adamm"}, "unknown optimizer 'adamm': did you mean adam"),
        ({"params": []}, "params is empty"),
    ],
)
def test_bad_input_is_named(options: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"choice": "adamw", "params": nn.Linear(2, 1).parameters(), "lr": 0.1, "weight_decay": 0.0}
    with pytest.raises(ValueError, match=words):
        make_optimizer(**(given | options))


def test_an_unknown_schedule_names_the_nearest() -> None:
    optimizer = make_optimizer("sgd", nn.Linear(2, 1).parameters(), 0.1, 0.0)
    with pytest.raises(ValueError, match="unknown schedule 'cosin': did you mean cosine"):
        make_schedule("cosin", optimizer, 10)


def test_every_optimiser_of_the_table_builds() -> None:
    for name in OPTIMIZERS:
        make_optimizer(name, nn.Linear(2, 1).parameters(), 0.1, 0.1).step()
