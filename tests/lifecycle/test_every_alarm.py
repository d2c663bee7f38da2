"""For each alarm its cause is made to happen, and what the alarm watches then reaches its threshold, and not before.

What the functions measure is read from their log. Of what AWS measures, the fact is seen that it counts. That alarms of
the templates compare the same metrics with the same thresholds, tests/infra/test_alarms.py says.
"""

import pytest

from infra.local.system import System
from infra.signals import SIGNALS
from tests.lifecycle import alarm_causes, alarm_causes_in_the_system, alarm_causes_of_aws
from tests.lifecycle.alarm_causes_in_the_system import OF_AWS
from tests.lifecycle.alarm_causes_of_aws import Counted
from tests.support.log import Log
from tests.support.shop import Shop
from tests.support.signals import BY_NAME, rings, rings_at
from tests.support.timeline import Timeline

IN_THE_SYSTEM = [(counted, cause) for counted, causes in alarm_causes_in_the_system.CAUSES.items() for cause in causes]


def test_every_alarm_has_a_cause() -> None:
    assert {*alarm_causes.CAUSES, *(counted.signal for counted in OF_AWS)} == {signal.name for signal in SIGNALS}
    assert {signal.name for signal in SIGNALS if signal.ours} == {*alarm_causes.CAUSES}


@pytest.mark.parametrize("name", alarm_causes.CAUSES)
def test_what_the_functions_measure_rings(line: Timeline, log: Log, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rings(name, log) == (BY_NAME[name].missing == "bad")
    alarm_causes.CAUSES[name](line, monkeypatch)
    assert rings(name, log)


@pytest.mark.parametrize("counted", alarm_causes_of_aws.CAUSES, ids=lambda counted: counted.name)
def test_what_aws_measures_rings(line: Timeline, counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = alarm_causes_of_aws.CAUSES[counted](line, monkeypatch)
    assert rings_at(counted.signal, counts)
    assert not rings_at(counted.signal, counts[1:])


@pytest.mark.parametrize(("counted", "cause"), IN_THE_SYSTEM, ids=[counted.name for counted, _ in IN_THE_SYSTEM])
def test_what_aws_measures_of_the_system_rings(
    system: System, shop: Shop, counted: Counted, cause: alarm_causes_in_the_system.Cause
) -> None:
    counts = cause(system, shop)
    assert rings_at(counted.signal, counts)
    assert not rings_at(counted.signal, counts[1:])
