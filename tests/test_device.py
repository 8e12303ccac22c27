from __future__ import annotations

import random
from contextlib import nullcontext

import numpy as np
import pytest
import torch

from visioncourse import device
from visioncourse.device import (
    DEVICES,
    PRECISIONS,
    Precision,
    choose_device,
    choose_precision,
    describe,
    seed_everything,
)

CPU = torch.device("cpu")


@pytest.fixture
def without_accelerators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.usefixtures("without_accelerators")
def test_the_processor_is_the_last_resort() -> None:
    assert choose_device() == choose_device("cpu") == CPU


@pytest.mark.usefixtures("without_accelerators")
def test_prefers_cuda_to_mps_to_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device().type == "mps"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device().type == "cuda"
    assert choose_device("cuda:1") == torch.device("cuda", 1)


@pytest.mark.usefixtures("without_accelerators")
@pytest.mark.parametrize("name", ["cuda", "cuda:1", "mps"])
def test_a_device_that_is_not_here_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f'^device={name!r} is not available on this machine: use "auto" or "cpu".$'):
        choose_device(name)


@pytest.mark.parametrize("name", ["gpu", "", "CPU", "cudda"])
def test_an_unknown_device_names_the_known_ones(name: str) -> None:
    with pytest.raises(ValueError, match=f"unknown device {name!r}.*Known: auto, cpu, cuda, mps"):
        choose_device(name)


@pytest.mark.parametrize("name", ["auto:1", "cpu:abc", "cpu:"])
def test_a_malformed_device_is_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(ValueError, match="device") as refusal:
        choose_device(name)
    assert name in str(refusal.value) and "\n" not in str(refusal.value)


def draws() -> tuple[float, float, float]:
    return random.random(), float(np.random.rand()), float(torch.rand(()))


def test_seeds_every_source_of_chance() -> None:
    with torch.random.fork_rng(devices=[]):
        own = seed_everything(5)
        first, of_own = draws(), torch.rand(3, generator=own)
        again = seed_everything(5)
        assert draws() == first
        assert torch.equal(torch.rand(3, generator=again), of_own)
        seed_everything(6)
        assert draws() != first


def test_its_generator_is_apart_from_the_global_one() -> None:
    with torch.random.fork_rng(devices=[]):
        own = seed_everything(5)
        before = torch.get_rng_state()
        torch.rand(10, generator=own)
        assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("seed", [-1, 2**32, True])
def test_a_seed_that_no_library_takes_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match=r"^seed=.*: expected a whole number from 0 to 2\*\*32 - 1.$"):
        seed_everything(seed)


@pytest.mark.parametrize("native", [True, False])
def test_precision_follows_the_processor(monkeypatch: pytest.MonkeyPatch, native: bool) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": native})
    auto, plain, brief = (choose_precision(name, CPU) for name in PRECISIONS)
    assert auto.name == ("bfloat16" if native else "float32")
    assert (plain.name, plain.dtype, plain.reason) == ("float32", None, "asked for")
    assert (brief.name, brief.dtype) == ("bfloat16", torch.bfloat16)
    assert ("native" if native else "emulated") in brief.reason
    assert {p.memory_format for p in (auto, plain, brief)} == {torch.channels_last}


@pytest.mark.parametrize(("capability", "name"), [((9, 0), "bfloat16"), ((8, 0), "bfloat16"), ((7, 5), "float32")])
def test_precision_follows_the_graphics_card(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], name: str
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda which: capability)
    assert choose_precision("auto", torch.device("cuda")).name == name


def test_apples_chip_computes_in_float32() -> None:
    chosen = choose_precision("auto", torch.device("mps"))
    assert (chosen.name, chosen.reason) == ("float32", "no native bfloat16 on this mps")


def test_an_unknown_precision_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="unknown precision 'float16': did you mean"):
        choose_precision("float16", CPU)


def test_autocast_changes_products_and_nothing_else() -> None:
    weights = torch.ones(2, 2)
    with choose_precision("bfloat16", CPU).autocast(CPU):
        assert (weights @ weights).dtype == torch.bfloat16
    assert (weights @ weights).dtype == weights.dtype == torch.float32
    plain = choose_precision("float32", CPU)
    assert isinstance(plain.autocast(CPU), nullcontext)


def test_a_precision_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Precision("float32", None, torch.channels_last, "asked for").name = "bfloat16"  # type: ignore[misc]


def test_describes_the_machine_in_short_lines() -> None:
    lines = describe()
    assert all(len(line) < 100 and "\n" not in line for line in lines)
    report = "\n".join(lines)
    for word in ("Python 3", f"torch {torch.__version__}", "torchvision", "device", "cores", "precision"):
        assert word in report


def test_the_names_are_those_of_the_docstring() -> None:
    assert DEVICES[0] == PRECISIONS[0] == "auto"
    assert all(f'"{name}"' in (device.choose_device.__doc__ or "") for name in DEVICES)
