"""What the console works out by itself, tried without a browser."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.server import ROOT


def test_its_logic() -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = ["npm", "run", "--silent", "test"]
    run = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT / "infra/console", env=os.environ | {"PATH": path}, capture_output=True, check=False
    )
    assert run.returncode == 0, run.stdout.decode() + run.stderr.decode()
