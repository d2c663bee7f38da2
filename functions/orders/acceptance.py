"""Acceptance of an order: exactly once, in one transaction, or not at all (contract §1 and §2)."""

from datetime import timedelta

from functions.orders.kind import OrderKind, Q
from functions.orders.order import Order, list_entry_key, reference_key, show_order
from functions.orders.requests import OrderRequest
from functions.orders.sizes import check_size
from functions.shared.http import Request, Response
from functions.shared.ids import new_id
from functions.shared.links import link
from functions.shared.refusals import Code, Fault, Refusal, invalid, refuses
from functions.shared.transaction import Transaction
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import Reservation
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.lock import Lock, ScheduledOrder
from functions.subscriptions.subscription import Subscription

WORK_BEGINS_WITHIN = timedelta(minutes=5)
"""The clock checks an order that has not moved on by then."""


@refuses(Code.DUPLICATE_REFERENCE, Code.NOT_SUPPORTED)
def accept(request: Request, body: Q, order_type: str, kind: OrderKind[Q]) -> Response:
    """Accept the order in one transaction. Raise one refusal that lists every fault."""
    change, response = prepare_acceptance(request, body, order_type, kind)
    return request.commit(change, response)


def prepare_acceptance(request: Request, body: Q, order_type: str, kind: OrderKind[Q]) -> tuple[Transaction, Response]:
    """Return the transaction that would accept the order, and its response. Raise what :func:`accept` raises."""
    guards = [reference_key(request.partner, body.reference)] if body.reference else []
    found = request.read(body.needs(), guards)
    for guard in guards:
        _refuse_if_taken(found.item(guard))
    change = Transaction()
    if faults := [*kind.check(body, found, change.at), *check_size(body, found)]:
        raise invalid(*faults)
    order = _draft(request, body, order_type, kind.content(body, found, change.at), change)
    change.order = order
    change.create(order)
    change.claim(list_entry_key(order), {})
    for guard in guards:
        change.claim(guard, {"order_id": order.id})
    subscription = found.get(Subscription, order.subscription_id)
    if subscription is not None:
        aggregate = SubscriptionAggregate(subscription, change.at)
        _take(subscription.lock, order, kind)
        change.save(aggregate)
    if reservation := found.get(Reservation, order.reservation_id):
        stock.hold(change, reservation, order.id)
    shown = show_order(order, subscription)
    change.publish(order, "order.accepted", {"order": shown}, order.subscription_id)
    return change, Response(201, shown, {"Location": link(f"/orders/{order.id}")["href"]})


def _draft(
    request: Request, body: OrderRequest, order_type: str, content: dict[str, object], change: Transaction
) -> Order:
    kept = {"purchase_location", "payment_intent_id", "invoice", "reference", "on_hold_condition"}
    order = Order.model_validate(
        body.model_dump(include=kept)
        | {"id": new_id(Order.PREFIX), "partner": request.partner, "type": order_type}
        | {"correlation_id": request.correlation_id}
        | {"created_at": change.at, "due_at": change.at + WORK_BEGINS_WITHIN}
        | content
    )
    order.remember(change.at)
    return order


def _take(lock: Lock, order: Order, kind: OrderKind[Q]) -> None:
    """Take the lock (an order with a later date joins the queue instead), and reserve places for its products."""
    if order.release_at:
        lock.scheduled.append(
            ScheduledOrder(
                order_id=order.id,
                type=order.type,
                release_at=order.release_at,
                holds_from=min(order.product_ends.values(), default=order.release_at),
                product_ids=order.product_ids,
            )
        )
    else:
        lock.take(order.id, exclusive=kind.lock == "exclusive")
    if more := len(order.lines) - kind.replaces_plan:
        lock.reserved_places[order.id] = more


def _refuse_if_taken(guard: dict[str, object] | None) -> None:
    """Raise a 409 if the reference is taken: it names one order forever. The link leads to that order."""
    if guard is None:
        return
    fault = Fault(
        Code.DUPLICATE_REFERENCE, "An order with this reference already exists; see _links.order.", "$.reference"
    )
    raise Refusal(409, fault.detail, [fault], links={"order": link(f"/orders/{guard['order_id']}")})
