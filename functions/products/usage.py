"""How usage is booked on products, and what follows from it (contract §6). Plain functions over the models."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from functions.catalog.offering import Allowance, AllowanceType, IntervalValidity
from functions.products import lifecycle
from functions.products.balances import SECONDS_IN_MINUTE
from functions.products.product import Balance, Product

THRESHOLDS = (80, 100)
"""Percentages of a data balance; an event is published when one is reached (contract §8)."""
MAX_WRITES = 80
"""Products and events of one booking: a transaction has at most 100 items, including the subscription and the report,
and 4 MB, which 80 of the largest products and events (``MAX_PRODUCT`` of orders/sizes.py) do not exceed."""


class ProductEvent(NamedTuple):
    """An event of a product; with a ``percentage``, a threshold of its data was reached."""

    product: Product
    event_type: str
    percentage: int | None = None


@dataclass
class Booking:
    """The result of usage: the amount ``left``, the changed products, and their events."""

    left: int = 0
    changed: dict[str, Product] = field(default_factory=dict)
    events: list[ProductEvent] = field(default_factory=list)

    def add(self, product: Product, *events: ProductEvent) -> None:
        """Add a changed product and its events."""
        self.changed[product.id] = product
        self.events += events

    def has_room_for(self, product: Product) -> bool:
        """Return whether everything that usage can cause for the product still fits; always for the first one."""
        writes = len({*self.changed, product.id}) + len(self.events) + _max_events(product)
        return not self.changed or writes <= MAX_WRITES


@dataclass(frozen=True)
class Usage:
    """An amount (bytes, minutes or a count) used in a country at a moment."""

    allowance_type: AllowanceType
    amount: int
    country: str
    moment: datetime


def in_balances_unit(allowance_type: AllowanceType, amount: int) -> int:
    """Return the amount of a report in the balance's unit: for voice, each minute that was started."""
    return -(-amount // SECONDS_IN_MINUTE) if allowance_type == "voice" else amount


def book(usage: Usage, products: Sequence[Product], plan_cycle_end: datetime | None) -> Booking:
    """Spend balances, the one that ends soonest first; then start pending products, the oldest first.

    Usage beyond every balance is not counted. What does not fit into one transaction is ``left`` for another booking.
    """
    booking = Booking(usage.amount)
    while booking.left:
        product = _next_to_spend(usage, products) or oldest_pending(
            products, usage.country, usage.moment, plan_cycle_end, usage.allowance_type
        )
        if product is None:
            booking.left = 0
        elif not booking.has_room_for(product):
            break
        elif product.status == "pending":
            booking.add(product, begin_use(product, usage.moment, plan_cycle_end))
        else:
            booking.left = _spend(usage, product, booking.left)
            booking.add(product, *_consequences(product, usage.moment))
    return booking


def before_depletion(product: Product) -> Product:
    """Return the product as it was before usage depleted it; events of thresholds that this usage reached show it."""
    if product.status != "depleted":
        return product
    return product.model_copy(update={"status": "active", "ended_at": None})


def oldest_pending(
    products: Sequence[Product],
    country: str,
    moment: datetime,
    plan_cycle_end: datetime | None,
    allowance_type: AllowanceType | None = None,
) -> Product | None:
    """Return the oldest pending product that usage in the country starts, of any type or of this one, if any."""
    fitting = [
        product
        for product in products
        if product.status == "pending"
        and _has_begun(product, moment)
        and not lifecycle.awaits_cycle(product.offering.validity, moment, plan_cycle_end)
        and any(allowance_type in {None, balance.allowance_type} for balance in _balances(product, country))
    ]
    return min(fitting, key=Product.sort_key, default=None)


def begin_use(product: Product, moment: datetime, plan_cycle_end: datetime | None) -> ProductEvent:
    """Start a product that waited for its first usage; it is canceled if it would end immediately."""
    lifecycle.start(product, moment, plan_cycle_end)
    return ProductEvent(product, f"product.{product.status}")


def _max_events(product: Product) -> int:
    """Return how many events usage can still cause for a product: its start, its thresholds, its end."""
    data = (balance for balance in product.balances if balance.allowance_type == "data")
    return 2 + sum(len(THRESHOLDS) - len(balance.notified_thresholds) for balance in data)


def _next_to_spend(usage: Usage, products: Sequence[Product]) -> Product | None:
    able = [product for product in products if product.status == "active" and _balances_for(usage, product)]
    return min(able, key=_end, default=None)


def _end(product: Product) -> tuple[datetime, str]:
    """Return its end as a sort key; of two that end together, the older comes first."""
    end = product.end_at or product.billing_cycle_end_at
    if end is None:
        raise ValueError(f"product {product.id} is active without an end")
    return end, product.sort_key()


def _balances(product: Product, country: str) -> list[Balance]:
    """Return the balances that can be spent in the country."""
    pairs = zip(product.offering.allowances, product.balances, strict=True)
    return [balance for allowance, balance in pairs if _can_spend(balance) and _covers(allowance, country)]


def _balances_for(usage: Usage, product: Product) -> list[Balance]:
    balances = _balances(product, usage.country)
    return [balance for balance in balances if balance.allowance_type == usage.allowance_type]


def _can_spend(balance: Balance) -> bool:
    return balance.type == "unlimited" or bool(balance.remaining)


def _covers(allowance: Allowance, country: str) -> bool:
    return country in allowance.coverage_area.countries


def _has_begun(product: Product, moment: datetime) -> bool:
    validity = product.offering.validity
    return not isinstance(validity, IntervalValidity) or validity.start_at <= moment


def _spend(usage: Usage, product: Product, amount: int) -> int:
    """Take the amount from the product's balances; return what is left of it."""
    for balance in _balances_for(usage, product):
        taken = amount if balance.remaining is None else min(amount, balance.remaining)
        balance.spent += taken
        if balance.remaining is not None:
            balance.remaining -= taken
        amount -= taken
    return amount


def _consequences(product: Product, moment: datetime) -> list[ProductEvent]:
    """Deplete an add-on that has nothing left; return the events of that and of newly reached thresholds."""
    events = [
        ProductEvent(product, "balance.threshold.exceeded", percentage)
        for balance in product.balances
        for percentage in _reached(balance)
    ]
    if _is_depleted(product):
        product.move_to("depleted")
        product.ended_at = moment
        events.append(ProductEvent(product, "product.depleted"))
    return events


def _reached(balance: Balance) -> list[int]:
    """Return the thresholds of a data balance that are newly reached, and mark them as notified."""
    if balance.allowance_type != "data" or not balance.initial:
        return []
    spent, initial = balance.spent * 100, balance.initial
    reached = [
        percent for percent in THRESHOLDS if percent not in balance.notified_thresholds and spent >= percent * initial
    ]
    balance.notified_thresholds += reached
    return reached


def _is_depleted(product: Product) -> bool:
    """Return whether an add-on has nothing left; plans, and recurrent or unlimited products, never deplete."""
    lasts = product.offering.type == "plan" or product.billing_cycle_end_at is not None
    return not lasts and not any(_can_spend(balance) for balance in product.balances)
