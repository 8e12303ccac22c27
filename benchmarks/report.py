"""What is measured together, and how it is shown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch

from benchmarks import arms, engine, machine, peers, scalar, speed
from benchmarks.accuracy import SEEDS, compare_accuracy, judge_accuracy, line
from benchmarks.augmentation import STEP, THEIRS, compare_augmentation
from benchmarks.convolution import compare_convolutions
from benchmarks.imports import import_cost
from benchmarks.targets import ROUNDS, Verdict, judge_augmentation, judge_engine, judge_import, judge_speed
from benchmarks.work import Prepare, digits

IMAGES = 3200  # with fewer a round is over too soon to be judged


def say(text: str) -> None:
    """Tell somebody who watches how far it is; the tables go to standard output."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def threads(number: int | None) -> Iterator[None]:
    """Let torch use so many threads for a while; as many as it likes if None."""
    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def chosen_arms(no_peers: bool) -> tuple[dict[str, Prepare], list[str]]:
    """Return the arms that this machine can run, and one line for each that it cannot."""
    native = machine.has_avx512_bfloat16()
    found = arms.own_arms(native)
    left_out = {name: "left out by --no-peers" if no_peers else peers.why_not(name) for name in peers.PEERS}
    found |= {name: arm for name, arm in peers.PEERS.items() if not left_out[name]}
    if native and "lightning" in found:
        found["lightning, bfloat16"] = partial(peers.lightning, precision="bf16-mixed")
    return found, [f"{name}: {reason}" for name, reason in left_out.items() if reason]


def speeds(chosen: argparse.Namespace) -> dict[str, Any]:
    """Measure and print all ratios; return the figures for JSON."""
    judged = chosen.rounds >= ROUNDS and chosen.images >= IMAGES
    ways, skipped = chosen_arms(chosen.no_peers)
    busy = machine.load()
    engine_figures, engine_verdicts = _engine(chosen.rounds)  # first: learners run it without what comes next
    augmented, augmentation_verdicts = _augmentation(chosen.rounds)
    machine.keep_heap()
    work = digits(chosen.images, chosen.epochs)
    times, failed = speed.measure(ways, work, chosen.rounds, say, set(ways) - set(arms.own_arms(True)))
    convolutions = compare_convolutions(chosen.rounds)
    own, share = import_cost(min(chosen.rounds, 5))
    verdicts = [*judge_speed(times, machine.has_avx512_bfloat16(), judged), judge_import(own, share, judged)]
    verdicts += engine_verdicts + augmentation_verdicts
    ratios = {name: speed.compare(times, name) for name in times}
    print(f"Training speed relative to the bare loop: {work.seen:,} images a run, {chosen.rounds} rounds, interleaved")
    _table("arm", ratios)
    print("\nOne convolution relative to Python loops")
    _table("way", convolutions)
    _close([*skipped, *failed], busy, verdicts)
    return {
        "machine": machine.describe() | {"load_before": busy, "load_after": machine.load()},
        "settings": {"rounds": chosen.rounds, "images": chosen.images, "epochs": chosen.epochs},
        "ratios": {name: list(ratio.values) for name, ratio in ratios.items()},
        "convolutions": {name: list(ratio.values) for name, ratio in convolutions.items()},
        "engine": engine_figures,
        "augmentation": augmented,
        "skipped": [*skipped, *failed],
        "verdicts": [verdict.as_dict() for verdict in verdicts],
    }


def engines(chosen: argparse.Namespace) -> dict[str, Any]:
    """Measure and print the NumPy engine's ratios alone; return the figures for JSON."""
    return _alone("engine", _engine, chosen)


def augmentations(chosen: argparse.Namespace) -> dict[str, Any]:
    """Measure and print the ratios of augmentation alone; return the figures for JSON."""
    return _alone("augmentation", _augmentation, chosen)


def _alone(
    name: str, measure: Callable[[int], tuple[Any, list[Verdict]]], chosen: argparse.Namespace
) -> dict[str, Any]:
    """Measure, print and return one part of the bench."""
    busy = machine.load()
    figures, verdicts = measure(chosen.rounds)
    _close([], busy, verdicts)
    return {
        "machine": machine.describe() | {"load_before": busy, "load_after": machine.load()},
        "settings": {"rounds": chosen.rounds},
        name: figures,
        "verdicts": [verdict.as_dict() for verdict in verdicts],
    }


def _engine(rounds: int) -> tuple[dict[str, list[float]], list[Verdict]]:
    """Measure and print the NumPy engine's ratios; return them by name, and the verdicts."""
    say("engine: time, multiply-adds, memory")
    with engine.same_threads():
        step, scalars = engine.compare_steps(rounds), scalar.compare_scalars(rounds)
        memory = engine.compare_memory(min(rounds, 3))
    print(f"One training step of the NumPy engine: so many times torch's, {rounds} rounds, interleaved")
    _table("what", {"time": step, "memory": memory})
    print("\nMultiply-adds in the same time, so many times an engine on single numbers")
    _table("way", scalars)
    print()
    figures = {name: list(ratio.values) for name, ratio in {"time": step, "memory": memory, **scalars}.items()}
    return figures, judge_engine(step, memory, scalars[scalar.BATCHED], rounds >= ROUNDS)


def _augmentation(rounds: int) -> tuple[dict[str, dict[str, list[float]]], list[Verdict]]:
    """Measure and print the ratios of augmentation; return them by shape and name, and the verdicts."""
    say("augmentation: against torchvision, against a training step")
    found = compare_augmentation(rounds)
    print(f"Shift, flip and cutout of 256 images, {rounds} rounds, interleaved: as many times as fast as torchvision")
    _table("images", {shape: ratios[THEIRS] for shape, ratios in found.items()})
    print("\nIts part of a training step of the small CNN")
    _table("images", {shape: ratios[STEP] for shape, ratios in found.items()})
    print()
    figures = {shape: {name: list(ratio.values) for name, ratio in ratios.items()} for shape, ratios in found.items()}
    judged = rounds >= ROUNDS
    verdicts = [judge_augmentation(shape, ratios[THEIRS], ratios[STEP], judged) for shape, ratios in found.items()]
    return figures, [verdict for pair in verdicts for verdict in pair]


def accuracies(chosen: argparse.Namespace) -> dict[str, Any]:
    """Measure and print the accuracies; return the figures for JSON."""
    ways, skipped = chosen_arms(chosen.no_peers)
    wanted = {name: ways[name] for name in ("fit", speed.REFERENCE, "lightning") if name in ways}
    busy = machine.load()
    found = compare_accuracy(wanted, say)
    verdicts = [judge_accuracy(found, "fit", other) for other in wanted if other != "fit"]
    print(f"Accuracy on 1,000 test digits, {SEEDS} seeds: mean and range (sampling error ± 1 point)")
    for name, values in found.items():
        print("  " + line(name, values))
    _close([text for text in skipped if text.startswith("lightning")], busy, verdicts)
    return {
        "machine": machine.describe(),
        "accuracies": found,
        "skipped": skipped,
        "verdicts": [verdict.as_dict() for verdict in verdicts],
    }


def _table(head: str, ratios: dict[str, speed.Ratios]) -> None:
    """Print medians and ranges over the rounds."""
    print(f"  {head:22s} median   range")
    for name, ratio in ratios.items():
        print(f"  {name:22s} {ratio}")


def _close(skipped: list[str], busy: float | None, verdicts: list[Verdict]) -> None:
    """Print what was left out, the machine, and the verdicts."""
    for text in skipped:
        print(f"  skipped: {text}")
    about = machine.describe()
    native = "AVX512-BF16" if about["avx512_bf16"] else "no AVX512-BF16"
    print(f"\nMachine: {about['processor']}, {about['cores']} cores, {about['threads']} threads, {native}")
    print("         " + ", ".join(f"{name} {version}" for name, version in about["versions"].items()))
    if busy is not None:
        after = machine.load()
        print(f"         load {busy:.1f} before, {after:.1f} after (more than its cores, and ratios blur)")
    print("\nTargets, as ratios measured in this run on this machine")
    for verdict in verdicts:
        print(f"  {verdict}")
    if any(verdict.holds is None for verdict in verdicts):
        print(
            f"Speed is judged from {ROUNDS} rounds of {IMAGES:,} images that agree; on a busy machine try --threads 1."
        )
