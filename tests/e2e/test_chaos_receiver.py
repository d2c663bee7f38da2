"""A receiver that does everything wrong ends up with every event, and so does a consumer that only polls."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support import bodies
from tests.support.http import HttpClient, partner
from tests.support.inbox import Inbox, open_inbox
from tests.support.server import Server
from tests.support.shop import Shop

CHAOS = ("fail", "accept", "reset", "accept_slowly", "redirect", "accept_and_reset")
HANGS = {5}
"""The requests that are never answered."""
ESIM = {"sim_profile": {"sim_type": "esim"}}
PATHS = {
    "ord": "/orders",
    "subs": "/subscriptions",
    "prd": "/products",
    "pn": "/phone-numbers",
}
WITHOUT_EVENT = {"updated_at", "balances", "prices", "end_at"}
"""Members that can change without an event of their own: balances, prices and decided ends, with when they did."""
ALWAYS_LINKED = {
    *("self", "subscriber", "history", "order", "subscription", "products", "phone-numbers"),
    *("qrcode", "install-ios", "install-android", "secret-codes", "compatible"),
}
"""Links that are not those of actions."""


def chaos(number: int) -> str:
    return "hang" if number in HANGS else CHAOS[number % len(CHAOS)]


@pytest.fixture
def shop(moving: Server) -> Iterator[Shop]:
    """A partner of its own, whose events nobody else makes."""
    with partner(moving.url, "acme") as acme:
        made = acme.post("/sandbox/partners").json()
    with partner(moving.url, made["client_id"]) as client:
        yield Shop(HttpClient(client))


def move(shop: Shop, duration: str) -> None:
    answer = shop.client.post("/sandbox/clock", {"advance": duration})
    assert answer.status == 200, answer.json()


def busy_hour(shop: Shop) -> list[str]:
    """Orders of most kinds, one of them refused by the network; the subscriptions that are still active."""
    bodies_of_first = [shop.activation(shop.data, plan=shop.plan_with_number), shop.activation(), shop.activation()]
    refused = shop.activation(eid="89049032000000000000000000000001")
    with ThreadPoolExecutor(4) as pool:
        *first, _ = pool.map(lambda body: shop.final(shop.place(body)), [*bodies_of_first, refused])
    move(shop, "PT20M")
    on = [str(order["_embedded"]["subscription"]["id"]) for order in first]
    later = [bodies.topup(on[0], shop.data), bodies.cancellation(on[1]), bodies.swap(on[2], **ESIM)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda body: shop.final(shop.place(body)), later))
    move(shop, "PT40M")
    return [on[0], on[2]]


def polled(shop: Shop) -> dict[str, Any]:
    """What a consumer reads that never heard of webhooks, each event once."""
    events: dict[str, Any] = {}
    target = "/events?after=&limit=40"
    while True:
        page = shop.client.get(target).json()
        for event in page["_embedded"]["events"]:
            assert event["id"] not in events
            events[event["id"]] = event
        following = urlsplit(page["_links"]["next"]["href"])
        target = f"{following.path}?{following.query}"
        if not page["has_more"] and not page["_embedded"]["events"]:
            return events


def waits(shop: Shop, path: str) -> bool:
    return bool(shop.client.get(f"{path}/deliveries?status=pending").json()["_embedded"]["deliveries"])


def test_every_event_arrives_and_the_copies_are_right(shop: Shop) -> None:
    inbox = Inbox(behave=chaos)
    with open_inbox(inbox):
        made = shop.client.post("/webhooks", {"url": inbox.url, "enabled_events": ["*"]}).json()
        inbox.secret = made["signing_secret"]
        path = f"/webhooks/{made['id']}"
        active = busy_hour(shop)
        inbox.released.set()
    shop.complete(bodies.cancellation(active[0]))
    move(shop, "P2D")
    with open_inbox(inbox):
        inbox.behave = lambda _number: "accept"
        deadline = time.monotonic() + 30
        while waits(shop, path):
            assert time.monotonic() < deadline
            move(shop, "PT12H")
        time.sleep(1.2)
        events = polled(shop)
        assert inbox.events == events
        assert inbox.copies, "some came again"
        copies = inbox.latest()
        for resource_id, copy in copies.items():
            current = now(shop, resource_id)
            assert kept(copy) == kept(current), resource_id
            for part in inside(current):
                assert is_part(kept(part), kept(copies[part["id"]])), (resource_id, part)
    shop.client.delete(path)


def now(shop: Shop, resource_id: str) -> dict[str, Any]:
    answer = shop.client.get(f"{PATHS[resource_id.partition('_')[0]]}/{resource_id}")
    assert answer.status == 200
    return dict(answer.json())


def kept(value: Any, *, whole: bool = True) -> Any:
    """What of a resource changes only with an event of its own; of those inside it that have events, only the id."""
    if isinstance(value, list):
        return [kept(element, whole=False) for element in value]
    if not isinstance(value, dict):
        return value
    if not whole and has_events(value):
        return value["id"]
    parts = {name: links(part) if name == "_links" else part for name, part in value.items()}
    return {name: kept(part, whole=False) for name, part in parts.items() if name not in WITHOUT_EVENT}


def has_events(value: dict[str, Any]) -> bool:
    return str(value.get("id")).partition("_")[0] in PATHS


def links(value: dict[str, Any]) -> dict[str, Any]:
    return {name: link for name, link in value.items() if name in ALWAYS_LINKED}


def inside(value: Any) -> Iterator[dict[str, Any]]:
    """The resources with events of their own inside another one."""
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(part, dict) and has_events(part):
            yield part
        else:
            yield from inside(part)


def is_part(part: Any, whole: Any) -> bool:
    if isinstance(part, dict):
        return all(name in whole and is_part(value, whole[name]) for name, value in part.items())
    return bool(part == whole)
