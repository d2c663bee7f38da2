"""Goes through a scenario: once to count its calls and messages, then once with each fault of each of them."""

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from traceback import format_exc
from typing import Any, NamedTuple

from tests.faults.covered import SHOWS
from tests.faults.kinds import CALL_FAULTS, GIVES_UP, MAY_FAIL, MESSAGE_FAULTS, applies
from tests.faults.life import Life
from tests.faults.outcome import Outcome, check, ends_of_orders, outcome
from tests.faults.scenarios import SCENARIOS
from tests.faults.surroundings import smaller, surroundings
from tests.faults.tap import Fault
from tests.faults.ways import Way

RECOVERY = timedelta(days=3)
"""What a fault leaves behind is over by then: a SIM is given up after a day, and what is late comes after 26 hours."""
COPIES = get_context("fork")
"""Each case has a copy of the process in which its scenario was prepared."""


class Plain(NamedTuple):
    """How a scenario goes when nothing goes wrong."""

    calls: list[str]
    messages: list[tuple[str, int]]
    seen: set[str]
    until: datetime
    outcome: Outcome


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
        running = [_copy(lambda share=share: _cases(life, way, share, expected)) for share in shares]  # type: ignore[misc]
        results = [result for copy in running for result in _received(copy)]
        assert len(results) == len(faults), "a process has died"
        return Run(scenario, expected, results)


def _named(scenario: str, work: Callable[[], Plain]) -> Plain:
    """Go through it, and say where if that fails."""
    try:
        return work()
    except BaseException as error:
        error.add_note(f"This happens in the scenario {scenario!r}, without a fault.")
        raise


def _cases(life: Life, way: Way, faults: Sequence[Fault], expected: Plain) -> Iterator[Result]:
    for fault in faults:
        yield from _received(_copy(lambda fault=fault: [with_fault(life, way, fault, expected)]))  # type: ignore[misc]


def faults_of(way: Plain) -> Iterator[Fault]:
    """Every fault of every call and message."""
    for number, name in enumerate(way.calls):
        yield from (Fault(kind, number, name) for kind in CALL_FAULTS if applies(kind, name))
    for number, (name, alternatives) in enumerate(way.messages):
        kinds = [kind for kind in MESSAGE_FAULTS if kind != "out of order" or alternatives > 1]
        yield from (Fault(kind, number, name) for kind in kinds if applies(kind, name))


def plain(life: Life, way: Way) -> Plain:
    """Go through it without a fault."""
    _go(life, way)
    until = life.now + RECOVERY
    life.move_to(until)
    check(life)
    return Plain(life.tap.calls, life.tap.messages, life.tap.seen, until, outcome(life))


def with_fault(life: Life, way: Way, fault: Fault, expected: Plain) -> Result:
    """Go through it with a fault; what came of it."""
    began, wrong = time.process_time(), ""
    life.tap.fault = fault
    try:
        _go(life, way)
        life.move_to(expected.until)
        assert life.tap.struck, "the fault never took effect"
        check(life)
        _compare(fault, outcome(life), expected.outcome)
    except BaseException:  # noqa: BLE001 - after any error, the other cases go on
        wrong = format_exc()
    return Result(fault, wrong, time.process_time() - began)


def _compare(fault: Fault, found: Outcome, wanted: Outcome) -> None:
    """Hold an outcome against that without a fault; where orders may fail, only if none has."""
    failed = fault.kind in MAY_FAIL and ends_of_orders(found) != ends_of_orders(wanted)
    if not failed and (fault.kind, fault.name) != GIVES_UP:
        assert found == wanted, f"missing {wanted - found}, too much {found - wanted}"


def _go(life: Life, way: Way) -> None:
    with life.tap.open():
        way(life)
        life.rest()


def _copy(work: Callable[[], Iterable[Any]]) -> Connection:
    """Carry out work in a copy of this process, which sends what it yields."""
    receiving, sending = COPIES.Pipe(duplex=False)

    def send() -> None:
        for each in work():
            sending.send(each)

    COPIES.Process(target=send).start()
    sending.close()
    return receiving


def _received(copy: Connection) -> Iterator[Any]:
    """What a copy has sent by its end."""
    with copy:
        while True:
            try:
                yield copy.recv()
            except EOFError:
                return
