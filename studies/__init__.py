"""Runs too long for a lesson, by the programs that fill ``results/``: ``python -m studies NAME``."""
