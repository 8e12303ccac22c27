"""Archives from elsewhere never write outside their folder."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from visioncourse.data.archives import unpack

OUTSIDE = ["../evil.txt", "/evil.txt", "a/../../evil.txt", "..\\evil.txt", "C:\\evil.txt", "C:evil.txt", "\\evil.txt"]


def make_tar(path: Path, names: list[str], links: dict[str, tuple[bytes, str]] | None = None) -> Path:
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as packed:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 4
            packed.addfile(member, io.BytesIO(b"text"))
        for name, (kind, target) in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            packed.addfile(member)
    return path


def make_zip(path: Path, names: list[str], mode: int = 0o644) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name in names:
            member = zipfile.ZipInfo("placeholder")
            member.filename = name  # zipfile would tidy it on the way
            member.external_attr = mode << 16
            packed.writestr(member, "text")
    return path


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ["a.tar", "a.tgz", "a.tar.gz", "a.zip"])
def test_honest_archives_are_unpacked(tmp_path, name):
    make = make_zip if name.endswith("zip") else make_tar
    unpack(make(tmp_path / name, ["x/1.txt", "x/y/2.txt", "..hidden"]), tmp_path / "out")
    assert everything(tmp_path / "out") == {"x/1.txt", "x/y/2.txt", "..hidden"}


def test_single_file(tmp_path):
    (tmp_path / "a-ubyte.gz").write_bytes(gzip.compress(b"pixels"))
    unpack(tmp_path / "a-ubyte.gz", tmp_path)
    assert (tmp_path / "a-ubyte").read_bytes() == b"pixels"


@pytest.mark.parametrize("member", OUTSIDE)
@pytest.mark.parametrize("kind", ["tar.gz", "zip"])
def test_members_outside_are_refused_before_anything_is_written(tmp_path, member, kind):
    make = make_zip if kind == "zip" else make_tar
    archive = make(tmp_path / f"a.{kind}", ["good.txt", member])
    with pytest.raises(ValueError, match=r"is refused: its member .* would land outside the folder"):
        unpack(archive, tmp_path / "in" / "out")
    assert everything(tmp_path) == {f"a.{kind}"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
@pytest.mark.parametrize("target", ["../../evil.txt", "/etc/passwd", "C:\\evil.txt"])
def test_links_outside_are_refused(tmp_path, kind, target):
    archive = make_tar(tmp_path / "a.tar", ["good.txt"], {"x/link": (kind, target)})
    with pytest.raises(ValueError, match=r"is a link to .* outside the folder"):
        unpack(archive, tmp_path / "out")
    assert everything(tmp_path) == {"a.tar"}


def test_links_inside_are_kept(tmp_path):
    archive = make_tar(tmp_path / "a.tar", ["x/1.txt"], {"y/hard": (tarfile.LNKTYPE, "x/1.txt")})
    unpack(archive, tmp_path / "out")
    assert (tmp_path / "out" / "y" / "hard").read_text() == "text"


def test_devices_and_links_in_zip_are_refused(tmp_path):
    archive = make_tar(tmp_path / "a.tar", [], {"pipe": (tarfile.FIFOTYPE, "")})
    with pytest.raises(ValueError, match="'pipe' is no file, folder or link"):
        unpack(archive, tmp_path / "out")
    with pytest.raises(ValueError, match="'x' is a link"):
        unpack(make_zip(tmp_path / "a.zip", ["x"], stat.S_IFLNK | 0o777), tmp_path / "out")


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tgz", "a.tar", "a.zip", "a.gz"])
@pytest.mark.parametrize("keep", [0.0, 0.5, None])
def test_damaged_archives(tmp_path, name, keep):
    if name.endswith("zip"):
        make_zip(tmp_path / name, [f"{i}.txt" for i in range(50)])
    elif name == "a.gz":
        (tmp_path / name).write_bytes(gzip.compress(bytes(range(256)) * 9))
    else:
        make_tar(tmp_path / name, [f"{i}.txt" for i in range(50)])
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(
        b"no archive at all" if keep is None else whole[: max(0, int(len(whole) * keep) - 99)]
    )
    with pytest.raises(ValueError, match=f"archive '{name}' is damaged or truncated"):
        unpack(tmp_path / name, tmp_path / "out")


def test_other_types_are_refused(tmp_path):
    (tmp_path / "a.rar").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"archive 'a.rar' must be .zip, .tar"):
        unpack(tmp_path / "a.rar", tmp_path)
