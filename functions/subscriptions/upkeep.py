"""What becomes of a subscription's products as time goes by (contract §6), each thing as of the moment it was due."""

from itertools import takewhile

from functions.products.life import Coming, happen, known_of
from functions.products.product import Product, announce
from functions.shared import table
from functions.shared.table import Transaction
from functions.subscriptions.subscription import Subscription


def up_to_date(partner: str, subscription_id: str) -> Subscription | None:
    """The subscription once everything that was due for its products has happened, however long ago that was.

    What was due at one instant is one transaction; one after the other, the earliest first. So it makes no difference
    when, how often or by whom this is called. Raises :class:`~functions.shared.table.Conflict` if somebody else wrote.
    """
    while True:
        subscription = table.read(Subscription, partner, subscription_id)
        if subscription is None or not _let_happen_next(subscription):
            return subscription


def _let_happen_next(subscription: Subscription) -> bool:
    """Let happen what was due first; whether anything was."""
    change = table.Transaction()
    due = [coming for coming in subscription.ahead() if coming.moment <= change.at]
    if not due:
        return False
    together = list(takewhile(lambda coming: coming.moment == due[0].moment, due))
    found = table.read_all(subscription.partner, {Product: [coming.product_id for coming in together]})
    for coming in together:
        _let_happen(change, subscription, found.get(Product, coming.product_id), coming)
    change.update(subscription)
    change.commit()
    return True


def _let_happen(change: Transaction, subscription: Subscription, product: Product | None, coming: Coming) -> None:
    if product is None or product.final or known_of(product).coming() != coming:
        raise table.Conflict  # it changed after the subscription was read
    event_type = happen(product, coming.happening, coming.moment, subscription.plan_cycle_end())
    subscription.note(product)
    change.update(product)
    announce(change, product, event_type)
