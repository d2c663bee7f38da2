"""The log of events: for people newest first, for consumers from a place on (contract §8, the log)."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ulid import ULID

from functions.shared import clock
from functions.shared.event import last_place_before
from tests.support import bodies
from tests.support.client import Client
from tests.support.shop import Shop

Item = dict[str, Any]
HORIZON = 1.0


def events(client: Client, target: str) -> list[Item]:
    answer = client.get(target)
    assert answer.status == 200, answer.json()
    return list(answer.json()["_embedded"]["events"])


def follow(client: Client, target: str) -> list[Item]:
    """What a consumer reads from there on, until nothing more is available at once."""
    read: list[Item] = []
    while True:
        page = client.get(target).json()
        read += page["_embedded"]["events"]
        target = page["_links"]["next"]["href"].removeprefix("http://127.0.0.1:8080")
        if not page["has_more"]:
            return read


@pytest.fixture(scope="module")
def story(system: Any) -> Item:
    """A subscription with its orders, and all events of them once they are old enough to be read by a consumer."""
    shop = Shop(Client(system, "acme"))
    order = shop.complete(shop.activation(shop.data))
    subscription_id = order["_embedded"]["subscription"]["id"]
    topup = shop.complete(bodies.topup(subscription_id, shop.data))
    time.sleep(HORIZON + 0.1)
    return {"order": order["id"], "topup": topup["id"], "subscription": subscription_id}


def test_the_envelope(acme: Client, story: Item) -> None:
    (first, *_) = follow(acme, f"/events?after=&order-id={story['order']}")
    assert first.keys() == {"id", "type", "created_at", "sequence", "data"}
    assert (first["type"], first["sequence"], first["data"]["order"]["id"]) == ("order.accepted", 1, story["order"])
    moment = ULID.from_str(first["id"].removeprefix("evt_")).milliseconds
    assert moment == round(datetime.fromisoformat(first["created_at"]).timestamp() * 1000)
    assert acme.get(f"/events/{first['id']}").json() == first


def test_an_order_with_all_that_its_steps_changed(acme: Client, story: Item) -> None:
    newest_first = events(acme, f"/events?order-id={story['order']}&limit=40")
    types = [event["type"] for event in reversed(newest_first)]
    assert types == [
        *("order.accepted", "order.fulfilling", "product.active", "product.active", "subscription.active"),
        *("subscription.sim_profile.ready_for_installation", "order.completed"),
    ]
    assert newest_first == events(acme, f"/events?order-id={story['order']}&type=*&limit=40")
    assert [event["id"] for event in newest_first] == sorted((event["id"] for event in newest_first), reverse=True)


def test_an_order_a_page_at_a_time(acme: Client, story: Item) -> None:
    at_once = events(acme, f"/events?order-id={story['order']}&limit=40")
    walked = list(Shop(acme).walk(f"/events?order-id={story['order']}&limit=3", "events"))
    assert len(walked) > 6
    assert walked == at_once


def test_a_subscription_with_its_orders_and_products(acme: Client, story: Item) -> None:
    of_both = events(acme, f"/events?subscription-id={story['subscription']}&limit=40")
    mine = [event for each in ("topup", "order") for event in events(acme, f"/events?order-id={story[each]}&limit=40")]
    assert of_both == mine


@pytest.mark.parametrize(
    ("query", "keeps"),
    [
        ("type=order.completed", lambda event: event["type"] == "order.completed"),
        ("type=order.*&type=product.active", lambda event: event["type"].startswith(("order.", "product.active"))),
        ("type=subscription.*", lambda event: event["type"].startswith("subscription.")),
    ],
)
def test_types_and_groups_of_them(acme: Client, story: Item, query: str, keeps: Callable[[Item], bool]) -> None:
    about = f"subscription-id={story['subscription']}&limit=40"
    everything = events(acme, f"/events?{about}")
    assert events(acme, f"/events?{about}&{query}") == [event for event in everything if keeps(event)]
    assert follow(acme, f"/events?after=&{about}&{query}") == [event for event in everything[::-1] if keeps(event)]


def test_the_whole_log_is_walked_in_pages_both_ways(acme: Client, story: Item) -> None:
    shop = Shop(acme)
    walked = list(shop.walk("/events?limit=11", "events"))
    assert len({event["id"] for event in walked}) == len(walked)
    assert [event["id"] for event in walked] == sorted((event["id"] for event in walked), reverse=True)
    assert {story["order"], story["topup"]} <= {event["data"].get("order", {}).get("id") for event in walked}
    time.sleep(HORIZON + 0.1)
    assert follow(acme, "/events?after=&limit=13")[: len(walked)] == walked[::-1]


def test_from_one_moment_up_to_another(acme: Client, story: Item) -> None:
    mine = events(acme, f"/events?subscription-id={story['subscription']}&limit=40")
    first, last = mine[-1]["created_at"], mine[0]["created_at"]
    between = events(acme, f"/events?created-from={first}&created-to={last}&limit=40")
    moments = [event["created_at"] for event in between]
    assert (min(moments), max(moments) < last) == (first, True)
    assert [event for event in mine if event["created_at"] < last] == [event for event in between if event in mine]
    assert events(acme, f"/events?created-from={last}&created-to={first}") == []


def test_a_consumer_goes_on_where_it_stopped_and_sees_nothing_too_early(acme: Client) -> None:
    shop = Shop(acme)
    shop.complete(shop.activation())
    page = acme.get(f"/events?after={last_place_before(clock.now())}").json()
    assert (page["_embedded"]["events"], page["has_more"]) == ([], False)
    time.sleep(HORIZON + 0.1)
    onward = page["_links"]["next"]["href"].removeprefix("http://127.0.0.1:8080")
    new = shop.complete(shop.activation())
    time.sleep(HORIZON + 0.1)
    mine = [event for event in follow(acme, onward) if event["type"].startswith("order.")]
    types = [event["type"] for event in mine if event["data"]["order"]["id"] == new["id"]]
    assert types == ["order.accepted", "order.fulfilling", "order.completed"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("after=evt_1", "invalid_cursor"),
        (f"after={last_place_before(datetime(2020, 1, 1, tzinfo=UTC))}", "invalid_cursor"),
        (f"after={last_place_before(datetime(2100, 1, 1, tzinfo=UTC))}", "invalid_cursor"),
        ("after=&cursor=x", "constraint_validation_error"),
        ("after=&created-from=2026-01-01T00:00:00Z", "constraint_validation_error"),
        ("after=&created-to=2026-01-01T00:00:00Z", "constraint_validation_error"),
        ("type=order.completd", "constraint_validation_error"),
        ("type=orders.*", "constraint_validation_error"),
        ("cursor=x", "invalid_cursor"),
    ],
)
def test_what_is_not_a_place_or_a_type(acme: Client, query: str, code: str) -> None:
    answer = acme.get(f"/events?{query}")
    assert (answer.status, [error["code"] for error in answer.json()["errors"]]) == (400, [code])


def test_nobody_else_sees_them(acme: Client, globex: Client, story: Item) -> None:
    (event, *_) = events(acme, f"/events?order-id={story['order']}")
    assert globex.get(f"/events/{event['id']}").status == 404
    assert events(globex, f"/events?order-id={story['order']}") == []
    assert event["id"] not in {each["id"] for each in follow(globex, "/events?after=")}
    assert acme.get("/events/evt_unknown").status == 404
    assert acme.limited_to("orders/read").get("/events").status == 403


def test_what_is_older_than_90_days_is_gone(acme: Client, story: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    (event, *_) = events(acme, f"/events?order-id={story['order']}")
    later = datetime.fromisoformat(event["created_at"]) + timedelta(days=90)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert acme.get(f"/events/{event['id']}").status == 200
    monkeypatch.setattr(clock, "now", lambda: later + timedelta(milliseconds=1))
    assert acme.get(f"/events/{event['id']}").status == 404
    assert events(acme, f"/events?order-id={story['order']}") == []
    assert event["id"] not in {each["id"] for each in events(acme, "/events?limit=40")}
