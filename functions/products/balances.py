"""The balances and prices of a product (contract §6). Plain functions."""

from collections.abc import Iterable

from functions.catalog.offering import Allowance, DurationValidity, OfferingTerms, Price, Recurrence
from functions.products.product import Balance

BYTES = {"bytes": 1, "megabytes": 1024**2, "gigabytes": 1024**3}
SECONDS_IN_MINUTE = 60


def balance_of(allowance: Allowance) -> Balance:
    """Return the initial balance of an allowance, in bytes, whole minutes or messages."""
    unit = {"data": "bytes", "voice": "minutes", "sms": "count"}[allowance.type]
    if allowance.is_unlimited:
        return Balance.model_validate({"type": "unlimited", "allowance_type": allowance.type, "unit": unit})
    amount = allowance.unit_count or 0
    if allowance.type == "data":
        amount *= BYTES[allowance.unit or "bytes"]
    elif allowance.type == "voice":
        amount //= SECONDS_IN_MINUTE
    limited = {"type": "limited", "allowance_type": allowance.type, "unit": unit}
    return Balance.model_validate(limited | {"initial": amount, "remaining": amount})


def balances_of(offering: OfferingTerms) -> list[Balance]:
    """Return the initial balances of a product, or of a cycle: one for each allowance, in their order."""
    return [balance_of(allowance) for allowance in offering.allowances]


def altered_prices(offering: OfferingTerms, alterations: Iterable[Price]) -> list[Price]:
    """Return the offering's prices with an order's price alterations: they replace the price of their type, or add one.

    A recurring price keeps the recurrence of the one it replaces; if there is none, it recurs like the offering.
    """
    alterations = list(alterations)
    recurrences = {"recurring": _recurrence(offering)} | {price.type: price.recurrence for price in offering.prices}
    altered = {alteration.type for alteration in alterations}
    return [
        *(price for price in offering.prices if price.type not in altered),
        *(price.model_copy(update={"recurrence": recurrences.get(price.type)}) for price in alterations),
    ]


def _recurrence(offering: OfferingTerms) -> Recurrence | None:
    validity = offering.validity
    if not isinstance(validity, DurationValidity):
        return None
    return Recurrence(unit=validity.unit, unit_count=validity.unit_count)
