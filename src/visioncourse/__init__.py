"""Helpers for a course on image recognition with neural networks.

The package is flat: ``visioncourse.data`` loads images, ``visioncourse.models`` builds networks,
``visioncourse.train.fit`` trains them, ``visioncourse.plot`` draws, and ``visioncourse.lesson`` holds what a
notebook needs to state a claim or to check an answer. Nothing is imported before it is asked for.
"""

__version__ = "0.1.0"
