"""The log as a consumer follows it (contract §8, the log)."""

import json
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import pytest

from functions.events.read import LogSettings
from functions.shared import lists
from functions.shared.clock import iso
from functions.shared.event import EVENTS_KEPT, last_place_before
from infra.local.messages import HttpRequest
from tests.support import bodies
from tests.support.timeline import Timeline

Item = dict[str, Any]
HORIZON = timedelta(seconds=LogSettings.load().log_horizon_seconds)


@pytest.fixture
def place(line: Timeline) -> str:
    """A place behind which an activation's events are."""
    place = last_place_before(line.world.now)
    line.subscribe()
    return place


def follow(line: Timeline, place: str, query: str = "") -> Item:
    return line.world.get(f"/events?after={place}{query}")


def types(page: Item) -> list[str]:
    return [event["type"] for event in page["_embedded"]["events"]]


def onward(page: Item) -> str:
    _, _, place = page["_links"]["next"]["href"].partition("after=")
    return str(place.partition("&")[0])


def target_of(page: Item, link: str) -> str:
    return str(page["_links"].get(link, {}).get("href", "")).removeprefix("http://127.0.0.1:8080")


def newest_moment(line: Timeline) -> datetime:
    """When the events of the last change were made."""
    (newest,) = line.world.get("/events?limit=1")["_embedded"]["events"]
    return datetime.fromisoformat(newest["created_at"])


def all_types(line: Timeline) -> list[str]:
    return types(line.world.get("/events?limit=40"))[::-1]


def test_what_is_younger_than_the_horizon_is_not_there_yet(line: Timeline, place: str) -> None:
    early = follow(line, place, "&limit=40")
    horizon = iso(line.world.now - HORIZON)
    expected = [
        each for each in line.world.get("/events?limit=40")["_embedded"]["events"] if each["created_at"] < horizon
    ]
    assert types(early) == [event["type"] for event in reversed(expected)]
    line.skip_to(line.world.now + HORIZON + timedelta(seconds=1))
    late = follow(line, onward(early), "&limit=40")
    assert types(early) + types(late) == all_types(line)
    assert types(follow(line, onward(late))) == []


def test_the_moment_of_the_horizon_is_not_there_yet(line: Timeline, place: str) -> None:
    line.world.now = (newest := newest_moment(line)) + HORIZON
    listed = line.world.get("/events?limit=40")["_embedded"]["events"][::-1]
    early = [event for event in listed if event["created_at"] < iso(newest)]
    assert follow(line, place, "&limit=40")["_embedded"]["events"] == early != listed
    line.world.now += timedelta(milliseconds=1)
    assert follow(line, place, "&limit=40")["_embedded"]["events"] == listed


def test_where_nothing_follows_next_is_how_far_the_log_was_read(line: Timeline, place: str) -> None:
    line.skip_to(line.world.now + timedelta(days=1))
    page = follow(line, place, "&limit=40")
    base = "http://127.0.0.1:8080/events?after="
    up_to = last_place_before(line.world.now - HORIZON)
    assert page["_links"] == {"self": {"href": f"{base}{place}&limit=40"}, "next": {"href": f"{base}{up_to}&limit=40"}}


@pytest.mark.parametrize(
    ("event_type", "more"),
    [("order.fulfilling", True), ("subscription.sim_profile.ready_for_installation", True), ("order.completed", False)],
)
def test_there_is_more_up_to_the_last_event(line: Timeline, place: str, event_type: str, more: bool) -> None:
    """Whether or not what follows passes the filter, which only reading on can tell."""
    line.skip_to(line.world.now + timedelta(days=1))
    page = follow(line, place, f"&limit=1&type={event_type}")
    assert (types(page), page["has_more"]) == ([event_type], more)


@pytest.mark.parametrize("query", ["", "&type=order.*", "&type=order.completed", "&type=order.failed"])
def test_page_by_page(line: Timeline, place: str, query: str) -> None:
    line.skip_to(line.world.now + timedelta(days=1))
    read, more = list[str](), True
    while more:
        page = follow(line, place, f"&limit=1{query}")
        assert len(types(page)) == 1 or not page["has_more"], "one is found among so few"
        read, more, place = read + types(page), page["has_more"], onward(page)
    assert read == [each for each in all_types(line) if each.startswith(query.removeprefix("&type=").rstrip("*"))]
    assert types(follow(line, place, query)) == []


@pytest.mark.parametrize("by_order", [False, True])
def test_newest_first_there_and_back(line: Timeline, by_order: bool) -> None:
    order = line.place(line.activation("extra"))
    pages, target = list[list[str]](), "/events?limit=3" + f"&order-id={order}" * by_order
    while target:
        page = line.world.get(target)
        pages.append(types(page))
        target = target_of(page, "next")
    assert [*chain.from_iterable(pages)] == all_types(line)[::-1]
    for earlier in reversed(pages[:-1]):
        page = line.world.get(target_of(page, "prev"))
        assert types(page) == earlier
    assert target_of(page, "prev") == ""


def test_an_order_lists_what_all_of_its_steps_changed(line: Timeline) -> None:
    order = line.place(line.activation("extra"))
    listed = types(line.world.get(f"/events?order-id={order}&limit=40"))
    assert listed == all_types(line)[::-1]
    assert {"order.accepted", "subscription.active", "product.active", "order.completed"} <= {*listed}
    line.place(bodies.topup(line.order(order).subscription_id, "extra 2"))
    assert types(line.world.get(f"/events?order-id={order}&limit=40")) == listed


def test_a_time_is_found_however_much_is_newer(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Filters have two rounds for a page; what is outside the time takes none of them."""
    monkeypatch.setattr(lists, "FILTERED_ROUND", 1)
    line.subscribe()
    oldest = line.world.get("/events?limit=40")["_embedded"]["events"][-1]
    after_it = iso(datetime.fromisoformat(oldest["created_at"]) + timedelta(milliseconds=1))
    assert line.world.get(f"/events?limit=1&created-to={after_it}")["_embedded"]["events"] == [oldest]


@pytest.mark.parametrize("by", ["", "&order-id=", "&subscription-id="])
def test_every_list_shows_the_last_90_days(line: Timeline, by: str) -> None:
    order = line.order(line.place(line.activation()))
    about = {"&order-id=": order.id, "&subscription-id=": order.subscription_id}
    newest = newest_moment(line)
    line.world.now = newest + EVENTS_KEPT
    shown = line.world.get(f"/events?limit=40{by}{about.get(by, '')}")["_embedded"]["events"]
    assert {event["created_at"] for event in shown} == {iso(newest)}
    line.world.now += timedelta(milliseconds=1)
    assert types(line.world.get(f"/events?limit=40{by}{about.get(by, '')}")) == []


def test_the_last_90_days_can_be_followed(line: Timeline) -> None:
    moment, now = timedelta(milliseconds=1), line.world.now
    for kept in (now - EVENTS_KEPT, now):
        assert types(follow(line, last_place_before(kept + moment))) == []
    for gone in (now - EVENTS_KEPT - moment, now + moment):
        request = HttpRequest("GET", f"/events?after={last_place_before(gone + moment)}")
        (fault,) = json.loads(line.world.send(request, "get")["body"])["errors"]
        assert fault["code"] == "invalid_cursor"
        assert fault["detail"] == (
            "The query parameter 'after': This is not a place in the last 90 days; "
            "begin with after= and compare with the lists."
        )
