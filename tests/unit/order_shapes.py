"""Orders of the plainest kind, and what is said of their bodies."""

from typing import Any

from pydantic import TypeAdapter

from functions.shared.shapes import check_body, without_nulls
from tests.support import bodies

(ADDON,) = bodies.addons("addon")
ACTIVATION = bodies.activation("subr_1", "plan")
PLAN = ACTIVATION["products"]["plan"]
TOPUP = bodies.topup("subs_1", "addon", purchase_location="XK")
CANCELLATION = bodies.cancellation("subs_1")
SWAP = bodies.swap("subs_1")
INVALID, UNSUPPORTED = "constraint_validation_error", "not_supported"


def faults_of(shape: Any, body: Any) -> list[tuple[str, str | None]]:
    """The codes and pointers of what is wrong with a body; each has words of its own."""
    _, faults = check_body(TypeAdapter(shape), without_nulls(body))
    assert not [fault for fault in faults if "None" in fault.detail]
    return [(fault.code.value, fault.pointer) for fault in faults]


def activation(**fields: Any) -> dict[str, Any]:
    return ACTIVATION | fields


def with_addon(**fields: Any) -> dict[str, Any]:
    return activation(products={"plan": PLAN, "addons": [ADDON | fields]})
