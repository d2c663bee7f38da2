"""Every request that takes a key, sent again under it: also while its first try commits (contract §1)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from functions.routes import ROUTES
from functions.shared import dynamodb
from infra.operator import sims
from tests.support import bodies
from tests.support.builders import PARTNER, SUBSCRIBER
from tests.support.customers import PERSON, PERSONAL
from tests.support.sims import physical_sim
from tests.support.store import Item
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
    ("POST", "/sim-profiles/reserve"): lambda _line: Sent("/sim-profiles/reserve", {"activation_code": card()}),
}
"""A request to each route that takes a key, and what must be there for it."""
UNRELATED = {"Idempotent-Replayed", "Correlation-Id"}


def same(first: Item, again: Item) -> None:
    """Assert that the second answer is the first one's replay."""
    expected = {name: value for name, value in first["headers"].items() if name not in UNRELATED}
    assert {name: again["headers"].get(name) for name in expected} == expected, again["body"]
    assert (again["statusCode"], again["body"]) == (first["statusCode"], first["body"])
    marks = [answer["headers"]["Idempotent-Replayed"] for answer in (first, again)]
    assert marks == ["false", "true"]


def test_every_route_that_takes_a_key_is_walked() -> None:
    keyed = {(route.method, route.path) for route in ROUTES if route.keyed and route.method in {"POST", "PATCH"}}
    assert REQUESTS.keys() == keyed


@pytest.mark.parametrize(("method", "route"), REQUESTS)
def test_a_request_that_comes_again_is_answered_again(line: Timeline, method: str, route: str) -> None:
    path, body = REQUESTS[method, route](line)
    first = line.world.send_keyed(method, path, body, "once")
    assert first["statusCode"] in {200, 201}, first["body"]
    line.world.look()
    before = dict(line.world.items)
    same(first, line.world.send_keyed(method, path, body, "once"))
    line.world.look()
    assert line.world.items == before
    line.rest()
    same(first, line.world.send_keyed(method, path, body, "once"))
    for other in ((body or {}) | {"purchase_location": "FR"}, {"unknown": 1}):
        refused = line.world.send_keyed(method, path, other, "once")
        assert refused["statusCode"] == 422
        assert refused["headers"]["Idempotent-Retriable"] == "false"


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
    "the end of a product": lambda line: ("POST", REQUESTS["POST", "/products/{product_id}/cancel"](line)),
}


@pytest.mark.parametrize("request_of", TORN.values(), ids=list(TORN))
def test_the_first_try_commits_between_two_halves_of_the_read(
    line: Timeline, request_of: Callable[[Timeline], tuple[str, Sent]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batched read is no snapshot: it misses the first try's key, and then sees what the first try has done."""
    method, (path, body) = request_of(line)
    whole = line.world.store.batch_get_item
    firsts: list[Item] = []

    def torn(*, RequestItems: Item) -> Item:  # noqa: N803 - boto3's name
        monkeypatch.setattr(line.world.store, "batch_get_item", whole)
        ((name, asked),) = RequestItems.items()
        keys = [key for key in asked["Keys"] if key["sk"]["S"] == "idempotency"]
        assert len(keys) == 1
        assert whole(RequestItems={name: {"Keys": keys}})["Responses"] == {name: []}
        firsts.append(line.world.send_keyed(method, path, body, "once"))
        return whole(RequestItems={name: {"Keys": [key for key in asked["Keys"] if key not in keys]}})

    monkeypatch.setattr(line.world.store, "batch_get_item", torn)
    again = line.world.send_keyed(method, path, body, "once")
    (first,) = firsts
    assert first["statusCode"] in {200, 201}, first["body"]
    same(first, again)


def test_a_key_that_is_being_written_is_waited_for(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain read may show the key as free when other items of its transaction are there already."""
    first = line.world.send_keyed("POST", "/accounts", PERSONAL, "once")
    settled = line.world.store.transact_get_items
    calls: list[Item] = []

    def busy(**asked: Any) -> Item:
        calls.append(asked)
        if len(calls) < 3:
            raise conflict()
        return settled(**asked)

    monkeypatch.setattr(line.world.store, "transact_get_items", busy)
    monkeypatch.setattr(dynamodb, "pauses", lambda attempts=None: iter([0.0] * 5))
    same(first, line.world.send_keyed("POST", "/accounts", PERSONAL, "once"))
    assert len(calls) == 3


def conflict() -> Exception:
    """What DynamoDB answers while a transaction is at work on an item that another one asks for."""
    answer: Any = {"Error": {"Code": "TransactionCanceledException", "Message": ""}}
    answer["CancellationReasons"] = [{"Code": "TransactionConflict"}]
    return ClientError(answer, "TransactGetItems")


def test_the_lookup_before_a_refusal_is_one_read(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    store, calls = line.world.store, list[str]()
    for name in ("get_item", "batch_get_item", "transact_get_items", "transact_write_items"):
        monkeypatch.setattr(store, name, noted(calls, name, getattr(store, name)))
    body = activation(subscriber_id="none")
    assert line.world.send_keyed("POST", "/orders/activate-subscription", body, "refused")["statusCode"] == 400
    assert calls == ["batch_get_item", "transact_get_items"]
    calls.clear()
    assert (
        line.world.send_keyed("POST", "/orders/activate-subscription", body | {"x": 1}, "refused")["statusCode"] == 400
    )
    assert calls == ["transact_get_items"]
    calls.clear()
    assert line.world.send_keyed("POST", "/accounts", PERSONAL, "made")["statusCode"] == 201
    assert calls == ["transact_write_items"]


def noted(calls: list[str], name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def noting(**asked: Any) -> Any:
        calls.append(name)
        return call(**asked)

    return noting
