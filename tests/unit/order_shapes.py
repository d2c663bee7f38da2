"""Bodies of orders, and what is said of them."""

from typing import Any

from pydantic import TypeAdapter

from functions.shared.shapes import Shape, check_body, without_nulls

PLAN = {"product_offering_id": "plan"}
ADDON = {"product_offering_id": "addon", "activation_mode": "immediate"}
ACTIVATION = {
    "subscriber_id": "subr_1",
    "purchase_location": "DE",
    "sim_profile": {"sim_type": "esim"},
    "products": {"plan": PLAN},
}
TOPUP = {"subscription_id": "subs_1", "purchase_location": "XK", "products": {"addons": [ADDON]}}
ON_IT = {"subscription_id": "subs_1"}
INVALID, UNSUPPORTED = "constraint_validation_error", "not_supported"


def faults_of(shape: type[Shape], body: Any) -> list[tuple[str, str | None]]:
    _, faults = check_body(TypeAdapter(shape), without_nulls(body))
    return [(fault.code.value, fault.pointer) for fault in faults]


def activation(**fields: Any) -> dict[str, Any]:
    return ACTIVATION | fields


def with_addon(**fields: Any) -> dict[str, Any]:
    return activation(products={"plan": PLAN, "addons": [ADDON | fields]})
