"""A product's lifecycle: how it starts, and what is due when (contract §6). Plain functions, all times in UTC."""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel

from functions.catalog.offering import (
    DurationValidity,
    EndOfPlanCycleValidity,
    IntervalValidity,
    OfferingType,
    Validity,
)
from functions.products.balances import balances_of
from functions.products.product import ActivationMode, Product
from functions.shared.moments import Instant

FIRST_USAGE_WITHIN = timedelta(days=365)
PARTNER = "partner"
"""In ``end_decided_by``: the partner, by cancelling the product itself."""


class Due(IntEnum):
    """What can be due for a product; at the same instant, applied in this order (contract §6)."""

    END = 1
    RENEWAL = 2
    START = 3
    EXPIRY = 4


class DueChange(NamedTuple):
    """A change that is due for a product; sorts by the order of application."""

    moment: datetime
    due: Due
    product_id: str


class OpenProduct(BaseModel):
    """The subscription's copy of a product that has not ended."""

    id: str
    status: str
    type: OfferingType
    offering_id: str
    start_at: Instant | None = None
    started_at: Instant | None = None
    billing_cycle_end_at: Instant | None = None
    end_at: Instant | None = None
    expire_at: Instant | None = None

    def next_change(self) -> DueChange | None:
        """Return the change that is due next for the product."""
        match self.status:
            case "pending":
                moment, due = self.expire_at, Due.EXPIRY
            case "scheduled":
                moment, due = self.start_at, Due.START
            case _ if self.end_at:
                moment, due = self.end_at, Due.END
            case _:
                moment, due = self.billing_cycle_end_at, Due.RENEWAL
        return DueChange(moment, due, self.id) if moment else None


def open_product(product: Product) -> OpenProduct:
    """Return the subscription's copy of the product."""
    return OpenProduct(
        id=product.id,
        status=product.status,
        type=product.offering.type,
        offering_id=product.offering.id,
        start_at=product.start_at,
        started_at=product.started_at,
        billing_cycle_end_at=product.billing_cycle_end_at,
        end_at=product.end_at,
        expire_at=product.expire_at,
    )


def apply_change(product: Product, change: DueChange, plan_cycle_end: datetime | None) -> str:
    """Apply a due change, as of the moment it was due; return the type of its event."""
    match change.due:
        case Due.END:
            end(product, change.moment, terminated=True)
        case Due.RENEWAL:
            renew(product)
            return "product.renewed"
        case Due.START:
            start(product, change.moment, plan_cycle_end)
        case Due.EXPIRY:
            product.move_to("expired")
            product.expired_at = change.moment
    return f"product.{product.status}"


def cycle_end(start: datetime, validity: DurationValidity, cycle: int = 1) -> datetime:
    """Return the end of the n-th cycle: n times the units after the first start, on its day (no drift)."""
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
    """Return the end of a product that starts then; ``None`` if it renews or the plan's cycle is unknown."""
    match validity:
        case DurationValidity():
            return None if validity.is_recurrent else cycle_end(start, validity)
        case IntervalValidity():
            return validity.end_at
        case EndOfPlanCycleValidity():
            return plan_cycle_end


def awaits_cycle(validity: Validity, moment: datetime, plan_cycle_end: datetime | None) -> bool:
    """Return whether the product would end with a plan's cycle whose end is not known yet.

    This is the case when a cycle has ended and an order in progress decides on the next one.
    """
    is_over = plan_cycle_end is not None and plan_cycle_end <= moment
    return is_over and isinstance(validity, EndOfPlanCycleValidity)


def begin(product: Product, mode: ActivationMode, moment: datetime, plan_cycle_end: datetime | None) -> None:
    """Move a new product (``scheduled``, perhaps with ``start_at``) to the status that its order requested."""
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
    """Activate the product as of the moment, and set its end, which may be that of the plan's cycle.

    Cancel it instead if it would end immediately: its interval has ended, or there is no active plan.
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
    """Start the next cycle of a recurrent product, with new balances, counted from its first start (contract §6)."""
    validity = product.offering.validity
    if not isinstance(validity, DurationValidity) or product.started_at is None:
        raise ValueError(f"product {product.id} has no cycles")
    product.cycle += 1
    product.billing_cycle_end_at = cycle_end(product.started_at, validity, product.cycle)
    product.balances = balances_of(product.offering)


def end(product: Product, moment: datetime, *, terminated: bool = False) -> None:
    """End the product: ``terminated`` if requested and it had started, else ``canceled``."""
    product.move_to("terminated" if terminated and product.status == "active" else "canceled")
    product.ended_at = moment
    if product.status == "terminated":
        product.end_at = product.end_at or moment


def decide_end(product: Product, decided_by: str, end: datetime | None = None) -> None:
    """Let an active product that renews end with its cycle, or at an ``end`` that was set earlier.

    ``decided_by`` is an order's id, or :data:`PARTNER`. An end that is already set stays.
    """
    if product.billing_cycle_end_at is None:
        return
    product.end_at = product.end_at or end or product.billing_cycle_end_at
    if decided_by not in product.end_decided_by:
        product.end_decided_by.append(decided_by)


def take_back_end(product: Product, decided_by: str, now: datetime) -> bool:
    """Remove a future end that nobody else has decided, so that it renews again; return whether anything changed."""
    if decided_by not in product.end_decided_by:
        return False
    product.end_decided_by.remove(decided_by)
    if not product.end_decided_by and product.end_at and product.end_at > now:
        product.end_at = None
    return True


def _await_first_usage(product: Product, moment: datetime) -> None:
    """Let it wait for its first usage, for 365 days or until its interval ends."""
    validity = product.offering.validity
    product.status = "pending"
    product.status_reason = "first_usage_activation"
    product.expire_at = moment + FIRST_USAGE_WITHIN
    if isinstance(validity, IntervalValidity):
        product.expire_at = min(product.expire_at, validity.end_at)
