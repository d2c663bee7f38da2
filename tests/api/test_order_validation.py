"""``POST /orders/validate`` (contract §2)."""

from tests.support import bodies
from tests.support.shop import Shop


class TestValidate:
    """What ``POST /orders`` would answer, with nothing done."""

    def test_an_order_without_fault(self, shop: Shop) -> None:
        body = shop.activation(reference="only validated")
        for _ in range(2):
            answer = shop.client.post("/orders/validate", body, {"Idempotency-Key": "ignored"})
            assert (answer.status, answer.json()) == (200, {"valid": True})
        assert shop.client.get("/orders?reference=only%20validated").json()["_embedded"]["orders"] == []
        shop.place(body)

    def test_the_same_refusals(self, shop: Shop) -> None:
        taken = shop.place(shop.activation(reference="taken"))
        for body in (
            {},
            shop.activation(*[shop.data] * 16),
            shop.activation(reference="taken"),
            bodies.swap("none"),
            bodies.cancellation("none", schedule={"mode": "specific_date", "effective_at": "2020-01-01"}),
        ):
            real, tried = (shop.client.post(path, body) for path in ("/orders", "/orders/validate"))
            answers = [answer.json() | {"correlation_id": ""} for answer in (real, tried)]
            assert (real.status, answers[0]) == (tried.status, answers[1])
        assert shop.final(taken)["status"] == "completed"
