"""The order types that change what a subscription holds: another plan, fewer products."""

from infra.local.system import System
from tests.support import bodies, evidence
from tests.support.shop import Shop


def by_offering(shop: Shop, subscription_id: str) -> dict[str, str]:
    """Offering → status of the subscription's products."""
    return {item["_embedded"]["product_offering"]["id"]: item["status"] for item in shop.products(subscription_id)}


def test_a_plan_change(system: System, shop: Shop) -> None:
    subscription_id = shop.subscribe(shop.data)
    shop.complete(bodies.plan_change(subscription_id, shop.plan_with_number))
    statuses = by_offering(shop, subscription_id)
    assert statuses == {shop.plan: "terminated", shop.plan_with_number: "active", shop.data: "active"}
    old = next(item for item in shop.products(subscription_id) if item["status"] == "terminated")
    assert evidence.event_types_of(old["id"]) == ["product.active", "product.terminated"]
    assert shop.client.get(f"/subscriptions/{subscription_id}").json()["status"] == "active"


def test_a_plan_change_ends_the_current_plan_alone(shop: Shop) -> None:
    subscription_id = shop.subscribe()
    (first,) = shop.products(subscription_id)
    second = {"plan": {"product_offering_id": shop.plan_with_number}}
    shop.complete(bodies.topup(subscription_id, products=second))
    shop.complete(bodies.plan_change(subscription_id, shop.plan))
    assert shop.client.get(f"/products/{first['id']}").json()["status"] == "active"
    assert sorted(item["status"] for item in shop.products(subscription_id)) == ["active", "active", "terminated"]


def test_a_plan_change_needs_a_plan_to_change(shop: Shop) -> None:
    subscription_id = shop.subscribe()
    (plan,) = shop.products(subscription_id)
    shop.complete(bodies.products_cancellation(subscription_id, plan["id"]))
    refused = shop.client.post("/orders", bodies.plan_change(subscription_id, shop.plan)).json()["errors"]
    assert [(fault["code"], fault["pointer"]) for fault in refused] == [("no_active_plan", "$.subscription_id")]


def test_canceling_products(shop: Shop) -> None:
    subscription_id = shop.subscribe(shop.data)
    shop.complete(bodies.topup(subscription_id, products={"addons": bodies.addons(shop.data, mode="first_usage")}))
    addons = [
        item for item in shop.products(subscription_id) if item["_embedded"]["product_offering"]["type"] == "addon"
    ]
    body = bodies.products_cancellation(subscription_id, *[item["id"] for item in addons])
    shop.complete(body)
    assert sorted(item["status"] for item in shop.products(subscription_id)) == ["active", "canceled", "canceled"]
    refused = shop.client.post("/orders", body).json()["errors"]
    assert [fault["code"] for fault in refused] == ["invalid_state", "invalid_state"]


def test_which_products_can_be_canceled(shop: Shop) -> None:
    mine, other = shop.subscribe(), shop.subscribe()
    (foreign,) = shop.products(other)
    for ids, expected in (
        ([foreign["id"], "no such product"], [("not_found", "$.product_ids[0]"), ("not_found", "$.product_ids[1]")]),
        ([], [("constraint_validation_error", "$.product_ids")]),
        ([foreign["id"]] * 2, [("constraint_validation_error", "$.product_ids")]),
        (["x"] * 41, [("constraint_validation_error", "$.product_ids")]),
    ):
        refused = shop.client.post("/orders", bodies.products_cancellation(mine, *ids)).json()["errors"]
        assert [(fault["code"], fault["pointer"]) for fault in refused] == expected
