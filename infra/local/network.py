"""A mobile network that is slow or refuses for every order, to test how a client handles it."""

from typing import Any

from functions.network import interface, simulated
from infra.local.functions import Handler

WISHES = {"slow": "network_takes_5s", "refusing": "network_rejects"}
"""What such a network does, as an add-on of the sandbox asks for it."""


def behaving(how: str) -> Handler:
    """Return the simulated network as a function that is ``slow`` or ``refusing``."""
    wish = {"product_offering": {"metadata": {"sandbox": WISHES[how]}}}

    def handler(event: dict[str, Any], context: Any) -> None:
        if event["detail-type"] == interface.PROVISIONING_REQUESTED:
            detail = event["detail"]
            event = event | {"detail": detail | {"products": [*detail["products"], wish]}}
        simulated.handler(event, context)

    return handler
