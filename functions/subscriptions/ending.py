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


def end_products(
    change: Transaction,
    subscription: Subscription,
    ids: Collection[str],
    *,
    terminated: bool,
    moments: Mapping[str, datetime] | None = None,
) -> None:
    """End those of the products that are open, each as of its moment, or of now.

    They are ``terminated`` if that is asked for and they had started, else ``canceled``.
    """
    open_ids = subscription.still_open(ids)
    found = table.read_all(subscription.partner, {Product: open_ids})
    for product in filter(None, (found.get(Product, product_id) for product_id in open_ids)):
        if product.final:
            raise table.Conflict  # it ended after the subscription was read
        terms.end(product, (moments or {}).get(product.id, change.at), terminated=terminated)
        subscription.note(product)
        change.update(product)
        announce(change, product)


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
