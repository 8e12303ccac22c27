"""Files among one's own pictures that are no readable pictures: found, and named in few words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NAMED = 5  # how many files a message names; it counts the rest
# In the coded pixels of a JPEG, byte FF is followed by 00 or by D0 … D7; between the scans of a progressive one, tables
# (C4, DD) and scans (DA) begin. The next other mark must be the end, D9.
NEXT_MARK = {
    False: re.compile(rb"\xff[^\x00\xd0-\xd7\xff]"),
    True: re.compile(rb"\xff[^\x00\xc4\xd0-\xd7\xda\xdd\xff]"),
}


class UnreadablePictures(UserWarning):
    """Some files of a folder are no readable pictures; the message names them, and they are left out."""


class DamagedPictureError(ValueError):
    """A file is there, but what it holds is no picture, or only a part of one."""


def is_readable(path: Path) -> bool:
    """Say whether a file is a picture that can be decoded, mostly without decoding it.

    The marks of a JPEG must lead from its beginning to its end, the check sums of a PNG must be right: a tenth of the
    time of decoding. Only a file that leaves a doubt, or is of another kind, is decoded. (A JPEG whose tables are
    damaged may pass; so may pixels that are wrong but can be decoded.)

    Args:
        path: any file.
    """
    return passes(looks_whole, path) or passes(decode, path)


def passes(check: Any, path: Path) -> bool:
    """Say whether ``check(picture, path)`` holds for the picture in a file, and does not fail on it."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return bool(check(picture, path))
    except Exception:  # Pillow reports broken files by many kinds of errors
        return False


def looks_whole(picture: Any, path: Path) -> bool:
    """Say whether the marks of a JPEG or the check sums of a PNG show that nothing is missing or broken."""
    if picture.format in ("JPEG", "MPO"):  # MPO: a JPEG to which a camera has appended further ones
        data = path.read_bytes()
        mark = NEXT_MARK["progressive" in picture.info].search(data, first_scan(data))
        return mark is not None and mark.group() == b"\xff\xd9"
    if picture.format == "PNG":
        picture.verify()  # raises
        return True
    return False


def first_scan(data: bytes) -> int:
    """Return where the coded pixels of a JPEG begin: behind the head of its first scan."""
    place, mark = 2, 0
    while mark != 0xDA:
        mark = data[place + 1]  # raises IndexError at the end of a broken file
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return place


def decode(picture: Any, path: Path) -> bool:
    """Decode the picture, at an eighth of its size where the format allows; raise where that fails."""
    picture.draft("L", (1, 1))
    picture.load()
    return True


def name_files(paths: Sequence[Path], home: Path) -> str:
    """Name up to five files, as seen from their common folder, and count the rest.

    >>> name_files([Path("pets", "cat", f"{i}.jpg") for i in range(7)], Path("pets"))
    'cat/0.jpg, cat/1.jpg, cat/2.jpg, cat/3.jpg, cat/4.jpg and 2 more'
    """
    names = ", ".join(path.relative_to(home).as_posix() for path in paths[:NAMED])
    return names + (f" and {len(paths) - NAMED:,} more" if len(paths) > NAMED else "")
