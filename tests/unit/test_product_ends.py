"""How a product's end is decided and taken back (contract §6)."""

from datetime import timedelta

import pytest

from functions.products import lifecycle
from functions.products.product import Product
from tests.support.builders import MONTH, NOW, offering, product

DAYS_30 = {"type": "duration", "unit": "day", "unit_count": 30, "is_recurrent": False}
LATER = timedelta(days=2)


@pytest.fixture
def monthly() -> Product:
    """A product that renews every month."""
    running = product("prd_1", offering("monthly", validity=MONTH))
    lifecycle.begin(running, "immediate", NOW, None)
    return running


def test_it_ends_with_its_cycle_whoever_decides_first(monthly: Product) -> None:
    lifecycle.decide_end(monthly, "ord_1")
    assert (monthly.end_at, monthly.end_decided_by) == (monthly.billing_cycle_end_at, ["ord_1"])
    lifecycle.decide_end(monthly, "ord_2", NOW + LATER)
    lifecycle.decide_end(monthly, "ord_2", NOW + LATER)
    assert (monthly.end_at, monthly.end_decided_by) == (monthly.billing_cycle_end_at, ["ord_1", "ord_2"])


def test_an_end_that_was_set_earlier(monthly: Product) -> None:
    lifecycle.decide_end(monthly, "ord_1", NOW + LATER)
    assert monthly.end_at == NOW + LATER


def test_what_does_not_renew_ends_by_itself() -> None:
    once = product("prd_1", offering("once", validity=DAYS_30))
    lifecycle.begin(once, "immediate", NOW, None)
    lifecycle.decide_end(once, "ord_1")
    assert (once.end_at, once.end_decided_by) == (NOW + timedelta(days=30), [])
    assert not lifecycle.take_back_end(once, "ord_1", NOW)


def test_it_renews_again_once_nobody_wants_its_end(monthly: Product) -> None:
    for decided_by in ("ord_1", lifecycle.PARTNER):
        lifecycle.decide_end(monthly, decided_by)
    assert not lifecycle.take_back_end(monthly, "ord_2", NOW)
    assert lifecycle.take_back_end(monthly, "ord_1", NOW)
    assert monthly.end_at == monthly.billing_cycle_end_at
    assert lifecycle.take_back_end(monthly, lifecycle.PARTNER, NOW)
    assert (monthly.end_at, monthly.end_decided_by) == (None, [])


@pytest.mark.parametrize(("late", "over"), [(timedelta(milliseconds=-1), False), (timedelta(0), True)])
def test_an_end_that_has_come_is_not_taken_back(monthly: Product, late: timedelta, over: bool) -> None:
    lifecycle.decide_end(monthly, "ord_1", NOW + LATER)
    assert lifecycle.take_back_end(monthly, "ord_1", NOW + LATER + late)
    assert (monthly.end_at is not None) == over


@pytest.mark.parametrize(
    ("status", "terminated", "ends"),
    [
        ("active", True, "terminated"),
        ("active", False, "canceled"),
        ("pending", True, "canceled"),
    ],
)
def test_it_is_terminated_only_if_it_had_started(status: str, terminated: bool, ends: str) -> None:
    one = product("prd_1", offering("once", validity=DAYS_30), status=status)
    lifecycle.end(one, NOW, terminated=terminated)
    assert (one.status, one.ended_at) == (ends, NOW)
    assert one.end_at == (NOW if ends == "terminated" else None)
