"""What a partner orders in the sandbox, found in its catalog as a partner would find it."""

import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from tests.support import bodies
from tests.support.client import Client

FINAL = {"completed", "failed", "canceled", "expired"}


class Shop:
    """Orders through a client; an answer is the order's JSON."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @cached_property
    def offerings(self) -> list[dict[str, Any]]:
        """The whole catalog."""
        return list(self.walk("/product-offerings?limit=40", "product_offerings"))

    def walk(self, path: str, plural: str) -> Iterator[dict[str, Any]]:
        """Every item of a list."""
        answer = self.client.get(path).json()
        yield from answer["_embedded"][plural]
        while "next" in answer["_links"]:
            following = urlsplit(answer["_links"]["next"]["href"])
            answer = self.client.get(f"{following.path}?{following.query}").json()
            yield from answer["_embedded"][plural]

    def find(self, test: Callable[[dict[str, Any]], bool]) -> str:
        """The id of an active offering that passes the test."""
        return next(str(item["id"]) for item in self.offerings if item["status"] == "active" and test(item))

    @cached_property
    def plan(self) -> str:
        """A recurrent monthly plan without a phone number."""
        return self.find(lambda item: _recurs(item) and "phone_number_country" not in item)

    @cached_property
    def plan_with_number(self) -> str:
        """A recurrent monthly plan with one."""
        return self.find(lambda item: _recurs(item) and "phone_number_country" in item)

    @cached_property
    def data(self) -> str:
        """A data add-on that lasts some days and behaves well."""
        return self.find(lambda item: _allows(item, ["data"]) and _plain(item))

    @cached_property
    def voice(self) -> dict[str, list[str]]:
        """Voice add-ons by coverage type."""
        found: dict[str, list[str]] = {}
        for item in self.offerings:
            if _allows(item, ["voice"]):
                area = item["_embedded"]["allowances"][0]["_embedded"]["coverage_area"]["type"]
                found.setdefault(area, []).append(item["id"])
        return found

    def sandbox(self, wish: str) -> str:
        """The add-on with which the simulated network does something special."""
        return self.find(lambda item: item.get("metadata", {}).get("sandbox") == wish)

    @cached_property
    def subscriber(self) -> str:
        """The sandbox's subscriber."""
        return str(next(self.walk("/subscribers?limit=40", "subscribers"))["id"])

    def activation(
        self, *addons: str, plan: str | None = None, eid: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """The body of an activation with an eSIM, a plan and add-ons."""
        device = {"device": {"uicc": {"eid": eid}}} if eid else {}
        return bodies.activation(self.subscriber, plan or self.plan, *addons, **device) | fields

    def place(self, body: dict[str, Any]) -> dict[str, Any]:
        """An order that is accepted."""
        answer = self.client.post("/orders", body)
        assert answer.status == 201, answer.json()
        return dict(answer.json())

    def final(self, order: dict[str, Any], within: float = 25) -> dict[str, Any]:
        """The order once it is final."""
        return self.until(order, lambda now: now["status"] in FINAL, within)

    def until(
        self, order: dict[str, Any], done: Callable[[dict[str, Any]], bool], within: float = 25
    ) -> dict[str, Any]:
        """The order once it is as asked for."""
        deadline = time.monotonic() + within
        while True:
            seen = self.client.changes()
            now = dict(self.client.get(f"/orders/{order['id']}").json())
            if done(now):
                return now
            assert time.monotonic() < deadline, now
            self.client.await_change(seen)

    def complete(self, body: dict[str, Any]) -> dict[str, Any]:
        """An order that is accepted and completed."""
        order = self.final(self.place(body))
        assert order["status"] == "completed", order
        return order

    def subscribe(self, *addons: str, **fields: Any) -> str:
        """The id of a new, active subscription."""
        order = self.complete(self.activation(*addons, **fields))
        return str(order["_embedded"]["subscription"]["id"])

    def products(self, subscription_id: str) -> list[dict[str, Any]]:
        """Every product the subscription has had."""
        return list(self.walk(f"/products?limit=40&subscription-id={subscription_id}", "products"))


def _recurs(item: dict[str, Any]) -> bool:
    return item["type"] == "plan" and bool(item["validity"].get("is_recurrent"))


def _allows(item: dict[str, Any], kinds: list[str]) -> bool:
    return item["type"] == "addon" and [found["type"] for found in item["_embedded"]["allowances"]] == kinds


def _plain(item: dict[str, Any]) -> bool:
    return item["validity"]["type"] == "duration" and not item["validity"]["is_recurrent"] and "metadata" not in item
