"""Every operation that writes, every record that becomes due and every message has a scenario."""

from tests.faults.covered import NEEDED, SHOWS
from tests.faults.scenarios import SCENARIOS


def test_everything_that_happens_has_a_scenario() -> None:
    shown = {each for name in SCENARIOS for each in SHOWS.get(name, ())}
    assert shown == NEEDED
