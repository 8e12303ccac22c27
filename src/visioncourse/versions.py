"""Do the installed torch and torchvision fit each other? Found from their metadata, importing neither."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from importlib.metadata import version as installed_version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version


class VersionMismatchError(ImportError):
    """Raised where the installed torch and torchvision cannot work together."""


def _build(package: str) -> str:
    """Return the build label of an installed package ("cpu", "cu132", or "" for none), without importing it."""
    source = Path(str(distribution(package).locate_file(f"{package}/version.py")))
    if not source.is_file():  # as in editable builds from source
        return ""
    found = re.search(r"__version__\s*=\s*['\"][^'\"+]*\+?([^'\"]*)['\"]", source.read_text(encoding="utf-8"))
    return found.group(1) if found else ""


def _family(build: str) -> str:
    """Return what two builds must share: "cpu", or the CUDA or ROCm major version ("cu13", "rocm6")."""
    found = re.match(r"(cu|rocm|xpu)(\d*)", build)
    if not found:
        return "cpu"
    digits = found.group(2)  # "132" is CUDA 13.2, "6" is ROCm 6
    return found.group(1) + (digits[:-1] if found.group(1) == "cu" else digits)


def check_versions() -> None:
    """Compare the installed torch and torchvision by their metadata alone.

    Raises:
        VersionMismatchError: one sentence that says what is installed and what to install instead. Without this
            check the same machine stops inside torchvision with "operator torchvision::nms does not exist".
    """
    try:
        torch_version, vision_version = installed_version("torch"), installed_version("torchvision")
    except PackageNotFoundError as missing:
        raise VersionMismatchError(
            f"{missing.name} is not installed: install torch and torchvision together."
        ) from None
    builds = _build("torch"), _build("torchvision")
    wanted = [Requirement(line) for line in distribution("torchvision").requires or []]
    needs = next((need.specifier for need in wanted if need.name == "torch"), None)
    too_old = needs is not None and not needs.contains(Version(torch_version), prereleases=True)
    if too_old or _family(builds[0]) != _family(builds[1]):
        raise VersionMismatchError(
            f"torch {torch_version} (build {builds[0] or 'plain'}) and torchvision {vision_version} (build "
            f"{builds[1] or 'plain'}, made for torch{needs or ''}) do not match: reinstall both in one command "
            "from one source, for instance pip install --force-reinstall -r requirements.lock."
        )
