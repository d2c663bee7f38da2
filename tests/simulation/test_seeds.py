"""Some seeds with every change, and that a seed is always the same (docs/reliability.md)."""

import os
import subprocess
import sys

from tests.simulation.decisions import Decisions
from tests.simulation.weather import CALM, Way, Weather, way

PLAYED_AGAIN = """
from tests.simulation.run import run
for seed in range(8, 4, -1):
    first = run(seed)
    print(f"{seed}: {first.history}")
    print(f"{seed}: {run(seed, first.made).history}")
"""


def told(hash_seed: str, *command: str) -> list[str]:
    """The lines that a process says, which orders its sets by this number; none of its seeds may fail."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    whole = [sys.executable, *command]
    done = subprocess.run(whole, capture_output=True, text=True, check=False, timeout=240, env=environment)  # noqa: S603 - our own
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_no_rule_is_broken_and_a_seed_is_always_the_same() -> None:
    """Also after other seeds, and if what was decided is played again."""
    lines = told("1", "-m", "tests.simulation", "1..16", "--processes", "1", "--histories")
    histories = [line.removeprefix("history of ") for line in lines if line.startswith("history")]
    assert len(set(histories)) == 16
    assert told("2", "-c", PLAYED_AGAIN) == [each for each in histories[7:3:-1] for _ in range(2)]


def test_what_was_decided_can_be_played_again() -> None:
    stormy = Weather(late=0.5, twice=0.5)
    first = Decisions(1)
    drawn = [first.at(f"{number}", lambda chance: way(chance, stormy, "stream")) for number in range(50)]
    assert {isinstance(each, Way) for each in drawn} == {True, False}
    again = Decisions(1, first.made)
    assert [again.at(f"{number}", lambda chance: way(chance, CALM, "stream")) for number in range(50)] == drawn
    fewer = Decisions(1, {})
    assert {fewer.at(f"{number}", lambda chance: way(chance, stormy, "stream")) for number in range(50)} == {None}
