"""Labelled images: sets that come with the dependencies, sets to download, folders of one's own."""

from __future__ import annotations

from visioncourse.data.canvas import CanvasSet, SceneSet, canvases, scenes
from visioncourse.data.catalogue import CATALOGUE, Entry
from visioncourse.data.damage import UnreadablePictures
from visioncourse.data.downloads import fetch, verify
from visioncourse.data.lazy import LazySet
from visioncourse.data.loading import load
from visioncourse.data.roots import data_root
from visioncourse.data.sets import ImageSet, require_classes
from visioncourse.versions import check_versions

check_versions()

__all__ = [
    "CATALOGUE",
    "CanvasSet",
    "Entry",
    "ImageSet",
    "LazySet",
    "SceneSet",
    "UnreadablePictures",
    "canvases",
    "data_root",
    "fetch",
    "load",
    "require_classes",
    "scenes",
    "verify",
]
