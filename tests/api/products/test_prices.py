"""What a partner changes about the price of a product (contract §6)."""

from typing import Any

import pytest

from tests.api.products.actions import FINAL, ITALY, PRICE, WEEK, Item, buy, buy_plan, cancel, codes, read
from tests.support import evidence
from tests.support.shop import Shop


class TestPrices:
    """The recurring price of the next cycles."""

    def test_it_changes(self, shop: Shop) -> None:
        once = {"type": "one_time", "unit_amount": 5, "currency": "EUR"}
        product = buy_plan(shop, shop.subscribe(), price_alterations=[once])
        answer = shop.client.patch(f"/products/{product['id']}", {"prices": [PRICE]})
        assert (answer.status, answer.json()) == (200, read(shop, product["id"]))
        changed = {price["type"]: price for price in answer.json()["_embedded"]["prices"]}
        assert changed["recurring"] == PRICE | {"recurrence": {"unit": "month", "unit_count": 1}}
        assert changed["one_time"] == once
        assert {**answer.json(), "_embedded": None, "updated_at": None} == product | {
            "_embedded": None,
            "updated_at": None,
        }
        assert evidence.event_types_of(product["id"]) == ["product.active"]

    @pytest.mark.parametrize("mode", ["immediate", "first_usage", "scheduled"])
    def test_in_every_status_that_is_open(self, shop: Shop, subscription: str, mode: str) -> None:
        when = {"start_at": evidence.tomorrow()} if mode == "scheduled" else {}
        product = buy(shop, subscription, ITALY, mode, **when)
        answer = shop.client.patch(f"/products/{product['id']}", {"prices": [PRICE | {"unit_amount": 0}]})
        assert (answer.status, answer.json()["status"]) == (200, product["status"])
        cancel(shop, product, "immediate")

    def test_there_is_none(self, shop: Shop, subscription: str) -> None:
        product = buy(shop, subscription, WEEK)
        answer = shop.client.patch(f"/products/{product['id']}", {"prices": [PRICE]})
        assert codes(answer) == [("constraint_validation_error", "$.prices[0].type")]
        assert read(shop, product["id"]) == product

    @pytest.mark.parametrize("status", FINAL)
    def test_it_is_over(self, shop: Shop, ended: dict[str, Item], status: str) -> None:
        """And never had a recurring price: both are told at once."""
        answer = shop.client.patch(f"/products/{ended[status]['id']}", {"prices": [PRICE]})
        assert codes(answer) == [("invalid_state", "$.status"), ("constraint_validation_error", "$.prices[0].type")]

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (None, "$.prices"),
            ({}, "$.prices"),
            ({"prices": None}, "$.prices"),
            ({"prices": []}, "$.prices"),
            ({"prices": [PRICE, PRICE]}, "$.prices"),
            ({"prices": PRICE}, "$.prices"),
            ({"prices": [None]}, "$.prices[0]"),
            ({"prices": [PRICE | {"type": "one_time"}]}, "$.prices[0].type"),
            ({"prices": [PRICE | {"unit_amount": -1}]}, "$.prices[0].unit_amount"),
            ({"prices": [PRICE | {"unit_amount": 1.5}]}, "$.prices[0].unit_amount"),
            ({"prices": [PRICE | {"unit_amount": None}]}, "$.prices[0].unit_amount"),
            ({"prices": [PRICE | {"currency": "euro"}]}, "$.prices[0].currency"),
            ({"prices": [PRICE | {"currency": "ZZZ"}]}, "$.prices[0].currency"),
            ({"prices": [PRICE | {"recurrence": None}]}, "$.prices[0].recurrence"),
            ({"prices": [PRICE], "status": "canceled"}, "$.status"),
        ],
    )
    def test_a_request_that_is_none(self, shop: Shop, ended: dict[str, Item], body: Any, pointer: str) -> None:
        answer = shop.client.patch(f"/products/{ended['expired']['id']}", body)
        assert codes(answer) == [("constraint_validation_error", pointer)]
