"""What is the same for every request about a product: partner, scope and key (contract §1 and §6)."""

from typing import Any

import pytest

from tests.api.products.actions import ITALY, PRICE, Item, buy, read
from tests.support.client import Client
from tests.support.shop import Shop

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
