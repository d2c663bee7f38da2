"""How an accepted order moves on, and what happens to one that does not (contract §2, Lifecycle).

Waiting is done here, in the table: an order that waits for a date or a person has no execution.
"""

from datetime import datetime, timedelta

from functions.orders import store
from functions.orders.order import Order, OrderStatus, show_order
from functions.shared import table
from functions.shared.dynamodb import Conflict
from functions.shared.settings import Settings
from functions.shared.transaction import Transaction
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from functions.subscriptions import store as subscriptions
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.subscription import Subscription

LOOK_AGAIN_AFTER = timedelta(minutes=5)
"""When the clock looks after an order that is still being fulfilled."""
HELD_FOR = timedelta(days=30)
ENDED = "subscription_ended"
"""Why a scheduled order was canceled without anybody asking for it."""


class ProgressSettings(Settings):
    """How soon an order is expected to be done once it is being fulfilled."""

    expected_within_seconds: int


def first_status(order: Order) -> OrderStatus:
    """What an accepted order becomes: it waits for a person, or for its date, or is fulfilled at once."""
    if order.on_hold_condition:
        return "on_hold"
    return "scheduled" if order.release_at else "fulfilling"


def advance(partner: str, order_id: str) -> None:
    """Move an accepted order on; one that has moved already is left as it is."""
    order = table.read(Order, partner, order_id)
    if order is None or order.status != "accepted":
        return
    subscription = subscriptions.load(partner, order.subscription_id)
    change = Transaction(subscription.at if subscription else None)
    match first_status(order):
        case "on_hold":
            order.enter("on_hold", change.at)
            order.due_at = change.at + HELD_FOR
        case "scheduled":
            order.enter("scheduled", change.at)
            order.due_at = None  # its subscription has a due time for it
            if order.product_ends and subscription is not None:
                subscription.decide_ends(order.product_ids, order.product_ends, order.id)
                subscription.root.lock.hold_nothing_up(order.id)
        case _:
            begin_fulfilling(order, change.at)
    store.save(change, order, subscription)
    change.commit()


def begin_fulfilling(order: Order, moment: datetime) -> None:
    """Let the order be fulfilled from the moment on; the write that carries it starts its execution by the stream."""
    order.enter("fulfilling", moment)
    expected_within = timedelta(seconds=ProgressSettings.load().expected_within_seconds)
    order.expected_by = order.due_at = moment + expected_within


def look_after(partner: str, order_id: str) -> Order | None:
    """Do what is due for an order; answers it if somebody must see to its execution, else ``None``."""
    order = table.read(Order, partner, order_id)
    change = Transaction()
    if order is None or order.due_at is None or order.due_at > change.at:
        return None
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
    """End an order that has made nothing yet, ``canceled`` or ``expired``: its reservation is open again for 24 h.

    Return the subscription that it was about, if there is one, as the change leaves it.
    """
    subscription = subscriptions.load(order.partner, order.subscription_id, change.at)
    reservations = [order.reservation_id] if order.reservation_id else []
    sims = [order.sim_profile_id] if order.sim_profile_id else []
    found = table.read_all(order.partner, {Reservation: reservations, SimProfile: sims})
    order.enter(status, change.at, reason)
    order.due_at = None
    order.canceled_at = change.at if status == "canceled" else None
    if subscription is not None:
        subscription.root.lock.give_back(order.id)
        subscription.take_back_ends(order.product_ends, order.id)
    if sim := found.get(SimProfile, order.sim_profile_id):
        stock.put_back(change, sim, found.get(Reservation, order.reservation_id))
    store.save(change, order, subscription)
    return subscription


def see_to_next(partner: str, subscription_id: str) -> None:
    """Give the scheduled order whose turn it is its turn, or cancel it if its subscription has ended.

    It sees to one order only. What becomes of that order is told by an event, and whoever hears of it calls this again;
    so many orders for one instant follow each other closely, and none is written only because it waits. The clock is
    the net under it. Raises :class:`~functions.shared.dynamodb.Conflict` if somebody else wrote.
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
        see_to_next(partner, subscription_id)
    elif subscription.root.final:
        give_up(change, order, "canceled", ENDED)
        change.commit()
    else:
        subscription.root.lock.release_next()
        begin_fulfilling(order, change.at)
        store.save(change, order, subscription)
        change.commit()


def _publish_delay(change: Transaction, order: Order) -> None:
    """Say once that the order takes longer than expected, and have the clock look again later."""
    order.due_at = change.at + LOOK_AGAIN_AFTER
    change.update(order)
    if not order.delayed:
        order.delayed = True
        subscription = table.read(Subscription, order.partner, order.subscription_id)
        change.publish(order, "order.delayed", {"order": show_order(order, subscription)})
    change.commit()
