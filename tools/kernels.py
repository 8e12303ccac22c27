"""The environment in which lessons are executed for storing and for comparing: the same in both cases."""

from __future__ import annotations

import os
from collections.abc import Mapping

from lesson_files import ROOT

# Settings of whoever runs this that would show in the outputs.
NOT_INHERITED = ("PYTHONWARNINGS", "MPLBACKEND", "VISIONCOURSE_DATA", "PYTHONSTARTUP")


def kernel_environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for kernels: plain output, this checkout's package, nobody's personal settings.

    Args:
        base: the environment to start from; by default that of this process.
    """
    environment = dict(os.environ if base is None else base)
    for name in NOT_INHERITED:
        environment.pop(name, None)
    paths = [str(ROOT / "src"), *filter(None, [environment.get("PYTHONPATH")])]
    return environment | {"VISIONCOURSE_STATIC": "1", "PYTHONPATH": os.pathsep.join(paths)}
