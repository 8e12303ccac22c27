"""Bring one file over the network, whole and with the right checksum, or not at all."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from visioncourse.data.sources import Source

CHUNK = 1 << 18  # bytes
PATIENCE = 30.0  # seconds without an answer


class DownloadError(OSError):
    """A file that could not be downloaded whole and unchanged."""


def md5_of(path: Path) -> str:
    """Return the MD5 of a file (a check against damage, not against malice)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def download(source: Source, path: Path, progress: bool = True) -> None:
    """Download ``source`` to ``path``, trying its addresses in turn.

    Args:
        source: addresses and MD5.
        path: the file to write; its folder is made. Nothing stays there after a failure.
        progress: draw a bar, unless the environment has ``VISIONCOURSE_STATIC=1``.

    Raises:
        DownloadError: no address gave the whole file with the right MD5; says why for each.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if source.drive_id:
        return from_drive(source, path)
    failures = []
    for url in source.urls:
        try:
            return from_address(url, source.md5, path, progress)
        except DownloadError as error:
            path.unlink(missing_ok=True)
            failures.append(str(error))
    raise DownloadError(f"could not download {path.name}: {'; '.join(failures)}")


def from_address(url: str, md5: str, path: Path, progress: bool) -> None:
    """Download one address to ``path`` and compare length and MD5."""
    request = urllib.request.Request(url, headers={"User-Agent": "visioncourse"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            got, digest = receive(answer, path, progress)
            expected = answer.length  # what is still missing of Content-Length, None where unknown
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise DownloadError(f"{url} gave no answer to use ({error})") from error
    if expected:
        raise DownloadError(f"{url} broke off after {got:,} of {got + expected:,} bytes")
    if digest != md5:
        raise DownloadError(f"{url} gave {got:,} bytes whose MD5 is {digest}, not {md5}")


def receive(answer: Any, path: Path, progress: bool) -> tuple[int, str]:
    """Write an answer's bytes to ``path``; return how many they were and their MD5."""
    from tqdm import tqdm

    quiet = not progress or os.environ.get("VISIONCOURSE_STATIC") == "1"
    digest = hashlib.md5(usedforsecurity=False)
    bar = tqdm(total=answer.length, desc=path.name, unit="B", unit_scale=True, disable=quiet)
    got = 0
    with bar, path.open("wb") as file:
        while chunk := answer.read(CHUNK):
            file.write(chunk)
            digest.update(chunk)
            got += len(chunk)
            bar.update(len(chunk))
    return got, digest.hexdigest()


def from_drive(source: Source, path: Path) -> None:
    """Download a file from Google Drive by torchvision's help, which needs gdown."""
    from torchvision.datasets.utils import download_file_from_google_drive

    try:
        download_file_from_google_drive(source.drive_id, path.parent, path.name, source.md5)
    except Exception as error:  # gdown raises errors of its own
        path.unlink(missing_ok=True)
        raise DownloadError(f"could not download {path.name} from Google Drive: {error}") from error
