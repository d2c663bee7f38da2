"""What the mobile network is asked for an order (docs/architecture.md, "The mobile network").

``network.provisioning.requested`` is put on the bus by the state machine, with a ``reply_token`` that the answer
``network.provisioning.succeeded`` (``msisdn``?) or ``network.provisioning.failed`` (``reason``) brings back together
with ``partner`` and ``order_id``. The same request can come again with another token (it is sent until the bus has
taken it): the answer to the newest counts, one to an older token changes nothing.
``network.deprovisioning.requested`` asks to undo whatever was done for the order, now or later; its answer is
``network.deprovisioning.succeeded`` or ``network.deprovisioning.failed`` (``reason``?). The order id is the network's
idempotency key. docs/operator.md describes all of it for the network's owner.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from functions.catalog.offering import Allowance, OfferingTerms
from functions.network import interface
from functions.shared.ids import new_id
from functions.shared.records import EVENTS_KEPT, Record
from functions.sim_profiles.sim_profile import SimProfile

VERSION = 2
"""Of both requests. In version 1, which said no version, allowances carried whole coverage areas and policies."""
PROVISIONING = ("version", "operation", "partner", "order_id", "subscription", "sim_profile", "products")
"""The members of a provisioning request; the state machine adds the ``reply_token``."""


class Sold(Protocol):
    """A product that an order sells."""

    @property
    def product_id(self) -> str:
        """Return the id that the product has, or will have."""

    @property
    def offering(self) -> OfferingTerms:
        """Return its terms."""


class Requesting(Protocol):
    """What the network is told of an order."""

    id: str
    partner: str
    type: str
    subscription_id: str
    sim_profile_id: str | None
    product_ids: list[str]

    @property
    def lines(self) -> Sequence[Sold]:
        """Return what it sells."""


class NetworkRequest(Record):
    """What the mobile network is asked if, and only if, the change that writes it commits; ``data`` is all it says."""

    KIND = "network_request"
    PREFIX = "nrq"

    type: str
    data: dict[str, Any]
    ttl: int


def provisioning(order: Requesting, subscription_status: str, sim: SimProfile) -> dict[str, Any]:
    """Return what to do: the operation (the order's type), for which subscription, SIM and products."""
    return {
        "version": VERSION,
        "operation": order.type,
        "partner": order.partner,
        "order_id": order.id,
        "subscription": {"id": order.subscription_id, "status": subscription_status},
        "sim_profile": _sim(sim),
        "products": [*sold(order.lines), *({"id": product_id} for product_id in order.product_ids)],
    }


def deprovisioning(order: Requesting, at: datetime) -> NetworkRequest:
    """Return the request to undo whatever was done for the order."""
    data = {
        "version": VERSION,
        "operation": order.type,
        "partner": order.partner,
        "order_id": order.id,
        "subscription": {"id": order.subscription_id},
        "sim_profile": {"id": order.sim_profile_id},
    }
    return NetworkRequest(
        id=new_id(NetworkRequest.PREFIX),
        partner=order.partner,
        created_at=at,
        type=interface.DEPROVISIONING_REQUESTED,
        data=data,
        ttl=int((at + EVENTS_KEPT).timestamp()),
    )


def sold(lines: Iterable[Sold]) -> list[dict[str, Any]]:
    """Return the products that an order sells, each with what the network must know of its offering."""
    return [_product(line) for line in lines]


def _sim(sim: SimProfile) -> dict[str, Any]:
    shown = {"id", "iccid", "sim_type", "matching_id", "smdp_address", "eid"}
    return sim.model_dump(mode="json", include=shown, exclude_none=True)


def _product(line: Sold) -> dict[str, Any]:
    shown = {"id", "name", "type", "metadata", "phone_number_country"}
    offering = line.offering.model_dump(mode="json", include=shown, exclude_none=True)
    offering["allowances"] = [_allowance(allowance) for allowance in line.offering.allowances]
    return {"id": line.product_id, "product_offering": offering}


def _allowance(allowance: Allowance) -> dict[str, Any]:
    """How much of what, and where by id alone: the countries of an area would be most of the request."""
    shown = {"type", "is_unlimited", "unit", "unit_count"}
    quantity = allowance.model_dump(mode="json", include=shown, exclude_none=True)
    return quantity | {"coverage_area": {"id": allowance.coverage_area.id}}
