"""Lists over a table in memory, with anything in it and any change meanwhile (contract §1, lists)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared import lists
from functions.shared.lists import ListQuery
from functions.shared.refusals import Code, Refusal
from tests.unit.things import Table, ThingFilters, follow, get, ids, walk

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


def cursor_of(body: dict[str, Any]) -> str:
    query = follow(body, "next")
    assert query is not None
    assert query.cursor is not None
    return query.cursor


def assert_refused(query: ListQuery, **place: str) -> None:
    with pytest.raises(Refusal) as refusal:
        get(Table(), query, **place)
    assert (refusal.value.status, [fault.code for fault in refusal.value.faults]) == (400, [Code.INVALID_CURSOR])


def test_a_cursor_is_good_for_its_partner_path_and_filters_alone() -> None:
    cursor = cursor_of(get(Table(range(30)), ThingFilters(color="red")))
    for limit in (10, 3):
        assert len(ids(get(Table(range(30)), ThingFilters(color="red", cursor=cursor, limit=limit)))) == limit
    assert_refused(ThingFilters(color="red", cursor=cursor), partner="globex")
    assert_refused(ThingFilters(color="red", cursor=cursor), path="/others")
    assert_refused(ThingFilters(color="blue", cursor=cursor))
    assert_refused(ThingFilters(cursor=cursor))
    assert_refused(ThingFilters(color="red", tags=["a"], cursor=cursor))


def test_a_cursor_of_older_code_is_refused() -> None:
    """It held an id, and would begin somewhere else now."""
    content = b'["thing_0015", false]'
    sealed = lists._mac(content, "acme\n/things\n{}") + content
    assert_refused(ThingFilters(cursor=lists._encode(sealed)))


@given(st.text(max_size=80))
def test_forged_cursors_are_refused(cursor: str) -> None:
    assert_refused(ThingFilters(cursor=cursor))


@given(st.data())
def test_mangled_cursors_are_refused(data: st.DataObject) -> None:
    cursor = cursor_of(get(Table(range(30)), ThingFilters()))
    position = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.characters(exclude_characters=cursor[position]))
    mangled = data.draw(
        st.sampled_from([cursor[:position] + other + cursor[position + 1 :], cursor[:position], f"{cursor}="])
    )
    assert_refused(ThingFilters(cursor=mangled))


def test_a_cursor_may_end_in_any_character() -> None:
    for last in range(256):
        for sealed in (bytes([last]), bytes([0, last]), bytes([0, 0, last])):
            assert lists._decode(lists._encode(sealed)) == sealed


def test_links_carry_filters_limit_and_cursor() -> None:
    body = get(Table(range(30)), ThingFilters(color="dark red", tags=["a&b", "c"], limit=2))
    expected = "http://127.0.0.1:8080/things?color=dark%20red&tags=a%26b&tags=c&limit=2"
    assert body["_links"]["self"]["href"] == expected
    assert body["_links"]["next"]["href"].startswith(f"{expected}&cursor=")
