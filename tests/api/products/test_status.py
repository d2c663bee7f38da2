"""What a partner does with a product: start it, end it (contract §6)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.products.actions import (
    ALWAYS,
    FINAL,
    ITALY,
    SEASON,
    UNTIL_CYCLE_ENDS,
    WEEK,
    Item,
    actions,
    activate,
    buy,
    cancel,
    codes,
    read,
)
from tests.support import bodies, evidence
from tests.support.shop import Shop


class TestTheResource:
    """Which fields it has in which status, and what is allowed in it."""

    @pytest.mark.parametrize(
        ("name", "mode", "status", "fields", "allowed"),
        [
            (WEEK, "first_usage", "pending", {"status_reason", "expire_at"}, {"activate", "cancel"}),
            (WEEK, "scheduled", "scheduled", {"start_at", "end_at"}, {"activate", "cancel"}),
            (SEASON, "scheduled", "scheduled", {"start_at", "end_at"}, {"activate", "cancel"}),
            (ITALY, "scheduled", "scheduled", {"start_at"}, {"activate", "cancel"}),
            (UNTIL_CYCLE_ENDS, "scheduled", "scheduled", {"start_at"}, {"activate", "cancel"}),
            (WEEK, "immediate", "active", {"start_at", "started_at", "end_at"}, {"cancel"}),
            (SEASON, "immediate", "active", {"start_at", "started_at", "end_at"}, {"cancel"}),
            (UNTIL_CYCLE_ENDS, "immediate", "active", {"start_at", "started_at", "end_at"}, {"cancel"}),
            (
                ITALY,
                "immediate",
                "active",
                {"start_at", "started_at", "billing_cycle_end_at", "cycle_end_at"},
                {"cancel"},
            ),
        ],
    )
    def test_open_ones(
        self, shop: Shop, subscription: str, name: str, *, mode: str, status: str, fields: set[str], allowed: set[str]
    ) -> None:
        when = {"start_at": evidence.tomorrow()} if mode == "scheduled" else {}
        product = buy(shop, subscription, name, mode, **when)
        assert product["status"] == status
        assert product.keys() == ALWAYS | fields
        assert actions(product) == allowed
        cancel(shop, product, "immediate")

    @pytest.mark.parametrize(
        ("status", "fields"),
        [
            ("depleted", {"start_at", "started_at", "end_at", "ended_at"}),
            ("terminated", {"start_at", "started_at", "end_at", "ended_at"}),
            ("canceled", {"start_at", "started_at", "end_at", "ended_at"}),
            ("expired", {"expire_at", "expired_at"}),
        ],
    )
    def test_ended_ones(self, ended: dict[str, Item], status: str, fields: set[str]) -> None:
        assert ended[status].keys() == ALWAYS | fields | {"updated_at"}
        assert actions(ended[status]) == set()


class TestActivate:
    """What waits for its date or its first usage starts now."""

    @pytest.mark.parametrize(
        ("mode", "had"),
        [("first_usage", {"expire_at"}), ("scheduled", set[str]())],
        ids=["pending", "scheduled"],
    )
    @pytest.mark.parametrize("name", [WEEK, ITALY, SEASON, UNTIL_CYCLE_ENDS])
    def test_it_starts(self, shop: Shop, subscription: str, name: str, mode: str, had: set[str]) -> None:
        when = {"start_at": evidence.tomorrow()} if mode == "scheduled" else {}
        waiting = buy(shop, subscription, name, mode, **when)
        answer = activate(shop, waiting)
        product = answer.json()
        assert (answer.status, product) == (200, read(shop, waiting["id"]))
        assert (product["status"], product["start_at"], product["started_at"]) == (
            "active",
            product["updated_at"],
            product["updated_at"],
        )
        ends = {"billing_cycle_end_at", "cycle_end_at"} if name == ITALY else {"end_at"}
        assert product.keys() == ALWAYS | {"start_at", "started_at", "updated_at"} | ends | had
        if name == WEEK:
            started, end = (datetime.fromisoformat(product[field]) for field in ("started_at", "end_at"))
            assert end == started + timedelta(days=7)
        assert evidence.event_types_of(product["id"]) == ["product.active"]
        assert actions(product) == {"cancel"}
        assert codes(activate(shop, product)) == [("invalid_state", "$.status")]
        cancel(shop, product, "immediate")

    @pytest.mark.parametrize("status", FINAL)
    def test_it_is_over(self, shop: Shop, ended: dict[str, Item], status: str) -> None:
        assert codes(activate(shop, ended[status])) == [("invalid_state", "$.status")]
        assert read(shop, ended[status]["id"]) == ended[status]

    def test_there_is_no_plan_to_end_with(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        (plan,) = shop.products(subscription_id)
        waiting = buy(shop, subscription_id, UNTIL_CYCLE_ENDS, "first_usage")
        cancel(shop, plan, "immediate")
        assert actions(waiting) == {"activate", "cancel"}
        assert codes(activate(shop, waiting)) == [("no_active_plan", None)]
        assert actions(read(shop, waiting["id"])) == {"cancel"}


class TestCancel:
    """At once or at its cycle's end; what never started ends at once in either mode."""

    @pytest.mark.parametrize("mode", ["immediate", "end_of_cycle"])
    @pytest.mark.parametrize(
        ("bought", "had"),
        [("first_usage", {"status_reason", "expire_at"}), ("scheduled", {"start_at", "end_at"})],
        ids=["pending", "scheduled"],
    )
    def test_what_never_started(self, shop: Shop, subscription: str, mode: str, bought: str, had: set[str]) -> None:
        when = {"start_at": evidence.tomorrow()} if bought == "scheduled" else {}
        waiting = buy(shop, subscription, WEEK, bought, **when)
        answer = cancel(shop, waiting, mode)
        product = answer.json()
        assert (answer.status, product) == (200, read(shop, waiting["id"]))
        assert (product["status"], product["ended_at"]) == ("canceled", product["updated_at"])
        assert product.keys() == ALWAYS | {"ended_at", "updated_at"} | had
        assert evidence.event_types_of(product["id"]) == ["product.canceled"]
        assert codes(cancel(shop, product, mode)) == [("invalid_state", "$.status")]

    @pytest.mark.parametrize("name", [WEEK, ITALY])
    def test_at_once(self, shop: Shop, subscription: str, name: str) -> None:
        active = buy(shop, subscription, name)
        product = cancel(shop, active, "immediate").json()
        assert product == read(shop, active["id"])
        assert (product["status"], actions(product)) == ("canceled", set())
        assert product.keys() == active.keys() | {"ended_at", "updated_at"}
        assert evidence.event_types_of(product["id"]) == ["product.active", "product.canceled"]

    @pytest.mark.parametrize(("name", "end"), [(WEEK, "end_at"), (ITALY, "billing_cycle_end_at")])
    def test_at_its_cycles_end(self, shop: Shop, subscription: str, name: str, end: str) -> None:
        active = buy(shop, subscription, name)
        for _ in range(2):
            product = cancel(shop, active, "end_of_cycle").json()
            assert product == read(shop, active["id"])
            assert (product["status"], product["end_at"]) == ("active", active[end])
            assert evidence.event_types_of(product["id"]) == ["product.active"]
        assert actions(product) == {"cancel"}
        assert cancel(shop, product, "immediate").json()["status"] == "canceled"

    def test_a_plan(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        (plan,) = shop.products(subscription_id)
        assert cancel(shop, plan, "immediate").json()["status"] == "canceled"
        refused = shop.client.post("/orders", bodies.topup(subscription_id, shop.data))
        assert codes(refused) == [("no_active_plan", "$.products.addons")]

    @pytest.mark.parametrize("mode", ["immediate", "end_of_cycle"])
    @pytest.mark.parametrize("status", FINAL)
    def test_it_is_over(self, shop: Shop, ended: dict[str, Item], status: str, mode: str) -> None:
        assert codes(cancel(shop, ended[status], mode)) == [("invalid_state", "$.status")]
        assert read(shop, ended[status]["id"]) == ended[status]

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (None, "$.cancellation_mode"),
            ({}, "$.cancellation_mode"),
            ({"cancellation_mode": None}, "$.cancellation_mode"),
            ({"cancellation_mode": "later"}, "$.cancellation_mode"),
            ({"cancellation_mode": "immediate", "why": "late"}, "$.why"),
        ],
    )
    def test_a_request_that_is_none(self, shop: Shop, ended: dict[str, Item], body: Any, pointer: str) -> None:
        answer = shop.client.post(f"/products/{ended['expired']['id']}/cancel", body)
        assert codes(answer) == [("constraint_validation_error", pointer)]
