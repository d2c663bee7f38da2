"""Placing and reading orders (contract §1 and §2), through the doors."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import pytest

from functions.routes import ORDER_TYPES
from tests.api.order_refusals import refusal
from tests.support import bodies
from tests.support.customers import add_subscriber
from tests.support.shop import Shop


class TestAccepting:
    """201 with the order, by its own door or by ``POST /orders``."""

    def test_the_answer(self, shop: Shop) -> None:
        body = shop.activation(payment_intent_id="pi_1", reference="the answer")
        answer = shop.client.post("/orders", body)
        order = answer.json()
        assert answer.status == 201
        assert answer.headers["Location"] == order["_links"]["self"]["href"]
        assert order.keys() == {"id", "status", "type", "created_at", "payment_intent_id", "reference", "_links"}
        assert (order["status"], order["type"]) == ("accepted", "activate_subscription")
        assert order["_links"].keys() == {"self", "subscriber", "history"}
        assert shop.final(order)["status"] == "completed"

    @pytest.mark.parametrize("with_type", [True, False])
    def test_each_type_has_a_door(self, shop: Shop, with_type: bool) -> None:
        subscription_id = shop.subscribe(shop.data)
        addon = shop.products(subscription_id)[0]["id"]
        orders = [
            shop.activation(),
            bodies.topup(subscription_id, shop.data),
            bodies.plan_change(subscription_id, shop.plan),
            bodies.products_cancellation(subscription_id, addon),
            bodies.swap(subscription_id),
            bodies.cancellation(subscription_id),
        ]
        assert {body["type"] for body in orders} == set(ORDER_TYPES)
        for body in orders:
            sent = {name: value for name, value in body.items() if with_type or name != "type"}
            answer = shop.client.post(f"/orders/{body['type'].replace('_', '-')}", sent)
            assert (answer.status, answer.json()["type"]) == (201, body["type"])
            assert shop.final(answer.json())["status"] == "completed"

    def test_a_door_takes_only_its_type(self, shop: Shop) -> None:
        faults = refusal(shop, shop.activation(type="topup_subscription"), "/orders/activate-subscription")
        assert faults == [("constraint_validation_error", "$.type")]

    def test_the_common_door_needs_a_type(self, shop: Shop) -> None:
        assert refusal(shop, {}) == [("constraint_validation_error", "$.type")]
        assert refusal(shop, {"type": "renew"}) == [("constraint_validation_error", "$.type")]

    def test_the_scope_is_checked(self, shop: Shop) -> None:
        answer = shop.client.limited_to("orders/read").post("/orders", shop.activation())
        assert (answer.status, answer.json()["title"]) == (403, "Forbidden")


class TestRefusing:
    """Every rule has its code; nothing is written."""

    def test_sixteen_data_add_ons(self, shop: Shop) -> None:
        assert refusal(shop, shop.activation(*[shop.data] * 16)) == [("too_many_data_addons", "$.products.addons")]

    def test_two_voice_add_ons_of_a_type(self, shop: Shop) -> None:
        first, second = shop.voice["local"][:2]
        expected = [("duplicate_voice_addon", "$.products.addons[1].product_offering_id")]
        assert refusal(shop, shop.activation(first, second)) == expected

    def test_what_the_body_names_is_not_there(self, shop: Shop, foreign: Shop) -> None:
        body = shop.activation(foreign.data, subscriber_id=foreign.subscriber)
        body["products"]["plan"]["product_offering_id"] = "no such plan"
        assert refusal(shop, body) == [
            ("not_found", "$.subscriber_id"),
            ("not_found", "$.products.plan.product_offering_id"),
            ("not_found", "$.products.addons[0].product_offering_id"),
        ]
        for body in (bodies.swap(foreign.subscribe()), bodies.cancellation(foreign.subscribe())):
            assert refusal(shop, body) == [("not_found", "$.subscription_id")]

    def test_plans_and_add_ons_change_places(self, shop: Shop) -> None:
        body = shop.activation(shop.plan, products={"plan": {"product_offering_id": shop.data}})
        assert refusal(shop, body) == [("offering_not_a_plan", "$.products.plan.product_offering_id")]
        expected = [("offering_not_an_addon", "$.products.addons[0].product_offering_id")]
        assert refusal(shop, shop.activation(shop.plan)) == expected

    def test_an_inactive_add_on(self, shop: Shop) -> None:
        inactive = next(item["id"] for item in shop.offerings if item["status"] == "inactive")
        expected = [("offering_inactive", "$.products.addons[0].product_offering_id")]
        assert refusal(shop, shop.activation(inactive)) == expected

    def test_an_add_on_of_another_catalog(self, shop: Shop) -> None:
        path = f"/product-offerings/{shop.plan}/compatible?limit=40"
        fitting = {item["id"] for item in shop.walk(path, "product_offerings")}
        other = shop.find(lambda item: item["type"] == "addon" and item["id"] not in fitting)
        expected = [("incompatible_addon", "$.products.addons[0].product_offering_id")]
        assert refusal(shop, shop.activation(other)) == expected

    def test_a_reservation_that_is_not_the_partners(self, shop: Shop, foreign: Shop) -> None:
        reserved = foreign.client.post("/sim-profiles/reserve", {"activation_code": "SANDBOX-0077"}).json()
        sim = {"sim_type": "psim", "reservation_id": reserved["reservation_id"]}
        expected = [("reservation_not_usable", "$.sim_profile.reservation_id")]
        assert refusal(shop, shop.activation(sim_profile=sim)) == expected

    def test_a_reservation_serves_one_order(self, shop: Shop) -> None:
        reserved = shop.client.post("/sim-profiles/reserve", {"activation_code": "SANDBOX-0078"}).json()
        body = shop.activation(sim_profile={"sim_type": "psim", "reservation_id": reserved["reservation_id"]})
        with ThreadPoolExecutor(8) as pool:
            statuses = sorted(
                answer.status for answer in pool.map(lambda _: shop.client.post("/orders", body), range(8))
            )
        assert statuses == [201] + [400] * 7

    def test_nothing_is_left_of_a_refused_order(self, shop: Shop) -> None:
        shop.place(shop.activation())
        before = next(shop.walk("/orders?limit=1", "orders"))["id"]
        refusal(shop, shop.activation(*[shop.data] * 16, reference="refused"))
        assert next(shop.walk("/orders?limit=1", "orders"))["id"] == before
        assert shop.client.get("/orders?reference=refused").json()["_embedded"]["orders"] == []


class TestReading:
    """One order, its history, and lists."""

    def test_one(self, shop: Shop, foreign: Shop) -> None:
        order = shop.complete(shop.activation())
        assert order["_embedded"]["subscription"].keys() == {
            "id", "status", "created_at", "updated_at", "_embedded", "_links",
        }  # fmt: skip
        for path in (f"/orders/{order['id']}", f"/orders/{order['id']}/history"):
            assert foreign.client.get(path).status == 404
        assert shop.client.get("/orders/no-such-order").json()["title"] == "Resource not found"

    def test_its_history(self, shop: Shop) -> None:
        order = shop.final(shop.place(shop.activation(shop.sandbox("network_rejects"))))
        history = shop.client.get(f"/orders/{order['id']}/history").json()
        entries = history["_embedded"]["history"]
        assert [entry["status"] for entry in entries] == ["accepted", "fulfilling", "failed"]
        assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
        assert [entry.get("reason") for entry in entries] == [None, None, "network_rejected"]
        assert history["_links"]["self"] == order["_links"]["history"]

    def test_lists_and_filters(self, shop: Shop, foreign: Shop) -> None:
        order = shop.complete(shop.activation())
        subscription_id = order["_embedded"]["subscription"]["id"]
        topup = shop.final(shop.place(bodies.topup(subscription_id, shop.sandbox("network_rejects"))))
        of_subscription = f"/orders?subscription-id={subscription_id}"
        assert [found["id"] for found in shop.walk(of_subscription, "orders")] == [topup["id"], order["id"]]
        assert [found["id"] for found in shop.walk(f"{of_subscription}&status=failed", "orders")] == [topup["id"]]
        newest = shop.client.get("/orders?limit=2").json()["_embedded"]["orders"]
        assert [found["id"] for found in newest] == [topup["id"], order["id"]]
        assert all("_embedded" not in found for found in newest)
        assert topup["id"] in {found["id"] for found in shop.walk("/orders?status=failed&limit=40", "orders")}
        assert list(foreign.walk(of_subscription, "orders")) == []
        assert shop.client.get("/orders?status=done").status == 400

    def test_by_type_and_by_subscriber(self, shop: Shop, foreign: Shop) -> None:
        person = add_subscriber(shop.client)["id"]
        mine = shop.complete(shop.activation() | {"subscriber_id": person})
        subscription_id = mine["_embedded"]["subscription"]["id"]
        topup = shop.complete(bodies.topup(subscription_id, shop.data))

        def found(query: str, by: Shop = shop) -> list[str]:
            return [order["id"] for order in by.walk(f"/orders?{query}", "orders")]

        assert found(f"subscriber-id={person}") == [topup["id"], mine["id"]]
        assert found(f"subscriber-id={person}&type=topup_subscription") == [topup["id"]]
        assert found(f"subscriber-id={person}&status=failed") == []
        assert found(f"subscription-id={subscription_id}&type=activate_subscription") == [mine["id"]]
        assert found(f"subscriber-id={person}", foreign) == []
        assert topup["id"] in found("type=topup_subscription&limit=40")
        assert mine["id"] not in found("type=topup_subscription&limit=40")
        assert shop.client.get("/orders?type=topup").status == 400

    def test_a_list_from_one_moment_up_to_another(self, shop: Shop) -> None:
        orders = [shop.place(shop.activation()) for _ in range(3)]
        first, second, third = (datetime.fromisoformat(order["created_at"]) for order in orders)
        assert first < second < third
        written = second.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat()
        assert written.endswith("+05:30"), "a plus that people do not encode"
        from_second = f"/orders?limit=1&created-from={written}"
        assert [found["id"] for found in shop.walk(from_second, "orders")] == [orders[2]["id"], orders[1]["id"]]
        between = f"{from_second}&created-to={quote(third.isoformat())}"
        assert [found["id"] for found in shop.walk(between, "orders")] == [orders[1]["id"]]


def test_many_at_once_on_one_subscription_lose_nothing(shop: Shop) -> None:
    subscription_id = shop.subscribe()
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: shop.client.post("/orders", bodies.topup(subscription_id, shop.data)), range(16))
        )
    assert {answer.status for answer in answers} == {201}
    assert all(shop.final(answer.json(), within=60)["status"] == "completed" for answer in answers)
    products = shop.products(subscription_id)
    assert len(products) == 17
    assert len({product["_links"]["order"]["href"] for product in products}) == 17
