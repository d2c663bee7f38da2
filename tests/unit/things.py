"""Things in a table of their own, and the pages of their lists."""

import operator
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.routes import Route
from functions.shared import lists
from functions.shared.http import Request
from functions.shared.lists import Filter, Listing, ListQuery, overlap, page
from functions.shared.records import Found, Key, ListedBy, Partition, Record
from functions.shared.table import Bounds
from tests.support.builders import NOW

ROUTE = Route("GET", "/things", "things.read", "list_things", "things/read")


class Thing(Record):
    """What is listed; only the ``kept`` ones pass the filter."""

    KIND = "thing"
    PREFIX = "thing"
    PLURAL = "things"
    LISTS = (ListedBy("gsi1"),)

    kept: bool = True
    color: str = "dark red"
    tags: frozenset[str] = frozenset({"a&b"})


class ThingFilters(ListQuery):
    """A list with a filter."""

    color: Annotated[str | None, Filter("color", operator.contains)] = None
    tags: Annotated[list[str] | None, Filter("tags", overlap)] = None


class Table:
    """Things by id, and their index, which lags if a test so wants: what is ``hidden`` no filter keeps."""

    def __init__(self, made: Mapping[int, int] | Iterable[int] = (), hidden: Collection[int] = ()) -> None:
        self.things: dict[str, Thing] = {}
        self.index: set[str] = set()
        self.calls = 0
        for number in made:
            self.add(number, made[number] if isinstance(made, Mapping) else number, kept=number not in hidden)

    def add(self, number: int, moment: int, *, kept: bool = True) -> None:
        """A thing that was made this number of milliseconds after the beginning."""
        created_at = NOW + timedelta(milliseconds=moment)
        thing = Thing(id=f"thing_{number:04d}", partner="acme", created_at=created_at, kept=kept)
        self.things.setdefault(thing.id, thing)
        self.index.add(self.things[thing.id].item()["gsi1sk"])

    def keys_in(
        self,
        _partition: Partition,
        start: str | None = None,
        *,
        newest_first: bool = True,
        limit: int,
        between: Bounds = (None, None),
    ) -> tuple[list[dict[str, Any]], bool]:
        self.calls += 1
        low, high = between
        inside = (key for key in self.index if (low is None or key >= low) and (high is None or key < high))
        keys = sorted(inside, reverse=newest_first)
        if start is not None:
            keys = [key for key in keys if (key < start if newest_first else key > start)]
        return [{"gsi1sk": key} for key in keys[:limit]], len(keys) > limit

    def read_all(self, partner: str, wanted: Mapping[type[Record], Iterable[str]]) -> Found:
        ids = [*wanted[Thing]]
        assert len(ids) <= 100
        self.calls += bool(ids)
        found = [self.things[thing] for thing in ids if thing in self.things]
        return Found({Key(*thing.key()): thing.item() for thing in found}, partner)

    def shown(self) -> list[str]:
        """What a list shows: newest first, of those made at one moment the last by id."""
        kept = [thing for thing in self.things.values() if thing.kept]
        return [thing.id for thing in sorted(kept, key=lambda thing: (thing.created_at, thing.id), reverse=True)]


LISTING = Listing(Thing, lambda it: {"id": it.id}, keep=lambda it: it.kept)


def get(
    table: Table,
    query: ListQuery,
    partner: str = "acme",
    path: str = "/things",
    listing: Listing[Any] = LISTING,
) -> dict[str, Any]:
    """The page that the query asks for."""
    request = Request(partner, ROUTE, path, {}, {}, "cor_1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lists, "keys_in", table.keys_in)
        patch.setattr(lists, "read_all", table.read_all)
        answer = page(request, query, listing)
    assert answer.status == 200
    body: dict[str, Any] = answer.body
    return body


def follow(body: dict[str, Any], name: str) -> ThingFilters | None:
    """The query behind a link of the page."""
    if name not in body["_links"]:
        return None
    query = parse_qs(urlsplit(body["_links"][name]["href"]).query)
    single = {key: value for key, (value, *_) in query.items()}
    return ThingFilters.model_validate(single | {"tags": query.get("tags")}, strict=False)


def ids(body: dict[str, Any]) -> list[str]:
    return [thing["id"] for thing in body["_embedded"]["things"]]


def walk(table: Table, body: dict[str, Any], name: str, listing: Listing[Any] = LISTING) -> Iterator[dict[str, Any]]:
    """The pages that follow in one direction."""
    while query := follow(body, name):
        body = get(table, query, listing=listing)
        yield body
