"""A request to each route that takes a key."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from functions.shared.clock import iso
from infra.operator import sims
from tests.support import bodies
from tests.support.builders import PARTNER, SUBSCRIBER
from tests.support.customers import PERSON, PERSONAL
from tests.support.endpoints import NEW, Endpoints
from tests.support.sims import physical_sim
from tests.support.timeline import Timeline

PRICES = {"prices": [{"type": "recurring", "unit_amount": 900, "currency": "EUR"}]}
MONTHLY = {"type": "recurring", "unit_amount": 1000, "currency": "EUR"}


class Sent(NamedTuple):
    """A request that is accepted once: where it goes and what it says."""

    path: str
    body: dict[str, Any] | None = None


def activation(**fields: Any) -> dict[str, Any]:
    return bodies.activation(SUBSCRIBER, "monthly", **fields)


def reserved(line: Timeline) -> dict[str, Any]:
    """The choice of a physical SIM that the partner has reserved."""
    code = card()
    status, sim = line.act("/sim-profiles/reserve", {"activation_code": code})
    assert status == 201, sim
    return {"sim_type": "psim", "reservation_id": sim["reservation_id"]}


def card() -> str:
    """The activation code of a new physical SIM."""
    entry = physical_sim()
    sims.load(PARTNER, [entry])
    return entry.activation_code


def topup(line: Timeline, **fields: Any) -> dict[str, Any]:
    return bodies.topup(line.subscribe(), "extra", **fields)


def products_cancellation(line: Timeline) -> dict[str, Any]:
    subscription = line.subscribe("extra")
    return bodies.products_cancellation(subscription, line.products(subscription)["monthly"].id)


def tomorrow(line: Timeline) -> dict[str, str]:
    return {"mode": "specific_date", "effective_at": (line.world.now + timedelta(days=1)).date().isoformat()}


def held(line: Timeline) -> str:
    """An order that is on hold."""
    return line.place(activation(on_hold_condition="porting"))


def action(name: str) -> Callable[[Timeline], Sent]:
    """What a partner does with a subscription; ``resume`` follows ``deactivate``."""

    def make(line: Timeline) -> Sent:
        subscription = line.subscribe()
        if name == "resume":
            line.act(f"/subscriptions/{subscription}/deactivate")
        return Sent(f"/subscriptions/{subscription}/{name}")

    return make


def product(line: Timeline, *addons: str, mode: str = "immediate") -> str:
    """The id of a product of a new subscription: its plan or, if add-ons are named, the first of them."""
    subscription = line.subscribe(products=bodies.sold("monthly", *addons, mode=mode))
    return line.products(subscription)[addons[0] if addons else "monthly"].id


def with_price(line: Timeline) -> str:
    """The id of a product that has a recurring price."""
    body = activation()
    body["products"]["plan"]["price_alterations"] = [MONTHLY]
    order = line.order(line.place(body))
    return line.products(order.subscription_id)["monthly"].id


def account(line: Timeline) -> str:
    return str(line.act("/accounts", PERSONAL)[1]["id"])


def subscriber(line: Timeline) -> str:
    return str(line.act("/subscribers", PERSON | {"account_id": account(line)})[1]["id"])


def webhook(line: Timeline) -> str:
    return str(Endpoints(line.world).make()["id"])


def replay(line: Timeline) -> Sent:
    since = iso(line.world.now)
    line.subscribe()
    return Sent(f"/webhooks/{webhook(line)}/replay", {"since": since})


def retry(line: Timeline) -> Sent:
    made = webhook(line)
    return Sent(f"/webhooks/{made}/deliveries/{Endpoints(line.world).deliver(made)}/retry")


ORDERS: dict[str, Callable[[Timeline], dict[str, Any]]] = {
    "activate-subscription": lambda _line: activation(),
    "topup-subscription": topup,
    "cancel-subscription": lambda line: bodies.cancellation(line.subscribe()),
    "swap-subscription-sim": lambda line: bodies.swap(line.subscribe()),
    "change-subscription-plan": lambda line: bodies.plan_change(line.subscribe(), "monthly too"),
    "cancel-subscription-products": products_cancellation,
}


def order(name: str) -> Callable[[Timeline], Sent]:
    return lambda line: Sent(f"/orders/{name}", ORDERS[name](line))


REQUESTS: dict[tuple[str, str], Callable[[Timeline], Sent]] = {
    **{("POST", f"/orders/{name}"): order(name) for name in ORDERS},
    ("POST", "/orders"): lambda _line: Sent("/orders", activation()),
    ("POST", "/orders/{order_id}/cancel"): lambda line: Sent(f"/orders/{held(line)}/cancel"),
    ("POST", "/orders/{order_id}/resume"): lambda line: Sent(f"/orders/{held(line)}/resume"),
    **{
        ("POST", f"/subscriptions/{{subscription_id}}/{name}"): action(name)
        for name in ("grace", "suspend", "deactivate", "resume")
    },
    ("POST", "/products/{product_id}/activate"): lambda line: Sent(
        f"/products/{product(line, 'extra', mode='first_usage')}/activate"
    ),
    ("POST", "/products/{product_id}/cancel"): lambda line: Sent(
        f"/products/{product(line)}/cancel", {"cancellation_mode": "immediate"}
    ),
    ("PATCH", "/products/{product_id}"): lambda line: Sent(f"/products/{with_price(line)}", PRICES),
    ("PATCH", "/product-offerings/{offering_id}"): lambda _line: Sent("/product-offerings/extra", {"name": "More"}),
    ("POST", "/subscribers"): lambda line: Sent("/subscribers", PERSON | {"account_id": account(line)}),
    ("PATCH", "/subscribers/{subscriber_id}"): lambda line: Sent(
        f"/subscribers/{subscriber(line)}", {"first_name": "Augusta"}
    ),
    ("POST", "/accounts"): lambda _line: Sent("/accounts", PERSONAL),
    ("PATCH", "/accounts/{account_id}"): lambda line: Sent(f"/accounts/{account(line)}", {"name": "Countess"}),
    ("POST", "/webhooks"): lambda _line: Sent("/webhooks", NEW),
    ("PATCH", "/webhooks/{webhook_id}"): lambda line: Sent(f"/webhooks/{webhook(line)}", {"status": "disabled"}),
    ("POST", "/webhooks/{webhook_id}/rotate-signing-secret"): lambda line: Sent(
        f"/webhooks/{webhook(line)}/rotate-signing-secret"
    ),
    ("POST", "/webhooks/{webhook_id}/replay"): replay,
    ("POST", "/webhooks/{webhook_id}/test"): lambda line: Sent(f"/webhooks/{webhook(line)}/test"),
    ("POST", "/webhooks/{webhook_id}/deliveries/{delivery_id}/retry"): retry,
    ("POST", "/sim-profiles/reserve"): lambda _line: Sent("/sim-profiles/reserve", {"activation_code": card()}),
}
"""A request to each route that takes a key, and what must be there for it."""
TORN: dict[str, Callable[[Timeline], tuple[str, Sent]]] = {
    "a scheduled cancellation": lambda line: (
        "POST",
        Sent("/orders/cancel-subscription", bodies.cancellation(line.subscribe(), schedule=tomorrow(line))),
    ),
    "a cancellation": lambda line: (
        "POST",
        Sent("/orders/cancel-subscription", bodies.cancellation(line.subscribe())),
    ),
    "a top-up with a reference": lambda line: ("POST", Sent("/orders/topup-subscription", topup(line, reference="r"))),
    "an activation on a reserved SIM": lambda line: (
        "POST",
        Sent("/orders/activate-subscription", activation(sim_profile=reserved(line))),
    ),
    "a suspension": lambda line: ("POST", action("suspend")(line)),
    "the end of an order's waiting": lambda line: ("POST", Sent(f"/orders/{held(line)}/cancel")),
    "a new webhook": lambda _line: ("POST", Sent("/webhooks", NEW)),
    "the end of a webhook's work": lambda line: ("PATCH", REQUESTS["PATCH", "/webhooks/{webhook_id}"](line)),
    "one attempt more": lambda line: ("POST", retry(line)),
    "a new secret": lambda line: ("POST", REQUESTS["POST", "/webhooks/{webhook_id}/rotate-signing-secret"](line)),
    "the end of a product": lambda line: ("POST", REQUESTS["POST", "/products/{product_id}/cancel"](line)),
}
