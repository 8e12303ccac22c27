"""Puts the shipped weights and recorded results, which lie beside ``src``, into the wheel."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = {"weights": Path("data", "weights"), "results": Path("results")}


class BuildWithShipped(build_py):
    """Copies the package, then what it ships; an editable install reads these from the checkout."""

    def run(self):
        """Build."""
        super().run()
        if not self.editable_mode:
            for kind, folder in SHIPPED.items():
                shutil.copytree(folder, Path(self.build_lib, "visioncourse", "shipped", kind), dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithShipped})
