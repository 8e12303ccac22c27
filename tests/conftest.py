"""Fixtures for every test: no network beyond this machine, nothing written to the user's home."""

from __future__ import annotations

import gc
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
LOOPBACK = {"127.0.0.1", "::1", "localhost"}

# Two halves of the tests share the cores, so how long one example takes says nothing about the code.
settings.register_profile("shared cores", deadline=None)
settings.load_profile("shared cores")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep the garbage collector from walking again and again over what lasts as long as the tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_unconfigure() -> None:
    gc.unfreeze()


class NetworkUseError(RuntimeError):
    """Raised where a test reaches for the network."""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sockets connect to this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host not in LOOPBACK:
            raise NetworkUseError(f"a test tried to reach {host!r}: the course must work offline")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def plain_data_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the data root of whoever runs the tests."""
    monkeypatch.delenv("VISIONCOURSE_DATA", raising=False)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real MNIST, Fashion-MNIST and CIFAR-10 beside the project, or skip."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real data sets beside the project (../shared/data)")
    return folder


@pytest.fixture(scope="module")
def one_thread() -> Any:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def remembered() -> Any:
    """Call each typical wrong answer once only, for what it returns does not change from test to test."""
    from visioncourse.exercises import recognise
    from visioncourse.exercises.guard import Outcome, call

    known: dict[tuple[int, int], Outcome] = {}

    def call_once(function: Any, case: tuple[Any, ...]) -> Outcome:
        key = id(function), id(case)
        if key not in known:
            known[key] = call(function, case)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recognise, "call", call_once)
        yield
