"""The parts of order requests (contract §2, known fields): their limits, and what is read for them."""

from datetime import timedelta
from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter

from functions.catalog.offering import Offering
from functions.orders import place_order
from functions.orders.activate_subscription import ActivateSubscription
from functions.orders.cancel_subscription_products import CancelSubscriptionProducts
from functions.orders.kind import module_of_type
from functions.orders.topup_subscription import TopupSubscription
from functions.routes import ORDER_TYPES
from functions.shared import clock
from functions.shared.clock import iso
from functions.sim_profiles.sim_profile import Reservation
from functions.subscribers.subscriber import Subscriber
from functions.subscriptions.subscription import Subscription
from tests.support import bodies
from tests.support.builders import NOW, SUBSCRIBER
from tests.unit.order_shapes import (
    ACTIVATION,
    CANCELLATION,
    INVALID,
    PLAN,
    SWAP,
    TOPUP,
    UNSUPPORTED,
    activation,
    faults_of,
    with_addon,
)

MOMENT, YEAR = timedelta(milliseconds=1), timedelta(days=365)
ONE_OF_EACH: dict[str, dict[str, Any]] = {
    body["type"]: body
    for body in (
        *(ACTIVATION, TOPUP, CANCELLATION, SWAP),
        bodies.plan_change("subs_1", "plan", "addon"),
        bodies.products_cancellation("subs_1", "prd_1"),
    )
}
RESERVED = {"sim_type": "psim", "reservation_id": "resv_1"}


@pytest.mark.parametrize(
    ("ahead", "passes"),
    [(-MOMENT, False), (0 * MOMENT, False), (MOMENT, True), (YEAR, True), (YEAR + MOMENT, False)],
)
def test_a_start_is_in_the_future_and_within_a_year(
    monkeypatch: pytest.MonkeyPatch, ahead: timedelta, passes: bool
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    body = with_addon(activation_mode="scheduled", start_at=iso(NOW + ahead))
    expected = [] if passes else [(INVALID, "$.products.addons[0].start_at")]
    assert faults_of(ActivateSubscription, body) == expected


def test_a_price_of_each_type_can_be_altered_once() -> None:
    prices = [{"type": kind, "unit_amount": 0, "currency": "EUR"} for kind in ("one_time", "recurring", "prorate")]
    for altered in ([], prices[:1], prices):
        assert faults_of(ActivateSubscription, with_addon(price_alterations=altered)) == []
    twice = with_addon(price_alterations=[prices[0], prices[1], prices[0]])
    assert faults_of(ActivateSubscription, twice) == [(INVALID, "$.products.addons[0].price_alterations")]


@pytest.mark.parametrize("empty", [None, "", [], {}])
def test_the_empty_forms_of_what_is_not_supported_pass(empty: Any) -> None:
    assert faults_of(ActivateSubscription, activation(discounts=empty)) == []
    for full in (0, False, "x", [0], {"a": 0}):
        assert faults_of(ActivateSubscription, activation(discounts=full)) == [(UNSUPPORTED, "$.discounts")]


@pytest.mark.parametrize(
    ("ids", "passes"),
    [([], False), (["prd_1"], True), (["prd_1", "prd_2", "prd_1"], False), (40, True), (41, False)],
)
def test_products_to_cancel_are_1_to_40_without_repeats(ids: list[str] | int, passes: bool) -> None:
    named = ids if isinstance(ids, list) else [f"prd_{number}" for number in range(ids)]
    body = bodies.products_cancellation("subs_1", *named)
    assert faults_of(CancelSubscriptionProducts, body) == ([] if passes else [(INVALID, "$.product_ids")])


class TestTheCommonDoor:
    """``POST /orders`` takes the body that the door of its type takes."""

    @pytest.mark.parametrize("order_type", ORDER_TYPES)
    def test_the_type_says_the_shape(self, order_type: str) -> None:
        hints = get_type_hints(place_order.place_order, include_extras=True)
        body = TypeAdapter(hints["body"]).validate_python(ONE_OF_EACH[order_type])
        assert type(body) is get_type_hints(module_of_type(order_type).place_order)["body"]

    @pytest.mark.parametrize("body", [{}, {"type": "renew"}, ACTIVATION | {"type": None}])
    def test_it_needs_one(self, body: dict[str, Any]) -> None:
        hints = get_type_hints(place_order.place_order, include_extras=True)
        assert faults_of(hints["body"], body) == [(INVALID, "$.type")]


class TestWhatIsRead:
    """Only what an order names, each thing once."""

    def test_for_an_activation(self) -> None:
        body = activation(products={"plan": PLAN, "addons": bodies.addons("addon", "extra", "addon")})
        wanted = {Subscriber: [SUBSCRIBER], Offering: ["addon", "extra", "plan"], Reservation: list[str]()}
        assert ActivateSubscription.model_validate(body).needs() == wanted
        reserved = ActivateSubscription.model_validate(body | {"sim_profile": RESERVED})
        assert reserved.needs() == wanted | {Reservation: ["resv_1"]}

    def test_for_a_top_up(self) -> None:
        """An offering that is plan and add-on of one order is read once, and refused once it has been."""
        for products, offerings in (
            (bodies.sold(None, "addon"), ["addon"]),
            (bodies.sold("plan"), ["plan"]),
            (bodies.sold("plan", "plan"), ["plan"]),
        ):
            body = TopupSubscription.model_validate(TOPUP | {"products": products})
            assert body.needs() == {Subscription: ["subs_1"], Offering: offerings}
