"""Run an operation of ours and torch's on the same numbers; compare what comes out and the gradients that come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from visioncourse.scratch.autograd import Tensor


def against_torch(ours: Callable[..., Tensor], theirs: Callable[..., torch.Tensor], *arrays: np.ndarray) -> None:
    """Compare values within 1e-12 and gradients within 1e-8, relative to the tensor's largest entry."""
    leaves = [Tensor(array, requires_grad=True) for array in arrays]
    twins = [torch.tensor(array, requires_grad=True) for array in arrays]
    mine, reference = ours(*leaves), theirs(*twins)
    assert str(reference.dtype) == f"torch.{mine.dtype}", f"{mine.dtype} against {reference.dtype}"
    close(mine.data, reference.detach().numpy(), 1e-12, "the value")
    gradient = np.random.default_rng(0).standard_normal(mine.shape).astype(mine.dtype)
    mine.backward(gradient)
    reference.backward(torch.from_numpy(np.asarray(gradient)))
    for number, (leaf, twin) in enumerate(zip(leaves, twins, strict=True)):
        received = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad
        expected = torch.zeros_like(twin) if twin.grad is None else twin.grad
        close(received, expected.numpy(), 1e-8, f"the gradient of operand {number}")


def close(received: np.ndarray, expected: np.ndarray, relative: float, what: str) -> None:
    """Compare shapes, then entries; nan and infinities must be in the same places."""
    assert received.shape == expected.shape, f"{what} has shape {received.shape}, torch's {expected.shape}"
    largest = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
    np.testing.assert_allclose(received, expected, rtol=0, atol=relative * largest, err_msg=f"{what} differs")


def float32_throughout(result: Tensor) -> bool:
    """Say whether a result and what its rule sends back are float32, before the walk would make it so."""
    parts = result._rule(np.ones(result.shape, np.float32)) if result._rule else []
    return {result.dtype, *(np.asarray(part).dtype for part in parts if part is not None)} == {np.dtype(np.float32)}


@st.composite
def normal_arrays(draw: st.DrawFn, shape: st.SearchStrategy[Any]) -> np.ndarray:
    """Draw normal numbers in float64, in any layout: Fortran order, or every other entry of a larger array."""
    sides = draw(shape)
    numbers = np.random.default_rng(draw(st.integers(0, 2**31)))
    layout = draw(st.sampled_from(["C", "F", "strided"]))
    if layout == "strided" and sides:
        return numbers.standard_normal((*sides[:-1], 2 * sides[-1]))[..., ::2]
    return np.asarray(numbers.standard_normal(sides), order="F" if layout == "F" else "C")
