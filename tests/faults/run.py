"""Goes through a scenario: once to count its calls and messages, then on from each with each fault."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from traceback import format_exc
from typing import NamedTuple

from tests.faults.copies import Copies, beside, received
from tests.faults.covered import SHOWS
from tests.faults.kinds import CALL_FAULTS, DISORDER, GIVES_UP, MAY_FAIL, MESSAGE_FAULTS, TAKE_LONGER, applies
from tests.faults.life import Life
from tests.faults.outcome import Outcome, check, ends, ends_of_orders, outcome
from tests.faults.scenarios import SCENARIOS
from tests.faults.surroundings import smaller, surroundings
from tests.faults.tap import Fault
from tests.faults.ways import Way

RECOVERY = timedelta(days=3)
"""What a fault leaves behind is over by then: a SIM is given up after a day, and what is late comes after 26 hours."""


PROMPT = timedelta(minutes=4)
"""A single fault delays an order by less, unless the clock moves it: after five minutes that looks at what is lost."""


class Plain(NamedTuple):
    """How a scenario goes when nothing goes wrong."""

    calls: list[str]
    messages: list[tuple[str, int]]
    seen: set[str]
    until: datetime
    outcome: Outcome
    ends: Sequence[datetime]


class Result(NamedTuple):
    """What came of a case: ``wrong`` is empty, or says what went wrong."""

    fault: Fault
    wrong: str
    seconds: float
    """Of a processor."""


class Run(NamedTuple):
    """What came of a scenario."""

    name: str
    plain: Plain
    results: Sequence[Result]


Choice = Callable[[Sequence[Fault]], Sequence[Fault]]


def run(scenario: str, choose: Choice, processes: int) -> Run:
    """Go through a scenario with those of its faults that are chosen."""
    with smaller(), surroundings() as life:
        expected = _named(scenario, lambda: plain(life, SCENARIOS[scenario](life)))
        assert expected.calls, "nothing happens in this scenario"
        assert expected.seen >= set(SHOWS.get(scenario, ())), f"{scenario} does not show what it is there for"
    with smaller(), surroundings() as life:
        way = SCENARIOS[scenario](life)
        gc.freeze()  # what is here already is shared with every copy, not looked through and so copied by each
        faults = choose(list(faults_of(expected)))
        shares = [faults[number::processes] for number in range(processes)]
        running = [beside(partial(with_faults, life, way, share, expected)) for share in shares]
        results = [result for each in running for result in received(each)]
        missing = set(faults) - {result.fault for result in results}
        assert missing == set(), f"{scenario}: a process has died, or these faults did not strike"
        return Run(scenario, expected, results)


def _named(scenario: str, work: Callable[[], Plain]) -> Plain:
    """Go through it, and say where if that fails."""
    try:
        return work()
    except BaseException as error:
        error.add_note(f"This happens in the scenario {scenario!r}, without a fault.")
        raise


def faults_of(way: Plain) -> Iterator[Fault]:
    """Every fault of every call and message."""
    for number, name in enumerate(way.calls):
        yield from (Fault(kind, number, name) for kind in CALL_FAULTS if applies(kind, name))
    for number, (name, alternatives) in enumerate(way.messages):
        kinds = [kind for kind in MESSAGE_FAULTS if kind != DISORDER or alternatives > 1]
        yield from (Fault(kind, number, name) for kind in kinds if applies(kind, name))


def plain(life: Life, way: Way) -> Plain:
    """Go through it without a fault."""
    _go(life, way)
    until = life.now + RECOVERY
    life.move_to(until)
    check(life)
    return Plain(life.tap.calls, life.tap.messages, life.tap.seen, until, outcome(life), ends(life))


def with_faults(life: Life, way: Way, faults: Sequence[Fault], expected: Plain) -> Sequence[Result]:
    """Go through it, and from where a fault strikes on also with this fault; what came of each."""
    copies = Copies(faults)
    life.tap.choose = copies.choose
    wrong = ""
    try:
        _go(life, way)
        if life.tap.fault is not None:
            _recover(life, life.tap.fault, expected)
    except BaseException:
        if life.tap.fault is None:
            raise
        wrong = format_exc()
    if life.tap.fault is not None:
        copies.end(Result(life.tap.fault, wrong, time.process_time()))
    return copies.heard


def _recover(life: Life, fault: Fault, expected: Plain) -> None:
    life.move_to(expected.until)
    assert life.tap.struck, "the fault never took effect"
    check(life)
    _compare(fault, outcome(life), expected.outcome)
    if fault.kind not in TAKE_LONGER and "clock" not in dict(expected.messages):
        late = [end for end, wanted in zip(ends(life), expected.ends, strict=True) if end > wanted + PROMPT]
        assert late == [], "only the clock found what a message was about"


def _compare(fault: Fault, found: Outcome, wanted: Outcome) -> None:
    """Hold an outcome against that without a fault; where orders may fail, only if none has."""
    failed = fault.kind in MAY_FAIL and ends_of_orders(found) != ends_of_orders(wanted)
    if not failed and (fault.kind, fault.name) != GIVES_UP:
        assert found == wanted, f"missing {wanted - found}, too much {found - wanted}"


def _go(life: Life, way: Way) -> None:
    with life.tap.open():
        way(life)
        life.rest()
