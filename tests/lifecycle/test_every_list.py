"""Every list of the API shows the newest first by ``created_at``, at a tie by id, and walks both ways (contract §1)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions.accounts.account import Account
from functions.catalog.offering import Offering
from functions.catalog.product_catalog import CatalogedCoverageArea, ProductCatalog
from functions.orders.order import Order, list_entry_key
from functions.routes import ROUTES
from functions.shared import lists
from functions.shared.records import Record
from functions.shared.transaction import Transaction
from functions.subscribers.search import email_key
from functions.subscribers.subscriber import Subscriber
from functions.subscriptions import search
from functions.subscriptions.phone_number import PhoneNumber
from functions.subscriptions.subscription import Subscription
from functions.webhooks.delivery import Delivery
from tests.support.builders import NOW, PARTNER, offering, product, subscription, webhook
from tests.support.isolation import alone, mocked
from tests.support.world import TABLE, World

MADE = (3, 1, 2, 2, 5, 1, 3)
"""The hours at which the first to the seventh of a kind were made; their ids rise."""
NEWEST_FIRST = [5, 7, 1, 4, 3, 6, 2]
ADDRESS = {"country": "DE"}
PERSON = {"first_name": "Erika", "last_name": "Mustermann", "address": ADDRESS}
SENT = {"webhook_id": "wbh_1", "event_id": "evt_1", "event_type": "order.completed", "status": "failed", "ttl": 0}
LISTS = {
    "/orders": "ord",
    "/orders?status=completed": "ord",
    "/orders?subscription-id=subs_1": "ord",
    "/orders?subscription-id=subs_1&status=completed": "ord",
    "/orders?subscriber-id=subr_1": "ord",
    "/orders?type=topup_subscription": "ord",
    "/subscriptions": "subs",
    "/subscriptions?status=active": "subs",
    "/subscriptions?subscriber-id=subr_1": "subs",
    "/subscriptions?account-id=acc_1": "subs",
    "/subscriptions?msisdn=4915112345678": "subs",
    "/subscriptions?msisdn=4915112345678&status=active": "subs",
    "/phone-numbers": "pn",
    "/phone-numbers?subscription-id=subs_1": "pn",
    "/products": "prd",
    "/products?status=scheduled": "prd",
    "/products?subscription-id=subs_1": "prd",
    "/products?order-id=ord_1": "prd",
    "/product-offerings?type=addon": "prdoff",
    "/product-offerings/plan/compatible": "prdoff",
    "/product-catalogs": "prdcat",
    "/product-catalogs/prdcat_1/product-offerings": "prdoff",
    "/coverage-areas": "cov",
    "/subscribers": "subr",
    "/subscribers?email=E@E.de": "subr",
    "/subscribers?account-id=acc_1": "subr",
    "/accounts": "acc",
    "/webhooks/wbh_1/deliveries": "dlv",
    "/webhooks/wbh_1/deliveries?status=failed": "dlv",
    "/webhooks/wbh_1/deliveries?event-id=evt_1": "dlv",
}
"""The prefix of the ids that each list shows."""


def records_made(number: int, hour: int) -> list[Record]:
    """One of each kind."""
    mail = {"email": "e@e.de", "email_key": email_key(PARTNER, "e@e.de")}
    new: dict[str, Any] = {"partner": PARTNER, "created_at": NOW + timedelta(hours=hour), "updated_at": NOW}
    held = {"subscription_id": "subs_1", "subscriber_id": "subr_1", "account_id": "acc_1"}
    area = {"id": f"cov_{number}", "name": "Germany", "type": "local", "countries": ["DE"]}
    addon = offering(f"prdoff_{number}", **new)
    return [
        addon,
        product(f"prd_{number}", addon, **new),
        subscription(id=f"subs_{number}", **new),
        Order.model_validate(new | held | {"id": f"ord_{number}", "type": "topup_subscription", "status": "completed"}),
        PhoneNumber(id=f"pn_{number}", subscription_id="subs_1", msisdn="+491", country="DE", **new),
        ProductCatalog(id=f"prdcat_{number}", name="Main", **new),
        CatalogedCoverageArea.model_validate(area | new),
        Account.model_validate(new | {"id": f"acc_{number}", "type": "personal", "number": "1", "owner": PERSON}),
        Delivery.model_validate(new | SENT | {"id": f"dlv_{number}"}),
        Subscriber.model_validate(new | PERSON | {"id": f"subr_{number}", "account_id": "acc_1", **mail}),
    ]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A partner who has seven of each kind, and one catalog that holds all add-ons."""
    world = World()
    with mocked(), alone(world), pytest.MonkeyPatch.context() as patch:
        patch.setattr(lists, "_secret", lambda: b"secret")
        world.store.begin(TABLE)
        change = Transaction()
        change.create(offering("plan", "plan", fits=[]))
        change.create(webhook("wbh_1"))
        holders = search.holders(PARTNER, "msisdn", "+4915112345678")
        catalog = ProductCatalog(id="prdcat_1", partner=PARTNER, name="Main", created_at=NOW)
        for number, hour in enumerate(MADE, 1):
            for record in records_made(number, hour):
                change.create(record)
                if isinstance(record, Order):
                    change.claim(list_entry_key(record), {})
                if isinstance(record, Offering):
                    change.claim(catalog.entry(record), {})
                if isinstance(record, Subscription):
                    change.claim(search.entry_key(holders, record), {})
        change.commit()
        yield world


def walk(world: World, body: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """This page and those that follow in one direction."""
    yield body
    while name in body["_links"]:
        following = urlsplit(body["_links"][name]["href"])
        body = world.get(f"{following.path}?{following.query}")
        yield body


def ids(body: dict[str, Any]) -> list[str]:
    (shown,) = body["_embedded"].values()
    return [item["id"] for item in shown]


@pytest.mark.parametrize("path", LISTS)
def test_newest_first_and_both_ways(world: World, path: str) -> None:
    expected = [f"{LISTS[path]}_{number}" for number in NEWEST_FIRST]
    forth = [*walk(world, world.get(f"{path}{'&' if '?' in path else '?'}limit=3"), "next")]
    assert [ids(body) for body in forth] == [expected[:3], expected[3:6], expected[6:]]
    back = [*walk(world, forth[-1], "prev")]
    assert [ids(body) for body in reversed(back)] == [expected[:3], expected[3:6], expected[6:]]


def test_no_list_is_forgotten() -> None:
    paths = {
        path.partition("?")[0]
        .replace("/plan/", "/{offering_id}/")
        .replace("prdcat_1", "{catalog_id}")
        .replace("wbh_1", "{webhook_id}")
        for path in LISTS
    }
    others = {"/events", "/webhooks"}  # one lies in shards, the other has no pages; both have tests of their own
    assert {*paths, *others} == {route.path for route in ROUTES if route.operation.startswith("list_")}
