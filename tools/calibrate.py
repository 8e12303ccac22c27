"""How fast is this machine? A fixed numeric loop, so that budgets mean the same on every computer."""

from __future__ import annotations

import statistics
import time

ROUNDS = 9
THREADS = 2


def calibrate(rounds: int = ROUNDS) -> float:
    """Return the seconds that a fixed loop of convolutions and matrix products takes on two threads.

    The loop is what lessons mostly do: forward and backward passes in float32, on operations large
    enough that threads seldom wait for one another. One round is done before the clock starts, and
    the median round counts, so that a short disturbance does not. Torch's number of threads is put
    back afterwards.

    Args:
        rounds: how often to repeat; the default takes about a second on the reference machine.

    Returns:
        Seconds for the default number of rounds, whatever ``rounds`` is.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        _round()
        return ROUNDS * statistics.median(_round() for _ in range(rounds))
    finally:
        torch.set_num_threads(threads)


def _round() -> float:
    """Do the work of one round, convolutions forward and backward, then dense layers; return its seconds."""
    import torch

    images = torch.full((256, 16, 28, 28), 0.5)
    kernels = torch.full((32, 16, 3, 3), 0.01, requires_grad=True)
    matrix = torch.full((1024, 1024), 0.0005)
    start = time.perf_counter()
    torch.nn.functional.conv2d(images, kernels, padding=1).relu().sum().backward()
    for _ in range(4):
        matrix = (matrix @ matrix).clamp(-1, 1)
    return time.perf_counter() - start


if __name__ == "__main__":
    print(f"{calibrate():.2f}")
