"""Subscriptions, their products and phone numbers, as partners read and steer them (contract §5 and §6)."""

from typing import Any

import pytest

from tests.support import bodies, evidence
from tests.support.client import Client
from tests.support.shop import Shop

ACTIONS = ("grace", "suspend", "deactivate", "resume")


class TestSubscriptions:
    """The resource, its links, its list."""

    def test_the_resource(self, shop: Shop, globex: Client) -> None:
        subscription_id = shop.subscribe()
        found = shop.client.get(f"/subscriptions/{subscription_id}").json()
        assert found.keys() == {"id", "status", "created_at", "updated_at", "_embedded", "_links"}
        assert found["_embedded"].keys() == {"sim_profile", "account"}
        actions = {"grace", "suspend", "deactivate"}
        install = {"qrcode", "install-ios", "install-android"}
        assert found["_links"].keys() == {"self", "subscriber", "products", "phone-numbers"} | install | actions
        base = "http://127.0.0.1:8080"
        for name in ("self", "subscriber", "products", "phone-numbers", "qrcode"):
            target = found["_links"][name]["href"]
            assert target.startswith(base)
            assert shop.client.get(target.removeprefix(base)).status == 200
        assert globex.get(f"/subscriptions/{subscription_id}").status == 404
        assert shop.client.get("/subscriptions/none").json()["detail"] == "There is no subscription with this id."

    def test_lists_and_filters(self, shop: Shop, globex: Client) -> None:
        first, second = shop.subscribe(), shop.subscribe()
        account = next(shop.walk("/accounts", "accounts"))["id"]
        shop.complete(bodies.cancellation(first))

        def ids(query: str) -> list[str]:
            return [item["id"] for item in shop.walk(f"/subscriptions?limit=40&{query}", "subscriptions")]

        assert ids("")[:2] == [second, first]
        assert first in ids("status=canceled")
        assert second not in ids("status=canceled")
        assert ids(f"subscriber-id={shop.subscriber}")[:2] == [second, first]
        assert ids(f"account-id={account}&status=active")[0] == second
        assert ids("account-id=none") == []
        assert shop.client.get("/subscriptions?subscriber_id=x").status == 400
        assert globex.get(f"/subscriptions?subscriber-id={shop.subscriber}").json()["_embedded"]["subscriptions"] == []


class TestActions:
    """The state machine of contract §5: what is not in it is ``invalid_state``."""

    @pytest.mark.parametrize(
        ("taken", "status"),
        [
            (["grace"], "grace"),
            (["suspend"], "suspended"),
            (["grace", "suspend"], "suspended"),
            (["deactivate"], "deactivated"),
            (["deactivate", "resume"], "active"),
        ],
    )
    def test_what_follows_what(self, shop: Shop, taken: list[str], status: str) -> None:
        subscription_id = shop.subscribe()
        for action in taken:
            answer = shop.client.post(f"/subscriptions/{subscription_id}/{action}")
            assert answer.status == 200
        assert answer.json() == shop.client.get(f"/subscriptions/{subscription_id}").json()
        assert answer.json()["status"] == status
        assert evidence.event_types_of(subscription_id)[-1] == f"subscription.{status}"
        offered = [action for action in ACTIONS if action in answer.json()["_links"]]
        refused = [action for action in ACTIONS if action not in offered]
        for action in refused:
            problem = shop.client.post(f"/subscriptions/{subscription_id}/{action}")
            fault = problem.json()["errors"][0]
            assert (problem.status, fault["code"], fault["pointer"]) == (400, "invalid_state", "$.status")

    def test_orders_by_status(self, shop: Shop) -> None:
        suspended, deactivated = shop.subscribe(), shop.subscribe()
        shop.client.post(f"/subscriptions/{suspended}/suspend")
        shop.client.post(f"/subscriptions/{deactivated}/deactivate")
        refused = shop.client.post("/orders", bodies.topup(suspended, shop.data)).json()["errors"]
        assert [fault["code"] for fault in refused] == ["subscription_not_active"]
        shop.complete(bodies.topup(deactivated, shop.data))
        for subscription_id in (suspended, deactivated):
            shop.complete(bodies.cancellation(subscription_id))
            assert shop.client.post(f"/subscriptions/{subscription_id}/resume").status == 400

    def test_an_action_takes_nothing(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        answer = shop.client.post(f"/subscriptions/{subscription_id}/suspend", {"why": "late"})
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["$.why"]
        assert shop.client.post("/subscriptions/none/suspend").status == 404


class TestProducts:
    """The resource and its list."""

    @pytest.fixture
    def products(self, shop: Shop) -> list[dict[str, Any]]:
        """A plan and three add-ons, one in each mode."""
        body = shop.activation(shop.data)
        body["products"]["addons"] += bodies.addons(shop.data, mode="first_usage")
        body["products"]["addons"] += bodies.addons(shop.data, mode="scheduled", start_at=evidence.tomorrow())
        return shop.products(shop.complete(body)["_embedded"]["subscription"]["id"])

    def test_the_resource(self, shop: Shop, globex: Client, products: list[dict[str, Any]]) -> None:
        always = {"id", "status", "created_at", "_embedded", "_links"}
        by_status = {
            "pending": {"status_reason", "expire_at"},
            "scheduled": {"start_at", "end_at"},
            "active": {"start_at", "started_at"},
        }
        for product in products:
            recurrent = product["_embedded"]["product_offering"]["type"] == "plan"
            ends = {"billing_cycle_end_at", "cycle_end_at"} if recurrent else {"end_at"}
            expected = always | by_status[product["status"]] | (ends if product["status"] == "active" else set())
            assert product.keys() == expected
            assert product["_embedded"].keys() == {"product_offering", "balances", "prices"}
            assert shop.client.get(f"/products/{product['id']}").json() == product
            assert globex.get(f"/products/{product['id']}").status == 404
            for balance in product["_embedded"]["balances"]:
                if balance["type"] == "limited":
                    assert balance["initial"] == balance["remaining"] + balance["spent"] > 0

    def test_lists_and_filters(self, shop: Shop, products: list[dict[str, Any]]) -> None:
        def statuses(query: str) -> list[str]:
            return sorted(item["status"] for item in shop.walk(f"/products?{query}", "products"))

        subscription_id = products[0]["_links"]["subscription"]["href"].rpartition("/")[2]
        order_id = products[0]["_links"]["order"]["href"].rpartition("/")[2]
        assert statuses(f"order-id={order_id}") == ["active", "active", "pending", "scheduled"]
        assert statuses(f"subscription={subscription_id}&limit=1") == statuses(f"subscription-id={subscription_id}")
        assert statuses(f"subscription-id={subscription_id}&status=pending") == ["pending"]
        assert statuses(f"subscription-id={subscription_id}&order-id=none") == []
        newest = shop.client.get("/products?limit=4").json()["_embedded"]["products"]
        assert {item["id"] for item in newest} == {item["id"] for item in products}

    def test_a_price_that_the_order_alters(self, shop: Shop) -> None:
        altered = {"type": "recurring", "unit_amount": 1, "currency": "EUR"}
        plan = {"product_offering_id": shop.plan, "price_alterations": [altered]}
        (product,) = shop.products(shop.subscribe(products={"plan": plan}))
        (price,) = (price for price in product["_embedded"]["prices"] if price["type"] == "recurring")
        assert price == altered | {"recurrence": {"unit": "month", "unit_count": 1}}
        offering = shop.client.get(f"/product-offerings/{shop.plan}").json()
        assert all(price["unit_amount"] != 1 for price in offering["_embedded"]["prices"])


class TestPhoneNumbers:
    """The list and the resource."""

    def test_lists_and_filters(self, shop: Shop, globex: Client) -> None:
        subscription_id = shop.subscribe(plan=shop.plan_with_number)
        (number,) = shop.walk(f"/phone-numbers?subscription-id={subscription_id}&status=active", "phone_numbers")
        assert number.keys() == {*"id status created_at updated_at msisdn country is_primary _links".split()}
        assert number["_links"].keys() == {"self", "subscription"}
        assert next(shop.walk("/phone-numbers", "phone_numbers")) == number
        assert globex.get(f"/phone-numbers/{number['id']}").status == 404
        assert (
            list(shop.walk(f"/phone-numbers?subscription-id={subscription_id}&status=terminated", "phone_numbers"))
            == []
        )
