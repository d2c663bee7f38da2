"""What a partner does with products, as the tests say it."""

from typing import Any

from functions.products.product import Product
from functions.shared import table
from functions.shared.transaction import Transaction
from functions.subscriptions import store
from infra.local.messages import HttpResponse
from tests.support import bodies
from tests.support.shop import Shop

WEEK = "Germany 1 GB, 7 days"
ITALY = "Italy 3 GB, monthly"
SEASON = "North America 5 GB, season"
UNTIL_CYCLE_ENDS = "Europe 2 GB, until the plan's cycle ends"
FINAL = ("depleted", "terminated", "canceled", "expired")
ALWAYS = {"id", "status", "created_at", "_embedded", "_links"}
PRICE = {"type": "recurring", "unit_amount": 1, "currency": "EUR"}
Item = dict[str, Any]


def offering(shop: Shop, name: str) -> str:
    return shop.find(lambda item: item["name"] == name)


def buy(shop: Shop, subscription_id: str, name: str, mode: str = "immediate", **fields: Any) -> Item:
    """A new product of the subscription."""
    addons = bodies.addons(offering(shop, name), mode=mode, **fields)
    order = shop.complete(bodies.topup(subscription_id, products={"addons": addons}))
    (product,) = shop.walk(f"/products?order-id={order['id']}", "products")
    return product


def buy_plan(shop: Shop, subscription_id: str, **fields: Any) -> Item:
    plan = {"product_offering_id": shop.plan} | fields
    order = shop.complete(bodies.topup(subscription_id, products={"plan": plan}))
    (product,) = shop.walk(f"/products?order-id={order['id']}", "products")
    return product


def expire(product_id: str) -> None:
    """As if its first usage had never come."""
    product = table.read(Product, "acme", product_id)
    assert product is not None
    subscription = store.load("acme", product.subscription_id)
    assert subscription is not None
    (known,) = [known for known in subscription.root.open_products if known.id == product_id]
    known.expire_at = subscription.at
    assert subscription.catch_up()
    change = Transaction(subscription.at)
    change.save(subscription)
    change.commit()


def read(shop: Shop, product_id: str) -> Item:
    return dict(shop.client.get(f"/products/{product_id}").json())


def cancel(shop: Shop, product: Item, mode: str, **headers: str) -> HttpResponse:
    return shop.client.post(f"/products/{product['id']}/cancel", {"cancellation_mode": mode}, headers)


def activate(shop: Shop, product: Item, **headers: str) -> HttpResponse:
    return shop.client.post(f"/products/{product['id']}/activate", None, headers)


def codes(answer: HttpResponse) -> list[tuple[str, str | None]]:
    assert answer.status == 400
    return [(fault["code"], fault.get("pointer")) for fault in answer.json()["errors"]]


def actions(product: Item) -> set[str]:
    return set(product["_links"]) - {"self", "order", "subscription"}
