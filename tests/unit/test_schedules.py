"""When an order is to be carried out (contract §2, ``schedule``)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from functions.orders.schedule import Schedule, check_schedule, check_waiting, release_of, scheduled
from functions.products import lifecycle
from functions.shared import clock
from functions.shared.refusals import Code, Fault
from functions.shared.shapes import check_body
from functions.subscriptions.lock import Lock, ScheduledOrder
from functions.subscriptions.subscription import Subscription
from tests.support.builders import NOW, offering, product, subscription

TODAY, TOMORROW = "2026-03-10", "2026-03-11"
LAST_DAY, TOO_LATE = "2027-03-10", "2027-03-11"
CYCLE_END = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)
NOT_NOW = "This must be today or a date at most 365 days ahead."
NOT_WITH_MODE = "This member is required if mode is 'specific_date', and not allowed otherwise."
AT_CYCLE_END = {"mode": "end_of_cycle"}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def on(day: str) -> dict[str, str]:
    return {"mode": "specific_date", "effective_at": day}


@pytest.mark.parametrize(
    "body",
    [
        AT_CYCLE_END,
        {"type": "end_of_cycle"},
        {"mode": "end_of_cycle", "type": "end_of_cycle"},
        on(TODAY),
        on(LAST_DAY),
        {"type": "specific_date", "effective_at": TOMORROW},
    ],
)
def test_a_schedule_has_its_mode_under_either_name(body: dict[str, str]) -> None:
    schedule, faults = check_body(TypeAdapter(Schedule), body)
    assert faults == []
    assert schedule.mode == body.get("mode", body.get("type"))


@pytest.mark.parametrize(
    ("body", "member", "said"),
    [
        ({}, "", "This must have a mode."),
        (on("2026-03-09"), ".effective_at", NOT_NOW),
        (on(TOO_LATE), ".effective_at", NOT_NOW),
        ({"mode": "specific_date"}, ".effective_at", NOT_WITH_MODE),
        ({"type": "specific_date"}, ".effective_at", NOT_WITH_MODE),
        ({"mode": "end_of_cycle", "effective_at": TODAY}, ".effective_at", NOT_WITH_MODE),
        ({"type": "end_of_cycle", "effective_at": TODAY}, ".effective_at", NOT_WITH_MODE),
        ({"effective_at": TODAY}, "", "This must have a mode."),
        (
            on(TODAY) | {"type": "end_of_cycle"},
            "",
            "This must have the same value for mode and type if both are given.",
        ),
    ],
)
def test_what_is_said_of_a_schedule_that_is_none(body: dict[str, str], member: str, said: str) -> None:
    _, (fault,) = check_body(TypeAdapter(Schedule), body)
    assert fault.pointer == f"${member}"
    assert fault.detail == said


@pytest.mark.parametrize(
    ("schedule", "cycle_end", "release_at", "effective_at"),
    [
        (on(TOMORROW), None, datetime(2026, 3, 11, tzinfo=UTC), TOMORROW),
        (on(TOMORROW), CYCLE_END, datetime(2026, 3, 11, tzinfo=UTC), TOMORROW),
        (on(TODAY), CYCLE_END, None, TODAY),
        (AT_CYCLE_END, CYCLE_END, CYCLE_END, "2026-04-10"),
        (AT_CYCLE_END, NOW - timedelta(days=1), NOW - timedelta(days=1), "2026-03-09"),
        (AT_CYCLE_END, None, None, TODAY),
    ],
)
def test_when_an_order_is_released(
    schedule: dict[str, Any], cycle_end: datetime | None, release_at: datetime | None, effective_at: str
) -> None:
    """Today is at once; and a cycle that has ended, unnoticed by the clock, releases the order as of its end."""
    kept = {"schedule": {"mode": schedule["mode"], "effective_at": effective_at}, "release_at": release_at}
    assert scheduled(Schedule.model_validate(schedule), cycle_end, NOW) == kept


def test_a_date_that_begins_now_has_come() -> None:
    midnight = datetime(2026, 3, 10, tzinfo=UTC)
    schedule = Schedule.model_validate(on(TODAY))
    assert release_of(schedule, None, midnight) is None
    assert release_of(schedule, None, midnight - timedelta(milliseconds=1)) == midnight


def test_an_order_without_a_schedule_is_carried_out_at_once() -> None:
    assert release_of(None, CYCLE_END, NOW) is None
    assert scheduled(None, CYCLE_END, NOW) == {}


def with_plan() -> Subscription:
    active, plan = subscription(), product("prd_plan", offering("plan", "plan"))
    lifecycle.begin(plan, "immediate", NOW, None)
    active.know(plan)
    return active


NO_CYCLE = Fault(Code.NO_ACTIVE_PLAN, "The subscription has no active plan, so no cycle that could end.", "$.schedule")


@pytest.mark.parametrize(
    ("body", "on_subscription", "faults"),
    [
        (AT_CYCLE_END, subscription(), [NO_CYCLE]),
        (AT_CYCLE_END, with_plan(), []),
        (AT_CYCLE_END, None, []),
        (None, subscription(), []),
        (on(TOMORROW), subscription(), []),
    ],
)
def test_a_cycle_ends_only_if_there_is_a_plan(
    body: dict[str, str] | None, on_subscription: Subscription | None, faults: list[Fault]
) -> None:
    schedule = None if body is None else Schedule.model_validate(body)
    assert list(check_schedule(schedule, on_subscription)) == faults


def waiting(count: int) -> Subscription:
    """A subscription on which orders to swap wait."""
    orders = [ScheduledOrder(order_id=f"ord_{number}", type="swap", release_at=NOW) for number in range(count)]
    return subscription(lock=Lock(scheduled=orders))


FULL = Fault(
    Code.ORDER_ALREADY_SCHEDULED,
    "The subscription already has 40 scheduled orders, the maximum; cancel one first.",
    "$.schedule",
)
SECOND = Fault(
    Code.ORDER_ALREADY_SCHEDULED,
    "Another order of this type is already scheduled; cancel that one first.",
    "$.schedule",
)


@pytest.mark.parametrize(
    ("count", "only_one_of", "faults"),
    [
        (39, None, []),
        (40, None, [FULL]),
        (1, "change", []),
        (1, "swap", [SECOND]),
        (40, "swap", [SECOND, FULL]),
    ],
)
def test_how_many_orders_wait(count: int, only_one_of: str | None, faults: list[Fault]) -> None:
    assert list(check_waiting(CYCLE_END, waiting(count), only_one_of)) == faults


def test_an_order_that_does_not_wait_takes_no_place_among_those_that_do() -> None:
    assert not list(check_waiting(None, waiting(40), "swap"))
    assert not list(check_waiting(CYCLE_END, None, "swap"))
