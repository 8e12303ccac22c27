"""Labelled images: sets that come with the dependencies, sets to download, folders of one's own."""

from __future__ import annotations

from visioncourse.data.catalogue import CATALOGUE, Entry
from visioncourse.data.downloads import fetch, verify
from visioncourse.data.lazy import LazySet
from visioncourse.data.loading import load
from visioncourse.data.roots import data_root
from visioncourse.data.sets import ImageSet, require_classes
from visioncourse.versions import check_versions

check_versions()

__all__ = [
    "CATALOGUE",
    "Entry",
    "ImageSet",
    "LazySet",
    "data_root",
    "fetch",
    "load",
    "require_classes",
    "verify",
]
