"""A load of SIMs whose process ends in the middle."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from functions.shared import table
from functions.sim_profiles.sim_profile import iccid_key, luhn_digit
from infra.local.environment import TABLE
from tests.races.world import World
from tests.support.builders import PARTNER

ROOT = Path(__file__).parents[2]
SIMS = 500
BEGINS_WITHIN_SECONDS = 60.0
STEP_SECONDS = 0.05
HEADER = "sim_type,iccid,matching_id,smdp_address"


def iccid(number: int) -> str:
    digits = f"894940{number:012d}"
    return digits + luhn_digit(digits)


def there(number: int) -> bool:
    return table.get_item(iccid_key(iccid(number))) is not None


def start(url: str, file: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "infra.operator", "sims", "--table", TABLE, "--partner", PARTNER, str(file)]
    environment = os.environ | {"AWS_ENDPOINT_URL_DYNAMODB": url}
    pipe = subprocess.PIPE
    # A shell lets what it starts in the background ignore the interrupt, and so would the processes started from there.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=pipe, stderr=pipe)  # noqa: S603 - our words
    finally:
        signal.signal(signal.SIGINT, before)


def run_until_it_has_begun(process: "subprocess.Popen[str]") -> None:
    """Let it run step by step until its first SIM is there, and leave it stopped.

    While somebody looks, it does not go on: on a busy machine it could be at its end before the answer is here.
    """
    deadline = time.monotonic() + BEGINS_WITHIN_SECONDS
    while not there(0) and time.monotonic() < deadline:
        process.send_signal(signal.SIGCONT)
        time.sleep(STEP_SECONDS)
        process.send_signal(signal.SIGSTOP)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_the_same_command_loads_the_rest(
    world: World, url: str, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    file = tmp_path / "sims.csv"
    file.write_text("\n".join([HEADER, *(f"esim,{iccid(sim)},M{sim},smdp.example.com" for sim in range(SIMS))]))
    with start(url, file) as process:
        run_until_it_has_begun(process)
        process.send_signal(number)
        process.send_signal(signal.SIGCONT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert "Traceback" not in errors
    loaded = sum(there(sim) for sim in range(0, SIMS, 10))
    assert loaded < SIMS / 10, "it was cut off"
    with start(url, file) as process:
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert output.endswith("were already there\n")
    stock = [item for item in world.items() if item["pk"] == f"{PARTNER}#esim_stock"]
    assert len(stock) == SIMS
