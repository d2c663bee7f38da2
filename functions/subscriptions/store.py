"""Reads subscriptions with everything that belongs to them, and brings them up to date."""

from datetime import datetime

from functions.products.lifecycle import open_product
from functions.products.product import Product
from functions.shared import clock, table
from functions.shared.dynamodb import Conflict
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.phone_number import PhoneNumber
from functions.subscriptions.subscription import Subscription


def load(partner: str, subscription_id: str, at: datetime | None = None) -> SubscriptionAggregate | None:
    """Return a subscription with everything that belongs to it, for a change now or ``at`` a moment, or ``None``.

    Raise :class:`~functions.shared.dynamodb.Conflict` if it changed between the two reads.
    """
    root = table.read(Subscription, partner, subscription_id)
    if root is None:
        return None
    product_ids = [known.id for known in root.open_products]
    number_ids = [number.id for number in root.phone_numbers]
    sim_id = root.sim_profile.id
    found = table.read_all(partner, {Product: product_ids, PhoneNumber: number_ids, SimProfile: [sim_id]})
    products = [product for product_id in product_ids if (product := found.get(Product, product_id))]
    numbers = [number for number_id in number_ids if (number := found.get(PhoneNumber, number_id))]
    if not _belong_together(root, products, numbers):
        raise Conflict
    return SubscriptionAggregate(
        root, at or clock.now(), products=products, numbers=numbers, sim=found.get(SimProfile, sim_id)
    )


def up_to_date(partner: str, subscription_id: str, at: datetime | None = None) -> SubscriptionAggregate | None:
    """Apply everything that was due for the subscription's products, however long ago, and return it.

    Each instant is one transaction, the earliest first, so the result does not depend on when, how often or by whom
    this is called.

    Raise :class:`~functions.shared.dynamodb.Conflict` if a concurrent change wrote first.
    """
    while True:
        subscription = load(partner, subscription_id, at)
        if subscription is None or not subscription.catch_up():
            return subscription
        change = Transaction(subscription.at)
        change.save(subscription)
        change.commit()


def _belong_together(root: Subscription, products: list[Product], numbers: list[PhoneNumber]) -> bool:
    """Return whether these are the versions that the subscription has copies of."""
    known = {(each.id, each.status, each.next_change()) for each in root.open_products}
    copied = {(each.id, each.status) for each in root.phone_numbers}
    return known == {(each.id, each.status, open_product(each).next_change()) for each in products} and copied == {
        (each.id, each.status) for each in numbers
    }
