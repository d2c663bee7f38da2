"""What an order keeps of its request, by its type (contract §2)."""

from datetime import datetime, timedelta
from typing import Any, get_type_hints

import pytest

from functions.catalog.offering import Price
from functions.orders.contents import lines_of
from functions.orders.kind import kind_of, module_of_type
from functions.orders.order import Line
from functions.orders.requests import Products
from functions.shared import clock
from functions.shared.records import Record
from functions.sim_profiles.sim_profile import Reservation
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

PLAN, ADDON = offering("plan", "plan", validity=MONTH), offering("addon")
OWNER = {"subscriber_id": SUBSCRIBER, "account_id": "acc_1"}
ABOUT = {"subscription_id": "subs_1"} | OWNER
TOMORROW = {"mode": "specific_date", "effective_at": (clock.now() + timedelta(days=1)).date().isoformat()}
RESERVED = {"sim_type": "psim", "reservation_id": "resv_1"}
RESERVATION = Reservation.model_validate(
    {"id": "resv_1", "partner": PARTNER, "created_at": NOW, "sim_profile_id": "simp_2", "expires_at": NOW}
)


def content(body: dict[str, Any], *records: Record) -> dict[str, Any]:
    """What an order keeps of the request, if these records are there."""
    shape = get_type_hints(module_of_type(body["type"]).place_order)["body"]
    return kind_of(body["type"]).content(shape.model_validate(body), found(*records), NOW)


def lines(*of: tuple[Any, dict[str, Any]], kept: dict[str, Any]) -> list[Line]:
    """The lines of these offerings with the ids that were made for them."""
    ids = [line.product_id for line in kept["lines"]]
    return [Line(product_id=line, offering=each.terms(), **more) for line, (each, more) in zip(ids, of, strict=True)]


def test_the_plan_comes_first_and_each_product_is_as_it_was_ordered() -> None:
    price = {"type": "one_time", "unit_amount": 700, "currency": "EUR"}
    start = (clock.now() + timedelta(days=1)).replace(microsecond=0)
    ordered = Products.model_validate(
        {
            "plan": {"product_offering_id": "plan", "price_alterations": [price | {"type": "recurring"}]},
            "addons": [
                *bodies.addons("addon", mode="first_usage"),
                *bodies.addons("addon", mode="scheduled", start_at=start.isoformat(), price_alterations=[price]),
            ],
        }
    )
    made = lines_of(ordered, found(PLAN, ADDON))
    assert len({line.product_id for line in made}) == 3
    assert all(line.product_id.startswith("prd_") for line in made)
    recurring = Price(type="recurring", unit_amount=700, currency="EUR")
    assert made == lines(
        (PLAN, {"activation_mode": "immediate", "price_alterations": [recurring]}),
        (ADDON, {"activation_mode": "first_usage"}),
        (ADDON, {"activation_mode": "scheduled", "start_at": start, "price_alterations": [Price(**price)]}),
        kept={"lines": made},
    )


@pytest.mark.parametrize(
    ("fields", "sim"),
    [
        ({}, {"sim_type": "esim", "eid": None}),
        ({"device": {"uicc": {"eid": "8" * 32}}}, {"sim_type": "esim", "eid": "8" * 32}),
        ({"sim_profile": RESERVED}, RESERVED | {"sim_profile_id": "simp_2"}),
    ],
)
def test_the_sim_is_any_esim_or_the_reserved_one(fields: dict[str, Any], sim: dict[str, Any]) -> None:
    swap = content(bodies.swap("subs_1", **fields), subscription(), RESERVATION)
    assert swap == ABOUT | sim
    kept = content(bodies.activation(SUBSCRIBER, "plan", "addon", **fields), subscriber(), PLAN, ADDON, RESERVATION)
    assert kept.pop("subscription_id").startswith("subs_")
    assert kept == OWNER | sim | {"lines": lines((PLAN, {}), (ADDON, {}), kept=kept)}


def test_a_top_up_keeps_its_products() -> None:
    kept = content(bodies.topup("subs_1", "addon"), subscription(), ADDON)
    assert kept == ABOUT | {"lines": lines((ADDON, {}), kept=kept)}


@pytest.mark.parametrize("plan", ["plan", None])
@pytest.mark.parametrize("schedule", [None, TOMORROW, bodies.AT_CYCLE_END])
def test_a_cancellation_and_a_plan_change_keep_their_date(schedule: dict[str, Any] | None, plan: str | None) -> None:
    """The end of the cycle is today, at once, where no plan is in one."""
    root = holding(*[begun("prd_1", PLAN)] if plan else [])
    when: dict[str, Any] = {}
    if schedule == TOMORROW:
        when = {"schedule": TOMORROW, "release_at": datetime.fromisoformat(f"{TOMORROW['effective_at']}T00:00:00Z")}
    elif schedule:
        end = root.plan_cycle_end()
        day = (end or NOW).date().isoformat()
        when = {"schedule": {"mode": "end_of_cycle", "effective_at": day}, "release_at": end}
        assert day == ("2026-04-10" if plan else "2026-03-10")
    assert content(bodies.cancellation("subs_1", schedule=schedule), root) == ABOUT | when
    kept = content(bodies.plan_change("subs_1", "plan", "addon", schedule=schedule), root, PLAN, ADDON)
    assert kept == ABOUT | when | {"lines": lines((PLAN, {}), (ADDON, {}), kept=kept)}


class TestCancelingProducts:
    """The order fixes the end of each product that has started, if it is for the ends of their cycles."""

    IDS = ("prd_plan", "prd_addon", "prd_waiting")

    def content(self, schedule: dict[str, Any] | None, *ids: str) -> dict[str, Any]:
        """What the order keeps of a subscription with a plan, an add-on and one that has not started."""
        products = [begun("prd_plan", PLAN), begun("prd_addon", ADDON), begun("prd_waiting", ADDON, "first_usage")]
        products[1].end_at = NOW + timedelta(days=3)
        body = bodies.products_cancellation("subs_1", *(ids or self.IDS), schedule=schedule)
        return content(body, holding(*products), *products)

    def test_at_once(self) -> None:
        assert self.content(None) == ABOUT | {"product_ids": list(self.IDS), "product_ends": {}}

    def test_on_a_date(self) -> None:
        release = datetime.fromisoformat(f"{TOMORROW['effective_at']}T00:00:00Z")
        ends = {"product_ids": list(self.IDS), "product_ends": {}}
        assert self.content(TOMORROW) == ABOUT | ends | {"schedule": TOMORROW, "release_at": release}

    def test_at_the_ends_of_their_cycles(self) -> None:
        """The order is released at the last of them."""
        last = datetime.fromisoformat("2026-04-10T12:00:00Z")
        assert self.content(bodies.AT_CYCLE_END) == ABOUT | {
            "product_ids": list(self.IDS),
            "product_ends": {"prd_plan": last, "prd_addon": NOW + timedelta(days=3)},
            "schedule": {"mode": "end_of_cycle", "effective_at": "2026-04-10"},
            "release_at": last,
        }

    def test_none_of_them_has_started(self) -> None:
        assert self.content(bodies.AT_CYCLE_END, "prd_waiting") == ABOUT | {
            "product_ids": ["prd_waiting"],
            "product_ends": {},
            "schedule": {"mode": "end_of_cycle", "effective_at": "2026-03-10"},
            "release_at": None,
        }
