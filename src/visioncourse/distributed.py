"""Several processes that train one network: who takes which images, and how their figures are brought together.

``torchrun`` starts the processes and says to each, by environment variables, its number and how many there are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from inspect import signature
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

PATIENCE = timedelta(minutes=10)  # until a process that says nothing is taken for lost


@dataclass(frozen=True)
class Team:
    """The processes that train together, seen from one of them.

    Attributes:
        rank: number of this process, from 0; process 0 alone writes files.
        size: how many processes there are; 1 without ``torchrun``.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Say whether this process writes the files."""
        return self.rank == 0

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum of ``values`` over all processes, the same in each."""
        if self.size > 1:
            values = values.clone()
            dist.all_reduce(values)
        return values

    def portion(self, count: int) -> tuple[int, int]:
        """Return where this process's part of ``count`` images begins and ends; parts differ by one image at most.

        >>> [Team(rank, 3).portion(7) for rank in range(3)]
        [(0, 3), (3, 5), (5, 7)]
        """
        base, over = divmod(count, self.size)
        start = self.rank * base + min(self.rank, over)
        return start, start + base + (self.rank < over)

    def wrap(self, model: nn.Module, device: torch.device) -> nn.Module:
        """Return the model so that ``backward`` averages gradients over the processes.

        Batch norm takes its statistics from this process's images, except on CUDA, where all processes' are taken.
        """
        if self.size == 1:
            return model
        if device.type == "cuda":
            model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
        data_parallel = nn.parallel.DistributedDataParallel
        renamed = "forward_sync_buffers" in signature(data_parallel).parameters  # by torch 2.15
        own_buffers: dict[str, Any] = {"forward_sync_buffers" if renamed else "broadcast_buffers": False}
        return data_parallel(model, device_ids=[device] if device.type == "cuda" else None, **own_buffers)

    def average_buffers(self, model: nn.Module) -> None:
        """Make the running statistics of batch norm the mean over the processes."""
        if self.size == 1:
            return
        for buffer in model.buffers():
            if buffer.is_floating_point():
                buffer.copy_(self.sum(buffer) / self.size)


def team() -> Team:
    """Return the processes that work together now: this one alone, unless a group was joined."""
    if dist.is_available() and dist.is_initialized():
        return Team(dist.get_rank(), dist.get_world_size())
    return Team()


@contextmanager
def joined(device: torch.device) -> Iterator[Team]:
    """Join the group that ``torchrun`` has announced, if it has, and leave it at the end.

    Processes speak by NCCL on CUDA and by gloo elsewhere.
    """
    if "WORLD_SIZE" not in os.environ:
        yield Team()
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield team()
    finally:
        dist.destroy_process_group()


def own_device(device: torch.device) -> torch.device:
    """Return the graphics card of this process, where several processes on one machine have one each."""
    if device.type == "cuda" and device.index is None and "LOCAL_RANK" in os.environ:
        return torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    return device


def check_team(size: int, batch_size: int, images: int) -> None:
    """Refuse more processes than there is work for.

    Raises:
        ValueError: where a batch, or the training set, has fewer images than there are processes.
    """
    if size > images:
        raise ValueError(f"{size} processes are more than the {images} training images: start fewer.")
    if size > batch_size:
        raise ValueError(f"batch_size={batch_size}: expected at least one image for each of {size} processes.")
