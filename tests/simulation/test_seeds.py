"""Some seeds with every change, and that a seed is always the same (docs/reliability.md)."""

import os
import subprocess
import sys

from tests.simulation.decisions import Decisions
from tests.simulation.weather import CALM, Way, Weather, way


def histories(seeds: str, hash_seed: str) -> list[str]:
    """What has happened in each of the seeds, none of which may fail; ``hash_seed`` is what sets are ordered by."""
    command = [sys.executable, "-m", "tests.simulation", seeds, "--processes", "1", "--histories"]
    done = subprocess.run(  # noqa: S603 - our own
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("history")]


def test_no_rule_is_broken_and_a_seed_is_always_the_same() -> None:
    found = histories("1..24", hash_seed="1")
    assert len(set(found)) == 24
    assert found[:3] == histories("1..3", hash_seed="2")


def test_what_was_decided_can_be_played_again() -> None:
    stormy = Weather(late=0.5, twice=0.5)
    first = Decisions(1)
    drawn = [first.at(f"{number}", lambda chance: way(chance, stormy, "stream")) for number in range(50)]
    assert {isinstance(each, Way) for each in drawn} == {True, False}
    again = Decisions(1, first.made)
    assert [again.at(f"{number}", lambda chance: way(chance, CALM, "stream")) for number in range(50)] == drawn
    fewer = Decisions(1, {})
    assert {fewer.at(f"{number}", lambda chance: way(chance, stormy, "stream")) for number in range(50)} == {None}
