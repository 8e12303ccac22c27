"""What the ``visioncourse run`` command is made of; the lessons run in processes of their own.

``lessons`` finds them, ``parameters`` and ``plan`` say what to run, ``execute`` runs it (through
``worker``), ``claims`` and ``report`` tell what came out, ``session`` joins these.
"""
