"""What a partner does with a product: start it, end it, change its price (contract §6)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.products.product import Product
from functions.shared import table
from functions.shared.transaction import Transaction
from functions.subscriptions import store
from infra.local.messages import HttpResponse
from infra.local.system import System
from tests.support import bodies, evidence
from tests.support.client import Client
from tests.support.shop import Shop

WEEK = "Germany 1 GB, 7 days"
ITALY = "Italy 3 GB, monthly"
SEASON = "North America 5 GB, season"
UNTIL_CYCLE_ENDS = "Europe 2 GB, until the plan's cycle ends"
FINAL = ("depleted", "terminated", "canceled", "expired")
ALWAYS = {"id", "status", "created_at", "_embedded", "_links"}
PRICE = {"type": "recurring", "unit_amount": 1, "currency": "EUR"}
Item = dict[str, Any]


@pytest.fixture(scope="module")
def shared_shop(system: System) -> Shop:
    """The partner acme and what it sells, read once."""
    return Shop(Client(system, "acme"))


@pytest.fixture
def shop(acme: Client, shared_shop: Shop) -> Shop:
    """The same, with nothing left over from other tests' rate limits."""
    shared_shop.client = acme
    return shared_shop


@pytest.fixture(scope="module")
def subscription(shared_shop: Shop) -> str:
    """A subscription that all tests add products to; none of them ends its plan."""
    return shared_shop.subscribe()


@pytest.fixture(scope="module")
def ended(system: System, shared_shop: Shop) -> dict[str, Item]:
    """A product in each status that is final."""
    shop = shared_shop
    subscription_id = shop.subscribe()
    made = {status: buy(shop, subscription_id, WEEK) for status in ("canceled", "terminated")}
    made["expired"] = buy(shop, subscription_id, WEEK, "first_usage")
    expire(made["expired"]["id"])
    cancel(shop, made["canceled"], "immediate")
    use = {"type": "usage", "subscription_id": subscription_id, "allowance_type": "data", "country": "US"}
    made["depleted"] = buy(shop, subscription_id, "United States 3 GB, 15 days")
    assert shop.client.post("/sandbox/network-events", use | {"amount": 3 * 1024**3}).status == 202
    system.quiesce()
    shop.complete(bodies.cancellation(subscription_id))
    products = {status: read(shop, product["id"]) for status, product in made.items()}
    assert {status: product["status"] for status, product in products.items()} == {name: name for name in FINAL}
    return products


def offering(shop: Shop, name: str) -> str:
    return shop.find(lambda item: item["name"] == name)


def buy(shop: Shop, subscription_id: str, name: str, mode: str = "immediate", **fields: Any) -> Item:
    """A new product of the subscription."""
    addons = bodies.addons(offering(shop, name), mode=mode, **fields)
    order = shop.complete(bodies.topup(subscription_id, products={"addons": addons}))
    (product,) = shop.walk(f"/products?order-id={order['id']}", "products")
    return product


def buy_plan(shop: Shop, subscription_id: str, **fields: Any) -> Item:
    plan = {"product_offering_id": shop.plan} | fields
    order = shop.complete(bodies.topup(subscription_id, products={"plan": plan}))
    (product,) = shop.walk(f"/products?order-id={order['id']}", "products")
    return product


def expire(product_id: str) -> None:
    """As if its first usage had never come."""
    product = table.read(Product, "acme", product_id)
    assert product is not None
    subscription = store.load("acme", product.subscription_id)
    assert subscription is not None
    (known,) = [known for known in subscription.root.open_products if known.id == product_id]
    known.expire_at = subscription.at
    assert subscription.catch_up()
    change = Transaction(subscription.at)
    change.save(subscription)
    change.commit()


def read(shop: Shop, product_id: str) -> Item:
    return dict(shop.client.get(f"/products/{product_id}").json())


def cancel(shop: Shop, product: Item, mode: str, **headers: str) -> HttpResponse:
    return shop.client.post(f"/products/{product['id']}/cancel", {"cancellation_mode": mode}, headers)


def activate(shop: Shop, product: Item, **headers: str) -> HttpResponse:
    return shop.client.post(f"/products/{product['id']}/activate", None, headers)


def codes(answer: HttpResponse) -> list[tuple[str, str | None]]:
    assert answer.status == 400
    return [(fault["code"], fault.get("pointer")) for fault in answer.json()["errors"]]


def actions(product: Item) -> set[str]:
    return set(product["_links"]) - {"self", "order", "subscription"}


class TestTheResource:
    """Which fields it has in which status, and what is allowed in it."""

    @pytest.mark.parametrize(
        ("name", "mode", "status", "fields", "allowed"),
        [
            (WEEK, "first_usage", "pending", {"status_reason", "expire_at"}, {"activate", "cancel"}),
            (WEEK, "scheduled", "scheduled", {"start_at", "end_at"}, {"activate", "cancel"}),
            (SEASON, "scheduled", "scheduled", {"start_at", "end_at"}, {"activate", "cancel"}),
            (ITALY, "scheduled", "scheduled", {"start_at"}, {"activate", "cancel"}),
            (UNTIL_CYCLE_ENDS, "scheduled", "scheduled", {"start_at"}, {"activate", "cancel"}),
            (WEEK, "immediate", "active", {"start_at", "started_at", "end_at"}, {"cancel"}),
            (SEASON, "immediate", "active", {"start_at", "started_at", "end_at"}, {"cancel"}),
            (UNTIL_CYCLE_ENDS, "immediate", "active", {"start_at", "started_at", "end_at"}, {"cancel"}),
            (
                ITALY,
                "immediate",
                "active",
                {"start_at", "started_at", "billing_cycle_end_at", "cycle_end_at"},
                {"cancel"},
            ),
        ],
    )
    def test_open_ones(
        self, shop: Shop, subscription: str, name: str, *, mode: str, status: str, fields: set[str], allowed: set[str]
    ) -> None:
        when = {"start_at": evidence.tomorrow()} if mode == "scheduled" else {}
        product = buy(shop, subscription, name, mode, **when)
        assert product["status"] == status
        assert product.keys() == ALWAYS | fields
        assert actions(product) == allowed
        cancel(shop, product, "immediate")

    @pytest.mark.parametrize(
        ("status", "fields"),
        [
            ("depleted", {"start_at", "started_at", "end_at", "ended_at"}),
            ("terminated", {"start_at", "started_at", "end_at", "ended_at"}),
            ("canceled", {"start_at", "started_at", "end_at", "ended_at"}),
            ("expired", {"expire_at", "expired_at"}),
        ],
    )
    def test_ended_ones(self, ended: dict[str, Item], status: str, fields: set[str]) -> None:
        assert ended[status].keys() == ALWAYS | fields | {"updated_at"}
        assert actions(ended[status]) == set()


class TestActivate:
    """What waits for its date or its first usage starts now."""

    @pytest.mark.parametrize(
        ("mode", "had"),
        [("first_usage", {"expire_at"}), ("scheduled", set[str]())],
        ids=["pending", "scheduled"],
    )
    @pytest.mark.parametrize("name", [WEEK, ITALY, SEASON, UNTIL_CYCLE_ENDS])
    def test_it_starts(self, shop: Shop, subscription: str, name: str, mode: str, had: set[str]) -> None:
        when = {"start_at": evidence.tomorrow()} if mode == "scheduled" else {}
        waiting = buy(shop, subscription, name, mode, **when)
        answer = activate(shop, waiting)
        product = answer.json()
        assert (answer.status, product) == (200, read(shop, waiting["id"]))
        assert (product["status"], product["start_at"], product["started_at"]) == (
            "active",
            product["updated_at"],
            product["updated_at"],
        )
        ends = {"billing_cycle_end_at", "cycle_end_at"} if name == ITALY else {"end_at"}
        assert product.keys() == ALWAYS | {"start_at", "started_at", "updated_at"} | ends | had
        if name == WEEK:
            started, end = (datetime.fromisoformat(product[field]) for field in ("started_at", "end_at"))
            assert end == started + timedelta(days=7)
        assert evidence.event_types_of(product["id"]) == ["product.active"]
        assert actions(product) == {"cancel"}
        assert codes(activate(shop, product)) == [("invalid_state", "$.status")]
        cancel(shop, product, "immediate")

    @pytest.mark.parametrize("status", FINAL)
    def test_it_is_over(self, shop: Shop, ended: dict[str, Item], status: str) -> None:
        assert codes(activate(shop, ended[status])) == [("invalid_state", "$.status")]
        assert read(shop, ended[status]["id"]) == ended[status]

    def test_there_is_no_plan_to_end_with(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        (plan,) = shop.products(subscription_id)
        waiting = buy(shop, subscription_id, UNTIL_CYCLE_ENDS, "first_usage")
        cancel(shop, plan, "immediate")
        assert actions(waiting) == {"activate", "cancel"}
        assert codes(activate(shop, waiting)) == [("no_active_plan", None)]
        assert actions(read(shop, waiting["id"])) == {"cancel"}


class TestCancel:
    """At once or at its cycle's end; what never started ends at once in either mode."""

    @pytest.mark.parametrize("mode", ["immediate", "end_of_cycle"])
    @pytest.mark.parametrize(
        ("bought", "had"),
        [("first_usage", {"status_reason", "expire_at"}), ("scheduled", {"start_at", "end_at"})],
        ids=["pending", "scheduled"],
    )
    def test_what_never_started(self, shop: Shop, subscription: str, mode: str, bought: str, had: set[str]) -> None:
        when = {"start_at": evidence.tomorrow()} if bought == "scheduled" else {}
        waiting = buy(shop, subscription, WEEK, bought, **when)
        answer = cancel(shop, waiting, mode)
        product = answer.json()
        assert (answer.status, product) == (200, read(shop, waiting["id"]))
        assert (product["status"], product["ended_at"]) == ("canceled", product["updated_at"])
        assert product.keys() == ALWAYS | {"ended_at", "updated_at"} | had
        assert evidence.event_types_of(product["id"]) == ["product.canceled"]
        assert codes(cancel(shop, product, mode)) == [("invalid_state", "$.status")]

    @pytest.mark.parametrize("name", [WEEK, ITALY])
    def test_at_once(self, shop: Shop, subscription: str, name: str) -> None:
        active = buy(shop, subscription, name)
        product = cancel(shop, active, "immediate").json()
        assert product == read(shop, active["id"])
        assert (product["status"], actions(product)) == ("canceled", set())
        assert product.keys() == active.keys() | {"ended_at", "updated_at"}
        assert evidence.event_types_of(product["id"]) == ["product.active", "product.canceled"]

    @pytest.mark.parametrize(("name", "end"), [(WEEK, "end_at"), (ITALY, "billing_cycle_end_at")])
    def test_at_its_cycles_end(self, shop: Shop, subscription: str, name: str, end: str) -> None:
        active = buy(shop, subscription, name)
        for _ in range(2):
            product = cancel(shop, active, "end_of_cycle").json()
            assert product == read(shop, active["id"])
            assert (product["status"], product["end_at"]) == ("active", active[end])
            assert evidence.event_types_of(product["id"]) == ["product.active"]
        assert actions(product) == {"cancel"}
        assert cancel(shop, product, "immediate").json()["status"] == "canceled"

    def test_a_plan(self, shop: Shop) -> None:
        subscription_id = shop.subscribe()
        (plan,) = shop.products(subscription_id)
        assert cancel(shop, plan, "immediate").json()["status"] == "canceled"
        refused = shop.client.post("/orders", bodies.topup(subscription_id, shop.data))
        assert codes(refused) == [("no_active_plan", "$.products.addons")]

    @pytest.mark.parametrize("mode", ["immediate", "end_of_cycle"])
    @pytest.mark.parametrize("status", FINAL)
    def test_it_is_over(self, shop: Shop, ended: dict[str, Item], status: str, mode: str) -> None:
        assert codes(cancel(shop, ended[status], mode)) == [("invalid_state", "$.status")]
        assert read(shop, ended[status]["id"]) == ended[status]

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (None, "$.cancellation_mode"),
            ({}, "$.cancellation_mode"),
            ({"cancellation_mode": None}, "$.cancellation_mode"),
            ({"cancellation_mode": "later"}, "$.cancellation_mode"),
            ({"cancellation_mode": "immediate", "why": "late"}, "$.why"),
        ],
    )
    def test_a_request_that_is_none(self, shop: Shop, ended: dict[str, Item], body: Any, pointer: str) -> None:
        answer = shop.client.post(f"/products/{ended['expired']['id']}/cancel", body)
        assert codes(answer) == [("constraint_validation_error", pointer)]


class TestPrices:
    """The recurring price of the next cycles."""

    def test_it_changes(self, shop: Shop) -> None:
        once = {"type": "one_time", "unit_amount": 5, "currency": "EUR"}
        product = buy_plan(shop, shop.subscribe(), price_alterations=[once])
        answer = shop.client.patch(f"/products/{product['id']}", {"prices": [PRICE]})
        assert (answer.status, answer.json()) == (200, read(shop, product["id"]))
        changed = {price["type"]: price for price in answer.json()["_embedded"]["prices"]}
        assert changed["recurring"] == PRICE | {"recurrence": {"unit": "month", "unit_count": 1}}
        assert changed["one_time"] == once
        assert {**answer.json(), "_embedded": None, "updated_at": None} == product | {
            "_embedded": None,
            "updated_at": None,
        }
        assert evidence.event_types_of(product["id"]) == ["product.active"]

    @pytest.mark.parametrize("mode", ["immediate", "first_usage", "scheduled"])
    def test_in_every_status_that_is_open(self, shop: Shop, subscription: str, mode: str) -> None:
        when = {"start_at": evidence.tomorrow()} if mode == "scheduled" else {}
        product = buy(shop, subscription, ITALY, mode, **when)
        answer = shop.client.patch(f"/products/{product['id']}", {"prices": [PRICE | {"unit_amount": 0}]})
        assert (answer.status, answer.json()["status"]) == (200, product["status"])
        cancel(shop, product, "immediate")

    def test_there_is_none(self, shop: Shop, subscription: str) -> None:
        product = buy(shop, subscription, WEEK)
        answer = shop.client.patch(f"/products/{product['id']}", {"prices": [PRICE]})
        assert codes(answer) == [("constraint_validation_error", "$.prices[0].type")]
        assert read(shop, product["id"]) == product

    @pytest.mark.parametrize("status", FINAL)
    def test_it_is_over(self, shop: Shop, ended: dict[str, Item], status: str) -> None:
        """And never had a recurring price: both are told at once."""
        answer = shop.client.patch(f"/products/{ended[status]['id']}", {"prices": [PRICE]})
        assert codes(answer) == [("invalid_state", "$.status"), ("constraint_validation_error", "$.prices[0].type")]

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (None, "$.prices"),
            ({}, "$.prices"),
            ({"prices": None}, "$.prices"),
            ({"prices": []}, "$.prices"),
            ({"prices": [PRICE, PRICE]}, "$.prices"),
            ({"prices": PRICE}, "$.prices"),
            ({"prices": [None]}, "$.prices[0]"),
            ({"prices": [PRICE | {"type": "one_time"}]}, "$.prices[0].type"),
            ({"prices": [PRICE | {"unit_amount": -1}]}, "$.prices[0].unit_amount"),
            ({"prices": [PRICE | {"unit_amount": 1.5}]}, "$.prices[0].unit_amount"),
            ({"prices": [PRICE | {"unit_amount": None}]}, "$.prices[0].unit_amount"),
            ({"prices": [PRICE | {"currency": "euro"}]}, "$.prices[0].currency"),
            ({"prices": [PRICE | {"currency": "ZZZ"}]}, "$.prices[0].currency"),
            ({"prices": [PRICE | {"recurrence": None}]}, "$.prices[0].recurrence"),
            ({"prices": [PRICE], "status": "canceled"}, "$.status"),
        ],
    )
    def test_a_request_that_is_none(self, shop: Shop, ended: dict[str, Item], body: Any, pointer: str) -> None:
        answer = shop.client.patch(f"/products/{ended['expired']['id']}", body)
        assert codes(answer) == [("constraint_validation_error", pointer)]


REQUESTS: list[tuple[str, str, Any]] = [
    ("POST", "/products/{}/activate", None),
    ("POST", "/products/{}/cancel", {"cancellation_mode": "immediate"}),
    ("PATCH", "/products/{}", {"prices": [PRICE]}),
]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
class TestEveryRequest:
    """Whose product it is, what the token allows, and how often it counts."""

    @pytest.fixture
    def product(self, shop: Shop, subscription: str) -> Item:
        return buy(shop, subscription, ITALY, "first_usage")

    def test_a_key_counts_once(self, shop: Shop, product: Item, method: str, path: str, body: Any) -> None:
        target, key = path.format(product["id"]), {"Idempotency-Key": "once"}
        first, again = (shop.client.send(method, target, body, key) for _ in range(2))
        assert (first.status, again.status) == (200, 200)
        assert (first.headers["Idempotent-Replayed"], again.headers["Idempotent-Replayed"]) == ("false", "true")
        assert first.json() == again.json() == read(shop, product["id"])
        other = shop.client.send(method, target, {"cancellation_mode": "end_of_cycle"}, key)
        assert other.status == 422

    def test_a_refused_key_is_free(self, shop: Shop, product: Item, method: str, path: str, body: Any) -> None:
        target, key = path.format(product["id"]), {"Idempotency-Key": "free again"}
        refused = shop.client.send(method, target, {"unknown": 1}, key)
        assert (refused.status, refused.headers["Idempotent-Retriable"]) == (400, "false")
        assert shop.client.send(method, target, body, key).status == 200

    def test_another_partners_product(
        self, globex: Client, ended: dict[str, Item], method: str, path: str, body: Any
    ) -> None:
        for product_id in (ended["canceled"]["id"], "none", "prd_" + "0" * 26):
            assert globex.send(method, path.format(product_id), body).status == 404

    def test_the_scope(self, acme: Client, method: str, path: str, body: Any) -> None:
        for scope in ("products/read", "subscriptions/write", "orders/cancel"):
            assert acme.limited_to(scope).send(method, path.format("none"), body).status == 403
        assert acme.limited_to("products/write").send(method, path.format("none"), body).status == 404
