"""What is due: the clock runs every minute, and whatever it finds overdue moves on or is told about."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from functions.events import reports
from functions.events.reports import ReportRecord
from functions.orders import execution, lifecycle
from functions.orders.order import Order
from functions.shared import clock, table
from functions.shared.observability import begin, logger
from functions.shared.records import DUE_SHARDS, Due
from functions.sim_profiles import reservations, stock
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from functions.subscriptions.subscription import Subscription

AT_ONCE = 16
ENOUGH_SECONDS = 40.0
"""When no more is begun, so that the function ends in time; what is left is still due the next minute."""


def handler(_event: dict[str, Any], _context: Any) -> None:
    """Look after everything that is due now, each once; what fails is still due the next minute, and is raised here."""
    now = clock.now()
    end = time.monotonic() + ENOUGH_SECONDS
    due = (due for shard in range(DUE_SHARDS) for due in table.due(now, shard))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        failed = sum(pool.map(lambda record: time.monotonic() < end and not _look_after(record, now), due))
    if failed:
        raise RuntimeError(f"{failed} due records could not be looked after")


def _look_after_order(due: Due, _now: datetime) -> None:
    """Whatever waits moves on; an order in fulfilment gets its execution or, if that has ended, is undone."""
    order = table.settle(lambda: lifecycle.look_after(due.partner, due.id))
    if order is not None and not execution.start(due.partner, due.id):
        logger.warning("The order's execution ended without a result; it is undone.")
        execution.start_undo(due.partner, due.id, attempt=order.version)


def _look_after_sim(due: Due, now: datetime) -> None:
    sim = table.read(SimProfile, due.partner, due.id)
    if sim is not None:
        stock.when_due(sim, now)


def _look_after_subscription(due: Due, _now: datetime) -> None:
    lifecycle.see_to_next(due.partner, due.id)


def _look_after_report(due: Due, _now: datetime) -> None:
    reports.look_after(due.partner, due.id)


def _look_after_reservation(due: Due, now: datetime) -> None:
    reservation = table.read(Reservation, due.partner, due.id)
    if reservation is not None:
        reservations.when_due(reservation, now)


KINDS: dict[str, Callable[[Due, datetime], None]] = {
    Order.KIND: _look_after_order,
    Subscription.KIND: _look_after_subscription,
    SimProfile.KIND: _look_after_sim,
    Reservation.KIND: _look_after_reservation,
    ReportRecord.KIND: _look_after_report,
}
"""Whoever looks after a kind of record when it is due."""


def _look_after(due: Due, now: datetime) -> bool:
    begin(partner=due.partner, due=due.id)
    try:
        table.settle(lambda: KINDS[due.kind](due, now))
    except Exception:  # noqa: BLE001 - one record's trouble must not hold up the others; it is counted
        logger.exception("A due record could not be looked after.")
        return False
    return True
