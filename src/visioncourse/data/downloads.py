"""Fetch and verify the sets that are too large to come with a package.

A set is put together in a temporary folder inside the data root and moved into its place when everything in
it has been checked, so that a set is either there as its authors published it, or not there.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from visioncourse.data.archives import unpack
from visioncourse.data.catalogue import CATALOGUE
from visioncourse.data.embedded import load_embedded
from visioncourse.data.manifest import MANIFEST, file_problems, write_manifest
from visioncourse.data.official import count_problems
from visioncourse.data.roots import data_root, existing_root
from visioncourse.data.sources import FOLDERS, Source, sources
from visioncourse.data.transfer import download, md5_of
from visioncourse.textual import unknown

__all__ = ["data_root", "fetch", "verify"]

DAY = 86_400.0  # seconds


def fetch(name: str, root: str | Path | None = None, progress: bool = True) -> Path:
    """Download a data set, verify it, and put it under the data root.

    A set that is there and in order is left alone; official archives that lie there already are used
    instead of the network. On any failure, what was there before stays.

    Args:
        name: of a downloadable set.
        root: as in ``data_root``.
        progress: draw a bar per file, unless the environment has ``VISIONCOURSE_STATIC=1``.

    Returns:
        The folder of the set.

    Raises:
        ValueError: unknown name; a set that needs no download; an archive that is damaged or refused.
        FileNotFoundError, NotADirectoryError, PermissionError: a root that cannot be used.
        DownloadError: (an OSError) no address gave the whole file with the right MD5.
    """
    check_name(name)
    if CATALOGUE[name].kind == "embedded":
        raise ValueError(f"data set {name!r} needs no download: it comes with the installed packages")
    check_helpers(name)
    base = existing_root(root, create=True)
    target = base / FOLDERS[name]
    if target.is_dir() and not verify(name, base):
        return target
    with staging(base, name) as stage:
        for source in sources(name):
            gather(source, base, stage, progress)
        finish(name, stage, target)
    return target


def verify(name: str, root: str | Path | None = None) -> list[str]:
    """Check every file of a set and its number of images.

    Args:
        name: of a data set.
        root: as in ``data_root``.

    Returns:
        One sentence per problem; an empty list where everything is in order.

    Raises:
        ValueError: unknown name.
        FileNotFoundError: the root that was named does not exist.
    """
    check_name(name)
    if CATALOGUE[name].kind == "embedded":
        counts = {split: len(load_embedded(name, split)) for split in CATALOGUE[name].counts}
        return [] if counts == CATALOGUE[name].counts else [f"{name}: holds {counts} images"]
    base = existing_root(root)
    folder = base / FOLDERS[name]
    if not folder.is_dir():
        return [f"{name}: there is no folder {folder}; `visioncourse data fetch {name}` gets it"]
    return [f"{name}: {problem}" for problem in file_problems(folder) or count_problems(name, base)]


def check_name(name: str) -> None:
    """Raise ValueError for a name that the catalogue does not have."""
    if name not in CATALOGUE:
        raise ValueError(unknown("data set", name, CATALOGUE))


def check_helpers(name: str) -> None:
    """Raise ImportError before a long download whose files could not be read, or not be fetched."""
    from importlib.util import find_spec

    missing = [module for module in ("h5py", "gdown") if find_spec(module) is None]
    if name == "pcam" and missing:
        raise ImportError(f"data set 'pcam' needs {' and '.join(missing)}: pip install {' '.join(missing)}")


@contextmanager
def staging(base: Path, name: str) -> Iterator[Path]:
    """Give a temporary folder inside ``base`` that goes away at the end, with one clear sentence on errors."""
    for left in base.glob(f".fetch-{name}-*"):  # of a download that was killed
        if time.time() - left.stat().st_mtime > DAY:
            shutil.rmtree(left, ignore_errors=True)
    try:
        stage = Path(tempfile.mkdtemp(prefix=f".fetch-{name}-", dir=base))
    except OSError as error:
        raise PermissionError(f"root={str(base)!r} is not writable: {error.strerror}") from error
    try:
        yield stage
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            text = f"no space left in {str(base)!r} while fetching {name!r}; what was there before is unchanged"
            raise OSError(error.errno, text) from error
        raise
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def gather(source: Source, base: Path, stage: Path, progress: bool) -> None:
    """Put one file into the stage, from the data root where it lies there in order, and unpack it."""
    lying, path = base / source.path, stage / source.path
    reuse = lying.is_file() and md5_of(lying) == source.md5
    if reuse:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(lying, path)
    else:
        download(source, path, progress)
    if source.packed:
        unpack(path, path.parent)
        if not reuse:
            path.unlink()  # an archive that somebody put there stays


def finish(name: str, stage: Path, target: Path) -> None:
    """Check the set in the stage, and swap it with whatever lies in its place."""
    fresh = stage / FOLDERS[name]
    problems = count_problems(name, stage)
    if problems:
        raise ValueError(f"data set {name!r} is not as published, nothing was kept: {problems[0]}")
    write_manifest(fresh)
    replaced = stage / "replaced"
    if target.is_dir():
        keep_strangers(target, fresh)
    if target.exists():
        target.replace(replaced)
    try:
        fresh.replace(target)
    except OSError:
        if replaced.exists():
            replaced.replace(target)
        raise


def keep_strangers(old: Path, fresh: Path) -> None:
    """Copy files that somebody laid into the old folder (a licence, notes) to the new one."""
    for file in old.iterdir():
        if file.is_file() and file.name != MANIFEST and not (fresh / file.name).exists():
            shutil.copyfile(file, fresh / file.name)
