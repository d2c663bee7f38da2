"""What is measured of orders: their events, which the stream brings once they are committed, and rarely twice."""

from datetime import datetime
from typing import Any

from functions.orders.progress import ProgressSettings
from functions.shared.event import Event
from functions.shared.metrics import (
    ORDER_DURATION,
    ORDERS_ACCEPTED,
    ORDERS_COMPLETED,
    ORDERS_DELAYED,
    ORDERS_ENDED_LATE,
    ORDERS_FAILED,
)
from functions.shared.observability import add_log_context, measure, report_failure

COUNTED = {
    "order.accepted": ORDERS_ACCEPTED,
    "order.completed": ORDERS_COMPLETED,
    "order.failed": ORDERS_FAILED,
    "order.delayed": ORDERS_DELAYED,
}

ENDS = {"order.completed", "order.failed"}
"""The events that end what ``expected_by`` is about."""


def measure_event(event: Event) -> None:
    """Count what has become of an order, and measure how long a completed one has taken.

    Whatever goes wrong, the event was handled.
    """
    try:
        _measure(event)
    except Exception:  # noqa: BLE001 - see above
        report_failure("An event could not be measured.")


def _measure(event: Event) -> None:
    if (metric := COUNTED.get(event.type)) is None:
        return
    order = event.data["order"]
    add_log_context(order_id=order["id"])
    measure(metric, of=order.get("failure", {}).get("code"))
    if event.type == "order.completed":
        measure(ORDER_DURATION, _seconds_to_complete(order))
    if event.type in ENDS and event.created_at > datetime.fromisoformat(order["expected_by"]):
        measure(ORDERS_ENDED_LATE, of=order["status"])


def _seconds_to_complete(order: dict[str, Any]) -> float:
    """Return how long it was being fulfilled, which began a known time before ``expected_by``."""
    late = datetime.fromisoformat(order["completed_at"]) - datetime.fromisoformat(order["expected_by"])
    return late.total_seconds() + ProgressSettings.load().expected_within_seconds
