"""What an order meets in the sandbox: how the mobile network behaves, and whether eSIMs are in stock."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Literal

from functions.network import interface, simulated
from functions.shared.shapes import Shape
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import SimProfile
from infra.local.functions import Handler
from infra.local.patches import all_replaced

WISHES = {"slow": "network_takes_5s", "refusing": "network_rejects"}
"""What such a network does, as an add-on of the sandbox asks for it."""


class NewConditions(Shape):
    """What is to change; the rest stays as it is."""

    network: Literal["normal", "slow", "refusing"] | None = None
    esim_stock: Literal["filled", "empty"] | None = None


class Conditions:
    """They hold for every partner, from the next step of an order on. A reset restores the first ones."""

    def __init__(self, network: str = "normal") -> None:
        self._first = {"network": network, "esim_stock": "filled"}
        self.changed: dict[str, str] = {}
        """Those that somebody has chosen, which a folder keeps."""

    def restart(self) -> None:
        """Restore the first conditions."""
        self.changed = {}

    def in_force(self) -> AbstractContextManager[None]:
        """Let the simulated network and the stock obey them."""
        return all_replaced((simulated, "handler", self._behaving), (stock, "pick_esim", self._in_stock))

    def change(self, new: NewConditions) -> None:
        """Change what is given."""
        self.changed |= new.model_dump(exclude_none=True)

    def shown(self) -> dict[str, str]:
        """Return them as the API shows them."""
        return self._first | self.changed

    def _behaving(self, handle: Handler) -> Handler:
        def handler(event: dict[str, Any], context: Any) -> None:
            wish = WISHES.get(self.shown()["network"])
            handle(_wishing(event, wish) if wish else event, context)

        return handler

    def _in_stock(self, pick: Callable[[str], SimProfile | None]) -> Callable[[str], SimProfile | None]:
        return lambda partner: pick(partner) if self.shown()["esim_stock"] == "filled" else None


def _wishing(event: dict[str, Any], wish: str) -> dict[str, Any]:
    """Return a request to the network as if one more product asked for it to behave so."""
    if event["detail-type"] != interface.PROVISIONING_REQUESTED:
        return event
    detail = event["detail"]
    product = {"product_offering": {"metadata": {"sandbox": wish}}}
    return event | {"detail": detail | {"products": [*detail["products"], product]}}
