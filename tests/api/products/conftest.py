"""A shop, a subscription and ended products, which the tests of products share."""

import pytest

from infra.local.system import System
from tests.api.products.actions import FINAL, WEEK, Item, buy, cancel, expire, read
from tests.support import bodies
from tests.support.client import Client
from tests.support.shop import Shop


@pytest.fixture(scope="package")
def shared_shop(system: System) -> Shop:
    """The partner acme and what it sells, read once."""
    return Shop(Client(system, "acme"))


@pytest.fixture
def shop(acme: Client, shared_shop: Shop) -> Shop:
    """The same, with nothing left over from other tests' rate limits."""
    shared_shop.client = acme
    return shared_shop


@pytest.fixture(scope="package")
def subscription(shared_shop: Shop) -> str:
    """A subscription that all tests add products to; none of them ends its plan."""
    return shared_shop.subscribe()


@pytest.fixture(scope="package")
def ended(system: System, shared_shop: Shop) -> dict[str, Item]:
    """A product in each status that is final."""
    shop = shared_shop
    subscription_id = shop.subscribe()
    made = {status: buy(shop, subscription_id, WEEK) for status in ("canceled", "terminated")}
    made["expired"] = buy(shop, subscription_id, WEEK, "first_usage")
    expire(made["expired"]["id"])
    cancel(shop, made["canceled"], "immediate")
    use = {"type": "usage", "subscription_id": subscription_id, "allowance_type": "data", "country": "US"}
    made["depleted"] = buy(shop, subscription_id, "United States 3 GB, 15 days")
    assert shop.client.post("/sandbox/network-events", use | {"amount": 3 * 1024**3}).status == 202
    system.quiesce()
    shop.complete(bodies.cancellation(subscription_id))
    products = {status: read(shop, product["id"]) for status, product in made.items()}
    assert {status: product["status"] for status, product in products.items()} == {name: name for name in FINAL}
    return products
