"""One order of each type, on one subscription from its activation to its end."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.smoke.api import Api, Wrong

DONE_WITHIN_SECONDS = 120.0
POLL_SECONDS = 0.2
UNDER_WAY = {"accepted", "fulfilling"}
EMAIL = "smoke-test@example.com"
PLACE = {"purchase_location": "DE"}
PERSON = {"first_name": "Smoke", "last_name": "Test", "address": {"country": "DE"}}
NO_OFFERING = "prdoff_00000000000000000000000000"


@dataclass(frozen=True)
class Shop:
    """What is ordered, and for whom."""

    plan: str
    addon: str
    other_plan: str
    subscriber: str


def shop(api: Api) -> Shop:
    """Return a plan and an add-on that the partner sells, and a subscriber, who is made once and stays."""
    plans = _usable(api.listed("/product-offerings?type=plan&limit=40"))
    for plan in plans:
        fitting = _usable(api.listed(f"/product-offerings/{plan}/compatible?limit=40"))
        if fitting:
            return Shop(plan, fitting[0], plans[-1], _subscriber(api))
    raise Wrong("the partner sells no active plan with an active add-on")


def refused(api: Api, shop: Shop) -> str:
    """Order what does not exist. Raise :class:`Wrong` unless it is refused, by its place."""
    order = _activation(shop) | {"products": {"plan": {"product_offering_id": NO_OFFERING}}}
    problem = api.post("/orders", order).must_be(400)
    found = [(error["code"], error.get("pointer")) for error in problem["errors"]]
    if found != [("not_found", "$.products.plan.product_offering_id")]:
        raise Wrong(f"was refused for something else: {problem}")
    return "an unknown plan is refused"


class Life:
    """A subscription, by one order of each type."""

    def __init__(self, api: Api, shop: Shop, say: Callable[[str], None]) -> None:
        self._api = api
        self._shop = shop
        self._say = say
        self.activation = ""
        self.subscription = ""

    def live(self) -> None:
        """Place each order when the one before it is completed. Raise :class:`Wrong` at the first that is not."""
        activated = self._completed("activate_subscription", _activation(self._shop))
        self.activation, self.subscription = activated["id"], activated["_embedded"]["subscription"]["id"]
        addon = {"product_offering_id": self._shop.addon, "activation_mode": "immediate"}
        self._change("topup_subscription", PLACE | {"products": {"addons": [addon]}})
        self._change("cancel_subscription_products", {"product_ids": [self._product(self._shop.addon)]})
        self._change("swap_subscription_sim", {})
        plan = {"product_offering_id": self._shop.other_plan}
        self._change("change_subscription_plan", PLACE | {"products": {"plan": plan}})
        self.end()

    def end(self) -> None:
        """Cancel the subscription, if there is one that is not."""
        if self.subscription:
            self._change("cancel_subscription", {})
            self.subscription = ""

    def _change(self, order_type: str, body: dict[str, Any]) -> None:
        self._completed(order_type, body | {"subscription_id": self.subscription})

    def _completed(self, order_type: str, body: dict[str, Any]) -> dict[str, Any]:
        start = time.monotonic()
        placed = self._api.post(f"/orders/{order_type.replace('_', '-')}", body)
        try:
            order_id = placed.must_be(201)["id"]
            order: dict[str, Any] = self._final(placed.location)
        except Wrong as wrong:
            raise Wrong(f"{order_type} {wrong}") from None
        if order["status"] != "completed":
            raise Wrong(f"{order_type} {order_id} is {order['status']}: {order.get('failure')}")
        self._say(f"{order_type} {order_id} is completed after {time.monotonic() - start:.1f} s")
        return order

    def _final(self, location: str) -> Any:
        deadline = time.monotonic() + DONE_WITHIN_SECONDS
        while True:
            order = self._api.get(location).must_be(200)
            if order["status"] not in UNDER_WAY or time.monotonic() > deadline:
                return order
            time.sleep(POLL_SECONDS)

    def _product(self, offering: str) -> str:
        products = self._api.listed(f"/products?subscription-id={self.subscription}")
        for product in products:
            if product["_embedded"]["product_offering"]["id"] == offering:
                return str(product["id"])
        raise Wrong(f"the subscription has no product of {offering}")


def _activation(shop: Shop) -> dict[str, Any]:
    plan = {"product_offering_id": shop.plan}
    return PLACE | {
        "type": "activate_subscription",
        "subscriber_id": shop.subscriber,
        "sim_profile": {"sim_type": "esim"},
        "products": {"plan": plan},
    }


def _usable(offerings: list[dict[str, Any]]) -> list[str]:
    """Return the ids of those that can be ordered, and that the simulated network does nothing special for."""
    return [
        offering["id"]
        for offering in offerings
        if offering["status"] == "active" and "sandbox" not in (offering.get("metadata") or {})
    ]


def _subscriber(api: Api) -> str:
    if known := api.listed(f"/subscribers?email={EMAIL}"):
        return str(known[0]["id"])
    account = api.post("/accounts", {"type": "personal", "owner": PERSON}).must_be(201)
    made = api.post("/subscribers", PERSON | {"email": EMAIL, "account_id": account["id"]})
    return str(made.must_be(201)["id"])
