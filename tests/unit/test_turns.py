"""Whose turn it is among what is due."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from types import SimpleNamespace

import pytest

from functions.events import turns as turns_module
from functions.events.turns import MAX_HELD, MAX_PER_PARTNER, Turns
from functions.shared import table
from functions.shared.metrics import UNEXPECTED_FAILURES
from functions.shared.records import Due
from tests.support.builders import NOW
from tests.support.log import recorded
from tests.unit.due_index import Index


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

    @pytest.mark.parametrize(("partners", "held"), [(1, MAX_PER_PARTNER), (MAX_HELD + 1, MAX_HELD)])
    def test_only_so_much_is_held_and_read(
        self, index: Index, monkeypatch: pytest.MonkeyPatch, partners: int, held: int
    ) -> None:
        monkeypatch.setattr(turns_module, "MAX_READ", 1_000)
        index.entries[0] = [Due(f"partner {number % partners}", f"0-{number}", "order", "") for number in range(1_001)]
        some = turns()
        for taken in range(1, 4):
            next(some)
            assert sum(map(len, some._waiting.values())) == held - taken
        assert index.read <= 1_000

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
