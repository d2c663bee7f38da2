"""What one run of the clock does about what is due."""

from collections.abc import Iterator
from datetime import datetime
from threading import Barrier, Event

import pytest

from functions.events import clock as clock_function
from functions.orders.order import Order
from functions.shared import clock, table
from functions.shared.metrics import UNEXPECTED_FAILURES
from functions.shared.records import DUE_SHARDS, Due
from infra.counted import CLOCK_QUERIES
from tests.support.builders import NOW
from tests.support.log import recorded
from tests.unit.due_index import Index

WAIT_SECONDS = 10.0


@pytest.fixture
def done(index: Index, monkeypatch: pytest.MonkeyPatch) -> list[Due]:
    """What was handled."""
    done: list[Due] = []

    def handle(due: Due, _now: datetime) -> None:
        done.append(due)
        index.remove(due)

    monkeypatch.setitem(clock_function.KINDS, Order.KIND, handle)
    return done


def test_everything_that_is_due_is_handled(index: Index, done: list[Due]) -> None:
    for shard in range(DUE_SHARDS):
        index.add(shard, "acme", 200)
        index.add(shard, "globex", 3)
    clock_function.handler({}, None)
    assert len(done) == len(set(done)) == DUE_SHARDS * 203


def test_a_slow_shard_stops_no_other(index: Index, done: list[Due], monkeypatch: pytest.MonkeyPatch) -> None:
    """Eighty slow records hold their own two workers; everything else is done meanwhile."""
    others, released = Event(), Event()

    def slow(_due: Due, _now: datetime) -> None:
        assert others.wait(WAIT_SECONDS)
        released.set()

    monkeypatch.setitem(clock_function.KINDS, "slow", slow)
    index.add(0, "acme", 80, kind="slow")
    for shard in range(1, DUE_SHARDS):
        index.add(shard, "acme", 20)

    def handle(due: Due, _now: datetime) -> None:
        assert not released.is_set()
        with index.lock:
            done.append(due)
            if len(done) == 20 * (DUE_SHARDS - 1):
                others.set()

    monkeypatch.setitem(clock_function.KINDS, Order.KIND, handle)
    clock_function.handler({}, None)
    assert len(done) == 20 * (DUE_SHARDS - 1)


def test_a_shard_that_cannot_be_read_stops_no_other(index: Index, done: list[Due]) -> None:
    for shard in range(DUE_SHARDS):
        index.add(shard, "acme", 2)
    index.unreadable = {3}
    with pytest.raises(RuntimeError, match="0 due records could not be handled, 1 shards could not be read"):
        clock_function.handler({}, None)
    assert len(done) == 2 * (DUE_SHARDS - 1)
    index.unreadable = set()
    clock_function.handler({}, None)
    assert len(done) == 2 * DUE_SHARDS


def test_what_fails_goes_behind_the_others(index: Index, done: list[Due]) -> None:
    (bad,) = index.add(0, "acme", 1, kind="nothing that we know")
    index.add(0, "acme", 3)
    with recorded() as log, pytest.raises(RuntimeError, match="1 due records could not be handled"):
        clock_function.handler({}, None)
    assert log.measured(UNEXPECTED_FAILURES, message="A due record could not be handled.") == [1]
    assert len(done) == 3
    assert index.entries[0] == [bad._replace(at=clock.iso(NOW + clock_function.PUT_OFF))]


def test_nothing_is_begun_when_time_is_up(index: Index, done: list[Due], monkeypatch: pytest.MonkeyPatch) -> None:
    index.add(0, "acme", 5)
    monkeypatch.setattr(clock_function, "MAX_SECONDS", 0.0)
    clock_function.handler({}, None)
    assert done == []


def test_two_of_each_shard_at_once(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    together = Barrier(2 * DUE_SHARDS, timeout=WAIT_SECONDS)
    monkeypatch.setitem(clock_function.KINDS, Order.KIND, lambda _due, _now: together.wait())
    for shard in range(DUE_SHARDS):
        index.add(shard, "acme", 2)
    clock_function.handler({}, None)


def test_what_cannot_be_put_off_either_holds_nothing_up(
    index: Index, done: list[Due], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is still due in a minute."""
    index.add(0, "acme", 1, kind="nothing that we know")
    index.add(0, "acme", 3)
    monkeypatch.setattr(table, "put_off", lambda *_: 1 / 0)
    with recorded() as log, pytest.raises(RuntimeError, match="1 due records could not be handled"):
        clock_function.handler({}, None)
    assert log.measured(UNEXPECTED_FAILURES, message="A due record could not be put off.") == [1]
    assert len(done) == 3


def test_the_clock_asks_once_for_each_shard_if_nothing_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def due(_moment: datetime, shard: int) -> Iterator[Due]:
        asked.append(shard)
        return iter(())

    monkeypatch.setattr(table, "due", due)
    clock_function.handler({}, None)
    assert len(asked) == len(set(asked)) == CLOCK_QUERIES
