"""Orders of the plainest kind, and what is said of their bodies."""

from typing import Any

from pydantic import TypeAdapter

from functions.shared.shapes import Shape, check_body, without_nulls
from tests.support import bodies

(ADDON,) = bodies.addons("addon")
ACTIVATION = bodies.activation("subr_1", "plan")
PLAN = ACTIVATION["products"]["plan"]
TOPUP = bodies.topup("subs_1", "addon", purchase_location="XK")
CANCELLATION = bodies.cancellation("subs_1")
SWAP = bodies.swap("subs_1")
INVALID, UNSUPPORTED = "constraint_validation_error", "not_supported"


def faults_of(shape: type[Shape], body: Any) -> list[tuple[str, str | None]]:
    _, faults = check_body(TypeAdapter(shape), without_nulls(body))
    return [(fault.code.value, fault.pointer) for fault in faults]


def activation(**fields: Any) -> dict[str, Any]:
    return ACTIVATION | fields


def with_addon(**fields: Any) -> dict[str, Any]:
    return activation(products={"plan": PLAN, "addons": [ADDON | fields]})
