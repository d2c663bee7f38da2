"""How an accepted order moves on, and what happens to one that does not (contract §2, Lifecycle)."""

from datetime import timedelta

from functions.orders.order import Order, show_order
from functions.shared import table
from functions.shared.settings import Settings
from functions.subscriptions.subscription import Subscription

LOOK_AGAIN_AFTER = timedelta(minutes=5)
"""When the clock looks after an order that is still being fulfilled."""


class LifecycleSettings(Settings):
    """How soon an order is expected to be done once it is being fulfilled."""

    expected_within_seconds: int


def advance(partner: str, order_id: str) -> None:
    """Move an accepted order on; one that has moved already is left as it is."""
    order = table.read(Order, partner, order_id)
    if order is None or order.status != "accepted":
        return
    change = table.Transaction()
    order.enter("fulfilling", change.at)
    expected_within = timedelta(seconds=LifecycleSettings.load().expected_within_seconds)
    order.expected_by = order.due_at = change.at + expected_within
    _commit(change, order, "order.fulfilling")


def look_after(partner: str, order_id: str) -> Order | None:
    """Give an order that is being fulfilled past its due time another 5 minutes, and tell once that it is delayed.

    Answers the order if it is one that somebody must see to, else ``None``.
    """
    order = table.read(Order, partner, order_id)
    change = table.Transaction()
    if order is None or order.status != "fulfilling" or order.due_at is None or order.due_at > change.at:
        return None
    order.due_at = change.at + LOOK_AGAIN_AFTER
    if order.delayed:
        change.update(order)
        change.commit()
    else:
        order.delayed = True
        _commit(change, order, "order.delayed")
    return order


def _commit(change: table.Transaction, order: Order, event_type: str) -> None:
    change.update(order)
    subscription = table.read(Subscription, order.partner, order.subscription_id)
    change.publish(order, event_type, {"order": show_order(order, subscription)})
    change.commit()
