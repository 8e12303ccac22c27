"""Static rules for lessons: what a notebook must look like, found out without executing it.

A rule is a function from a ``Lesson`` to its problems; a rule's name is the function's name with
hyphens. ``RULES`` holds them all. Each has a notebook in ``tests/broken_notebooks/`` that breaks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from . import claims, code, copies, layout, outputs, parameters, prose, selection, stored
from .lesson import Lesson, Problem

MODULES = (stored, outputs, parameters, layout, code, copies, selection, prose, claims)
Rule = Callable[[Lesson], Iterator[Problem]]
RULES: dict[str, Rule] = {rule.__name__.replace("_", "-"): rule for module in MODULES for rule in module.RULES}

__all__ = ["RULES", "Lesson", "Problem", "Rule"]
