"""Residual blocks, right and wrong, and the branches and projections on which exercise 06.1 tries them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def residual_block(x: Any, branch: Any, projection: Any) -> Any:
    """Add what the branch computes to what came in, and cut off below zero only then."""
    shortcut = x if projection is None else projection(x)
    return torch.relu(branch(x) + shortcut)


def one_minus_twice(x: Any) -> Any:
    """Compute 1 − 2x, a branch that keeps the shape."""
    return 1 - 2 * x


def half_and_one(x: Any) -> Any:
    """Compute x/2 + 1, a projection that keeps the shape."""
    return x / 2 + 1


def two_less(x: Any) -> Any:
    """Give twice as many channels, x − 2 and −x: a branch."""
    return torch.cat([x - 2, -x], dim=1)


def thrice(x: Any) -> Any:
    """Give twice as many channels, 3x and x + 1: a projection."""
    return torch.cat([3 * x, x + 1], dim=1)


def along(x: Any, projection: Any) -> Any:
    """Take the shortcut."""
    return x if projection is None else projection(x)


def joined(join: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Make a block whose paths are right; ``join`` takes what branch and shortcut give, and returns the result."""
    return lambda x, branch, projection: join(branch(x), along(x, projection))


def summed(change: Callable[[Any, Any, Any], Any], kept: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    """Make a block that adds, and cuts off last; both arguments take x, branch and projection."""

    def block(x: Any, branch: Any, projection: Any) -> Any:
        return torch.relu(change(x, branch, projection) + kept(x, branch, projection))

    return block


def by_branch(x: Any, branch: Any, projection: Any) -> Any:
    """Go through the branch, as one should."""
    return branch(x)


def by_shortcut(x: Any, branch: Any, projection: Any) -> Any:
    """Take the shortcut, as one should."""
    return along(x, projection)


def by_both(x: Any, branch: Any, projection: Any) -> Any:
    """Go both ways and add, without a relu."""
    return branch(x) + along(x, projection)


def only_if_needed(x: Any, branch: Any, projection: Any) -> Any:
    """Take the projection only where the branch changes the shape."""
    return x if branch(x).shape == x.shape else along(x, projection)


def cut_off(total: Callable[..., Any]) -> Callable[..., Any]:
    """Put a relu behind a block that adds."""
    return lambda x, branch, projection: torch.relu(total(x, branch, projection))


def projected_first(x: Any, branch: Any, projection: Any) -> Any:
    """Overwrite x by its projection, before the branch sees it."""
    x = along(x, projection)
    return torch.relu(branch(x) + x)


def branch_first(x: Any, branch: Any, projection: Any) -> Any:
    """Overwrite x by what the branch gives, before the shortcut sees it."""
    x = branch(x)
    return torch.relu(x + along(x, projection))


def projected_last(x: Any, branch: Any, projection: Any) -> Any:
    """Add x itself, and project the sum."""
    return torch.relu(along(branch(x) + x, projection))


CUT_SUMS: list[Callable[..., Any]] = [  # a relu before x is used: on both paths, on the shortcut, in one of two cases
    lambda x, branch, projection: by_both(torch.relu(x), branch, projection),
    lambda x, branch, projection: branch(x) + along(torch.relu(x), projection),
    lambda x, branch, projection: branch(x) + (torch.relu(x) if projection is None else projection(x)),
    lambda x, branch, projection: branch(x) + (x if projection is None else projection(torch.relu(x))),
    lambda x, branch, projection: by_both(torch.relu(x) if projection is None else x, branch, projection),
]
CUT_FIRST = [block for total in CUT_SUMS for block in (cut_off(total), total)]
