from __future__ import annotations

import ctypes
import threading
import time
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import torch

from visioncourse.exercises.guard import PATIENCE, call, changed_argument, describe_error

SHORT = 0.2


def endless() -> None:
    while True:
        pass


def stubborn() -> None:
    """Swallow every ordinary exception."""
    while True:
        with suppress(Exception):
            time.sleep(0.001)


def with_finally() -> None:
    while True:
        try:
            time.sleep(0.001)
        finally:
            sum(range(10))


def recursive(depth: int = 0) -> int:
    return recursive(depth + 1)


def stops(argument: Any) -> Any:
    return argument / 0


def test_a_value_comes_back() -> None:
    outcome = call(lambda a, b: a + b, (2, 3))
    assert (outcome.value, outcome.problem, outcome.changed, outcome.timed_out) == (5, None, 0, False)


@pytest.mark.parametrize("function", [endless, stubborn, with_finally])
def test_an_endless_loop_is_ended(function: Any) -> None:
    start, before = time.monotonic(), threading.active_count()
    outcome = call(function, (), SHORT)
    assert outcome.timed_out and outcome.value is None
    assert outcome.problem == "your function did not end within 0.2 seconds: is there a loop that never stops?"
    assert time.monotonic() - start < SHORT + PATIENCE + 1
    assert threading.active_count() == before


def test_a_hang_inside_native_code_is_left_behind_and_named() -> None:
    released = threading.Event()

    def hang() -> None:
        released.wait()  # one native call, as far as Python can interrupt it

    outcome = call(hang, (), SHORT)
    released.set()
    assert outcome.timed_out and "hangs inside native code: restart the kernel" in str(outcome.problem)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (stops, "your function stops with ZeroDivisionError: division by zero in its line `return argument / 0`."),
        (lambda x: undefined, "NameError: name 'undefined' is not defined"),  # type: ignore[name-defined] # noqa: F821
        (lambda x: exit(3), "your function stops with SystemExit: 3"),
        (lambda x: recursive(), "RecursionError"),
        (lambda x: torch.ones(2, 3) @ torch.ones(2, 3), "RuntimeError: mat1 and mat2"),
        (lambda x: next(iter([])), "StopIteration"),
    ],
)
def test_an_error_becomes_one_sentence(function: Any, words: str) -> None:
    outcome = call(function, (1,))
    assert words in str(outcome.problem) and outcome.value is None and not outcome.timed_out


def test_keyboard_interrupts_and_asserts_are_the_functions_own() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    assert "KeyboardInterrupt" in str(call(interrupted, ()).problem)


def test_the_line_is_the_learners_own_not_a_librarys() -> None:
    def deep() -> Any:
        return np.linalg.inv(np.zeros((2, 2)))

    assert "in its line `return np.linalg.inv(np.zeros((2, 2)))`" in str(call(deep, ()).problem)


def test_a_function_without_source_is_described_without_a_line() -> None:
    assert describe_error(ValueError("no"), len) == "your function stops with ValueError: no."


@pytest.mark.parametrize(
    "argument", [torch.zeros(3), np.zeros(3), [0, 0], {"a": torch.zeros(2)}, [torch.zeros(2), torch.zeros(2)]]
)
def test_a_changed_argument_is_noticed_and_the_original_kept(argument: Any) -> None:
    def spoil(first: str, second: Any) -> int:
        target = second if not isinstance(second, dict) else second["a"]
        target[0] += 1
        return 1

    outcome = call(spoil, ("x", argument))
    assert outcome.changed == 2 and outcome.value == 1
    assert changed_argument((argument,), (argument,)) == 0
    if isinstance(argument, torch.Tensor | np.ndarray):
        assert not argument.any()


def test_looking_at_an_argument_changes_nothing() -> None:
    arguments = (torch.tensor([1.0, float("nan")]), [1, 2], "word", {"k": 1}, None, len)
    assert call(lambda *them: repr(them), arguments).changed == 0


def test_a_tick_beyond_the_limit_does_not_leak_an_exception() -> None:
    for _ in range(20):
        call(lambda: time.sleep(0.01), (), 0.01)  # ends at the very moment of the interruption
    time.sleep(0.05)
    assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(0), None) == 0
