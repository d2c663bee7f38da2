"""The progress of an accepted order, and what happens if it does not move on (contract §2, Lifecycle).

An order waits in the table: while it waits for a date or a person, it has no execution.
"""

from datetime import datetime, timedelta

from functions.orders import store
from functions.orders.order import Order, OrderStatus, show_order
from functions.shared import table
from functions.shared.dynamodb import Conflict
from functions.shared.observability import add_log_context
from functions.shared.settings import Settings
from functions.shared.transaction import Transaction
from functions.sim_profiles import stock
from functions.subscriptions import store as subscriptions
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.subscription import Subscription

CHECK_AGAIN_AFTER = timedelta(minutes=5)
"""The clock checks an order that is still being fulfilled by then."""
HELD_FOR = timedelta(days=30)
ENDED = "subscription_ended"
"""The reason in the history of a scheduled order that was canceled automatically."""


class ProgressSettings(Settings):
    """The time within which an order is expected to be final once it is being fulfilled."""

    expected_within_seconds: int


def advance(partner: str, order_id: str) -> None:
    """Move an accepted order on: it waits for a person or a date, or is fulfilled immediately.

    Do nothing if it has moved on already.
    """
    order = table.read(Order, partner, order_id)
    if order is None or order.status != "accepted":
        return
    add_log_context(correlation_id=order.correlation_id)
    subscription = subscriptions.load(partner, order.subscription_id)
    change = Transaction(subscription.at if subscription else None)
    if order.on_hold_condition:
        order.enter("on_hold", change.at)
        order.due_at = change.at + HELD_FOR
    elif order.release_at:
        order.enter("scheduled", change.at)
        order.due_at = None  # its subscription has a due time for it
        if order.product_ends and subscription is not None:
            subscription.decide_ends(order.product_ids, order.product_ends, order.id)
            subscription.root.lock.hold_nothing_up(order.id)
    else:
        begin_fulfilling(order, change.at)
    store.save(change, order, subscription)
    change.commit()


def begin_fulfilling(order: Order, moment: datetime) -> None:
    """Set the order to ``fulfilling``; once that is written, the stream starts its execution."""
    order.enter("fulfilling", moment)
    expected_within = timedelta(seconds=ProgressSettings.load().expected_within_seconds)
    order.expected_by = order.due_at = moment + expected_within


def when_due(partner: str, order_id: str) -> Order | None:
    """Do what is due for an order; return it if its execution must be checked, else ``None``."""
    order = table.read(Order, partner, order_id)
    change = Transaction()
    if order is None or order.due_at is None or order.due_at > change.at:
        return None
    add_log_context(correlation_id=order.correlation_id)
    match order.status:
        case "accepted":
            advance(partner, order_id)
        case "on_hold":
            give_up(change, order, "expired")
            change.commit()
        case "fulfilling":
            _publish_delay(change, order)
            return order
    return None


def give_up(
    change: Transaction, order: Order, status: OrderStatus, reason: str | None = None
) -> SubscriptionAggregate | None:
    """End an order that has created nothing yet, ``canceled`` or ``expired``; reopen its reservation for 24 hours.

    Return its subscription, if there is one, as the change leaves it.
    """
    subscription = subscriptions.load(order.partner, order.subscription_id, change.at)
    sim, reservation = store.held_by(order)
    order.enter(status, change.at, reason)
    order.due_at = None
    order.canceled_at = change.at if status == "canceled" else None
    if subscription is not None:
        subscription.root.lock.give_back(order.id)
        subscription.take_back_ends(order.product_ends, order.id)
    if sim is not None:
        stock.put_back(change, sim, reservation)
    store.save(change, order, subscription)
    return subscription


def advance_next(partner: str, subscription_id: str) -> None:
    """Release the next scheduled order, or cancel it if its subscription has ended.

    It handles one order only. The event of that order makes the stream call this again; so orders for the same instant
    closely follow each other, and an order is never written just because it waits. If an event is missed, the clock
    calls this later. Raise :class:`~functions.shared.dynamodb.Conflict` if a concurrent change wrote first.
    """
    subscription = subscriptions.up_to_date(partner, subscription_id)
    waiting = subscription.root.lock.next_scheduled() if subscription else None
    turn = subscription.root.turn_at() if subscription else None
    if subscription is None or waiting is None or turn is None or turn > subscription.at:
        return
    change = Transaction(subscription.at)
    order = table.read(Order, partner, waiting.order_id)
    if order is None or order.status not in {"accepted", "scheduled"}:
        raise Conflict
    if order.status == "accepted":
        advance(partner, order.id)
        advance_next(partner, subscription_id)
    elif subscription.root.final:
        give_up(change, order, "canceled", ENDED)
        change.commit()
    else:
        subscription.root.lock.release_next()
        begin_fulfilling(order, change.at)
        store.save(change, order, subscription)
        change.commit()


def _publish_delay(change: Transaction, order: Order) -> None:
    """Publish once that the order takes longer than expected, and let the clock check it again later."""
    order.due_at = change.at + CHECK_AGAIN_AFTER
    change.update(order)
    if not order.delayed:
        order.delayed = True
        subscription = table.read(Subscription, order.partner, order.subscription_id)
        change.order = order
        change.publish(order, "order.delayed", {"order": show_order(order, subscription)}, order.subscription_id)
    change.commit()
