"""Some of the faults of ``make faults``, the same each time, with every change (docs/reliability.md)."""

import subprocess
import sys

from tests.faults.kinds import CALL_FAULTS, MESSAGE_FAULTS


def test_whatever_fails_nothing_is_lost_and_nothing_comes_twice() -> None:
    """In a process of its own, as each case is a copy of the process in which its scenario was prepared."""
    command = [sys.executable, "-m", "tests.faults", "--sample", "--processes", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)  # noqa: S603 - our own
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(kind in done.stdout for kind in (*CALL_FAULTS, *MESSAGE_FAULTS))
