"""Every type of event, and what its ``data`` holds (contract §8)."""

import re

from infra.openapi.answers import object_of
from infra.openapi.schemas import Schema

SIM = "subscription.sim_profile"
THRESHOLD = "balance.threshold.exceeded"

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
    "webhook": "Webhook",
}
"""First word of a type → the resource that its event shows."""


def resource_of(event_type: str) -> str:
    """Return the name of the resource's schema."""
    return RESOURCES[event_type.partition(".")[0]]


def name_of(event_type: str) -> str:
    """Return the name of the event's schema."""
    return "".join(word.capitalize() for word in re.split(r"[._]", event_type)) + "Event"


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
