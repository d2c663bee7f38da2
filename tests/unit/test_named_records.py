"""The rules about what an order names: its subscription, and the reservation of a SIM (contract §2)."""

from datetime import timedelta
from typing import Any

import pytest

from functions.orders import rules
from functions.orders.order import reference_key
from functions.orders.requests import Esim, PhysicalSim
from functions.shared.records import Key
from functions.shared.refusals import Code, Fault
from functions.sim_profiles.sim_profile import Reservation
from tests.support.builders import NOW, PARTNER, found, subscription


@pytest.mark.parametrize(
    ("status", "fields", "exclusive", "code"),
    [
        ("active", {}, True, None),
        ("grace", {}, True, None),
        ("deactivated", {}, False, None),
        ("created", {}, False, "subscription_not_active"),
        ("suspended", {}, False, "subscription_not_active"),
        ("canceled", {}, True, "subscription_not_active"),
        ("terminated", {}, True, "subscription_not_active"),
        ("active", {"lock": {"exclusive": "ord_1"}}, True, "order_in_progress"),
        ("active", {"lock": {"exclusive": "ord_1"}}, False, "order_in_progress"),
        ("active", {"lock": {"topups": ["ord_1"]}}, True, "order_in_progress"),
        ("active", {"lock": {"topups": ["ord_1"]}}, False, None),
    ],
)
def test_which_subscription_takes_an_order(
    status: str, fields: dict[str, Any], exclusive: bool, code: str | None
) -> None:
    checked = rules.check_subscription(subscription(status=status, **fields), exclusive=exclusive)
    assert [(fault.code.value, fault.pointer) for fault in checked] == [(code, "$.subscription_id")] * (
        code is not None
    )


def test_a_suspended_subscription_can_be_canceled() -> None:
    takes = ("active", "grace", "deactivated", "suspended")
    assert not list(rules.check_subscription(subscription(status="suspended"), exclusive=True, takes=takes))


def test_a_locked_subscription_that_takes_no_order_says_both() -> None:
    checked = rules.check_subscription(subscription(status="suspended", lock={"exclusive": "ord_1"}), exclusive=True)
    assert [(fault.code.value, fault.detail) for fault in checked] == [
        ("subscription_not_active", "The subscription is suspended."),
        (
            "order_in_progress",
            "Another order on this subscription is in progress; send this one again when it is final.",
        ),
    ]


def test_an_order_that_waits_for_its_date_waits_for_no_other() -> None:
    held = subscription(lock={"exclusive": "ord_1", "topups": ["ord_2"]})
    assert not list(rules.check_subscription(held, exclusive=True, waits=True))


def test_a_subscription_that_is_not_there() -> None:
    missing = Fault(Code.NOT_FOUND, "This subscription does not exist.", "$.subscription_id")
    assert list(rules.check_subscription(None, exclusive=True)) == [missing]


RESERVED = PhysicalSim(sim_type="psim", reservation_id="resv_1")


def reservation(**fields: Any) -> Reservation:
    plain = {"id": "resv_1", "partner": PARTNER, "created_at": NOW, "sim_profile_id": "simp_1"}
    return Reservation.model_validate(plain | {"expires_at": NOW + timedelta(hours=24)} | fields)


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([], id="unknown"),
        pytest.param([reservation(id="resv_2")], id="another one"),
        pytest.param([reservation(expires_at=NOW)], id="expired"),
        pytest.param([reservation(order_id="ord_1")], id="in use"),
    ],
)
def test_a_reservation_that_cannot_be_used(records: list[Reservation]) -> None:
    detail = "No open reservation has this id; reserve the SIM again."
    unusable = Fault(Code.RESERVATION_NOT_USABLE, detail, "$.sim_profile.reservation_id")
    assert list(rules.check_reservation(RESERVED, found(*records), NOW)) == [unusable]


def test_an_open_reservation_can_be_used() -> None:
    last_moment = reservation(expires_at=NOW + timedelta(milliseconds=1))
    assert not list(rules.check_reservation(RESERVED, found(last_moment), NOW))


@pytest.mark.parametrize("sim", [None, Esim(sim_type="esim")])
def test_an_esim_needs_no_reservation(sim: Esim | None) -> None:
    assert not list(rules.check_reservation(sim, found(), NOW))


def test_a_reference_stays_with_its_order_forever() -> None:
    """So what reserves it lies where it has always been."""
    assert reference_key("acme", "mine") == Key("acme#reference#mine", "reference")
