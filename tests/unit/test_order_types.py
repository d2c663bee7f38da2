"""What each type of order is refused for (contract §2), before anything is written."""

from datetime import timedelta
from typing import Any, get_type_hints

import pytest

from functions.orders.kind import kind_of, module_of_type
from functions.products import lifecycle
from functions.products.product import Product
from functions.routes import ORDER_TYPES
from functions.shared import clock
from functions.shared.records import Record
from functions.sim_profiles.sim_profile import Reservation
from functions.subscriptions.lock import Lock, ScheduledOrder
from tests.support import bodies
from tests.support.builders import (
    MONTH,
    NOW,
    PARTNER,
    SUBSCRIBER,
    begun,
    found,
    holding,
    offering,
    subscriber,
    subscription,
)

PLAN, OTHER = (offering(name, "plan", validity=MONTH) for name in ("plan", "other plan"))
ADDON = offering("addon", fits=["plan", "other plan"])
TOMORROW = {"mode": "specific_date", "effective_at": (clock.now() + timedelta(days=1)).date().isoformat()}
RESERVED = {"sim_type": "psim", "reservation_id": "resv_1"}
ON_SUBSCRIPTION: dict[str, dict[str, Any]] = {
    "topup_subscription": bodies.topup("subs_1", "addon"),
    "cancel_subscription": bodies.cancellation("subs_1"),
    "swap_subscription_sim": bodies.swap("subs_1"),
    "change_subscription_plan": bodies.plan_change("subs_1", "other plan", "addon"),
    "cancel_subscription_products": bodies.products_cancellation("subs_1", "prd_plan"),
}
SCHEDULABLE = ("cancel_subscription", "change_subscription_plan", "cancel_subscription_products")
NO_SUBSCRIPTION = ("not_found", "$.subscription_id")
IN_PROGRESS = ("order_in_progress", "$.subscription_id")
ALREADY_SCHEDULED = ("order_already_scheduled", "$.schedule")


def running(product_id: str = "prd_plan") -> Product:
    """A plan that runs."""
    return begun(product_id, PLAN)


def refused(body: dict[str, Any], *records: Record) -> list[tuple[str, str | None]]:
    """What the partner is told, if these records are there."""
    shape = get_type_hints(module_of_type(body["type"]).place_order)["body"]
    faults = kind_of(body["type"]).check(shape.model_validate(body), found(PLAN, OTHER, ADDON, *records), NOW)
    told = [fault.as_json() for fault in faults]
    return [(each["code"], each.get("pointer")) for each in told]


@pytest.mark.parametrize("order_type", ON_SUBSCRIPTION)
class TestOnASubscription:
    """Every type but the activation."""

    def test_a_subscription_that_is_in_use_takes_it(self, order_type: str) -> None:
        for status in ("active", "grace", "deactivated"):
            plan = running()
            assert refused(ON_SUBSCRIPTION[order_type], holding(plan, status=status), plan) == []

    def test_one_that_is_suspended_takes_cancellations_alone(self, order_type: str) -> None:
        plan = running()
        codes = refused(ON_SUBSCRIPTION[order_type], holding(plan, status="suspended"), plan)
        canceling = order_type in {"cancel_subscription", "cancel_subscription_products"}
        assert codes == ([] if canceling else [("subscription_not_active", "$.subscription_id")])

    @pytest.mark.parametrize("lock", [Lock(exclusive="ord_1"), Lock(topups=["ord_1"])])
    def test_only_top_ups_run_side_by_side(self, order_type: str, lock: Lock) -> None:
        plan = running()
        side_by_side = order_type == "topup_subscription" and not lock.exclusive
        codes = refused(ON_SUBSCRIPTION[order_type], holding(plan, lock=lock), plan)
        assert codes == ([] if side_by_side else [IN_PROGRESS])

    def test_one_that_is_not_there_is_all_that_is_said(self, order_type: str) -> None:
        """Whether it has a plan, or a cycle that could end, is unknown."""
        schedules = (None, TOMORROW, bodies.AT_CYCLE_END) if order_type in SCHEDULABLE else (None,)
        for schedule in schedules:
            body = ON_SUBSCRIPTION[order_type] | ({"schedule": schedule} if schedule else {})
            products = [("not_found", "$.product_ids[0]")] * (order_type == "cancel_subscription_products")
            assert refused(body) == [NO_SUBSCRIPTION, *products]


@pytest.mark.parametrize("order_type", SCHEDULABLE)
class TestThatWaits:
    """An order that waits takes the lock at its release."""

    @pytest.mark.parametrize("lock", [Lock(exclusive="ord_1"), Lock(topups=["ord_1"])])
    def test_beside_others(self, order_type: str, lock: Lock) -> None:
        plan = running()
        for schedule in (TOMORROW, bodies.AT_CYCLE_END):
            assert refused(ON_SUBSCRIPTION[order_type] | {"schedule": schedule}, holding(plan, lock=lock), plan) == []

    def test_today_is_at_once(self, order_type: str) -> None:
        plan = running()
        body = ON_SUBSCRIPTION[order_type] | {
            "schedule": {"mode": "specific_date", "effective_at": clock.now().date().isoformat()}
        }
        shape = get_type_hints(module_of_type(order_type).place_order)["body"]
        records = found(PLAN, OTHER, ADDON, holding(plan, lock=Lock(exclusive="ord_1")), plan)
        faults = kind_of(order_type).check(shape.model_validate(body), records, clock.now())
        assert [(fault.code, fault.pointer) for fault in faults] == [IN_PROGRESS]

    def test_for_a_cycle_there_must_be_a_plan(self, order_type: str) -> None:
        addon = begun("prd_addon", ADDON)
        body = ON_SUBSCRIPTION[order_type] | {"schedule": bodies.AT_CYCLE_END}
        if order_type == "cancel_subscription_products":
            body["product_ids"] = ["prd_addon"]
        expected = [("no_active_plan", "$.schedule")]
        if order_type == "change_subscription_plan":
            expected.insert(0, ("no_active_plan", "$.subscription_id"))
        assert refused(body, holding(addon), addon) == expected

    def test_behind_another_of_its_type(self, order_type: str) -> None:
        """A subscription ends once and has one next plan; several orders may cancel products."""
        plan = running()
        for other in SCHEDULABLE:
            waiting = ScheduledOrder(order_id="ord_1", type=other, release_at=NOW)
            once = order_type == other != "cancel_subscription_products"
            for schedule in (TOMORROW, bodies.AT_CYCLE_END):
                body = ON_SUBSCRIPTION[order_type] | {"schedule": schedule}
                root = holding(plan, lock=Lock(scheduled=[waiting]))
                assert refused(body, root, plan) == ([ALREADY_SCHEDULED] if once else [])
            assert refused(ON_SUBSCRIPTION[order_type], holding(plan, lock=Lock(scheduled=[waiting])), plan) == []


class TestActivation:
    """It needs a subscriber, its offerings and, for a physical SIM, a reservation."""

    BODY = bodies.activation(SUBSCRIBER, "plan", "addon")

    def test_it_passes(self) -> None:
        assert refused(self.BODY, subscriber()) == []

    def test_all_that_is_missing_is_listed(self) -> None:
        body = bodies.activation(SUBSCRIBER, "no plan", "no addon", sim_profile=RESERVED)
        assert refused(body) == [
            ("not_found", "$.subscriber_id"),
            ("not_found", "$.products.plan.product_offering_id"),
            ("not_found", "$.products.addons[0].product_offering_id"),
            ("reservation_not_usable", "$.sim_profile.reservation_id"),
        ]


@pytest.mark.parametrize(
    ("fields", "usable"),
    [
        ({"expires_at": NOW + timedelta(milliseconds=1)}, True),
        ({"expires_at": NOW}, False),
        ({"expires_at": NOW + timedelta(days=1), "order_id": "ord_1"}, False),
        ({"expires_at": NOW + timedelta(days=1), "partner": "umbrella"}, False),
    ],
)
def test_a_physical_sim_needs_an_open_reservation(fields: dict[str, Any], usable: bool) -> None:
    kept = {"id": "resv_1", "partner": PARTNER, "created_at": NOW, "sim_profile_id": "simp_2"}
    reservation = Reservation.model_validate(kept | fields)
    expected = [] if usable else [("reservation_not_usable", "$.sim_profile.reservation_id")]
    for body in (bodies.swap("subs_1"), bodies.activation(SUBSCRIBER, "plan")):
        records = (subscription(), subscriber(), reservation)
        assert refused(body | {"sim_profile": RESERVED}, *records) == expected


@pytest.mark.parametrize(
    "body",
    [
        bodies.topup("subs_1", "plan", "over", "soon"),
        bodies.plan_change("subs_1", "other plan", "plan", "over", "soon"),
        bodies.activation(SUBSCRIBER, "other plan", "plan", "over", "soon"),
    ],
)
def test_what_is_sold_must_be_on_sale(body: dict[str, Any]) -> None:
    plan, moments = running(), {"over": {"end_at": NOW}, "soon": {"start_at": NOW + timedelta(milliseconds=1)}}
    late = [offering(name, fits=[PLAN.id, OTHER.id], availability=when) for name, when in moments.items()]
    assert refused(body, holding(plan), plan, subscriber(), *late) == [
        ("offering_not_an_addon", "$.products.addons[0].product_offering_id"),
        ("offering_inactive", "$.products.addons[1].product_offering_id"),
        ("offering_inactive", "$.products.addons[2].product_offering_id"),
    ]


def test_add_ons_need_a_plan_and_so_does_a_plan_change() -> None:
    assert refused(bodies.topup("subs_1", "addon"), subscription()) == [("no_active_plan", "$.products.addons")]
    assert refused(ON_SUBSCRIPTION["change_subscription_plan"], subscription()) == [
        ("no_active_plan", "$.subscription_id")
    ]


def test_add_ons_of_a_plan_change_must_fit_the_new_plan() -> None:
    """The new plan takes the old one's place, also of the 40."""
    plan, fits_the_old = running(), offering("fits the old", fits=["plan"])
    full = holding(plan, lock=Lock(reserved_places={"ord_1": 39}))
    assert refused(bodies.plan_change("subs_1", "other plan"), full, plan) == []
    one_more = bodies.plan_change("subs_1", "other plan", "addon")
    assert refused(one_more, full, plan) == [("too_many_products", "$.products")]
    body = bodies.plan_change("subs_1", "other plan", "fits the old")
    assert refused(body, holding(plan), plan, fits_the_old) == [
        ("incompatible_addon", "$.products.addons[0].product_offering_id")
    ]


class TestWhichProductsCanBeCanceled:
    """Those of the subscription that have not ended and that no other order that waits cancels."""

    def test_each_one_has_its_fault(self) -> None:
        mine, ended = running(), running("prd_ended")
        foreign = running("prd_foreign").model_copy(update={"subscription_id": "subs_2"})
        lifecycle.end(ended, NOW, terminated=True)
        body = bodies.products_cancellation("subs_1", "prd_none", "prd_plan", "prd_foreign", "prd_ended")
        assert refused(body, holding(mine), mine, foreign, ended) == [
            ("not_found", "$.product_ids[0]"),
            ("not_found", "$.product_ids[2]"),
            ("invalid_state", "$.product_ids[3]"),
        ]

    def test_one_that_another_order_will_cancel(self) -> None:
        """At once it can be canceled all the same."""
        plan, addon = running(), begun("prd_addon", ADDON)
        waiting = ScheduledOrder(order_id="ord_1", type="x", release_at=NOW, product_ids=["prd_addon", "prd_gone"])
        root = holding(plan, addon, lock=Lock(scheduled=[waiting]))
        body = bodies.products_cancellation("subs_1", "prd_plan", "prd_addon")
        for schedule in (TOMORROW, bodies.AT_CYCLE_END):
            expected = [("order_already_scheduled", "$.product_ids[1]")]
            assert refused(body | {"schedule": schedule}, root, plan, addon) == expected
        assert refused(body, root, plan, addon) == []

    def test_those_that_have_not_started_are_canceled_at_once_also_at_the_end_of_the_cycle(self) -> None:
        """So the order does not wait, and another one must not be in progress."""
        plan, pending = running(), begun("prd_pending", ADDON, "first_usage")
        root = holding(plan, pending, lock=Lock(exclusive="ord_1"))
        body = bodies.products_cancellation("subs_1", "prd_pending", schedule=bodies.AT_CYCLE_END)
        assert refused(body, root, plan, pending) == [IN_PROGRESS]


def test_every_type_is_here() -> None:
    assert {"activate_subscription", *ON_SUBSCRIPTION} == set(ORDER_TYPES)
