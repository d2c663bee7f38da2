"""An order in one view: its history, its executions, its events and their deliveries. It shows no personal data."""

from collections.abc import Iterator

from functions.orders import store
from functions.orders.order import Order
from functions.shared import table
from functions.shared.clock import iso
from functions.shared.event import Event
from functions.subscriptions.subscription import Subscription
from functions.webhooks.delivery import Delivery
from infra.operator import executions, repair
from infra.operator.executions import Execution
from infra.operator.reading import delivery_ids, records


def lines(order: Order) -> Iterator[str]:
    """Yield the lines of the view."""
    yield f"order {order.id} of {order.partner}"
    yield from _indented(_about(order))
    yield "history"
    yield from _indented(_history(order))
    yield "executions"
    yield from _indented(map(_execution, executions.find(order.id, order.version)))
    yield "events and their deliveries"
    yield from _indented(_events(order))


def _indented(some: Iterator[str]) -> Iterator[str]:
    return (f"  {line}" for line in some)


def _about(order: Order) -> Iterator[str]:
    yield ", ".join(filter(None, (order.type, order.status, order.reference and f"reference {order.reference}")))
    subscription = table.read(Subscription, order.partner, order.subscription_id)
    status = subscription.status if subscription else "none"
    yield f"subscription {order.subscription_id} ({status}), subscriber {order.subscriber_id}"
    sim, _ = store.held_by(order)
    if sim:
        yield f"SIM {sim.id} ({sim.status}), ICCID {sim.iccid}"
    if order.failure:
        yield f"failed to {order.failure.step}: {order.failure.code}: {order.failure.detail}"
    if order.status == "fulfilling":
        decided = repair.decide(order)
        yield f"{decided.why}; {decided.what}"


def _history(order: Order) -> Iterator[str]:
    for entry in order.history:
        yield " ".join(filter(None, (iso(entry.at), entry.status, entry.reason)))


def _execution(found: Execution) -> str:
    end = f" to {iso(found.ended_at)}" if found.ended_at else ""
    return f"{found.name} {found.status}, {iso(found.started_at)}{end}" + (f", {found.error}" if found.error else "")


def _events(order: Order) -> Iterator[str]:
    sent = [*records(order.partner, Delivery, [*delivery_ids(order.partner, order.event_ids)])]
    for event in records(order.partner, Event, order.event_ids):
        yield f"{iso(event.created_at)} {event.id} {event.type}"
        yield from _indented(_delivery(delivery) for delivery in sent if delivery.event_id == event.id)


def _delivery(delivery: Delivery) -> str:
    attempts = ", ".join(str(attempt.status_code or attempt.error) for attempt in delivery.attempts)
    return f"{delivery.webhook_id} {delivery.id} {delivery.status}" + (f": {attempts}" if attempts else "")
