"""Weights and training states on disk: safetensors only, written atomically, never half-used.

Pickled files are refused, because loading one runs whatever code it carries.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as safetensors_bytes
from torch import Tensor, nn


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all; an older file stays until the new one is complete.

    Raises:
        OSError: one sentence naming the path, when the folder is missing or the disk is full.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        file = temporary.open("wb")  # not tempfile: its files are closed to everybody else for ever
    except OSError as problem:
        raise OSError(f"cannot write {path.name!r}: {problem.strerror} ({path.parent}).") from None
    try:
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as problem:
        raise OSError(f"cannot write {path.name!r}: {problem.strerror}; an older file was left as it was.") from None
    finally:
        temporary.unlink(missing_ok=True)


def save_tensors(path: str | Path, tensors: dict[str, Tensor], notes: dict[str, Any] | None = None) -> None:
    """Write named tensors, and notes that JSON can hold, to one safetensors file."""
    whole = {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format) for name, tensor in tensors.items()
    }
    write_atomically(Path(path), safetensors_bytes(whole, metadata={"notes": json.dumps(notes or {})}))


def load_tensors(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what ``save_tensors`` wrote.

    Raises:
        FileNotFoundError: when there is no such file.
        ValueError: for a truncated file, or one that is not safetensors (a pickle, for instance).
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"checkpoint {str(path)!r} does not exist.")
    try:
        with safe_open(path, framework="pt") as file:
            notes = json.loads((file.metadata() or {}).get("notes", "{}"))
            return {name: file.get_tensor(name) for name in file.keys()}, notes  # noqa: SIM118 - not a dict
    except (SafetensorError, ValueError) as problem:
        raise ValueError(
            f"checkpoint {str(path)!r} is truncated or not a safetensors file ({problem}); "
            "pickled weights are refused, because loading them would run their code."
        ) from None


def check_fits(model: nn.Module, weights: dict[str, Tensor], source: str) -> None:
    """Compare names and shapes before a single weight is copied.

    Raises:
        ValueError: naming the first tensor that is missing, left over, or of another shape.
    """
    own = model.state_dict()
    for name in sorted(own.keys() | weights.keys()):
        theirs = tuple(weights[name].shape) if name in weights else "missing"
        ours = tuple(own[name].shape) if name in own else "missing"
        if theirs != ours:
            raise ValueError(
                f"{source} belongs to another architecture: {name!r} is {theirs} there and {ours} in this model."
            )


def save_weights(path: str | Path, model: nn.Module, notes: dict[str, Any] | None = None) -> None:
    """Write a model's parameters and buffers."""
    save_tensors(path, model.state_dict(), notes)


def load_weights(path: str | Path, model: nn.Module) -> dict[str, Any]:
    """Copy stored parameters and buffers into a model of the same architecture, and return the file's notes.

    Raises:
        FileNotFoundError, ValueError: as ``load_tensors`` and ``check_fits`` say; the model is then unchanged.
    """
    weights, notes = load_tensors(path)
    if "groups" in notes:
        raise ValueError(f"checkpoint {str(path)!r} is the state of a training run: hand it to fit(checkpoint=...).")
    check_fits(model, weights, f"checkpoint {str(path)!r}")
    model.load_state_dict(weights)
    return notes


def save_training(
    path: str | Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    extra: dict[str, Tensor],
    notes: dict[str, Any],
) -> None:
    """Write everything that a training run needs to go on: weights, optimiser state, random states, notes."""
    state = optimizer.state_dict()
    tensors = {f"model/{name}": tensor for name, tensor in model.state_dict().items()}
    tensors |= {f"extra/{name}": tensor for name, tensor in extra.items()}
    plain: dict[str, dict[str, Any]] = {}
    for index, slots in state["state"].items():
        for slot, value in slots.items():
            if isinstance(value, Tensor):
                tensors[f"optimizer/{index}/{slot}"] = value
            else:
                plain.setdefault(str(index), {})[slot] = value
    save_tensors(path, tensors, notes | {"groups": state["param_groups"], "slots": plain})


def load_training(
    path: str | Path, model: nn.Module, optimizer: torch.optim.Optimizer, settings: dict[str, Any]
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Bring a model and its optimiser back to where ``save_training`` left them.

    Returns:
        The extra tensors and the notes that were stored beside them.

    Raises:
        ValueError: for a file of weights only, of another architecture, or of a run with other settings.
    """
    tensors, notes = load_tensors(path)
    parts: dict[str, dict[str, Tensor]] = {"model": {}, "extra": {}, "optimizer": {}}
    for name, tensor in tensors.items():
        part, _, rest = name.partition("/")
        parts.setdefault(part, {})[rest] = tensor
    if "groups" not in notes or not parts["model"]:
        raise ValueError(f"checkpoint {str(path)!r} holds weights only: a training run cannot go on from it.")
    check_fits(model, parts["model"], f"checkpoint {str(path)!r}")
    _check_settings(notes["settings"], settings, str(path))
    model.load_state_dict(parts["model"])
    _restore_optimizer(optimizer, parts["optimizer"], notes)
    return parts["extra"], notes


def _check_settings(stored: dict[str, Any], asked: dict[str, Any], path: str) -> None:
    """Refuse to go on with a run that was begun with other settings."""
    for name, value in asked.items():
        if stored.get(name) != value:
            raise ValueError(
                f"checkpoint {path!r} was begun with {name}={stored.get(name)!r}, this call says {value!r}: "
                "delete the file, or name another."
            )


def _restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], notes: dict[str, Any]) -> None:
    """Fill an optimiser's state, each moment laid out in memory like its parameter (fused steps need that)."""
    params = [param for group in optimizer.param_groups for param in group["params"]]
    state: dict[int, dict[str, Any]] = {int(index): dict(slots) for index, slots in notes["slots"].items()}
    for name, tensor in tensors.items():
        index, slot = name.split("/")
        like = params[int(index)]
        laid_out = torch.empty_like(like).copy_(tensor) if tensor.shape == like.shape else tensor
        state.setdefault(int(index), {})[slot] = laid_out
    optimizer.load_state_dict({"state": state, "param_groups": notes["groups"]})
