from __future__ import annotations

import errno
import json
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from training_toys import differing, toy_model

from visioncourse.checkpoint import load_tensors, load_weights, save_tensors, save_weights, write_atomically


def test_tensors_and_notes_come_back_bitwise(tmp_path: Path) -> None:
    tensors = {
        "plain": torch.randn(3, 4),
        "last": torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last),
        "turned": torch.arange(6).reshape(2, 3).T,
        "bytes": torch.randint(0, 255, (7,), dtype=torch.uint8),
        "brief": torch.randn(3).bfloat16(),
        "number": torch.tensor(3.5),
        "none": torch.zeros(0),
    }
    notes = {"seeds": [1, 2], "words": "≈ ß", "none": None, "rate": 0.1 + 0.2}
    save_tensors(tmp_path / "some.safetensors", tensors, notes)
    back, read = load_tensors(tmp_path / "some.safetensors")
    assert read == notes and back.keys() == tensors.keys()
    assert all(torch.equal(back[name], tensors[name]) and back[name].dtype == tensors[name].dtype for name in tensors)


def test_weights_come_back_with_their_buffers(tmp_path: Path) -> None:
    first, second = toy_model(seed=1), toy_model(seed=2)
    first(torch.rand(4, 1, 8, 8))  # moves the running means
    save_weights(tmp_path / "w.safetensors", first, {"accuracy": 0.9})
    assert load_weights(str(tmp_path / "w.safetensors"), second) == {"accuracy": 0.9}
    assert differing(first, second) == []


def test_a_file_may_be_written_over(tmp_path: Path) -> None:
    for number in (1.0, 2.0):
        save_tensors(tmp_path / "x.safetensors", {"x": torch.tensor(number)})
    assert load_tensors(tmp_path / "x.safetensors")[0]["x"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["x.safetensors"]


def test_weights_that_two_layers_share_are_kept(tmp_path: Path) -> None:
    def tied() -> nn.Sequential:
        model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
        model[1].weight = model[0].weight
        return model

    first, second = tied(), tied()
    save_weights(tmp_path / "tied.safetensors", first)
    load_weights(tmp_path / "tied.safetensors", second)
    assert differing(first, second) == [] and second[0].weight is second[1].weight


class Trap:
    """Loading this pickle would run code."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("trapped",)


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps({"0.weight": Trap()}))


def zipped(path: Path) -> None:
    torch.save(toy_model().state_dict(), path)


def truncated(path: Path) -> None:
    save_weights(path, toy_model())
    path.write_bytes(path.read_bytes()[:-10])


def garbage_notes(path: Path) -> None:
    save_file(toy_model().state_dict(), path, metadata={"notes": "{not json"})


def huge_header(path: Path) -> None:
    path.write_bytes(b"\xff" * 64)


@pytest.mark.parametrize("damage", [pickled, zipped, truncated, garbage_notes, huge_header, Path.touch])
def test_a_damaged_or_foreign_file_is_refused_in_one_sentence(
    damage: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    damage(tmp_path / "w.safetensors")
    model = toy_model(seed=5)
    with pytest.raises(ValueError, match=r"w.safetensors' is truncated or not a safetensors file") as refusal:
        load_weights(tmp_path / "w.safetensors", model)
    assert "\n" not in str(refusal.value)
    assert differing(model, toy_model(seed=5)) == [] and not (tmp_path / "trapped").exists()


def test_plain_safetensors_from_elsewhere_are_welcome(tmp_path: Path) -> None:
    model = toy_model(seed=1)
    save_file(model.state_dict(), tmp_path / "w.safetensors")
    assert load_weights(tmp_path / "w.safetensors", other := toy_model(seed=2)) == {}
    assert differing(model, other) == []


@pytest.mark.parametrize("name", ["absent.safetensors", "."])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileNotFoundError, match="does not exist"):
        load_tensors(tmp_path / name)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (lambda: toy_model(wide=8), r"'0.bias' is \(4,\) there and \(8,\) in this model"),
        (lambda: toy_model(channels=3), r"'0.weight' is \(4, 1, 3, 3\) there and \(4, 3, 3, 3\)"),
        (lambda: toy_model()[:6], r"'6.bias' is \(4,\) there and missing in this model"),
        (lambda: nn.Sequential(*toy_model(), nn.PReLU()), r"'7.weight' is missing there and \(1,\)"),
    ],
)
def test_another_architecture_is_refused_and_left_untouched(
    other: Callable[[], nn.Module], words: str, tmp_path: Path
) -> None:
    save_weights(tmp_path / "w.safetensors", toy_model(seed=9))
    model = other()
    with pytest.raises(ValueError, match=f"belongs to another architecture: {words}"):
        load_weights(tmp_path / "w.safetensors", model)
    assert differing(model, other()) == []


def full(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.safetensors"
    write_atomically(path, b"old")
    monkeypatch.setattr(*((os, "fsync") if where == "fsync" else (Path, "replace")), full)
    with pytest.raises(
        OSError, match=r"^cannot write 'w.safetensors': No space left on device; an older file was left"
    ):
        write_atomically(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old" and [entry.name for entry in tmp_path.iterdir()] == ["w.safetensors"]


def test_a_write_that_ends_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="Windows cannot limit the size of files")
    path, limits = tmp_path / "w.safetensors", resource.getrlimit(resource.RLIMIT_FSIZE)
    write_atomically(path, b"old")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # the system itself ends the write, as a quota does
    try:
        with pytest.raises(OSError, match=r"^cannot write 'w.safetensors': .*; an older file was left as it was"):
            write_atomically(path, bytes(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"old" and [entry.name for entry in tmp_path.iterdir()] == ["w.safetensors"]


def test_an_interruption_while_writing_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "w.safetensors", b"new")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"^cannot write 'w.safetensors': No such file"):
        write_atomically(tmp_path / "absent" / "w.safetensors", b"new")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_others_may_read_what_the_umask_lets_them(tmp_path: Path) -> None:
    write_atomically(tmp_path / "ours", b"new")
    (tmp_path / "plain").write_bytes(b"new")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_the_notes_are_readable_json(tmp_path: Path) -> None:
    save_weights(tmp_path / "w.safetensors", toy_model(), {"by": "us"})
    content = (tmp_path / "w.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    assert json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["notes"]) == {"by": "us"}
