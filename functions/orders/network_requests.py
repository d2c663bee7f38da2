"""What the mobile network is asked for an order (docs/architecture.md, "The mobile network").

``network.provisioning.requested`` is put on the bus by the state machine, with a ``reply_token`` that the answer
``network.provisioning.succeeded`` (``msisdn``?) or ``network.provisioning.failed`` (``reason``) brings back together
with ``partner`` and ``order_id``. The same request can come again with another token (it is sent until the bus has
taken it): the answer to the newest counts, one to an older token changes nothing.
``network.deprovisioning.requested`` asks to undo whatever was done for the order, now or later; its answer is
``network.deprovisioning.succeeded`` or ``network.deprovisioning.failed`` (``reason``?). The order id is the network's
idempotency key. docs/operator.md describes all of it for the network's owner.
"""

from typing import Any

from functions.catalog.offering import Allowance
from functions.orders.kind import Work
from functions.orders.order import Line, Order
from functions.sim_profiles.sim_profile import SimProfile

VERSION = 2
"""Of both requests. In version 1, which said no version, allowances carried whole coverage areas and policies."""


def provisioning(work: Work) -> dict[str, Any]:
    """What to do: the operation (the order's type), for which subscription, on which SIM, with which products."""
    subscription = work.present().root
    return {
        "operation": work.order.type,
        "subscription": {"id": subscription.id, "status": subscription.status},
        "sim_profile": _sim(work.new_sim or subscription.sim_profile),
        "products": [
            *sold(work.order.lines),
            *({"id": product_id} for product_id in work.order.product_ids),
        ],
    }


def deprovisioning(order: Order) -> dict[str, Any]:
    """Which order's doing is to be undone."""
    return {
        "version": VERSION,
        "operation": order.type,
        "partner": order.partner,
        "order_id": order.id,
        "subscription": {"id": order.subscription_id},
        "sim_profile": {"id": order.sim_profile_id},
    }


def sold(lines: list[Line]) -> list[dict[str, Any]]:
    """The products that an order sells, each with what the network must know of its offering."""
    return [_product(line) for line in lines]


def _sim(sim: SimProfile) -> dict[str, Any]:
    told = {"id", "iccid", "sim_type", "matching_id", "smdp_address", "eid"}
    return sim.model_dump(mode="json", include=told, exclude_none=True)


def _product(line: Line) -> dict[str, Any]:
    told = {"id", "name", "type", "metadata", "phone_number_country"}
    offering = line.offering.model_dump(mode="json", include=told, exclude_none=True)
    offering["allowances"] = [_allowance(allowance) for allowance in line.offering.allowances]
    return {"id": line.product_id, "product_offering": offering}


def _allowance(allowance: Allowance) -> dict[str, Any]:
    """How much of what, and where by id alone: the countries of an area would be most of the request."""
    told = {"type", "is_unlimited", "unit", "unit_count"}
    quantity = allowance.model_dump(mode="json", include=told, exclude_none=True)
    return quantity | {"coverage_area": {"id": allowance.coverage_area.id}}
