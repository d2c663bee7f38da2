"""``GET /events`` and ``GET /events/{id}``: the log, for people and for consumers (contract §8, the log)."""

import operator
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from functions.orders.order import Order
from functions.shared import clock, log, table
from functions.shared.clock import iso
from functions.shared.event import (
    EVENTS_KEPT,
    MAX_ENTRIES,
    Event,
    TypeEntry,
    last_place_before,
    matches,
    moment_of,
    place_of,
    show_event,
)
from functions.shared.http import Request, Response, door
from functions.shared.lists import FILTERED_ROUND, Filter, Listing, ListQuery, page
from functions.shared.moments import QueryInstant
from functions.shared.records import id_in
from functions.shared.refusals import Code, Refusal
from functions.shared.settings import Settings
from functions.shared.shapes import AtMost, Id


class LogSettings(Settings):
    """How old an event is before a consumer reads past it: by then nothing is written before it any more."""

    log_horizon_seconds: int


def _is_one_of(event_type: str, entries: list[str]) -> bool:
    return any(matches(event_type, entry) for entry in entries)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


EventTypes = Annotated[list[TypeEntry], AtMost(MAX_ENTRIES), BeforeValidator(_as_list)]


class EventFilters(ListQuery):
    """The filters of the log, combined with "and"; with ``after`` it is read forwards, from that place on."""

    type: Annotated[EventTypes | None, Filter("type", _is_one_of)] = None
    order_id: Id | None = Field(default=None, alias="order-id")
    subscription_id: Id | None = Field(default=None, alias="subscription-id")
    created_from: Annotated[QueryInstant | None, Filter("created_at", operator.ge)] = Field(
        default=None, alias="created-from"
    )
    created_to: Annotated[QueryInstant | None, Filter("created_at", operator.lt)] = Field(
        default=None, alias="created-to"
    )
    after: Annotated[str | None, Filter("id", lambda _id, _after: True)] = None

    @field_validator("after")
    @classmethod
    def _is_a_place_in_the_log(cls, after: str | None, info: ValidationInfo) -> str | None:
        given = info.data
        if after is not None and (given.get("cursor") or given.get("created_from") or given.get("created_to")):
            raise ValueError("goes with type, order-id, subscription-id and limit only")
        if after:
            moment, now = moment_of(after), clock.now()
            if moment is None or not now - EVENTS_KEPT <= moment <= now:
                text = "This is not a place in the last 90 days; begin with after= and compare with the lists"
                raise PydanticCustomError(Code.INVALID_CURSOR.value, text)
        return after


def list_events(request: Request, query: EventFilters) -> Response:
    """Return a page of the log: newest first or, with ``after``, oldest first for a consumer."""
    if query.after is not None:
        return _follow(request, query, query.after)
    if query.order_id:
        return page(request, query, Listing(Event, show_event, beside=_places(request, query.order_id)))
    if query.subscription_id:
        return page(request, query, Listing(Event, show_event, keep=_is_kept))
    earliest = max(filter(None, (query.created_from, clock.now() - EVENTS_KEPT)))
    entries = partial(log.entries, request.partner, log.since(earliest, query.created_to))
    return page(request, query, Listing(Event, show_event, entries=entries))


def _places(request: Request, order_id: str) -> list[str]:
    """Return where the events of an order lie that are still kept; none if the partner does not have the order."""
    order = table.read(Order, request.partner, order_id)
    places = (place_of(event_id) for event_id in (order.event_ids if order else ()))
    earliest = iso(clock.now() - EVENTS_KEPT)
    return [place for place in places if place and place >= earliest]


def get_event(request: Request) -> Response:
    """Return the event. Raise a 404 if this partner does not have it, or it is no longer kept."""
    event = request.find(Event)
    if not _is_kept(event):
        raise Refusal(404, "There is no event with this id.")
    return Response(200, show_event(event))


def _is_kept(event: Event) -> bool:
    return clock.now() - EVENTS_KEPT <= event.created_at


def _follow(request: Request, query: EventFilters, after: str) -> Response:
    """Return what came after a place, up to what is so old that nothing is written before it any more."""
    now = clock.now()
    horizon = now - timedelta(seconds=LogSettings.load().log_horizon_seconds)
    read = partial(log.entries, request.partner, log.since(now - EVENTS_KEPT, horizon), newest_first=False)
    shown, place, more = _forward(read, query, place_of(after))
    # What is younger than the horizon may have been read by its id, not by this walk.
    end = max(last_place_before(horizon), after)
    onward = query.model_copy(update={"after": id_in(place) if more and place else end})
    links = {"self": query.link_to(request.path), "next": onward.link_to(request.path)}
    return Response(200, {"_embedded": {Event.PLURAL: shown}, "has_more": more, "_links": links})


def _forward(
    read: Callable[..., tuple[list[dict[str, Any]], bool]], query: EventFilters, place: str | None
) -> tuple[list[dict[str, Any]], str | None, bool]:
    """Return the next events that pass the filters, the place of the last one looked at, and whether more follow it."""
    shown: list[dict[str, Any]] = []
    for wanted in (query.limit, FILTERED_ROUND):
        found, more = read(place, limit=wanted)
        for number, entry in enumerate(found, start=1):
            event, place = Event.from_item(entry), str(entry["sk"])
            if query.matches(event):
                shown.append(show_event(event))
            if len(shown) == query.limit:
                return shown, place, more or number < len(found)
        if not more:
            break
    return shown, place, more


handler = door(__name__)
