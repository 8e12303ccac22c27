"""Downloads from a server on this machine: whole and verified, or not at all."""

from __future__ import annotations

import errno
import gzip
import hashlib
import shutil
import struct
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision import datasets

from visioncourse.data import CATALOGUE, ImageSet, data_root, downloads, fetch, load, verify
from visioncourse.data.manifest import MANIFEST
from visioncourse.data.transfer import DownloadError


class Server:
    """Serves ``files``; a path in ``cut`` breaks off half way; counts what was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.lstrip("/")
                outer.asked.append(name)
                if name not in outer.files:
                    return self.send_error(404)
                body = outer.files[name]
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if name in outer.cut else body)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture(name="server")
def server_fixture(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    serving = Server()
    yield serving
    serving.http.shutdown()
    serving.http.server_close()


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def idx_files(train: int = 100, test: int = 10) -> dict[str, bytes]:
    """Make the four gzip files of a tiny MNIST."""
    random, files = np.random.RandomState(0), {}
    for stem, count in (("train", train), ("t10k", test)):
        pixels = random.randint(0, 256, (count, 28, 28)).astype(np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = struct.pack(">HBBIII", 0, 8, 3, count, 28, 28) + pixels.tobytes()
        files[f"{stem}-images-idx3-ubyte.gz"] = gzip.compress(images)
        files[f"{stem}-labels-idx1-ubyte.gz"] = gzip.compress(struct.pack(">HBBI", 0, 8, 1, count) + labels.tobytes())
    return files


def set_counts(monkeypatch: pytest.MonkeyPatch, name: str, **counts: int) -> None:
    monkeypatch.setitem(CATALOGUE, name, replace(CATALOGUE[name], counts=counts))


@pytest.fixture(name="fashion")
def fashion_fixture(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A tiny Fashion-MNIST on the server."""
    server.files = idx_files()
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", [server.url])
    monkeypatch.setattr(datasets.FashionMNIST, "resources", [(k, md5(v)) for k, v in server.files.items()])
    set_counts(monkeypatch, "fashion_mnist", train=100, test=10)
    return server


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_fetch_verify_and_load(fashion, tmp_path):
    folder = fetch("fashion_mnist", tmp_path, progress=False)
    assert folder == tmp_path / "FashionMNIST"
    raw = {f"raw/{name.removesuffix('.gz')}" for name in fashion.files}
    assert everything(folder) == raw | {"raw", MANIFEST}
    assert [path.name for path in tmp_path.iterdir()] == ["FashionMNIST"]  # no temporary folder is left
    assert verify("fashion_mnist", tmp_path) == []
    train, valid, test = (load("fashion_mnist", split, root=tmp_path) for split in ("train", "valid", "test"))
    assert isinstance(train, ImageSet) and (len(train), len(valid), len(test)) == (90, 10, 10)


def test_train_and_valid_share_no_image(fashion, tmp_path):
    train, valid = (load("fashion_mnist", split, root=tmp_path, download=True) for split in ("train", "valid"))
    seen = [{image.numpy().tobytes() for image in part.images} for part in (train, valid)]
    assert not seen[0] & seen[1] and len(seen[0] | seen[1]) == 100


def test_a_set_in_order_is_not_fetched_again(fashion, tmp_path):
    fetch("fashion_mnist", tmp_path, progress=False)
    fashion.asked.clear()
    fetch("fashion_mnist", tmp_path, progress=False)
    load("fashion_mnist", root=tmp_path, download=True)
    assert fashion.asked == []


def test_official_archives_that_lie_there_are_used_and_kept(fashion, tmp_path):
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for name, data in fashion.files.items():
        (raw / name).write_bytes(data)
    (tmp_path / "FashionMNIST" / "LICENSE").write_text("MIT")
    assert len(load("fashion_mnist", "test", root=tmp_path, download=True)) == 10
    assert fashion.asked == []
    assert {file.name for file in raw.iterdir()} > set(fashion.files)
    assert (tmp_path / "FashionMNIST" / "LICENSE").read_text() == "MIT"


def test_nothing_is_fetched_without_being_asked_for(fashion, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data set 'fashion_mnist' is not under .*visioncourse data fetch"):
        load("fashion_mnist", root=tmp_path)
    assert fashion.asked == [] and everything(tmp_path) == set()
    assert "there is no folder" in verify("fashion_mnist", tmp_path)[0]


def test_the_next_address_is_tried(fashion, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", [fashion.url + "gone/", fashion.url])
    fetch("fashion_mnist", tmp_path, progress=False)
    assert verify("fashion_mnist", tmp_path) == []


def test_nobody_answers(fashion, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.FashionMNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(DownloadError, match=r"could not download train-images.* gave no answer to use"):
        fetch("fashion_mnist", tmp_path, progress=False)


def test_progress_is_shown_unless_static(fashion, tmp_path, monkeypatch, capsys):
    fetch("fashion_mnist", tmp_path)
    assert "train-images-idx3-ubyte.gz" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "FashionMNIST")
    monkeypatch.setenv("VISIONCOURSE_STATIC", "1")
    fetch("fashion_mnist", tmp_path)
    assert capsys.readouterr() == ("", "")


def test_mnist_drops_the_test_digits_of_mnist5k(server, tmp_path, monkeypatch):
    from visioncourse.data.embedded import mnist5k_bytes, split_indices

    rows, labels = mnist5k_bytes()
    parts = split_indices(labels)
    pick = np.concatenate([parts["test"][:30], parts["train"][:50]])
    pixels = rows[pick].tobytes()
    server.files = idx_files(train=80)
    server.files["train-images-idx3-ubyte.gz"] = gzip.compress(struct.pack(">HBBIII", 0, 8, 3, 80, 28, 28) + pixels)
    monkeypatch.setattr(datasets.MNIST, "mirrors", [server.url])
    monkeypatch.setattr(datasets.MNIST, "resources", [(k, md5(v)) for k, v in server.files.items()])
    set_counts(monkeypatch, "mnist", train=80, test=10)
    left = [load("mnist", split, root=tmp_path, download=True) for split in ("train", "valid")]
    images = torch.cat([part.images for part in left])
    tests = {image.numpy().tobytes() for image in load("mnist5k", "test").images}
    assert len(images) == 50 and not any(image.numpy().tobytes() in tests for image in images)
    assert len(load("mnist", "test", root=tmp_path)) == 10


def test_the_root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert data_root() == tmp_path / "data"
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "visioncourse"\n')
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert data_root() == tmp_path / "data"
    (tmp_path / "pyproject.toml").write_text("not [toml")
    assert data_root() == tmp_path / "notebooks" / "data"
    monkeypatch.setenv("VISIONCOURSE_DATA", str(tmp_path / "elsewhere"))
    assert data_root() == tmp_path / "elsewhere" and data_root("here") == Path("here")
    with pytest.raises(FileNotFoundError, match=r"VISIONCOURSE_DATA='.*elsewhere' does not exist"):
        load("cifar10")


def test_roots_that_cannot_be_used(fashion, tmp_path, monkeypatch):
    for verb in (fetch, verify, lambda name, root: load(name, root=root)):
        with pytest.raises(FileNotFoundError, match=r"root='.*nowhere' does not exist; make that folder"):
            verb("fashion_mnist", tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotADirectoryError, match="is a file; a folder is needed"):
        fetch("fashion_mnist", tmp_path / "file")

    def locked(**kwargs: object) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(downloads.tempfile, "mkdtemp", locked)
    with pytest.raises(PermissionError, match=r"root='.*' is not writable: Permission denied"):
        fetch("fashion_mnist", tmp_path)
    assert everything(tmp_path) == {"file"}


def test_the_default_root_is_made(fashion, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fetch("fashion_mnist", progress=False) == tmp_path / "data" / "FashionMNIST"


def test_names_that_cannot_be_fetched(tmp_path):
    with pytest.raises(ValueError, match="unknown data set 'minst': did you mean mnist"):
        fetch("minst", tmp_path)
    with pytest.raises(ValueError, match="'mnist5k' needs no download: it comes with the installed packages"):
        fetch("mnist5k", tmp_path)
