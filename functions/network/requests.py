"""Our requests to the mobile network for an order (docs/architecture.md, "The mobile network").

The state machine puts ``network.provisioning.requested`` on the bus, with a ``reply_token``. The answer,
``network.provisioning.succeeded`` (``msisdn``?) or ``network.provisioning.failed`` (``reason``), returns the token with
``partner`` and ``order_id``. The same request can be sent again with another token, until the bus has accepted it: only
the answer with the newest token counts.
``network.deprovisioning.requested`` asks the network to undo everything that was done for the order; its answer is
``network.deprovisioning.succeeded`` or ``network.deprovisioning.failed`` (``reason``?). The order id is the network's
idempotency key. docs/operator.md describes all of it for the network's owner.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from functions.catalog.offering import Allowance, OfferingTerms
from functions.network import interface
from functions.shared.event import EVENTS_KEPT
from functions.shared.ids import new_id
from functions.shared.records import Expiring
from functions.sim_profiles.sim_profile import SimProfile

VERSION = 2
"""Of both requests. Version 1 had no ``version``, and allowances contained coverage areas and policies."""
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
    """The members of an order that the requests contain."""

    id: str
    partner: str
    type: str
    subscription_id: str
    sim_profile_id: str | None
    product_ids: list[str]

    @property
    def lines(self) -> Sequence[Sold]:
        """Return the products that it sells."""


class NetworkRequest(Expiring):
    """A request that is sent if, and only if, the change that writes it commits; ``data`` is its content."""

    KIND = "network_request"
    PREFIX = "nrq"

    type: str
    data: dict[str, Any]


def provisioning(order: Requesting, subscription_status: str, sim: SimProfile) -> dict[str, Any]:
    """Return the request: the operation (the order's type), the subscription, the SIM and the products."""
    return {
        **_about(order),
        "subscription": {"id": order.subscription_id, "status": subscription_status},
        "sim_profile": _sim(sim),
        "products": [*sold(order.lines), *({"id": product_id} for product_id in order.product_ids)],
    }


def deprovisioning(order: Requesting, at: datetime) -> NetworkRequest:
    """Return the request to undo everything that was done for the order."""
    undone = {"subscription": {"id": order.subscription_id}, "sim_profile": {"id": order.sim_profile_id}}
    return NetworkRequest(
        id=new_id(NetworkRequest.PREFIX),
        partner=order.partner,
        created_at=at,
        type=interface.DEPROVISIONING_REQUESTED,
        data=_about(order) | undone,
        ttl=int((at + EVENTS_KEPT).timestamp()),
    )


def _about(order: Requesting) -> dict[str, Any]:
    return {"version": VERSION, "operation": order.type, "partner": order.partner, "order_id": order.id}


def sold(lines: Iterable[Sold]) -> list[dict[str, Any]]:
    """Return the products that an order sells, each with what the network needs of its offering."""
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
    """Return the quantity, and only the id of the coverage area: its countries would be most of the request."""
    shown = {"type", "is_unlimited", "unit", "unit_count"}
    quantity = allowance.model_dump(mode="json", include=shown, exclude_none=True)
    return quantity | {"coverage_area": {"id": allowance.coverage_area.id}}
