"""Reads subscriptions as wholes, and brings them up to date."""

from datetime import datetime

from functions.products.lifecycle import open_product
from functions.products.product import Product
from functions.shared import clock, table
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.phone_number import PhoneNumber
from functions.subscriptions.subscription import Subscription


def load(partner: str, subscription_id: str, at: datetime | None = None) -> SubscriptionAggregate | None:
    """Return a subscription with all that is its own, for a change now or ``at`` a moment; ``None`` if there is none.

    Raise :class:`~functions.shared.table.Conflict` if somebody changed it between the two reads.
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
    if not _belong_together(root, products):
        raise table.Conflict
    return SubscriptionAggregate(
        root, at or clock.now(), products=products, numbers=numbers, sim=found.get(SimProfile, sim_id)
    )


def up_to_date(partner: str, subscription_id: str, at: datetime | None = None) -> SubscriptionAggregate | None:
    """Return the subscription once everything that was due for its products is applied, however long ago that was.

    What was due at one instant is one transaction; one after the other, the earliest first. So it makes no difference
    when, how often or by whom this is called. Raise :class:`~functions.shared.table.Conflict` if somebody else wrote.
    """
    while True:
        subscription = load(partner, subscription_id, at)
        if subscription is None or not subscription.catch_up():
            return subscription
        change = table.Transaction(subscription.at)
        change.save(subscription)
        change.commit()


def _belong_together(root: Subscription, products: list[Product]) -> bool:
    """Return whether the products are as their subscription knows them."""
    known = {(each.id, each.status, each.next_change()) for each in root.open_products}
    return known == {(each.id, each.status, open_product(each).next_change()) for each in products}
