"""Run a learner's function with a time limit, on copies of its arguments."""

from __future__ import annotations

import copy
import ctypes
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PATIENCE = 1.0  # seconds that an interrupted loop gets to end


class TookTooLong(BaseException):
    """Raised inside a learner's function when its time is over; no ``except Exception`` swallows it."""


@dataclass
class Outcome:
    """What came of one call: a value, or a sentence that says why there is none.

    Attributes:
        value: what the function returned.
        problem: a sentence for the learner; None if all went well.
        changed: which argument (counted from 1) the function changed; 0 for none.
        timed_out: whether the time limit ended the call.
    """

    value: Any = None
    problem: str | None = None
    changed: int = 0
    timed_out: bool = False


def describe_error(error: BaseException, function: Callable[..., Any]) -> str:
    """Return one sentence with the error and the line of the learner's function in which it happened."""
    own = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == own]
    place = f" in its line `{lines[-1].line}`" if lines and lines[-1].line else ""
    return f"your function stops with {type(error).__name__}: {error}{place}."


def _interrupt(thread: threading.Thread) -> None:
    """Raise ``TookTooLong`` in a thread at its next Python instruction; a call inside native code is not reached."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(TookTooLong))


def call(function: Callable[..., Any], arguments: tuple[Any, ...], seconds: float = 5.0) -> Outcome:
    """Call a function on copies of the arguments and wait at most ``seconds``.

    An endless Python loop is interrupted on every system. A call that hangs inside native code cannot be: it is left
    behind in a daemon thread, and the learner is told to restart the kernel.
    """
    outcome, own = Outcome(), copy.deepcopy(arguments)

    def work() -> None:
        try:
            outcome.value = function(*own)
        except TookTooLong:
            outcome.timed_out = True
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            outcome.problem = describe_error(error, function)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        return _give_up(thread, outcome, seconds)
    outcome.changed = changed_argument(arguments, own)
    return outcome


def _give_up(thread: threading.Thread, outcome: Outcome, seconds: float) -> Outcome:
    """Interrupt a call that takes too long, again and again for a moment (a ``finally`` may swallow one try)."""
    end = time.monotonic() + PATIENCE
    while thread.is_alive() and time.monotonic() < end:
        _interrupt(thread)
        thread.join(0.1)
    stuck = " and hangs inside native code: restart the kernel" if thread.is_alive() else ""
    problem = f"your function did not end within {seconds:g} seconds{stuck}: is there a loop that never stops?"
    return Outcome(problem=problem, timed_out=True)


def changed_argument(before: tuple[Any, ...], after: tuple[Any, ...]) -> int:
    """Return the position (from 1) of the first argument that a call changed, or 0."""
    from visioncourse.exercises.compare import same

    for position, (old, new) in enumerate(zip(before, after, strict=True), start=1):
        if not callable(old) and not same(old, new, tolerance=0.0):
            return position
    return 0
