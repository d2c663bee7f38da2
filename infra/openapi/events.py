"""Every type of event, and what its ``data`` holds (contract §8)."""

from typing import get_args

from functions.orders.order import OrderStatus
from functions.products.product import ProductStatus
from functions.subscriptions.phone_number import PhoneNumberStatus
from functions.subscriptions.subscription import SubscriptionStatus
from infra.openapi.answers import object_of
from infra.openapi.schemas import Schema

NO_EVENT = {"subscription.created", "product.pending", "product.scheduled"}
"""Statuses that a resource begins with while its order tells of it."""
ORDER_TYPES = (*(f"order.{status}" for status in get_args(OrderStatus)), "order.delayed")
SUBSCRIPTION_TYPES = tuple(f"subscription.{status}" for status in get_args(SubscriptionStatus))
SIM = "subscription.sim_profile"
SIM_TYPES = (f"{SIM}.ready_for_installation", f"{SIM}.installed", f"{SIM}.deleted", f"{SIM}.country_changed")
PRODUCT_TYPES = (*(f"product.{status}" for status in get_args(ProductStatus)), "product.renewed")
NUMBER_TYPES = tuple(f"phone_number.{status}" for status in get_args(PhoneNumberStatus))
THRESHOLD = "balance.threshold.exceeded"
TYPES = tuple(
    each
    for each in (*ORDER_TYPES, *SUBSCRIPTION_TYPES, *SIM_TYPES, *PRODUCT_TYPES, *NUMBER_TYPES, THRESHOLD)
    if each not in NO_EVENT
)

TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
LOCATION = object_of({"previous_country?": TEXT, "current_country": TEXT, "landed_at": MOMENT})
CROSSED = object_of({"allowance_type": {"const": "data"}, "percentage": {"type": "integer", "enum": [80, 100]}})
BESIDE: dict[str, dict[str, Schema]] = {
    THRESHOLD: {"threshold": CROSSED},
    f"{SIM}.ready_for_installation": {"order": {"$ref": "#/components/schemas/OrderReference"}},
    f"{SIM}.country_changed": {"location": LOCATION},
}
"""What some types have beside the resource."""
RESOURCES = {
    "order": "Order",
    "subscription": "Subscription",
    "product": "Product",
    "phone_number": "PhoneNumber",
    "balance": "Product",
}
"""First word of a type → the resource that its event shows."""


def resource_of(event_type: str) -> str:
    """Return the name of the resource's schema."""
    return RESOURCES[event_type.partition(".")[0]]


def data_of(event_type: str) -> Schema:
    """Return the schema of the event's ``data``."""
    word = event_type.partition(".")[0]
    member = "product" if word == "balance" else word
    shown = {member: {"$ref": f"#/components/schemas/{resource_of(event_type)}"}}
    return object_of(shown | BESIDE.get(event_type, {}))


def event_of(event_type: str) -> Schema:
    """Return the schema of the event with its envelope."""
    members = {
        "id": TEXT,
        "type": {"const": event_type},
        "created_at": MOMENT,
        "sequence": {"type": "integer", "minimum": 1},
        "data": data_of(event_type),
    }
    return object_of(members)
