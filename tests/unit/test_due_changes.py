"""What happens to products by themselves, when, and in which order (contract §6, time)."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.products import balances, lifecycle
from functions.products.lifecycle import Due, DueChange, apply_change, open_product
from functions.products.product import Product
from functions.shared.clock import to_utc
from functions.subscriptions.lock import ScheduledOrder
from functions.subscriptions.subscription import Subscription
from tests.support.builders import MONTH, NOW, offering, product, subscription

DAY = timedelta(days=1)
DAYS = {"day": DAY, "week": 7 * DAY}
LATER = NOW + 9 * DAY
ONCE = MONTH | {"is_recurrent": False}
INTERVAL = {"type": "interval", "start_at": NOW - DAY, "end_at": LATER}
UNTIL_CYCLE_ENDS = {"type": "end_of_plan_cycle"}
FIRST, LAST = (datetime.fromisoformat(day) for day in ("2023-12-01", "2029-01-01"))
STARTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC)).map(to_utc)


def held(product_id: str = "prd_1", validity: Any = ONCE, kind: str = "addon", **fields: Any) -> Product:
    return product(product_id, offering(f"of {product_id}", kind, validity=validity), **fields)


def active(product_id: str = "prd_1", validity: Any = ONCE, kind: str = "addon", **fields: Any) -> Product:
    started = held(product_id, validity, kind)
    lifecycle.start(started, NOW, LATER)
    return started.model_copy(update=fields)


def having(*products: Product, **fields: Any) -> Subscription:
    """A subscription with these."""
    found = subscription(**fields)
    for each in products:
        found.know(each)
    return found


def order_at(moment: datetime) -> ScheduledOrder:
    return ScheduledOrder(order_id="ord_1", type="change_subscription_plan", release_at=moment, holds_from=moment)


@pytest.mark.parametrize(
    ("waits", "due", "moment"),
    [
        (active(), Due.END, NOW.replace(month=4)),
        (active(validity=INTERVAL), Due.END, LATER),
        (active(validity=UNTIL_CYCLE_ENDS), Due.END, LATER),
        (active(validity=MONTH), Due.RENEWAL, NOW.replace(month=4)),
        (active(validity=MONTH, kind="plan"), Due.RENEWAL, NOW.replace(month=4)),
        (active(validity=MONTH, end_at=NOW.replace(month=4)), Due.END, NOW.replace(month=4)),
        (held(start_at=LATER, end_at=LATER + DAY), Due.START, LATER),
        (held(status="pending", expire_at=LATER), Due.EXPIRY, LATER),
    ],
)
def test_what_comes_next(waits: Product, due: Due, moment: datetime) -> None:
    assert open_product(waits).next_change() == (moment, due, waits.id)


def test_without_a_date_nothing_comes() -> None:
    assert open_product(held()).next_change() is None


@pytest.mark.parametrize(
    ("waits", "event", "dates"),
    [
        (active(), "product.terminated", {"ended_at": NOW.replace(month=4), "end_at": NOW.replace(month=4)}),
        (active(validity=INTERVAL), "product.terminated", {"ended_at": LATER}),
        (active(validity=UNTIL_CYCLE_ENDS), "product.terminated", {"ended_at": LATER}),
        (active(validity=MONTH), "product.renewed", {"end_at": None, "billing_cycle_end_at": NOW.replace(month=5)}),
        (held(start_at=LATER), "product.active", {"started_at": LATER, "end_at": LATER.replace(month=4)}),
        (held(status="pending", expire_at=LATER), "product.expired", {"expired_at": LATER, "ended_at": None}),
    ],
)
def test_it_happens_as_of_its_moment(waits: Product, event: str, dates: dict[str, datetime | None]) -> None:
    changed = waits.model_copy(deep=True)
    change = open_product(changed).next_change()
    assert change is not None
    assert apply_change(changed, change, None) == event
    assert {name: getattr(changed, name) for name in dates} == dates


@pytest.mark.parametrize(
    ("validity", "plan_cycle_end", "status", "end_at"),
    [
        (INTERVAL, None, "canceled", None),
        (UNTIL_CYCLE_ENDS, None, "canceled", None),
        (UNTIL_CYCLE_ENDS, LATER, "canceled", None),
        (UNTIL_CYCLE_ENDS, LATER + DAY, "active", LATER + DAY),
        (ONCE, None, "active", LATER.replace(month=4)),
        (MONTH, None, "active", None),
    ],
)
def test_a_start_with_nothing_left_to_last_is_a_cancellation(
    validity: Any, plan_cycle_end: datetime | None, status: str, end_at: datetime | None
) -> None:
    late = held(validity=validity, start_at=LATER)
    assert apply_change(late, DueChange(LATER, Due.START, late.id), plan_cycle_end) == f"product.{status}"
    assert (late.status, late.end_at, late.ended_at) == (status, end_at, None if status == "active" else LATER)


def test_renewed_products_have_fresh_balances_and_what_they_cost_now() -> None:
    plan = active(validity=MONTH, kind="plan")
    (balance,) = plan.balances = balances.balances_of(plan.offering)
    balance.spent, balance.remaining, balance.notified_thresholds = balance.initial or 0, 0, [80, 100]
    apply_change(plan, DueChange(NOW.replace(month=4), Due.RENEWAL, plan.id), None)
    (fresh,) = plan.balances
    assert (fresh.initial, fresh.remaining, fresh.spent, fresh.notified_thresholds) == (1024**3, 1024**3, 0, [])
    assert (plan.status, plan.start_at, plan.started_at, plan.cycle) == ("active", NOW, NOW, 2)


def test_the_order_at_one_instant() -> None:
    """Ends, renewals, starts, expiries; those of one kind as they were bought."""
    having_all = having(
        held("prd_1", status="pending", expire_at=LATER),
        held("prd_2", start_at=LATER),
        active("prd_3", MONTH, billing_cycle_end_at=LATER),
        active("prd_4", end_at=LATER),
        active("prd_5", end_at=LATER),
        active("prd_0", end_at=LATER + DAY),
    )
    ahead = [(change.product_id, change.due.name) for change in having_all.due_changes()]
    assert ahead == [
        ("prd_4", "END"),
        ("prd_5", "END"),
        ("prd_3", "RENEWAL"),
        ("prd_2", "START"),
        ("prd_1", "EXPIRY"),
        ("prd_0", "END"),
    ]


@given(
    start=STARTS,
    unit=st.sampled_from(["day", "week", "month", "year"]),
    count=st.integers(1, 13),
    renewals=st.integers(0, 40),
)
def test_renewals_never_drift(start: datetime, unit: str, count: int, renewals: int) -> None:
    validity = {"type": "duration", "unit": unit, "unit_count": count, "is_recurrent": True}
    renewed = held(validity=validity)
    lifecycle.start(renewed, start, None)
    ends = [renewed.billing_cycle_end_at]
    for _ in range(renewals):
        change = open_product(renewed).next_change()
        assert change is not None
        assert (change.due, change.moment) == (Due.RENEWAL, ends[-1])
        apply_change(renewed, change, None)
        ends.append(renewed.billing_cycle_end_at)
    assert (renewed.started_at, renewed.end_at) == (start, None)
    for cycle, end in enumerate(ends, start=1):
        assert end is not None
        if unit in DAYS:
            assert end - start == cycle * count * DAYS[unit]
        else:
            months = (end.year - start.year) * 12 + end.month - start.month
            assert months == cycle * count * {"month": 1, "year": 12}[unit]
            assert end.day == min(start.day, monthrange(end.year, end.month)[1])
            assert end.timetz() == start.timetz()


@pytest.mark.parametrize(
    ("start", "unit", "ends"),
    [
        ("2027-12-31", "month", ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]),
        ("2026-01-30", "month", ["2026-02-28", "2026-03-30", "2026-04-30", "2026-05-30"]),
        ("2024-02-29", "year", ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2024-02-26", "week", ["2024-03-04", "2024-03-11", "2024-03-18", "2024-03-25"]),
        ("2024-02-28", "day", ["2024-02-29", "2024-03-01", "2024-03-02", "2024-03-03"]),
    ],
)
def test_cycles_over_ends_of_months_and_leap_years(start: str, unit: str, ends: list[str]) -> None:
    renewed = held(validity=MONTH | {"unit": unit})
    lifecycle.start(renewed, datetime.fromisoformat(f"{start}T23:30:00+00:00"), None)
    found = []
    for _ in ends:
        assert renewed.billing_cycle_end_at is not None
        found.append(renewed.billing_cycle_end_at.date().isoformat())
        lifecycle.renew(renewed)
    assert found == ends


HOLDERS = [
    pytest.param({"scheduled": [order_at(LATER).model_dump()]}, id="scheduled order"),
    pytest.param({"exclusive": "ord_1", "released_at": LATER}, id="released order"),
]


@pytest.mark.parametrize("holder", HOLDERS)
class TestHeldUp:
    """From the date on for which an order waits, or has waited until it is final."""

    @pytest.mark.parametrize("moment", [LATER, LATER + DAY])
    def test_no_plan_ends_and_nothing_renews_or_starts(self, holder: dict[str, Any], moment: datetime) -> None:
        waits = having(
            active("prd_1", MONTH, "plan", billing_cycle_end_at=moment),
            active("prd_2", ONCE, "plan", end_at=moment),
            active("prd_3", MONTH, billing_cycle_end_at=moment),
            held("prd_4", start_at=moment),
            lock=holder,
        )
        assert waits.due_changes() == []
        assert waits.next_due_at() == (LATER if waits.lock.scheduled else None)
        waits.lock.give_back("ord_1")
        assert len(waits.due_changes()) == 4
        assert waits.next_due_at() == moment

    def test_addons_end_and_expire(self, holder: dict[str, Any]) -> None:
        waits = having(
            active("prd_1", end_at=LATER), held("prd_2", status="pending", expire_at=LATER + DAY), lock=holder
        )
        assert [change.due for change in waits.due_changes()] == [Due.END, Due.EXPIRY]

    def test_what_is_due_before_happens(self, holder: dict[str, Any]) -> None:
        before = LATER - timedelta(milliseconds=1)
        waits = having(active("prd_1", MONTH, "plan", billing_cycle_end_at=before), lock=holder)
        assert [change.moment for change in waits.due_changes()] == [before]


def test_an_order_that_did_not_wait_holds_nothing_up() -> None:
    plan = active(validity=MONTH, kind="plan", billing_cycle_end_at=LATER)
    assert len(having(plan, lock={"exclusive": "ord_1"}).due_changes()) == 1
    assert len(having(plan, lock={"topups": ["ord_1"]}).due_changes()) == 1


@pytest.mark.parametrize("status", ["depleted", "terminated", "canceled", "expired"])
def test_what_has_ended_is_forgotten(status: str) -> None:
    found = having(active())
    found.know(active(status=status))
    assert found.open_products == []


def test_the_current_plan_is_the_one_that_started_last() -> None:
    old = active("prd_9", MONTH, "plan", started_at=NOW - DAY, billing_cycle_end_at=LATER)
    new = active("prd_1", ONCE, "plan", end_at=LATER + DAY)
    found = having(new, old, active("prd_2", MONTH))
    assert found.current_plan() == open_product(new)
    assert found.plan_cycle_end() == LATER + DAY
