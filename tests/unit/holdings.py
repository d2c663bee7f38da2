"""Products with allowances, and what usage makes of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from functions.catalog.offering import Allowance, AllowanceType
from functions.products import balances, lifecycle, usage
from functions.products.product import Product
from functions.products.usage import Booking, Usage
from tests.support.builders import NOW, allowance, offering, product

DAY = timedelta(days=1)
CYCLE_END = NOW + 20 * DAY
KINDS: tuple[AllowanceType, ...] = ("data", "voice", "sms")
THRESHOLD = "balance.threshold.exceeded"


def of_bytes(count: int = 100, countries: Sequence[str] = ("DE",), **fields: Any) -> Allowance:
    """A number of bytes, to be used in these countries."""
    plain: dict[str, Any] = {"unit": "bytes", "unit_count": count}
    made = allowance(**plain | fields)
    made.coverage_area.countries = list(countries)
    return made


def unlimited(kind: str = "data") -> Allowance:
    return allowance(kind, is_unlimited=True, unit=None, unit_count=None)


def waiting(name: str, *allowances: Allowance, kind: str = "addon", validity: Any = None) -> Product:
    """A product that waits for its first usage."""
    fields = {"validity": validity} if validity else {}
    made = product(name, offering(f"of {name}", kind, allowances=list(allowances or [of_bytes()]), **fields))
    made.balances = balances.balances_of(made.offering)
    made.status, made.status_reason = "pending", "first_usage_activation"
    made.expire_at = NOW + 365 * DAY
    return made


def running(
    name: str, *allowances: Allowance, kind: str = "addon", validity: Any = None, end_at: datetime | None = None
) -> Product:
    """One that has started."""
    made = waiting(name, *allowances, kind=kind, validity=validity)
    lifecycle.start(made, NOW - DAY, CYCLE_END)
    made.end_at = end_at or made.end_at
    return made


def book(amount: int, *products: Product, kind: AllowanceType = "data", country: str = "DE") -> Booking:
    return usage.book(Usage(kind, amount, country, NOW), products, CYCLE_END)


def spent(*products: Product) -> list[int]:
    """What is spent of each product's balances."""
    return [sum(balance.spent for balance in each.balances) for each in products]


def events_of(booking: Booking) -> list[tuple[str, str, int | None]]:
    return [(event.product.id, event.event_type, event.percentage) for event in booking.events]
