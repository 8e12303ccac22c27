"""Drawings of what a network computes: its neurons, the graph of a calculation, the loss over two weights."""

from visioncourse.diagrams.computation import computation, steps
from visioncourse.diagrams.landscape import landscape, surface
from visioncourse.diagrams.network import network

__all__ = ["computation", "landscape", "network", "steps", "surface"]
