"""How products begin (contract §6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.catalog.offering import DurationValidity, EndOfPlanCycleValidity, Price
from functions.products import balances, lifecycle
from functions.products.product import Product, show_balance
from tests.support.builders import MONTH, NOW, allowance, offering, product

CYCLE_END = NOW + timedelta(days=12)
MOMENT = timedelta(milliseconds=1)
UNTIL_CYCLE_ENDS = {"type": "end_of_plan_cycle"}
STARTS = st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


def begun(validity: dict[str, Any], mode: Any = "immediate", start_at: datetime | None = None) -> Product:
    new = product("prd_1", offering("offering", validity=validity), start_at=start_at)
    lifecycle.begin(new, mode, NOW, CYCLE_END)
    return new


def duration(unit: str, count: int, *, recurrent: bool = False) -> dict[str, Any]:
    return {"type": "duration", "unit": unit, "unit_count": count, "is_recurrent": recurrent}


@pytest.mark.parametrize(
    ("validity", "end_at"),
    [
        (duration("day", 30), NOW + timedelta(days=30)),
        (duration("week", 2), NOW + timedelta(days=14)),
        (duration("month", 1), NOW.replace(month=4)),
        (duration("year", 1), NOW.replace(year=2027)),
        ({"type": "interval", "start_at": NOW - timedelta(1), "end_at": NOW + timedelta(1)}, NOW + timedelta(1)),
        (UNTIL_CYCLE_ENDS, CYCLE_END),
    ],
)
def test_an_immediate_product_is_active_until_its_validity_is_over(validity: dict[str, Any], end_at: datetime) -> None:
    active = begun(validity)
    assert (active.status, active.start_at, active.started_at, active.end_at) == ("active", NOW, NOW, end_at)
    assert active.billing_cycle_end_at is None


def test_what_recurs_has_a_cycle_and_no_end() -> None:
    active = begun(MONTH)
    assert (active.billing_cycle_end_at, active.end_at) == (NOW.replace(month=4), None)


def test_first_usage_waits_a_year_at_most() -> None:
    waiting = begun(duration("day", 7), "first_usage")
    assert (waiting.status, waiting.status_reason) == ("pending", "first_usage_activation")
    assert (waiting.expire_at, waiting.start_at, waiting.end_at) == (NOW + timedelta(days=365), None, None)


def test_first_usage_of_an_interval_expires_with_it() -> None:
    interval = {"type": "interval", "start_at": NOW, "end_at": NOW + timedelta(days=9)}
    assert begun(interval, "first_usage").expire_at == NOW + timedelta(days=9)


def test_a_date_is_waited_for() -> None:
    later = NOW + timedelta(days=3)
    waiting = begun(duration("day", 7), "scheduled", later)
    assert (waiting.status, waiting.start_at, waiting.started_at) == ("scheduled", later, None)
    assert waiting.end_at == later + timedelta(days=7)


def test_an_interval_that_has_not_begun_is_waited_for() -> None:
    start, end = NOW + timedelta(days=5), NOW + timedelta(days=9)
    waiting = begun({"type": "interval", "start_at": start, "end_at": end})
    assert (waiting.status, waiting.start_at, waiting.end_at) == ("scheduled", start, end)


@pytest.mark.parametrize(
    ("plan_cycle_end", "waits"), [(NOW - MOMENT, True), (NOW, True), (NOW + MOMENT, False), (None, False)]
)
def test_what_ends_with_a_cycle_waits_while_the_next_one_is_undecided(
    plan_cycle_end: datetime | None, waits: bool
) -> None:
    until_it_ends = EndOfPlanCycleValidity.model_validate(UNTIL_CYCLE_ENDS)
    assert lifecycle.awaits_cycle(until_it_ends, NOW, plan_cycle_end) is waits
    assert lifecycle.awaits_cycle(DurationValidity.model_validate(MONTH), NOW, plan_cycle_end) is False


def test_bought_between_two_cycles_it_starts_with_the_next_one() -> None:
    between = product("prd_1", offering("offering", validity=UNTIL_CYCLE_ENDS))
    lifecycle.begin(between, "immediate", NOW, NOW)
    assert (between.status, between.start_at, between.started_at, between.end_at) == ("scheduled", NOW, None, None)


@pytest.mark.parametrize(
    ("kind", "fields", "unit", "initial"),
    [
        ("data", {"unit": "gigabytes", "unit_count": 2}, "bytes", 2 * 1024**3),
        ("data", {"unit": "megabytes", "unit_count": 500}, "bytes", 500 * 1024**2),
        ("data", {"unit": "bytes", "unit_count": 7}, "bytes", 7),
        ("voice", {"unit": "seconds", "unit_count": 7199}, "minutes", 119),
        ("sms", {"unit": "count", "unit_count": 25}, "count", 25),
    ],
)
def test_a_limited_balance(kind: str, fields: dict[str, Any], unit: str, initial: int) -> None:
    balance = balances.balance_of(allowance(kind, **fields))
    assert (balance.type, balance.unit, balance.initial, balance.remaining, balance.spent) == (
        "limited",
        unit,
        initial,
        initial,
        0,
    )


def test_an_unlimited_balance_has_only_what_was_spent() -> None:
    balance = balances.balance_of(allowance("data", is_unlimited=True, unit=None, unit_count=None))
    assert show_balance(balance) == {"type": "unlimited", "allowance_type": "data", "unit": "bytes", "spent": 0}


def test_months_do_not_drift() -> None:
    monthly = DurationValidity.model_validate(MONTH)
    start = datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
    ends = [lifecycle.cycle_end(start, monthly, cycle).date().isoformat() for cycle in (1, 2, 3, 13)]
    assert ends == ["2026-02-28", "2026-03-31", "2026-04-30", "2027-02-28"]


@given(start=STARTS, count=st.integers(1, 24), cycle=st.integers(1, 60))
def test_a_cycle_ends_on_the_first_starts_day_or_the_months_last(start: datetime, count: int, cycle: int) -> None:
    validity = DurationValidity(type="duration", unit="month", unit_count=count, is_recurrent=True)
    end = lifecycle.cycle_end(start, validity, cycle)
    months = (end.year - start.year) * 12 + end.month - start.month
    assert months == count * cycle
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)
    assert end.timetz() == start.timetz()


def test_a_price_of_the_same_type_is_replaced_and_keeps_its_recurrence() -> None:
    monthly = Price.model_validate(
        {
            "type": "recurring",
            "unit_amount": 900,
            "currency": "EUR",
            "recurrence": {"unit": "month", "unit_count": 1},
        }
    )
    once = Price(type="one_time", unit_amount=100, currency="EUR")
    cheaper = Price(type="recurring", unit_amount=700, currency="EUR")
    altered = balances.altered_prices(offering("o", prices=[monthly]), [cheaper, once])
    assert altered == [monthly.model_copy(update={"unit_amount": 700}), once]


@pytest.mark.parametrize(
    ("validity", "recurrence"),
    [
        (duration("week", 2, recurrent=True), {"unit": "week", "unit_count": 2}),
        ({"type": "end_of_plan_cycle"}, None),
    ],
)
def test_a_new_recurring_price_recurs_like_the_offering(
    validity: dict[str, Any], recurrence: dict[str, Any] | None
) -> None:
    once, weekly = (
        Price.model_validate({"type": each, "unit_amount": 7, "currency": "EUR"}) for each in ("one_time", "recurring")
    )
    altered = balances.altered_prices(offering("o", validity=validity, prices=[once]), [weekly])
    assert altered == [once, Price.model_validate(weekly.model_dump() | {"recurrence": recurrence})]


def test_prices_in_several_currencies_are_kept() -> None:
    prices = [
        Price(type="one_time", unit_amount=amount, currency=currency) for amount, currency in ((1, "EUR"), (2, "USD"))
    ]
    assert balances.altered_prices(offering("o", prices=prices), []) == prices


def test_an_interval_that_is_over_never_starts() -> None:
    over = {"type": "interval", "start_at": NOW - timedelta(days=9), "end_at": NOW}
    for mode in ("immediate", "first_usage"):
        late = begun(over, mode)
        assert (late.status, late.started_at, late.ended_at) == ("canceled", None, NOW)
