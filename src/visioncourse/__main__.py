"""``python -m visioncourse`` is the ``visioncourse`` command."""

import sys

from visioncourse.cli import main

if __name__ == "__main__":
    sys.exit(main())
