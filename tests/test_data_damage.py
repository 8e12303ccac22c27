"""What can go wrong with a download, and with what lies on disk: nothing broken is ever used."""

from __future__ import annotations

import errno
import io
import os
import shutil
import tarfile
from pathlib import Path

import pytest
from test_data_downloads import Server, everything, fashion_fixture, md5, server_fixture, set_counts
from torchvision import datasets

from visioncourse.data import fetch, load, verify
from visioncourse.data.manifest import MANIFEST
from visioncourse.data.transfer import DownloadError

FIXTURES = (server_fixture, fashion_fixture)  # pytest finds them by their names here


def cifar(server: Server, monkeypatch: pytest.MonkeyPatch, archive: bytes, checksum: str = "") -> None:
    server.files["cifar-10-python.tar.gz"] = archive
    monkeypatch.setattr(datasets.CIFAR10, "url", server.url + "cifar-10-python.tar.gz")
    monkeypatch.setattr(datasets.CIFAR10, "tgz_md5", checksum or md5(archive))


def tar_of(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return out.getvalue()


IMAGES = "train-images-idx3-ubyte.gz"


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        ("truncated", r"broke off after [\d,]+ of [\d,]+ bytes"),
        ("corrupted", "bytes whose MD5 is [0-9a-f]{32}, not [0-9a-f]{32}"),
        ("missing", "gave no answer to use .*404"),
    ],
)
def test_harmed_downloads_leave_nothing(fashion, tmp_path, harm, sentence):
    if harm == "truncated":
        fashion.cut.add(IMAGES)
    elif harm == "corrupted":
        fashion.files[IMAGES] = fashion.files[IMAGES][:-1] + b"?"
    else:
        del fashion.files[IMAGES]
    with pytest.raises(DownloadError, match=sentence) as caught:
        fetch("fashion_mnist", tmp_path, progress=False)
    assert "\n" not in str(caught.value) and IMAGES in str(caught.value)
    assert everything(tmp_path) == set()


def test_leftovers_of_a_killed_download_go_away(fashion, tmp_path):
    old, new = tmp_path / ".fetch-fashion_mnist-old", tmp_path / ".fetch-fashion_mnist-new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (1, 1))
    fetch("fashion_mnist", tmp_path, progress=False)
    assert not old.exists() and new.exists()  # the new one may belong to a fetch that is running


def test_a_wrong_number_of_images_is_refused(fashion, tmp_path, monkeypatch):
    set_counts(monkeypatch, "fashion_mnist", train=101, test=10)
    with pytest.raises(ValueError, match="not as published, nothing was kept: train holds 100 images instead of 101"):
        fetch("fashion_mnist", tmp_path, progress=False)
    assert everything(tmp_path) == set()


@pytest.mark.parametrize("what", ["changed", "shorter", "gone"])
def test_damage_on_disk_is_found_never_used_and_repaired(fashion, tmp_path, what):
    folder = fetch("fashion_mnist", tmp_path, progress=False)
    file = folder / "raw" / "t10k-images-idx3-ubyte"
    whole = file.read_bytes()
    if what == "gone":
        file.unlink()
    else:
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if what == "changed" else whole[:-1])
    problem = {"changed": "has changed since", "shorter": "7,855 bytes instead of 7,856", "gone": "is missing"}[what]
    assert len(verify("fashion_mnist", tmp_path)) == 1 and problem in verify("fashion_mnist", tmp_path)[0]
    with pytest.raises(ValueError, match=r"is incomplete or damaged .* replaces it"):
        load("fashion_mnist", root=tmp_path)
    fetch("fashion_mnist", tmp_path, progress=False)
    assert file.read_bytes() == whole and verify("fashion_mnist", tmp_path) == []


def test_files_laid_there_by_other_means(fashion, tmp_path):
    folder = fetch("fashion_mnist", tmp_path, progress=False)
    (folder / MANIFEST).unlink()
    assert verify("fashion_mnist", tmp_path) == [] and len(load("fashion_mnist", "test", root=tmp_path)) == 10
    (folder / "raw" / "t10k-images-idx3-ubyte").write_bytes(b"\0\0")
    assert "incomplete or damaged" in verify("fashion_mnist", tmp_path)[0]
    with pytest.raises(ValueError, match="incomplete or damaged"):
        load("fashion_mnist", "test", root=tmp_path)


@pytest.mark.parametrize("member", ["../evil.txt", "/evil.txt"])
def test_archives_that_reach_outside_are_refused(server, monkeypatch, tmp_path, member):
    cifar(server, monkeypatch, tar_of({"cifar-10-batches-py/readme": b"x", member: b"x"}))
    root = tmp_path / "root"
    root.mkdir()
    with pytest.raises(ValueError, match=r"is refused: its member '.*evil.txt' would land outside the folder"):
        fetch("cifar10", root, progress=False)
    assert everything(tmp_path) == {"root"}


def test_an_archive_with_the_right_md5_but_wrong_content(server, monkeypatch, tmp_path):
    cifar(server, monkeypatch, tar_of({"cifar-10-batches-py/data_batch_1": b"cos\nsystem\n(S'echo'\ntR."}))
    with pytest.raises(ValueError, match="data set 'cifar10' is not as published, nothing was kept"):
        fetch("cifar10", tmp_path, progress=False)
    cifar(server, monkeypatch, b"no archive")
    with pytest.raises(ValueError, match=r"archive 'cifar-10-python.tar.gz' is damaged or truncated"):
        fetch("cifar10", tmp_path, progress=False)
    cifar(server, monkeypatch, b"no archive", checksum="0" * 32)
    with pytest.raises(DownloadError, match="whose MD5 is"):
        fetch("cifar10", tmp_path, progress=False)
    assert everything(tmp_path) == set()


def test_a_full_disk_leaves_what_was_there(fashion, tmp_path, monkeypatch):
    old = tmp_path / "FashionMNIST" / "raw" / "train-images-idx3-ubyte"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"half a file")

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OSError, match=r"no space left in .* while fetching 'fashion_mnist'; what was there before"):
        fetch("fashion_mnist", tmp_path, progress=False)
    assert everything(tmp_path) == {"FashionMNIST", "FashionMNIST/raw", "FashionMNIST/raw/train-images-idx3-ubyte"}
    assert old.read_bytes() == b"half a file"


def test_a_swap_that_fails_puts_the_old_set_back(fashion, tmp_path, monkeypatch):
    old = tmp_path / "FashionMNIST" / "old.txt"
    old.parent.mkdir()
    old.write_text("old")
    real = Path.replace

    def once(self: Path, target: Path) -> Path:
        if self.parent.name.startswith(".fetch-") and self.name == "FashionMNIST":
            raise PermissionError(errno.EACCES, "in use")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", once)
    with pytest.raises(PermissionError, match="in use"):
        fetch("fashion_mnist", tmp_path, progress=False)
    assert everything(tmp_path) == {"FashionMNIST", "FashionMNIST/old.txt"}
