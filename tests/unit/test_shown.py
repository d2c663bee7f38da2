"""What resources show and lead to in each status (contract §2, §5 and §6)."""

from typing import Any

import pytest

from functions.catalog.offering import show_frozen_offering
from functions.orders.order import Failure, Order, order_link, show_order, show_summary
from functions.products.balances import balances_of
from functions.products.product import show_product
from functions.shared.clock import iso
from functions.shared.links import link
from functions.sim_profiles.sim_profile import SimProfile, show_sim_profile
from functions.subscriptions.phone_number import PhoneNumber
from functions.subscriptions.subscription import show_embedded, show_subscription
from tests.support.builders import NOW, PARTNER, allowance, offering, product, subscription

Item = dict[str, Any]
UNTIL_CYCLE_ENDS = {"type": "end_of_plan_cycle"}


def order(**fields: Any) -> Order:
    plain: Item = {"id": "ord_1", "partner": PARTNER, "created_at": NOW, "type": "cancel_subscription"}
    ids = {"subscription_id": "subs_1", "subscriber_id": "subr_1", "account_id": "acc_1"}
    return Order.model_validate(plain | ids | fields)


def links(shown: Item) -> Item:
    return {name: target["href"].rpartition(":8080")[2] for name, target in shown["_links"].items()}


def without_links(shown: Item) -> Item:
    return {name: value for name, value in shown.items() if name != "_links"}


class TestOrder:
    """``cancel`` while nothing is done yet, ``resume`` on hold, the subscription once there is one."""

    @pytest.mark.parametrize("status", Order.TRANSITIONS)
    def test_its_links(self, status: str) -> None:
        expected = {
            "self": "/orders/ord_1",
            "subscriber": "/subscribers/subr_1",
            "history": "/orders/ord_1/history",
        }
        if status in {"scheduled", "on_hold"}:
            expected["cancel"] = "/orders/ord_1/cancel"
        if status == "on_hold":
            expected["resume"] = "/orders/ord_1/resume"
        assert links(show_summary(order(status=status))) == expected

    def test_all_that_is_shown_of_it(self) -> None:
        failure = Failure(code="network_timeout", step="provision", detail="Silence.", retriable=True)
        times = dict.fromkeys(("updated_at", "completed_at", "canceled_at", "expected_by", "prepared_at"), NOW)
        named = {"payment_intent_id": "pi_1", "reference": "mine", "on_hold_condition": "porting"}
        schedule = {"mode": "specific_date", "effective_at": "2026-03-11"}
        kept: Item = {"lines": [], "history": [], "event_ids": ["evt_1"], "correlation_id": "cor_1", "due_at": NOW}
        shown = show_order(order(**kept, **times, **named, schedule=schedule, failure=failure), None)
        del shown["_links"]
        assert shown == {
            "id": "ord_1",
            "status": "accepted",
            "type": "cancel_subscription",
            "created_at": iso(NOW),
            **dict.fromkeys(times, iso(NOW)),
            **named,
            "schedule": schedule,
            "failure": failure.model_dump(),
        }

    @pytest.mark.parametrize("status", Order.TRANSITIONS)
    @pytest.mark.parametrize(("prepared", "step"), [(False, "prepare"), (True, "provision")])
    def test_the_step_it_has_reached(self, status: str, prepared: bool, step: str) -> None:
        shown = show_summary(order(status=status, prepared=prepared))
        assert shown.get("reached_step", "none") == (step if status == "fulfilling" else "none")

    def test_as_events_name_it(self) -> None:
        assert order_link(order()) == {"id": "ord_1", "_links": {"self": link("/orders/ord_1")}}

    def test_its_subscription(self) -> None:
        assert "_embedded" not in show_order(order(), None)
        embedded = show_order(order(), subscription())["_embedded"]
        assert embedded == {"subscription": show_embedded(subscription())}


class TestSubscription:
    """The codes of an eSIM until it ends, and the actions of its status."""

    @pytest.mark.parametrize(
        ("status", "actions"),
        [
            ("active", {"grace", "suspend", "deactivate"}),
            ("grace", {"suspend"}),
            ("deactivated", {"resume"}),
            ("suspended", set()),
            ("canceled", set()),
            ("terminated", set()),
        ],
    )
    def test_its_links(self, status: str, actions: set[str]) -> None:
        shown = links(show_subscription(subscription(status=status)))
        codes = {name for name in shown if name == "qrcode" or name.startswith("install")}
        assert bool(codes) == (status not in {"canceled", "terminated"})
        expected = {
            "self": "/subscriptions/subs_1",
            "subscriber": "/subscribers/subr_1",
            "products": "/products?subscription-id=subs_1",
            "phone-numbers": "/phone-numbers?subscription-id=subs_1",
        }
        expected |= {action: f"/subscriptions/subs_1/{action}" for action in actions}
        assert {name: target for name, target in shown.items() if name not in codes} == expected

    def test_a_card_has_no_codes(self) -> None:
        card = SimProfile(id="simp_1", partner=PARTNER, created_at=NOW, iccid="8988211000000000002", sim_type="psim")
        assert links(show_embedded(subscription(sim_profile=card))) == {"self": "/subscriptions/subs_1"}

    def test_a_new_one(self) -> None:
        """What it does not have yet is not shown at all."""
        new = subscription()
        shown = {"id": "subs_1", "status": "active", "created_at": iso(NOW)}
        account = {"id": "acc_1", "_links": {"self": link("/accounts/acc_1")}}
        embedded = {"sim_profile": show_sim_profile(new.sim_profile), "account": account}
        for show in (show_subscription, show_embedded):
            assert without_links(show(new)) == shown | {"_embedded": embedded}

    def test_one_that_has_ended(self) -> None:
        shown = without_links(show_subscription(subscription(status="canceled", updated_at=NOW, ended_at=NOW)))
        del shown["_embedded"]
        moments = {"created_at": iso(NOW), "updated_at": iso(NOW), "ended_at": iso(NOW)}
        assert shown == {"id": "subs_1", "status": "canceled"} | moments

    @pytest.mark.parametrize("moments", [{"created_at": NOW}, {"created_at": NOW, "updated_at": NOW}])
    def test_its_numbers(self, moments: Item) -> None:
        fields: Item = {"subscription_id": "subs_1", "msisdn": "+4915112345678", "country": "DE"}
        number = PhoneNumber(id="pn_1", partner=PARTNER, **fields, **moments)
        (shown,) = show_subscription(subscription(phone_numbers=[number]))["_embedded"]["active_phone_numbers"]
        assert links(shown) == {"self": "/phone-numbers/pn_1", "subscription": "/subscriptions/subs_1"}
        numbered = {"msisdn": "+4915112345678", "country": "DE", "is_primary": True}
        written = {name: iso(moment) for name, moment in moments.items()}
        assert without_links(shown) == {"id": "pn_1", "status": "active"} | written | numbered


class TestProduct:
    """What a partner can do with it now."""

    @pytest.mark.parametrize(
        ("status", "actions"),
        [
            ("scheduled", {"activate", "cancel"}),
            ("pending", {"activate", "cancel"}),
            ("active", {"cancel"}),
            ("depleted", set()),
            ("terminated", set()),
            ("canceled", set()),
            ("expired", set()),
        ],
    )
    @pytest.mark.parametrize("in_plan_cycle", [False, True])
    @pytest.mark.parametrize("until_cycle_ends", [False, True])
    def test_its_links(self, status: str, actions: set[str], in_plan_cycle: bool, until_cycle_ends: bool) -> None:
        terms = offering("extra", validity=UNTIL_CYCLE_ENDS) if until_cycle_ends else offering("extra")
        shown = links(show_product(product("prd_1", terms, status=status), in_plan_cycle=in_plan_cycle))
        expected = {
            "self": "/products/prd_1",
            "order": "/orders/ord_1",
            "subscription": "/subscriptions/subs_1",
        }
        if until_cycle_ends and not in_plan_cycle:
            actions = actions - {"activate"}
        assert shown == expected | {action: f"/products/prd_1/{action}" for action in actions}

    @pytest.mark.parametrize(
        ("status", "members"),
        [
            ("scheduled", {"start_at", "end_at"}),
            ("pending", {"status_reason", "expire_at"}),
            ("active", {"start_at", "started_at", "end_at", "billing_cycle_end_at", "cycle_end_at", "expire_at"}),
            ("depleted", {"start_at", "started_at", "end_at", "ended_at"}),
            ("terminated", {"start_at", "started_at", "end_at", "ended_at"}),
            ("expired", {"expire_at", "expired_at"}),
            (
                "canceled",
                {"start_at", "started_at", "end_at", "billing_cycle_end_at", "cycle_end_at"}
                | {"status_reason", "expire_at", "ended_at"},
            ),
        ],
    )
    def test_its_moments(self, status: str, members: set[str]) -> None:
        every = {*"start_at started_at end_at ended_at billing_cycle_end_at expire_at expired_at".split()}
        fields: Item = dict.fromkeys(every, NOW) | {"status_reason": "first_usage_activation", "updated_at": NOW}
        shown = without_links(show_product(product("prd_1", offering("extra"), status=status, **fields)))
        always = {"id": "prd_1", "status": status, "created_at": iso(NOW), "updated_at": iso(NOW)}
        moments: Item = dict.fromkeys(members, iso(NOW))
        if "status_reason" in members:
            moments["status_reason"] = "first_usage_activation"
        assert shown.pop("_embedded").keys() == {"product_offering", "balances", "prices"}
        assert shown == always | moments

    def test_what_it_does_not_have_is_not_shown(self) -> None:
        shown = without_links(show_product(product("prd_1", offering("extra"))))
        del shown["_embedded"]
        assert shown == {"id": "prd_1", "status": "scheduled", "created_at": iso(NOW)}

    def test_what_was_bought_what_is_left_of_it_and_what_it_costs(self) -> None:
        terms = offering("extra", allowances=[allowance("sms"), allowance("voice", is_unlimited=True)])
        once = {"type": "one_time", "unit_amount": 100, "currency": "EUR"}
        monthly = {**once, "type": "recurring", "recurrence": {"unit": "month", "unit_count": 1}}
        left = balances_of(terms)
        left[0].notified_thresholds = [80]
        shown = show_product(product("prd_1", terms, balances=left, prices=[once, monthly]))["_embedded"]
        limited = {"type": "limited", "allowance_type": "sms", "unit": "count", "initial": 10, "remaining": 10}
        unlimited = {"type": "unlimited", "allowance_type": "voice", "unit": "minutes"}
        assert shown["product_offering"] == show_frozen_offering(terms.terms())
        assert shown["balances"] == [limited | {"spent": 0}, unlimited | {"spent": 0}]
        assert shown["prices"] == [once, monthly]
