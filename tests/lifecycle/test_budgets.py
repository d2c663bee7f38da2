"""What requests and orders may cost (docs/architecture.md, "Budgets"), counted at botocore's door."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any
from uuid import uuid4

import pytest

from functions.shared import dynamodb
from functions.shared.marshal import unmarshal
from functions.shared.sizes import stored_size
from infra.counted import ACTIVATION, EVENTS
from infra.local.functions import CHANGES, Handler
from infra.local.system import System
from tests.support import bodies, evidence
from tests.support.client import Client
from tests.support.customers import PERSON, add_subscriber
from tests.support.newcomer import Newcomer
from tests.support.own_shop import OwnShop
from tests.support.shop import Shop
from tests.support.units_of_calls import READ

NUMBERS = "phone_numbers"


class Calls:
    """The calls of DynamoDB that name a partner, each with the thread that made it."""

    def __init__(self, partner: str) -> None:
        self._partner = partner.encode()
        self.made: list[tuple[int, str, dict[str, Any]]] = []
        self.refused: list[dict[str, Any]] = []
        """The bodies of those that the table answered with an error."""

    def note(self, params: Any, model: Any, context: dict[str, Any], **_: Any) -> None:
        """Botocore's hook, before each call."""
        if self._partner in params["body"]:
            body = context["counted body"] = json.loads(params["body"])
            self.made.append((threading.get_ident(), model.name, body))

    def judge(self, http_response: Any, context: dict[str, Any], **_: Any) -> None:
        """Botocore's hook, after each call."""
        if "counted body" in context and http_response.status_code >= 300:
            self.refused.append(context["counted body"])

    def mine(self) -> list[str]:
        """The names of those that this thread made."""
        return [name for thread, name, _ in self.made if thread == threading.get_ident()]

    def written(self) -> list[int]:
        """How many items each transaction wrote, no matter which function made it."""
        return [len(items) for items in self._transactions()]

    def units(self) -> int:
        """How many write units the table took for them: twice as many as without transactions."""
        items = [write.get("Put", {}).get("Item", {}) for items in self._transactions() for write in items]
        return sum(2 * max(1, ceil(stored_size(unmarshal(item)) / 1024)) for item in items)

    def read_units(self) -> int:
        """How many read units the table took, if nothing that was read has more than 4 KB."""
        return sum(READ[name](body) for _, name, body in self.made if name in READ)

    def _transactions(self) -> list[list[dict[str, Any]]]:
        return [body["TransactItems"] for _, name, body in self.made if name == "TransactWriteItems"]


@contextmanager
def counted(partner: str = "") -> Iterator[Calls]:
    """Count the calls that name a partner: beside it, the system does what other tests have left to do."""
    calls = Calls(partner)
    events = dynamodb.client().meta.events
    events.register("before-call.dynamodb", calls.note)
    events.register("after-call.dynamodb", calls.judge)
    try:
        yield calls
    finally:
        events.unregister("after-call.dynamodb", calls.judge)
        events.unregister("before-call.dynamodb", calls.note)


def test_creating_an_order_is_one_read_and_one_write(shop: Shop) -> None:
    body = shop.activation(*[shop.data] * 15, reference="budget of an order")
    shop.client.get("/orders")
    with counted() as calls:
        answer = shop.client.post("/orders", body, {"Idempotency-Key": "budget of an order"})
        assert answer.status == 201
        assert calls.mine() == ["BatchGetItem", "TransactWriteItems"]


def test_a_customer_is_made_and_changed_with_one_read_and_one_write(system: System) -> None:
    client = Newcomer(system)
    subscriber = add_subscriber(client)
    body = PERSON | {"account_id": subscriber["account_id"]}
    path = f"/subscribers/{subscriber['id']}"
    with counted() as calls:
        assert client.post("/subscribers", body, {"Idempotency-Key": "made"}).status == 201
        assert client.patch(path, {"first_name": "Augusta"}, {"Idempotency-Key": "changed"}).status == 200
        assert client.patch(path, {}).status == 200
        assert calls.mine() == ["BatchGetItem", "TransactWriteItems"] * 2 + ["BatchGetItem"]


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/orders", 2),
        ("/orders?status=completed", 2),
        ("/orders?subscription-id={subscription}", 2),
        ("/orders?status=completed&subscription-id={subscription}", 5),
        ("/orders?subscriber-id={subscriber}", 2),
        ("/orders?type=activate_subscription&subscriber-id={subscriber}", 5),
        ("/orders/{order}", 2),
        ("/orders/{order}/history", 2),
        ("/subscriptions", 2),
        ("/subscriptions/{subscription}", 2),
        ("/products", 2),
        ("/products?subscription-id={subscription}", 2),
        ("/products?subscription-id={subscription}&status=active", 5),
        ("/product-offerings", 2),
        ("/product-catalogs", 2),
        ("/product-catalogs/{catalog}", 2),
        ("/product-catalogs/{catalog}/product-offerings", 2),
        ("/product-catalogs/{catalog}/product-offerings?type=non_service", 5),
        ("/subscriptions?iccid={iccid}", 2),
        ("/subscriptions?iccid={iccid}&status=active", 5),
        ("/subscriptions?msisdn={msisdn}", 2),
        ("/subscriptions?msisdn={msisdn}&iccid={iccid}", 5),
        ("/subscribers", 2),
        ("/subscribers?email={email}", 2),
        ("/subscribers?email={email}&account-id={account}", 5),
        ("/accounts", 2),
        ("/sim-profiles/{sim}", 2),
        ("/sim-profiles/{sim}/secret-codes", 2),
    ],
)
def test_reading(shop: Shop, order: dict[str, Any], path: str, most: int) -> None:
    subscription = order["_embedded"]["subscription"]
    sim = subscription["_embedded"]["sim_profile"]
    (number,) = [each["msisdn"] for each in shop.walk(f"/phone-numbers?subscription-id={subscription['id']}", NUMBERS)]
    catalog = next(shop.walk("/product-catalogs", "product_catalogs"))["id"]
    subscriber = order["_links"]["subscriber"]["href"].rpartition("/")[2]
    ids = {"order": order["id"], "subscription": subscription["id"], "subscriber": subscriber}
    ids |= {"iccid": sim["iccid"], "msisdn": number, "account": subscription["_embedded"]["account"]["id"]}
    ids["email"] = shop.client.get(f"/subscribers/{subscriber}").json()["email"]
    target = path.format(**ids, sim=sim["id"], catalog=catalog)
    shop.client.get("/accounts")
    with counted() as calls:
        answer = shop.client.get(target)
        assert answer.status == 200
        assert not target.startswith(("/subscriptions?", "/subscribers?")) or any(answer.json()["_embedded"].values())
        assert 1 <= len(calls.mine()) <= most


@pytest.fixture(scope="module")
def own_shop(system: System) -> OwnShop:
    """A partner for which nothing happens but what a test does."""
    return OwnShop(system, f"frugal-{uuid4()}", 976)


@pytest.fixture(scope="module")
def order(system: System) -> dict[str, Any]:
    """A completed activation of a subscription with a number."""
    shop = Shop(Client(system, "acme"))
    return shop.complete(shop.activation(shop.data, plan=shop.plan_with_number))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/products/{}/activate", None),
        ("POST", "/products/{}/cancel", {"cancellation_mode": "immediate"}),
        ("PATCH", "/products/{}", {"prices": [{"type": "recurring", "unit_amount": 1, "currency": "EUR"}]}),
    ],
)
def test_what_partners_do_with_products(shop: Shop, method: str, path: str, body: Any) -> None:
    """The product with the key, then its subscription with all that is its own."""
    recurrent = shop.find(lambda item: item["type"] == "addon" and bool(item["validity"].get("is_recurrent")))
    addons = bodies.addons(recurrent, mode="first_usage")
    topup = shop.complete(bodies.topup(shop.subscribe(), products={"addons": addons}))
    (product,) = shop.walk(f"/products?order-id={topup['id']}", "products")
    with counted() as calls:
        answer = shop.client.send(method, path.format(product["id"]), body, {"Idempotency-Key": "budget of a product"})
        assert answer.status == 200
        assert calls.mine() == ["BatchGetItem", "GetItem", "BatchGetItem", "TransactWriteItems"]


def test_an_orders_execution(system: System, order: dict[str, Any]) -> None:
    system.quiesce()
    history: Any = system.aws.stepfunctions.get_execution_history(
        executionArn=evidence.execution(system, order["id"])["executionArn"], maxResults=1000
    )
    kinds = [event["type"] for event in history["events"]]
    assert sum(kind.endswith("StateEntered") for kind in kinds) == ACTIVATION.transitions
    assert sum(kind in {"LambdaFunctionScheduled", "TaskScheduled"} for kind in kinds) == 3


def test_the_stream_function_is_called_for_nothing_that_it_does_not_act_on(system: System, own_shop: OwnShop) -> None:
    """For an activation: the order twice (accepted, fulfilling), and each of its events once."""
    images: list[Any] = []

    def make(handler: Handler) -> Handler:
        def changes(event: Any, context: Any) -> Any:
            images.extend(record["dynamodb"]["NewImage"] for record in event["Records"])
            return handler(event, context)

        return changes

    body = own_shop.activation()
    system.quiesce()
    events = len(evidence.events(own_shop.name))
    with system.functions.replaced(CHANGES, make):
        own_shop.complete(body)
        system.quiesce()
    kinds = [image["kind"]["S"] for image in images if own_shop.name in json.dumps(image)]
    assert kinds.count("order") == 2
    assert kinds.count("event") == len(kinds) - 2 == len(evidence.events(own_shop.name)) - events == EVENTS
    assert len(kinds) + 6 == ACTIVATION.invocations, "beside authorizer, door, two steps, answers and simulated network"


def test_an_activation_writes_little(system: System, own_shop: OwnShop) -> None:
    body = own_shop.activation()
    system.quiesce()
    with counted(own_shop.name) as calls:
        own_shop.complete(body)
        system.quiesce()
        assert 1 <= len(calls.written()) <= 4
        assert sum(calls.written()) <= 30
        assert calls.units() <= 36
        assert calls.read_units() <= ACTIVATION.read_units


def test_the_largest_order_fits_one_transaction(system: System, own_shop: OwnShop) -> None:
    """30 add-ons and a plan, all of which start at once, each with its event; then a cancellation of 40 products."""
    sms = own_shop.find(lambda item: item["_embedded"]["allowances"][0]["type"] == "sms")
    system.quiesce()
    with counted(own_shop.name) as calls:
        subscription_id = own_shop.subscribe(*[own_shop.data] * 15, *[sms] * 15)
        own_shop.complete(bodies.topup(subscription_id, *[sms] * 9))
        own_shop.complete(bodies.cancellation(subscription_id))
        assert max(calls.written()) <= 100
    assert len(own_shop.products(subscription_id)) == 40
    refused = own_shop.client.post("/orders", own_shop.activation(*[sms] * 31)).json()["errors"]
    assert [fault["code"] for fault in refused] == ["too_many_products"]
