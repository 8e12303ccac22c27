"""The promise "offline", proved: every lesson at smoke size in a network namespace that holds nothing but loopback."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Kernels talk over loopback, which a new namespace has but keeps switched off: switch it on, then run the command.
INSIDE = """
import fcntl, os, socket, struct, sys
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
UP_AND_RUNNING, SET_FLAGS = 0x41, 0x8914
fcntl.ioctl(control, SET_FLAGS, struct.pack("16sh22x", b"lo", UP_AND_RUNNING))
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)  # an address reserved for documentation
except OSError:
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
sys.exit("the network is still there")
"""


def cut_off(*command: str) -> list[str]:
    """Return a command line that executes Python with these arguments and without a network."""
    return ["unshare", "--net", "--map-root-user", sys.executable, "-c", INSIDE, *command]


def namespaces_allowed() -> bool:
    """Say whether this machine lets us make a network namespace."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(cut_off("-c", "pass"), capture_output=True, timeout=60).returncode == 0


@pytest.mark.slow
def test_every_lesson_runs_with_the_network_cut_off(tmp_path: Path) -> None:
    arguments = ("-m", "visioncourse", "run", "--profile", "smoke", "--out", str(tmp_path / "smoke"))
    allowed = namespaces_allowed()
    command = cut_off(*arguments) if allowed else [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    if not allowed:
        pytest.skip("the smoke run passed, but this machine does not let us cut its network off (unshare --net)")
