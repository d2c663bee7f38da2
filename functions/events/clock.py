"""The clock: every minute, handle everything that is due."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import repeat
from typing import Any

from functions.events import heartbeat, reports
from functions.events.reports import ReportRecord
from functions.events.turns import Turns
from functions.orders import executions, progress
from functions.orders.order import Order
from functions.shared import clock, personal_answers, table
from functions.shared.metrics import CLOCK_RUNS, ORDERS_LATE, ORDERS_NEEDING_REPAIR
from functions.shared.observability import (
    in_thread,
    logger,
    measure,
    named,
    observed,
    report_failure,
    set_log_context,
)
from functions.shared.records import DUE_SHARDS, Due
from functions.sim_profiles import reservations, stock
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from functions.subscriptions.subscription import Subscription
from functions.webhooks import attempts, disabling, replaying
from functions.webhooks.delivery import Delivery
from functions.webhooks.replay import Replay
from functions.webhooks.webhook import WEBHOOKS

WORKERS_OF_A_SHARD = 2
"""Per shard, so that a slow shard does not delay the others."""
MAX_SECONDS = 40.0
"""After this, no further record is started, so that the function ends in time; the rest is still due next minute."""
PUT_OFF = timedelta(minutes=1)
"""A record that failed is due again after this, behind those that are waiting by then."""


class NeedsRepair(Exception):
    """The order needs manual repair (docs/runbook.md)."""


@observed()
def handler(event: dict[str, Any], _context: object) -> None:
    """Handle what is due now, each record once; with ``heartbeat`` in the event, write one.

    A record that fails is postponed; a shard that cannot be read is read again in a minute. For either, raise
    ``RuntimeError`` once everything else is done.
    """
    now = clock.now()
    if event.get("heartbeat"):
        heartbeat.beat(now)
    end = time.monotonic() + MAX_SECONDS
    shards = [Turns(now, shard, end) for shard in range(DUE_SHARDS)]
    with ThreadPoolExecutor(DUE_SHARDS * WORKERS_OF_A_SHARD) as pool:
        failed = sum(pool.map(in_thread(_work), shards * WORKERS_OF_A_SHARD, repeat(now)))
    unread = sum(turns.unread for turns in shards)
    measure(CLOCK_RUNS)
    if failed or unread:
        raise RuntimeError(f"{failed} due records could not be handled, {unread} shards could not be read")


def _handle_order(due: Due, _now: datetime) -> None:
    """Move on an order that waits; start the execution of one being fulfilled or, if that has ended, undo the order."""
    order = table.retry_on_conflict(lambda: progress.when_due(due.partner, due.id))
    if order is None:
        return
    measure(ORDERS_LATE)
    if executions.start(order.partner, order.id):
        return
    status = executions.status_of(order.id)
    if status in executions.WITHOUT_RESULT:
        logger.warning("The order's execution ended without a result; it is undone.", extra={"status": status})
        if executions.start_undo(order.partner, order.id, attempt=order.version):
            measure(ORDERS_NEEDING_REPAIR)
    elif status == "SUCCEEDED":
        _require_final(order)


def _require_final(order: Order) -> None:
    """Raise :class:`NeedsRepair` if the execution succeeded, but the order is not final: a backup was restored.

    The network may have carried out the order, so undoing it could remove what a customer uses.
    """
    now = table.read(Order, order.partner, order.id)
    if now is not None and not now.final:
        measure(ORDERS_NEEDING_REPAIR)
        raise NeedsRepair("the order's execution has succeeded, yet the order is still being fulfilled")


def _handle_sim(due: Due, now: datetime) -> None:
    sim = table.read(SimProfile, due.partner, due.id)
    if sim is not None:
        stock.when_due(sim, now)


def _handle_subscription(due: Due, _now: datetime) -> None:
    progress.advance_next(due.partner, due.id)


def _handle_report(due: Due, _now: datetime) -> None:
    reports.when_due(due.partner, due.id)


def _handle_reservation(due: Due, now: datetime) -> None:
    reservation = table.read(Reservation, due.partner, due.id)
    if reservation is not None:
        reservations.when_due(reservation, now)


def _handle_webhook(due: Due, now: datetime) -> None:
    disabling.when_due(due.partner, due.kind, now)


KINDS: dict[str, Callable[[Due, datetime], None]] = {
    Order.KIND: _handle_order,
    Subscription.KIND: _handle_subscription,
    SimProfile.KIND: _handle_sim,
    Reservation.KIND: _handle_reservation,
    ReportRecord.KIND: _handle_report,
    Delivery.KIND: attempts.when_due,
    Replay.KIND: replaying.when_due,
    personal_answers.KIND: personal_answers.when_due,
    WEBHOOKS: _handle_webhook,
}
"""Kind of record, or the partition in which records lie by their ids → the function that handles it when it is due."""


def _work(turns: Turns, now: datetime) -> int:
    """Handle one record after the other; return how many failed."""
    return sum(not _handle(due, now) for due in turns)


def _handle(due: Due, now: datetime) -> bool:
    set_log_context(partner=due.partner, **named(due.id))
    try:
        table.retry_on_conflict(lambda: (KINDS.get(due.kind) or KINDS[due.id])(due, now))
    except Exception:  # noqa: BLE001 - one record's trouble must not hold up the others; it is counted
        report_failure("A due record could not be handled.")
        _put_off(due)
        return False
    return True


def _put_off(due: Due) -> None:
    """Postpone the record, unless it already has a new due time."""
    try:
        table.put_off(due, clock.now() + PUT_OFF)
    except Exception:  # noqa: BLE001 - as above; it is counted already
        report_failure("A due record could not be put off.")
