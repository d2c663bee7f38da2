"""A product's lifecycle: how it begins, and what is due for it when (contract §6). Plain functions, UTC throughout."""

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
from functions.shared.clock import Instant

FIRST_USAGE_WITHIN = timedelta(days=365)
PARTNER = "partner"
"""Who decided an end that no order has decided."""


class Due(IntEnum):
    """What can be due for a product, in the order in which contract §6 applies it at one instant."""

    END = 1
    RENEWAL = 2
    START = 3
    EXPIRY = 4


class DueChange(NamedTuple):
    """What is due next for a product; sorts in the order in which it is applied."""

    moment: datetime
    due: Due
    product_id: str


class OpenProduct(BaseModel):
    """What its subscription knows of a product that has not ended."""

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
        """Return what is due for it next, by itself."""
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
    """Return what its subscription is to know of the product."""
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
    """Apply what is due for the product, as of the moment it was due; return the type of its event."""
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
    """Return the end of the n-th cycle: n times the units after the first start, on that start's day (no drift)."""
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
    """Return when a product that starts then is over; ``None`` if it renews or the plan's cycle is unknown."""
    match validity:
        case DurationValidity():
            return None if validity.is_recurrent else cycle_end(start, validity)
        case IntervalValidity():
            return validity.end_at
        case EndOfPlanCycleValidity():
            return plan_cycle_end


def awaits_cycle(validity: Validity, moment: datetime, plan_cycle_end: datetime | None) -> bool:
    """Return whether the product would last until the end of a plan's cycle that is not known yet.

    That is so while the cycle is over and an order holds up what follows it.
    """
    is_over = plan_cycle_end is not None and plan_cycle_end <= moment
    return is_over and isinstance(validity, EndOfPlanCycleValidity)


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
    """Let it renew again if nobody else has decided its end, and it has not come; return whether anything changed."""
    if decided_by not in product.end_decided_by:
        return False
    product.end_decided_by.remove(decided_by)
    if not product.end_decided_by and product.end_at and product.end_at > now:
        product.end_at = None
    return True


def _await_first_usage(product: Product, moment: datetime) -> None:
    """Let it wait for 365 days, or until its interval ends."""
    validity = product.offering.validity
    product.status = "pending"
    product.status_reason = "first_usage_activation"
    product.expire_at = moment + FIRST_USAGE_WITHIN
    if isinstance(validity, IntervalValidity):
        product.expire_at = min(product.expire_at, validity.end_at)
