"""How an accepted order moves on, and what happens to one that does not (contract §2, Lifecycle).

Waiting is done here, in the table: an order that waits for a date or a person has no execution.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from functions.orders.order import Order, OrderStatus, show_order
from functions.shared import table
from functions.shared.settings import Settings
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from functions.subscriptions import upkeep
from functions.subscriptions.ending import end_products
from functions.subscriptions.subscription import Subscription

LOOK_AGAIN_AFTER = timedelta(minutes=5)
"""When the clock looks after an order that is still being fulfilled."""
LOCK_TRIED_AGAIN_AFTER = timedelta(minutes=1)
HELD_FOR = timedelta(days=30)
ENDED = "subscription_ended"
"""Why a scheduled order was canceled without anybody asking for it."""


class LifecycleSettings(Settings):
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
    change = table.Transaction()
    match first_status(order):
        case "on_hold":
            order.enter("on_hold", change.at)
            order.due_at = change.at + HELD_FOR
        case "scheduled":
            order.enter("scheduled", change.at)
            order.due_at = order.acts_at
        case _:
            begin_fulfilling(order, change.at)
    publish(change, order, table.read(Subscription, partner, order.subscription_id))
    change.commit()


def begin_fulfilling(order: Order, moment: datetime) -> None:
    """Let the order be fulfilled from the moment on; the write that carries it starts its execution by the stream."""
    order.enter("fulfilling", moment)
    expected_within = timedelta(seconds=LifecycleSettings.load().expected_within_seconds)
    order.expected_by = order.due_at = moment + expected_within


def look_after(partner: str, order_id: str) -> Order | None:
    """Do what is due for an order; answers it if somebody must see to its execution, else ``None``."""
    order = table.read(Order, partner, order_id)
    change = table.Transaction()
    if order is None or order.due_at is None or order.due_at > change.at:
        return None
    match order.status:
        case "accepted":
            advance(partner, order_id)
        case "scheduled":
            _release(change, order)
        case "on_hold":
            give_up(change, order, "expired")
            change.commit()
        case "fulfilling":
            _tell_delay(change, order)
            return order
    return None


def give_up(
    change: table.Transaction, order: Order, status: OrderStatus, reason: str | None = None
) -> Subscription | None:
    """End an order that has made nothing yet, ``canceled`` or ``expired``: its reservation is open again for 24 h.

    Answers the subscription that it was about, if there is one, as the change leaves it.
    """
    found = table.read_all(
        order.partner,
        {
            Subscription: [order.subscription_id],
            Reservation: [order.reservation_id] if order.reservation_id else [],
            SimProfile: [order.sim_profile_id] if order.sim_profile_id else [],
        },
    )
    order.enter(status, change.at, reason)
    order.due_at = None
    order.canceled_at = change.at if status == "canceled" else None
    subscription = found.get(Subscription, order.subscription_id)
    if subscription is not None:
        subscription.release(order.id)
        change.update(subscription)
    if sim := found.get(SimProfile, order.sim_profile_id):
        stock.put_back(change, sim, found.get(Reservation, order.reservation_id))
    publish(change, order, subscription)
    return subscription


def cancel_scheduled(partner: str, subscription_id: str) -> None:
    """Cancel the orders that wait for a subscription that has ended."""
    while table.settle(lambda: _cancel_next(partner, subscription_id)):
        pass


def publish(change: table.Transaction, order: Order, subscription: Subscription | None) -> None:
    """Write the order with the event that tells its present status."""
    change.update(order)
    change.publish(order, f"order.{order.status}", {"order": show_order(order, subscription)})


def _cancel_next(partner: str, subscription_id: str) -> bool:
    """Cancel one of them; whether there was one."""
    subscription = table.read(Subscription, partner, subscription_id)
    if subscription is None or not subscription.final or not subscription.scheduled:
        return False
    order = table.read(Order, partner, subscription.scheduled[0].order_id)
    if order is None or order.status != "scheduled":
        raise table.Conflict
    change = table.Transaction()
    give_up(change, order, "canceled", ENDED)
    change.commit()
    return True


def _release(change: table.Transaction, order: Order) -> None:
    """The order's date has come: it takes the subscription's lock, or waits a minute for its turn."""
    subscription = upkeep.up_to_date(order.partner, order.subscription_id)
    if subscription is None or subscription.final:
        give_up(change, order, "canceled", ENDED)
    elif subscription.locked or subscription.has_before(order.id):
        order.due_at = change.at + LOCK_TRIED_AGAIN_AFTER
        change.update(order)
    elif over := _over_before_release(order, change.at):
        _end_products_due(change, order, subscription, over)
    else:
        subscription.scheduled = [waiting for waiting in subscription.scheduled if waiting.order_id != order.id]
        subscription.exclusive = order.id
        subscription.released_at = order.release_at
        change.update(subscription)
        begin_fulfilling(order, change.at)
        publish(change, order, subscription)
    change.commit()


def _over_before_release(order: Order, now: datetime) -> dict[str, datetime]:
    """Those of the products that are over by now and do not wait for the last one, with the ends of their cycles."""
    ends = order.product_ends.items()
    return {product_id: end for product_id, end in ends if order.release_at and end <= now and end < order.release_at}


def _end_products_due(
    change: table.Transaction, order: Order, subscription: Subscription, over: Mapping[str, datetime]
) -> None:
    """Each of them ends with its own cycle; the order goes on waiting with the others."""
    end_products(change, subscription, over.keys(), terminated=True, moments=over)
    order.product_ids = [product_id for product_id in order.product_ids if product_id not in over]
    order.product_ends = {name: end for name, end in order.product_ends.items() if name not in over}
    order.due_at = order.acts_at
    for waiting in subscription.scheduled:
        if waiting.order_id == order.id and order.acts_at:
            waiting.acts_at = order.acts_at
    change.update(order)
    change.update(subscription)


def _tell_delay(change: table.Transaction, order: Order) -> None:
    """Say once that the order takes longer than expected, and have the clock look again later."""
    order.due_at = change.at + LOOK_AGAIN_AFTER
    change.update(order)
    if not order.delayed:
        order.delayed = True
        subscription = table.read(Subscription, order.partner, order.subscription_id)
        change.publish(order, "order.delayed", {"order": show_order(order, subscription)})
    change.commit()
