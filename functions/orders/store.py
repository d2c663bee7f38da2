"""Saves orders together with the changes of their subscriptions."""

from functions.orders.order import Order, show_order
from functions.shared.transaction import Transaction
from functions.subscriptions.aggregate import SubscriptionAggregate


def save(change: Transaction, order: Order, subscription: SubscriptionAggregate | None) -> None:
    """Write the order, the event of its new status, and the changes of its subscription."""
    change.order = order
    if subscription is not None:
        change.save(subscription)
    change.update(order)
    shown = show_order(order, subscription.root if subscription else None)
    change.publish(order, f"order.{order.status}", {"order": shown}, order.subscription_id)
