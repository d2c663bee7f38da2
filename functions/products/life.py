"""What happens to a product by itself, and when (contract §6, time). Plain functions, UTC throughout."""

from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from pydantic import BaseModel

from functions.catalog.offering import OfferingType
from functions.products import terms
from functions.products.product import Product
from functions.shared.clock import Instant

OPEN = ("pending", "scheduled", "active")
"""The statuses in which something can still happen to a product."""


class Happening(IntEnum):
    """What can be due for a product, in the order in which contract §6 lets it happen at one instant."""

    END = 1
    RENEWAL = 2
    START = 3
    EXPIRY = 4


class Coming(NamedTuple):
    """What will happen next to a product; sorts in the order in which it happens."""

    moment: datetime
    happening: Happening
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

    def coming(self) -> Coming | None:
        """What will happen to it by itself."""
        match self.status:
            case "pending":
                moment, happening = self.expire_at, Happening.EXPIRY
            case "scheduled":
                moment, happening = self.start_at, Happening.START
            case _ if self.end_at:
                moment, happening = self.end_at, Happening.END
            case _:
                moment, happening = self.billing_cycle_end_at, Happening.RENEWAL
        return Coming(moment, happening, self.id) if moment else None


def known_of(product: Product) -> OpenProduct:
    """What its subscription is to know of the product."""
    facts = {"type": product.offering.type, "offering_id": product.offering.id}
    return OpenProduct.model_validate(product.model_dump() | facts)


def happen(product: Product, happening: Happening, moment: datetime, plan_cycle_end: datetime | None) -> str:
    """Let it happen, as if at the moment at which it was due; the type of the event that tells of it."""
    match happening:
        case Happening.END:
            terms.end(product, moment, terminated=True)
        case Happening.RENEWAL:
            terms.renew(product)
            return "product.renewed"
        case Happening.START:
            terms.start(product, moment, plan_cycle_end)
        case Happening.EXPIRY:
            product.move_to("expired")
            product.expired_at = moment
    return f"product.{product.status}"
