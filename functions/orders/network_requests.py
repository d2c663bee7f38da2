"""What the mobile network is asked for an order (docs/architecture.md, "The mobile network").

``network.provisioning.requested`` is put on the bus by the state machine, with a ``reply_token`` that the answer
``network.provisioning.succeeded`` (``msisdn``?) or ``network.provisioning.failed`` (``reason``) brings back together
with ``partner`` and ``order_id``. ``network.deprovisioning.requested`` asks to undo whatever was done for the order,
now or later; its answer is ``network.deprovisioning.succeeded``. The order id is the network's idempotency key.
"""

from typing import Any

from functions.orders.kind import Work
from functions.orders.order import Line, Order
from functions.sim_profiles.sim_profile import SimProfile


def provisioning(work: Work) -> dict[str, Any]:
    """What to do: the operation (the order's type), for which subscription, on which SIM, with which products."""
    subscription = work.present()
    return {
        "operation": work.order.type,
        "subscription": {"id": subscription.id, "status": subscription.status},
        "sim_profile": _sim(work.new_sim or subscription.sim_profile),
        "products": [
            *(_product(line) for line in work.order.lines),
            *({"id": product_id} for product_id in work.order.product_ids),
        ],
    }


def deprovisioning(order: Order) -> dict[str, Any]:
    """Which order's doing is to be undone."""
    return {
        "operation": order.type,
        "partner": order.partner,
        "order_id": order.id,
        "subscription": {"id": order.subscription_id},
        "sim_profile": {"id": order.sim_profile_id},
    }


def _sim(sim: SimProfile) -> dict[str, Any]:
    told = {"id", "iccid", "sim_type", "matching_id", "smdp_address", "eid"}
    return sim.model_dump(mode="json", include=told, exclude_none=True)


def _product(line: Line) -> dict[str, Any]:
    told = {"id", "name", "type", "metadata", "phone_number_country", "allowances"}
    offering = line.offering.model_dump(mode="json", include=told, exclude_none=True)
    return {"id": line.product_id, "product_offering": offering}
