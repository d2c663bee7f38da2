"""Products that are canceled at their cycles' ends, as the tests say it."""

from datetime import datetime, timedelta

from functions.products.product import Product
from tests.support import bodies
from tests.support.timeline import Timeline

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
MONTHLY, EXTRA = "monthly", "monthly extra"


def top_up(line: Timeline, subscription: str, addon: str, mode: str = "immediate") -> Product:
    line.place(bodies.topup(subscription, addon, mode=mode))
    return line.products(subscription)[addon]


def cancel(line: Timeline, subscription: str, *names: str, status: str = "scheduled") -> str:
    """The id of an order that cancels these products at their cycles' ends."""
    ids = [line.products(subscription)[name].id for name in names]
    order = line.place(bodies.products_cancellation(subscription, *ids, schedule=bodies.AT_CYCLE_END))
    assert line.order(order).status == status
    return order


def cycle_end(line: Timeline, subscription: str, name: str) -> datetime:
    moment = line.products(subscription)[name].billing_cycle_end_at
    assert moment is not None
    return moment


def statuses(line: Timeline, subscription: str) -> dict[str, str]:
    return {name: product.status for name, product in line.products(subscription).items()}
