"""How a product begins: its first status, its dates and its balances (contract §6). Plain functions, UTC throughout."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from functions.catalog.offering import (
    Allowance,
    DurationValidity,
    EndOfPlanCycleValidity,
    IntervalValidity,
    OfferingTerms,
    Price,
    Recurrence,
    Validity,
)
from functions.products.product import ActivationMode, Balance, Product

FIRST_USAGE_WITHIN = timedelta(days=365)
BYTES = {"bytes": 1, "megabytes": 1024**2, "gigabytes": 1024**3}
SECONDS_IN_MINUTE = 60
PARTNER = "partner"
"""Who decided an end that no order has decided."""


def cycle_end(start: datetime, validity: DurationValidity, cycle: int = 1) -> datetime:
    """The end of the n-th cycle: n times the units after the first start, on the first start's day (no drift)."""
    count = validity.unit_count * cycle
    match validity.unit:
        case "day":
            return start + relativedelta(days=count)
        case "week":
            return start + relativedelta(weeks=count)
        case "month":
            return start + relativedelta(months=count)
        case "year":
            return start + relativedelta(years=count)


def end_of(validity: Validity, start: datetime, plan_cycle_end: datetime | None) -> datetime | None:
    """When a product that starts then is over; ``None`` if it renews by itself or the plan's cycle is unknown."""
    match validity:
        case DurationValidity():
            return None if validity.is_recurrent else cycle_end(start, validity)
        case IntervalValidity():
            return validity.end_at
        case EndOfPlanCycleValidity():
            return plan_cycle_end


def awaits_cycle(validity: Validity, moment: datetime, plan_cycle_end: datetime | None) -> bool:
    """Whether the plan's cycle is over while an order holds up what follows it: nothing can last until its end yet."""
    is_over = plan_cycle_end is not None and plan_cycle_end <= moment
    return is_over and isinstance(validity, EndOfPlanCycleValidity)


def balance_of(allowance: Allowance) -> Balance:
    """The balance that an allowance begins with: bytes, whole minutes, or messages."""
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
    """The balances that a product, or a cycle of it, begins with: one for each allowance, in their order."""
    return [balance_of(allowance) for allowance in offering.allowances]


def altered_prices(offering: OfferingTerms, alterations: Iterable[Price]) -> list[Price]:
    """The offering's prices with those of an order: of the same type replaced, else added.

    A recurring price recurs as the one it replaces or, where there is none, as the offering itself.
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


def begin(product: Product, mode: ActivationMode, moment: datetime, plan_cycle_end: datetime | None) -> None:
    """Bring a new product (``scheduled``, perhaps with a ``start_at``) into the status that its order asked for."""
    validity = product.offering.validity
    not_before = validity.start_at if isinstance(validity, IntervalValidity) else moment
    if isinstance(validity, IntervalValidity) and validity.end_at <= moment:
        end(product, moment)
    elif mode == "first_usage":
        _await_first_usage(product, moment)
    elif (start_at := max(product.start_at or moment, not_before)) > moment or (
        awaits_cycle(validity, moment, plan_cycle_end)
    ):
        product.start_at = start_at
        product.end_at = end_of(validity, start_at, plan_cycle_end=None)
    else:
        start(product, moment, plan_cycle_end)


def start(product: Product, moment: datetime, plan_cycle_end: datetime | None) -> None:
    """Make the product active from the moment on; one that lasts until the plan's cycle ends learns its end here.

    It is canceled instead if there is nothing left for it to last: its interval is over, or there is no active plan.
    """
    validity = product.offering.validity
    end_at = end_of(validity, moment, plan_cycle_end)
    recurs = isinstance(validity, DurationValidity) and validity.is_recurrent
    if not recurs and (end_at is None or end_at <= moment):
        end(product, moment)
        return
    product.move_to("active")
    product.status_reason = None
    product.start_at = product.started_at = moment
    product.end_at = end_at
    if isinstance(validity, DurationValidity) and recurs:
        product.billing_cycle_end_at = cycle_end(moment, validity)


def renew(product: Product) -> None:
    """Begin the next cycle of what recurs, with fresh balances; cycles count from the first start (contract §6)."""
    validity = product.offering.validity
    if not isinstance(validity, DurationValidity) or product.started_at is None:
        raise ValueError(f"product {product.id} has no cycles")
    product.cycle += 1
    product.billing_cycle_end_at = cycle_end(product.started_at, validity, product.cycle)
    product.balances = balances_of(product.offering)


def end(product: Product, moment: datetime, *, terminated: bool = False) -> None:
    """End the product: ``terminated`` if that is asked for and it had started, else ``canceled``."""
    product.move_to("terminated" if terminated and product.status == "active" else "canceled")
    product.ended_at = moment
    if product.status == "terminated":
        product.end_at = product.end_at or moment


def decide_end(product: Product, decided_by: str, end: datetime | None = None) -> None:
    """Let an active product that renews by itself end with its cycle, or at an ``end`` that was fixed before.

    ``decided_by`` is an order's id, or :data:`PARTNER`. An end that was decided before stays; so does that of a product
    that ends by itself.
    """
    if product.billing_cycle_end_at is None:
        return
    product.end_at = product.end_at or end or product.billing_cycle_end_at
    if decided_by not in product.end_decided_by:
        product.end_decided_by.append(decided_by)


def take_back_end(product: Product, decided_by: str, now: datetime) -> bool:
    """Let it renew again, if nobody else has decided its end and the end has not come; whether anything changed."""
    if decided_by not in product.end_decided_by:
        return False
    product.end_decided_by.remove(decided_by)
    if not product.end_decided_by and product.end_at and product.end_at > now:
        product.end_at = None
    return True


def _await_first_usage(product: Product, moment: datetime) -> None:
    """365 days, or until its interval ends."""
    validity = product.offering.validity
    product.status = "pending"
    product.status_reason = "first_usage_activation"
    product.expire_at = moment + FIRST_USAGE_WITHIN
    if isinstance(validity, IntervalValidity):
        product.expire_at = min(product.expire_at, validity.end_at)
