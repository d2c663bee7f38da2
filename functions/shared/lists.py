"""Lists: newest first, a page at a time, with cursors that cannot be forged (contract §1, lists)."""

import base64
import hashlib
import hmac
import json
import operator
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BeforeValidator, Field

from functions.shared.clock import iso
from functions.shared.http import Request, Response
from functions.shared.links import link
from functions.shared.records import Found, Key, Partition, Record, id_in
from functions.shared.refusals import Code, Fault, invalid
from functions.shared.secret import secret
from functions.shared.settings import Settings
from functions.shared.shapes import Shape
from functions.shared.table import Bounds, keys_in, read_all

FILTERED_ROUND = 100
"""A page that filters did not fill at once gets a second, larger round (query and batched read); if it is still short
then, it has a cursor to go on."""

CURSOR_FORM = 2
"""What a cursor holds (1: an id, 2: a sort key); one of another form is refused like a forged one."""

R = TypeVar("R", bound=Record)
Entries = Callable[..., tuple[list[dict[str, Any]], bool]]
"""What takes and gives what :func:`keys_in` does."""


class ListSettings(Settings):
    """The secret that seals cursors."""

    cursor_secret_arn: str


def _whole_number(value: Any) -> Any:
    """Accept digits and nothing else: Python reads more as a number than a partner expects."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("must be a whole number")
    return value


@dataclass(frozen=True)
class Filter:
    """Which member of a record a query parameter is about, and how; without one, it equals the member of its name."""

    member: str
    matches: Callable[[Any, Any], bool] = operator.eq
    """Whether a record is shown, by the value it has and the one that is asked for."""


def overlap(has: Iterable[str], asked: Iterable[str]) -> bool:
    """Return whether they have something in common."""
    return not set(has).isdisjoint(asked)


class ListQuery(Shape):
    """What every list takes. A subclass adds filters, which combine with "and"."""

    limit: Annotated[int, Field(ge=1, le=40), BeforeValidator(_whole_number)] = 10
    cursor: str | None = None

    def filters(self) -> dict[str, Any]:
        """Return the filters given, by the names of their query parameters."""
        return self.model_dump(by_alias=True, exclude={"limit", "cursor"}, exclude_none=True)

    def equal_members(self) -> dict[str, Any]:
        """Return the values that records must have, by their members: one list may hold just these."""
        return {each.member: asked for each, asked in self._asked() if each.matches is operator.eq}

    def matches(self, record: Record) -> bool:
        """Return whether the record passes every filter."""
        return all(each.matches(getattr(record, each.member), asked) for each, asked in self._asked())

    def between(self) -> Bounds:
        """Return the sort keys from which on and up to which the list is asked for: every list is sorted by age."""
        age = {each.matches: iso(asked) for each, asked in self._asked() if each.member == "created_at"}
        return age.get(operator.ge), age.get(operator.lt)

    def _asked(self) -> Iterator[tuple[Filter, Any]]:
        for name, field in type(self).model_fields.items():
            asked = getattr(self, name)
            if asked is not None and name not in ListQuery.model_fields:
                yield next((each for each in field.metadata if isinstance(each, Filter)), Filter(name)), asked

    def link_to(self, path: str, cursor: str | None = None) -> dict[str, str]:
        """Return the link to a page of this list."""
        parameters = self.filters() | {"limit": self.limit} | ({"cursor": cursor} if cursor else {})
        return link(f"{path}?{urlencode(parameters, doseq=True, safe=',', quote_via=quote)}")


@dataclass(frozen=True)
class Listing(Generic[R]):
    """What a list shows. Each record is filtered as it is now, even if an index still says otherwise."""

    model: type[R]
    show: Callable[[R], dict[str, Any]]
    partition: Partition | None = None
    """Where to look, if not where the records themselves are listed."""
    keep: Callable[[R], bool] | None = None
    """What else decides."""
    beside: Collection[str] | None = None
    """Sort keys of records that are in no list; the list is these, and what lies in ``partition`` if one is given."""
    entries: Entries | None = None
    """Reads the list as :func:`keys_in` does, where its entries are the records themselves."""
    as_it_is: Callable[[R], R] = lambda record: record
    """Returns a record as it is to be seen, where that depends on another one; filters look at this."""
    read_beside: Callable[[Iterable[R]], None] | None = None
    """Reads what ``show`` needs beside the records, at once for a whole page."""


@dataclass(frozen=True)
class _Position:
    """Where a page begins: after a sort key (without one: at the end of the list), towards older items or ``back``."""

    start: str | None = None
    back: bool = False


def page(request: Request, query: ListQuery, listing: Listing[R]) -> Response:
    """Return one page of the list. Raise a 400 ``invalid_cursor`` for a cursor that this query did not give out."""
    scope = f"{CURSOR_FORM}\n{request.partner}\n{request.path}\n{json.dumps(query.filters(), sort_keys=True)}"
    position = _open(query.cursor, scope) if query.cursor is not None else _Position()
    records, rest = _walk(request.partner, query, listing, position)
    onward = _Position(rest, position.back) if rest else None
    around = _turned(position, records, rest) if position.start else None
    links = {"self": query.link_to(request.path, query.cursor)}
    following, preceding = (around, onward) if position.back else (onward, around)
    for name, towards in (("next", following), ("prev", preceding)):
        if towards:
            links[name] = query.link_to(request.path, _seal(towards, scope))
    if listing.read_beside:
        listing.read_beside(records.values())
    shown = [listing.show(record) for record in records.values()]
    if position.back:
        shown.reverse()
    return Response(200, {"_embedded": {listing.model.PLURAL: shown}, "_links": links})


def _turned(position: _Position, records: Iterable[str], rest: str | None) -> _Position:
    """Return the position that leads back: from the first record on or, without one, from as far as was read."""
    return _Position(next(iter(records), rest), back=not position.back)


def _walk(partner: str, query: ListQuery, listing: Listing[R], position: _Position) -> tuple[dict[str, R], str | None]:
    """Return the next records by sort key, in walking order, and the sort key after which there are more, if any."""
    records: dict[str, R] = {}
    start = position.start
    for wanted in (query.limit, FILTERED_ROUND):
        keys, found, more = _read(partner, query, listing, _Position(start, position.back), wanted)
        for key in keys:
            record = found.get(listing.model, id_in(key))
            if record is not None:
                record = listing.as_it_is(record)
                if query.matches(record) and (listing.keep is None or listing.keep(record)):
                    records[key] = record
            start = key
            if len(records) == query.limit:
                return records, start if more or key != keys[-1] else None
        if not more:
            return records, None
    return records, start


def _read(
    partner: str, query: ListQuery, listing: Listing[R], position: _Position, limit: int
) -> tuple[list[str], Found, bool]:
    """Return the sort keys that follow, what was read of their records, and whether there are more after them."""
    if listing.entries:
        entries, more = listing.entries(position.start, newest_first=not position.back, limit=limit)
        found = Found({Key(entry["pk"], entry["sk"]): entry for entry in entries}, partner)
        return [entry["sk"] for entry in entries], found, more
    partition = listing.partition
    if partition is None and listing.beside is None:
        partition = listing.model.partition(partner, query.equal_members())
    keys, more = _keys(partition, listing.beside or (), position, limit, query.between())
    return keys, read_all(partner, {listing.model: map(id_in, keys)}), more


def _keys(
    partition: Partition | None, beside: Collection[str], position: _Position, limit: int, between: Bounds
) -> tuple[list[str], bool]:
    """Return the sort keys that follow, of a partition and beside it, and whether there are more after them."""
    start, newest_first = position.start, not position.back
    keys, more = [key for key in beside if start is None or (key < start if newest_first else key > start)], False
    if partition:
        entries, more = keys_in(partition, start, newest_first=newest_first, limit=limit, between=between)
        keys += [entry[f"{partition.gsi or ''}sk"] for entry in entries]
    keys.sort(reverse=newest_first)
    return keys[:limit], more or len(keys) > limit


def _secret() -> bytes:
    return secret(ListSettings.load().cursor_secret_arn)


def _seal(position: _Position, scope: str) -> str:
    content = json.dumps([position.start, position.back]).encode()
    return _encode(_mac(content, scope) + content)


def _open(cursor: str, scope: str) -> _Position:
    sealed = _decode(cursor)
    mac, content = sealed[:16], sealed[16:]
    if not hmac.compare_digest(mac, _mac(content, scope)):
        raise invalid(Fault(Code.INVALID_CURSOR, "The cursor was not given out for this list; begin without one."))
    start, back = json.loads(content)
    return _Position(start, back)


def _encode(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _decode(cursor: str) -> bytes:
    """Return what was encoded; nothing if it was not encoded in exactly this way."""
    try:
        # More padding than it needs does no harm.
        sealed = base64.urlsafe_b64decode(cursor + "==")
    except ValueError:
        return b""
    return sealed if _encode(sealed) == cursor else b""


def _mac(content: bytes, scope: str) -> bytes:
    return hmac.new(_secret(), content + b"\n" + scope.encode(), hashlib.sha256).digest()[:16]
