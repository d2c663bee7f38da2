"""Cursors: good for one list alone, and nobody else can make one (contract §1, lists)."""

import operator
from base64 import urlsafe_b64decode
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared import lists
from functions.shared.lists import Filter, ListQuery, overlap
from functions.shared.refusals import Code, Refusal
from tests.unit.things import Table, ThingFilters, follow, get, ids


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "_secret", lambda: b"secret")


def cursor_of(body: dict[str, Any]) -> str:
    query = follow(body, "next")
    assert query is not None
    assert query.cursor is not None
    return query.cursor


def assert_refused(query: ListQuery, partner: str = "acme", path: str = "/things") -> None:
    with pytest.raises(Refusal) as refusal:
        get(Table(), query, partner, path)
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


def test_a_cursor_is_good_whatever_the_order_of_the_filters() -> None:
    class Reordered(ListQuery):
        tags: Annotated[list[str] | None, Filter("tags", overlap)] = None
        color: Annotated[str | None, Filter("color", operator.contains)] = None

    cursor = cursor_of(get(Table(range(30)), ThingFilters(color="red", tags=["a&b"])))
    assert len(ids(get(Table(range(30)), Reordered(color="red", tags=["a&b"], cursor=cursor)))) == 10


def test_a_cursor_that_was_given_out_stays_good() -> None:
    """Another seal or another form would end the walks that are under way when it is released."""
    assert cursor_of(get(Table(range(30)), ThingFilters())) == (
        "4jxavtSdvY6H7JtMUOMrY1siMjAyNi0wMy0xMFQxMjowMDowMC4wMjBaI3RoaW5nXzAwMjAiLCBmYWxzZV0"
    )


def test_a_cursor_of_older_code_is_refused() -> None:
    """It held an id, and would begin somewhere else now."""
    content = b'["thing_0015", false]'
    sealed = lists._mac(content, "acme\n/things\n{}") + content
    assert_refused(ThingFilters(cursor=lists._encode(sealed)))


def test_a_cursor_is_written_in_one_way() -> None:
    """Base64 is read with more padding, with blanks, and whatever its last bits are, too."""
    cursor = cursor_of(get(Table(range(30)), ThingFilters()))
    assert cursor.endswith("0")
    for other in (f"{cursor}=", f"{cursor}\n", f"{cursor[:-1]}1"):
        assert urlsafe_b64decode(f"{other}==") == urlsafe_b64decode(f"{cursor}==")
        assert_refused(ThingFilters(cursor=other))


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
    query = follow(body, "next")
    assert query is not None
    second = get(Table(range(30)), query)
    assert second["_links"]["self"] == body["_links"]["next"]
