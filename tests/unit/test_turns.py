"""Whose turn it is among what is due, and what one minute of the clock does about it."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from threading import Barrier, Event, Lock
from types import SimpleNamespace

import pytest

from functions.events import clock as clock_function
from functions.events import turns as turns_module
from functions.events.turns import MAX_HELD, MAX_PER_PARTNER, MAX_READ, Turns
from functions.orders.order import Order
from functions.shared import clock, table
from functions.shared.metrics import UNEXPECTED_FAILURES
from functions.shared.records import DUE_SHARDS, Due
from infra.counted import CLOCK_QUERIES
from tests.support.builders import NOW
from tests.support.log import recorded

WAIT_SECONDS = 10.0


class Index:
    """What is due, shard by shard, and how much of it was read."""

    def __init__(self) -> None:
        self.entries: dict[int, list[Due]] = {}
        self.read = 0
        self.unreadable: set[int] = set()
        self.lock = Lock()

    def add(self, shard: int, partner: str, count: int, kind: str = Order.KIND) -> list[Due]:
        """This number of further records of a partner, due after all that there are."""
        known = self.entries.setdefault(shard, [])
        start = len(known)
        new = [Due(partner, f"{shard}-{number}", kind, f"{number:09d}") for number in range(start, start + count)]
        known += new
        return new

    def due(self, moment: datetime, shard: int) -> Iterator[Due]:
        """As :func:`functions.shared.table.due`: longest overdue first, read as it is asked for."""
        assert moment == NOW
        for entry in list(self.entries.get(shard, [])):
            if shard in self.unreadable:
                raise RuntimeError("throttled")
            self.read += 1
            yield entry

    def remove(self, entry: Due) -> None:
        """It is not due any more."""
        with self.lock:
            self.entries[int(entry.id.partition("-")[0])].remove(entry)

    def put_off(self, entry: Due, until: datetime) -> None:
        """It goes behind the others."""
        self.remove(entry)
        with self.lock:
            self.entries[int(entry.id.partition("-")[0])].append(entry._replace(at=clock.iso(until)))


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Index:
    index = Index()
    monkeypatch.setattr(table, "due", index.due)
    monkeypatch.setattr(table, "put_off", index.put_off)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return index


def turns(shard: int = 0, seconds: float = 60.0) -> Turns:
    return Turns(NOW, shard, time.monotonic() + seconds)


class TestTurns:
    """Of one shard."""

    def test_each_record_once_the_longest_overdue_first(self, index: Index) -> None:
        expected = index.add(0, "acme", 3 * MAX_HELD)
        assert list(turns()) == expected

    def test_a_backlog_delays_nobody_else(self, index: Index) -> None:
        backlog = index.add(0, "acme", 10_000)
        (single,) = index.add(0, "globex", 1)
        assert [*islice(turns(), 2)] == [backlog[0], single]

    def test_many_partners_share(self, index: Index) -> None:
        index.add(0, "acme", 10_000)
        for number in range(20):
            index.add(0, f"partner {number}", 2)
        assert set(Counter(due.partner for due in islice(turns(), 42)).values()) == {2}

    def test_when_everybody_had_a_share_the_rest_goes_by_age(self, index: Index) -> None:
        backlog = index.add(0, "acme", 1000)
        taken = []
        for due in turns():
            taken.append(due)
            index.remove(due)
        assert taken == backlog

    def test_also_when_more_partners_share_than_can_be_held(self, index: Index) -> None:
        for name, count in [("acme", 200), *((f"partner {number}", MAX_PER_PARTNER) for number in range(20))]:
            index.add(0, name, count)
        some = turns()
        for expected in (MAX_PER_PARTNER, 200 - MAX_PER_PARTNER):
            taken = [*islice(some, MAX_HELD)]
            for due in taken:
                index.remove(due)
            assert Counter(due.partner for due in taken)["acme"] == expected

    @pytest.mark.parametrize(("partners", "held"), [(1, MAX_PER_PARTNER), (100_000, MAX_HELD)])
    def test_only_so_much_is_held_and_read(self, index: Index, partners: int, held: int) -> None:
        index.entries[0] = [
            Due(f"partner {number % partners}", f"0-{number}", "order", "") for number in range(100_000)
        ]
        some = turns()
        for taken in range(1, 4):
            next(some)
            assert sum(map(len, some._waiting.values())) == held - taken
        assert index.read <= MAX_READ

    def test_an_index_that_lags_brings_nothing_twice(self, index: Index) -> None:
        """What was handled is still in it."""
        index.add(0, "acme", MAX_PER_PARTNER + 10)
        assert len(list(turns())) == MAX_PER_PARTNER + 10

    def test_it_ends_in_time(self, index: Index) -> None:
        index.add(0, "acme", 10)
        assert list(turns(seconds=0)) == []
        assert index.read == 0

    def test_nothing_that_it_holds_is_begun_when_its_time_is_up(
        self, index: Index, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seconds = 0.0
        monkeypatch.setattr(turns_module, "time", SimpleNamespace(monotonic=lambda: seconds))
        first, *_ = index.add(0, "acme", 10)
        some = Turns(NOW, 0, end=40.0)
        assert next(some) == first
        seconds = 40.0
        assert list(some) == []

    def test_what_was_read_before_the_index_failed_is_taken(
        self, index: Index, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (first,) = index.add(0, "acme", 1)

        def due(moment: datetime, shard: int) -> Iterator[Due]:
            yield from index.due(moment, shard)
            raise RuntimeError("throttled")

        monkeypatch.setattr(table, "due", due)
        with recorded(here=True) as log:
            assert (list(some := turns()), some.unread) == ([first], True)
        assert log.measured(UNEXPECTED_FAILURES) == [1]


class TestMinute:
    """One run of the clock."""

    @pytest.fixture
    def done(self, index: Index, monkeypatch: pytest.MonkeyPatch) -> list[Due]:
        """What was handled."""
        done: list[Due] = []

        def handle(due: Due, _now: datetime) -> None:
            done.append(due)
            index.remove(due)

        monkeypatch.setitem(clock_function.KINDS, Order.KIND, handle)
        return done

    def test_everything_that_is_due_is_handled(self, index: Index, done: list[Due]) -> None:
        for shard in range(DUE_SHARDS):
            index.add(shard, "acme", 200)
            index.add(shard, "globex", 3)
        clock_function.handler({}, None)
        assert len(done) == len(set(done)) == DUE_SHARDS * 203

    def test_a_slow_shard_stops_no_other(self, index: Index, done: list[Due], monkeypatch: pytest.MonkeyPatch) -> None:
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

    def test_a_shard_that_cannot_be_read_stops_no_other(self, index: Index, done: list[Due]) -> None:
        for shard in range(DUE_SHARDS):
            index.add(shard, "acme", 2)
        index.unreadable = {3}
        with pytest.raises(RuntimeError, match="0 due records could not be handled, 1 shards could not be read"):
            clock_function.handler({}, None)
        assert len(done) == 2 * (DUE_SHARDS - 1)
        index.unreadable = set()
        clock_function.handler({}, None)
        assert len(done) == 2 * DUE_SHARDS

    def test_what_fails_goes_behind_the_others(self, index: Index, done: list[Due]) -> None:
        (bad,) = index.add(0, "acme", 1, kind="nothing that we know")
        index.add(0, "acme", 3)
        with pytest.raises(RuntimeError, match="1 due records could not be handled"):
            clock_function.handler({}, None)
        assert len(done) == 3
        assert index.entries[0] == [bad._replace(at=clock.iso(NOW + clock_function.PUT_OFF))]

    def test_nothing_is_begun_when_time_is_up(
        self, index: Index, done: list[Due], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        index.add(0, "acme", 5)
        monkeypatch.setattr(clock_function, "MAX_SECONDS", 0.0)
        clock_function.handler({}, None)
        assert done == []

    def test_two_of_a_shard_at_once(self, index: Index, done: list[Due], monkeypatch: pytest.MonkeyPatch) -> None:
        together = Barrier(2, timeout=WAIT_SECONDS)
        monkeypatch.setitem(clock_function.KINDS, Order.KIND, lambda _due, _now: together.wait())
        index.add(0, "acme", 2)
        clock_function.handler({}, None)


def test_the_clock_asks_once_for_each_shard_if_nothing_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def due(_moment: datetime, shard: int) -> Iterator[Due]:
        asked.append(shard)
        return iter(())

    monkeypatch.setattr(table, "due", due)
    clock_function.handler({}, None)
    assert len(asked) == len(set(asked)) == CLOCK_QUERIES
