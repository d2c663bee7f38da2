"""One step of one order whose records are already there."""

from datetime import datetime, timedelta
from typing import Any

from functions.orders.order import HistoryEntry, Line, Order, show_order
from functions.products import lifecycle
from functions.shared.records import Record
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.lock import Lock
from functions.subscriptions.subscription import Subscription
from tests.lifecycle.steps import passing_time, run
from tests.support.builders import MONTH, NOW, PARTNER, offering, product, subscription
from tests.support.executions import Execution
from tests.support.timeline import Timeline

EXECUTION = Execution("ord_1", PARTNER, "ord_1")
EXTRA = offering("data", prices=[{"type": "one_time", "unit_amount": 500, "currency": "EUR"}]).terms()
NUMBERED = offering("numbered", "plan", validity=MONTH, phone_number_country="DE").terms()
CHEAPER = {"type": "one_time", "unit_amount": 400, "currency": "EUR"}
IN_A_WEEK = NOW + timedelta(days=7)
LINES = [
    Line(product_id="prd_1", offering=EXTRA, price_alterations=[CHEAPER]),
    Line(product_id="prd_2", offering=EXTRA, activation_mode="first_usage"),
    Line(product_id="prd_3", offering=EXTRA, activation_mode="scheduled", start_at=IN_A_WEEK),
]


def keep(line: Timeline, *records: Record) -> None:
    change = Transaction()
    for record in records:
        change.create(record)
    change.commit()
    line.world.look()


def order(order_type: str, **fields: Any) -> Order:
    """One that is being fulfilled."""
    plain = {"id": "ord_1", "partner": PARTNER, "created_at": NOW, "type": order_type, "status": "fulfilling"}
    plain |= {"subscription_id": "subs_1", "subscriber_id": "subr_1", "account_id": "acc_1", "due_at": NOW}
    return Order.model_validate(plain | fields)


def sim(sim_id: str = "simp_1", **fields: Any) -> SimProfile:
    plain = {"id": sim_id, "partner": PARTNER, "created_at": NOW, "iccid": "8988211000000000010", "sim_type": "esim"}
    return SimProfile.model_validate(plain | fields)


def held(lock: Lock, **fields: Any) -> list[Record]:
    """A subscription with a plan, held by the order, and its SIM."""
    plan, linked = product("prd_plan", offering("plan", "plan", validity=MONTH)), sim(status="active")
    root = subscription(sim_profile=linked, lock=lock, **fields)
    lifecycle.begin(plan, "immediate", NOW, None)
    root.know(plan)
    root.due_at = root.next_due_at()
    return [root, plan, linked]


def one_step(line: Timeline, step: str, **more: Any) -> dict[str, Any]:
    with passing_time(line):
        return dict(run(line, EXECUTION, step, **more))


def moved(line: Timeline, status: str, subscription: Subscription | None, reason: str | None = None) -> datetime:
    """When the order moved to the status, of which its last event tells, showing it as it is."""
    found, event = line.order("ord_1"), line.events_of("ord_1")[-1]
    at = found.history[-1].at
    assert found.history == [HistoryEntry.model_validate({"status": status, "at": at, "reason": reason})]
    assert (found.status, found.updated_at) == (status, at)
    assert (event.type, event.subscription_id, event.order_id) == (f"order.{status}", "subs_1", "ord_1")
    assert event.data == {"order": show_order(found, subscription)}
    assert event.id == found.event_ids[-1]
    return at


def ended(line: Timeline, status: str, subscription: Subscription | None, reason: str | None = None) -> datetime:
    """When the order ended, which is no longer due for anything."""
    assert line.order("ord_1").due_at is None
    return moved(line, status, subscription, reason)
