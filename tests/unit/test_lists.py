"""Lists over a table in memory, with anything in it and any change meanwhile (contract §1, lists)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared import lists
from functions.shared.lists import Listing
from functions.shared.records import Key, Partition
from tests.support.builders import NOW
from tests.unit.things import Table, Thing, ThingFilters, follow, get, ids, walk

NUMBERS = st.sets(st.integers(0, 400), max_size=150)
AGES = st.integers(0, 20)
MADE = st.dictionaries(st.integers(0, 400), AGES, max_size=150)
"""The moments at which things were made, by their numbers: ids say nothing of age, and many have one moment."""
ARRIVING = st.dictionaries(st.integers(401, 9999), AGES, max_size=3)
LIMITS = st.integers(1, 40)


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "_secret", lambda: b"secret")


@given(MADE, NUMBERS, LIMITS)
def test_next_shows_everything_once_and_prev_walks_back(made: dict[int, int], hidden: set[int], limit: int) -> None:
    table = Table(made, hidden)
    first = get(table, ThingFilters(limit=limit))
    forth = [first, *walk(table, first, "next")]
    assert [thing for body in forth for thing in ids(body)] == table.shown()
    assert "prev" not in first["_links"]
    assert all("prev" in body["_links"] for body in forth[1:])
    back = [forth[-1], *walk(table, forth[-1], "prev")]
    assert [thing for body in reversed(back) for thing in ids(body)] == table.shown()
    assert all(len(ids(body)) <= limit for body in (*forth, *back))


@given(MADE, LIMITS)
def test_without_a_filter_pages_are_full_and_the_last_has_no_next(made: dict[int, int], limit: int) -> None:
    table = Table(made)
    first = get(table, ThingFilters(limit=limit))
    pages = [first, *walk(table, first, "next")]
    assert all(len(ids(body)) == limit for body in pages[:-1])
    assert len(pages) == max(1, -(-len(made) // limit))
    for body, earlier in zip(pages[1:], pages, strict=False):
        query = follow(body, "prev")
        assert query is not None
        assert ids(get(table, query)) == ids(earlier), "prev is the page before"


@given(MADE, LIMITS, st.data())
def test_what_was_there_at_the_start_is_shown_once_while_new_ones_arrive(
    made: dict[int, int], limit: int, data: st.DataObject
) -> None:
    """In either direction, wherever in the list they arrive: a write that took long comes in behind newer ones."""
    table = Table(made)

    def walked(query: ThingFilters | None, name: str) -> tuple[list[str], dict[str, Any]]:
        """What the pages in one direction show, and the last of them."""
        shown: list[str] = []
        while query:
            body = get(table, query)
            shown = shown + ids(body) if name == "next" else ids(body) + shown
            for number, moment in data.draw(ARRIVING).items():
                table.add(number, moment)
            query = follow(body, name)
        return shown, body

    at_start = table.shown()
    forth, last = walked(ThingFilters(limit=limit), "next")
    assert forth == [thing for thing in table.shown() if thing in forth], "newest first, each once"
    assert set(at_start) <= set(forth)
    if "prev" in last["_links"]:
        there = table.shown()
        newer = there[: there.index(ids(last)[0])]
        back, _ = walked(follow(last, "prev"), "prev")
        assert back == [thing for thing in table.shown() if thing in back]
        assert set(newer) <= set(back)


@given(MADE, LIMITS, st.data())
def test_a_page_that_became_empty_loses_nothing_on_the_way_back(
    made: dict[int, int], limit: int, data: st.DataObject
) -> None:
    table = Table(made)
    first = get(table, ThingFilters(limit=limit))
    query = follow(first, "next")
    if query is None:
        return
    for thing in table.things.values():
        if thing.id not in ids(first):
            thing.kept = data.draw(st.booleans()) and data.draw(st.booleans())
    back = list(walk(table, get(table, query), "prev"))
    assert [thing for body in reversed(back) for thing in ids(body)][: len(ids(first))] == ids(first)


def test_going_back_to_a_front_that_became_empty_and_forth_again_loses_nothing() -> None:
    table = Table(range(6))
    first = get(table, ThingFilters(limit=2))
    second = next(walk(table, first, "next"))
    for thing in ids(first):
        table.things[thing].kept = False
    empty = next(walk(table, second, "prev"))
    assert ids(empty) == []
    assert "prev" not in empty["_links"]
    assert [thing for body in walk(table, empty, "next") for thing in ids(body)] == table.shown()


def test_a_page_whose_filters_kept_nothing_leads_back_to_where_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "FILTERED_ROUND", 5)
    table = Table(range(20), hidden=range(3, 17))
    first = get(table, ThingFilters(limit=3))
    second = next(walk(table, first, "next"))
    assert ids(second) == []
    back = [*walk(table, second, "prev")]
    assert [thing for body in reversed(back) for thing in ids(body)] == ids(first)
    shown = [thing for body in (first, *walk(table, first, "next")) for thing in ids(body)]
    assert shown == table.shown()


def test_of_one_moment_the_last_by_id_comes_first_and_an_id_says_nothing_else() -> None:
    table = Table({9: 0, 1: 5, 4: 5, 2: 7})
    assert ids(get(table, ThingFilters())) == ["thing_0002", "thing_0004", "thing_0001", "thing_0009"]


def test_an_index_that_lags_behind_shows_what_the_records_say_now() -> None:
    """Gone since, no longer what the filter keeps, not yet in the index."""
    table = Table(range(6))
    del table.things["thing_0004"]
    table.things["thing_0003"].kept = False
    table.index.remove(table.things["thing_0000"].sort_key())
    first = get(table, ThingFilters(limit=2))
    assert [thing for body in (first, *walk(table, first, "next")) for thing in ids(body)] == [
        "thing_0005",
        "thing_0002",
        "thing_0001",
    ]


def test_a_page_costs_two_calls_and_a_filtered_one_at_most_four() -> None:
    table = Table(range(300), hidden=set(range(300)))
    get(table, ThingFilters())
    assert table.calls == 4
    table = Table(range(300))
    get(table, ThingFilters(limit=40))
    assert table.calls == 2
    table = Table()
    get(table, ThingFilters())
    assert table.calls == 1, "there is nothing to read"


class Entry(Thing):
    """A thing that lies in its list itself, by its id."""

    @classmethod
    def key_of(cls, partner: str, record_id: str) -> Key:
        return Key(f"{partner}#entries", record_id)


def test_a_list_of_the_records_themselves_is_read_by_its_entries_alone() -> None:
    made = [Entry(id=f"thing_{number}", partner="acme", created_at=NOW).item() for number in range(7)]

    def entries(start: str | None, *, newest_first: bool, limit: int) -> tuple[list[dict[str, Any]], bool]:
        ordered = made[::-1] if newest_first else made
        found = [it for it in ordered if start is None or (it["sk"] < start if newest_first else it["sk"] > start)]
        return found[:limit], len(found) > limit

    table, listing = Table(), Listing(Entry, lambda it: {"id": it.id}, entries=entries)
    first = get(table, ThingFilters(limit=3), listing=listing)
    forth = [first, *walk(table, first, "next", listing)]
    assert [ids(body) for body in forth] == [
        ["thing_6", "thing_5", "thing_4"],
        ["thing_3", "thing_2", "thing_1"],
        ["thing_0"],
    ]
    assert [ids(body) for body in walk(table, forth[-1], "prev", listing)] == [ids(forth[1]), ids(first)]
    assert table.calls == 0


@pytest.mark.parametrize("partition", [None, Partition("gsi1", "acme#things")])
def test_what_lies_beside_a_list_is_shown_among_it(partition: Partition | None) -> None:
    """In no list are 2 and 5; in one are the others, if one is given."""
    table = Table(range(8))
    beside = [table.things[f"thing_000{number}"].sort_key() for number in (5, 2)]
    table.index -= {*beside}
    listing = Listing(Thing, lambda it: {"id": it.id}, partition, beside=beside)
    expected = [f"thing_000{number}" for number in ((5, 2) if partition is None else range(7, -1, -1))]
    for limit in (1, 2, 3, 8):
        first = get(table, ThingFilters(limit=limit), listing=listing)
        forth = [first, *walk(table, first, "next", listing)]
        assert [thing for body in forth for thing in ids(body)] == expected
        assert len(forth) == -(-len(expected) // limit)
        back = [forth[-1], *walk(table, forth[-1], "prev", listing)]
        assert [thing for body in reversed(back) for thing in ids(body)] == expected


def test_a_record_is_filtered_and_shown_as_it_is_to_be_seen() -> None:
    table = Table(range(3))

    def seen(thing: Thing) -> Thing:
        return thing.model_copy(update={"color": "blue" if thing.id == "thing_0001" else "red"})

    listing = Listing(Thing, lambda it: {"id": it.id, "color": it.color}, as_it_is=seen)
    body = get(table, ThingFilters(color="blue"), listing=listing)
    assert body["_embedded"] == {"things": [{"id": "thing_0001", "color": "blue"}]}


def test_what_a_page_shows_beside_its_records_is_read_at_once() -> None:
    read: list[list[str]] = []
    listing = Listing(
        Thing, lambda it: {"id": it.id, "read": len(read)}, read_beside=lambda them: read.append([it.id for it in them])
    )
    body = get(Table(range(3)), ThingFilters(), listing=listing)
    assert read == [ids(body)]
    assert [thing["read"] for thing in body["_embedded"]["things"]] == [1, 1, 1]
