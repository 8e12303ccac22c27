"""Unpack archives that somebody else made, without letting them write elsewhere."""

from __future__ import annotations

import gzip
import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

DAMAGED = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error, lzma.LZMAError)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a .zip, .tar, .tgz, .tar.gz or a single .gz file into ``folder``.

    Raises:
        ValueError: the archive is damaged or of another type, or holds a member that would land outside
            ``folder`` (absolute, with ``..``, a link to elsewhere, a device); then nothing of it is unpacked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if archive.stat().st_size == 0:  # gzip would take it for an empty file
            raise EOFError("it is empty")
        if archive.suffix == ".zip":
            unpack_zip(archive, folder)
        elif archive.suffix in (".tar", ".tgz") or archive.name.endswith(".tar.gz"):
            unpack_tar(archive, folder)
        elif archive.suffix == ".gz":
            unpack_gz(archive, folder)
        else:
            raise ValueError(f"archive {archive.name!r} must be .zip, .tar, .tgz, .tar.gz or .gz")
    except DAMAGED as error:
        raise ValueError(f"archive {archive.name!r} is damaged or truncated: {error}") from error


def unpack_zip(archive: Path, folder: Path) -> None:
    """Unpack a zip file after looking at every member."""
    with zipfile.ZipFile(archive) as packed:
        for member in packed.infolist():
            if stat.S_ISLNK(member.external_attr >> 16):
                refuse(archive, member.filename, "is a link")
            check_name(archive, member.filename)
        packed.extractall(folder)


def unpack_tar(archive: Path, folder: Path) -> None:
    """Unpack a tar file, compressed or not, after looking at every member."""
    with tarfile.open(archive) as packed:
        members = packed.getmembers()
        for member in members:
            check_name(archive, member.name)
            if not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
                refuse(archive, member.name, "is no file, folder or link")
            if member.issym() or member.islnk():
                check_link(archive, member)
        if hasattr(tarfile, "data_filter"):  # Python 3.11.4 and newer: a second lock on the same door
            packed.extractall(folder, members, filter="data")
        else:
            packed.extractall(folder, members)


def unpack_gz(archive: Path, folder: Path) -> None:
    """Unpack a single compressed file; its name loses the ``.gz``."""
    with gzip.open(archive, "rb") as packed, (folder / archive.stem).open("wb") as plain:
        shutil.copyfileobj(packed, plain, length=1 << 20)


def check_name(archive: Path, name: str) -> None:
    """Raise ValueError where a member's name leads out of the folder, on any system."""
    windows = PureWindowsPath(name)  # takes both / and \\ as separators
    if windows.drive or windows.root or PurePosixPath(name).is_absolute() or ".." in windows.parts:
        refuse(archive, name, "would land outside the folder")


def check_link(archive: Path, member: tarfile.TarInfo) -> None:
    """Raise ValueError where a link leads out of the folder."""
    start = PurePosixPath(member.name).parent if member.issym() else PurePosixPath()
    target = PureWindowsPath(member.linkname)
    depth = 0
    for part in (*start.parts, *target.parts):
        depth += -1 if part == ".." else 0 if part == "." else 1
        if depth < 0:
            break
    if depth < 0 or target.drive or target.root:
        refuse(archive, member.name, f"is a link to {member.linkname!r} outside the folder")


def refuse(archive: Path, name: str, why: str) -> None:
    """Raise ValueError about one member of an archive."""
    raise ValueError(f"archive {archive.name!r} is refused: its member {name!r} {why}; nothing was unpacked")
