"""How what a subscription has comes to its end: products, phone numbers, the SIM, or all of it (contract §2)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal

from functions.products import terms
from functions.products.product import Product, announce
from functions.shared import table
from functions.shared.table import Transaction
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.phone_number import PhoneNumber, show_phone_number
from functions.subscriptions.subscription import Subscription, show_subscription


def end_subscription(
    change: Transaction, subscription: Subscription, status: Literal["canceled", "terminated"]
) -> None:
    """End it with everything it has: what had started is terminated, the rest canceled; the SIM is never used again."""
    end_products(change, subscription, [product.id for product in subscription.open_products], terminated=True)
    _end_phone_numbers(change, subscription)
    retire_sim(change, subscription)
    subscription.move_to(status)
    subscription.ended_at = change.at
    change.update(subscription)
    change.publish(subscription, f"subscription.{status}", {"subscription": show_subscription(subscription)})


def end_products(change: Transaction, subscription: Subscription, ids: Collection[str], *, terminated: bool) -> None:
    """End those of the products that are open: ``terminated`` if that is asked for and they had started, else
    ``canceled``.
    """
    for product in _open(subscription, ids):
        terms.end(product, change.at, terminated=terminated)
        _write(change, subscription, product)
        announce(change, product)


def decide_ends(
    change: Transaction, subscription: Subscription, ids: Collection[str], ends: Mapping[str, datetime], order_id: str
) -> None:
    """Let an order decide when its products end; those that have not started are canceled at once.

    A product that ends by itself, or whose end somebody has decided before, keeps that end.
    """
    for product in _open(subscription, ids):
        if product.status == "active":
            terms.decide_end(product, order_id, ends.get(product.id))
            _write(change, subscription, product)
        else:
            terms.end(product, change.at)
            _write(change, subscription, product)
            announce(change, product)


def take_back_ends(change: Transaction, subscription: Subscription, ids: Collection[str], order_id: str) -> None:
    """Take back the ends that the order alone has decided and that have not come yet."""
    for product in _open(subscription, ids):
        if terms.take_back_end(product, order_id, change.at):
            _write(change, subscription, product)


def _open(subscription: Subscription, ids: Collection[str]) -> list[Product]:
    """Those of the products that have not ended. Raises ``Conflict`` if one ended after the subscription was read."""
    open_ids = subscription.still_open(ids)
    found = table.read_all(subscription.partner, {Product: open_ids})
    products = [product for product_id in open_ids if (product := found.get(Product, product_id))]
    if any(product.final for product in products):
        raise table.Conflict
    return products


def _write(change: Transaction, subscription: Subscription, product: Product) -> None:
    subscription.note(product)
    change.update(product)


def retire_sim(change: Transaction, subscription: Subscription) -> None:
    """The SIM that serves the subscription is never used again."""
    sim = table.read(SimProfile, subscription.partner, subscription.sim_profile.id)
    if sim is not None:
        stock.retire(change, sim)
        subscription.sim_profile = sim


def _end_phone_numbers(change: Transaction, subscription: Subscription) -> None:
    """The subscription's numbers are no longer its own."""
    ids = [number.id for number in subscription.phone_numbers]
    found = table.read_all(subscription.partner, {PhoneNumber: ids})
    subscription.phone_numbers = []
    for number in filter(None, (found.get(PhoneNumber, number_id) for number_id in ids)):
        number.move_to("terminated")
        change.update(number)
        change.publish(number, "phone_number.terminated", {"phone_number": show_phone_number(number)})
