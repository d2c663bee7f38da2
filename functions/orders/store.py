"""Reads what orders hold, and saves them together with the changes of their subscriptions."""

from functions.orders.order import Order, show_order
from functions.shared import table
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from functions.subscriptions.aggregate import SubscriptionAggregate


def held_by(order: Order) -> tuple[SimProfile | None, Reservation | None]:
    """Return the order's SIM and its reservation, as they are now."""
    sims = [order.sim_profile_id] if order.sim_profile_id else []
    reservations = [order.reservation_id] if order.reservation_id else []
    found = table.read_all(order.partner, {SimProfile: sims, Reservation: reservations})
    return found.get(SimProfile, order.sim_profile_id), found.get(Reservation, order.reservation_id)


def save(change: Transaction, order: Order, subscription: SubscriptionAggregate | None) -> None:
    """Write the order, the event of its new status, and the changes of its subscription."""
    change.order = order
    if subscription is not None:
        change.save(subscription)
    change.update(order)
    shown = show_order(order, subscription.root if subscription else None)
    change.publish(order, f"order.{order.status}", {"order": shown}, order.subscription_id)
