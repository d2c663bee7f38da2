"""What makes a repeated order one order: its key and its reference (contract §1 and §2)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support import bodies
from tests.support.shop import Shop


class TestIdempotencyKey:
    """One effect and one answer for each key."""

    def test_the_same_request_again(self, shop: Shop) -> None:
        body, key = shop.activation(), {"Idempotency-Key": "the same request"}
        first, again = (shop.client.post("/orders", body, key) for _ in range(2))
        assert (again.status, again.json(), again.headers["Location"]) == (201, first.json(), first.headers["Location"])
        assert [answer.headers["Idempotent-Replayed"] for answer in (first, again)] == ["false", "true"]
        assert {answer.headers["Idempotency-Key"] for answer in (first, again)} == {"the same request"}

    def test_another_body(self, shop: Shop) -> None:
        key = {"Idempotency-Key": "another body"}
        assert shop.client.post("/orders", shop.activation(), key).status == 201
        for other in (shop.activation(payment_intent_id="pi_2"), {"type": "nonsense"}, b"no json"):
            answer = shop.client.post("/orders", other, key | {"Content-Type": "application/json"})
            assert (answer.status, answer.json()["title"]) == (422, "Unprocessable Entity")
            assert answer.headers["Idempotent-Retriable"] == "false"

    def test_bodies_are_compared_as_values(self, shop: Shop) -> None:
        key = {"Idempotency-Key": "as values", "Content-Type": "application/json"}
        body = (
            b'{"type": "activate_subscription", "subscriber_id": "%s", "purchase_location": "DE",'
            % shop.subscriber.encode()
        )
        body += (
            b'"sim_profile": {"sim_type": "esim"}, "products": {"plan": {"product_offering_id": "%s"}}}'
            % shop.plan.encode()
        )
        first = shop.client.post("/orders", body, key)
        again = shop.client.post("/orders", body.replace(b" ", b"\n  "), key)
        assert (first.status, again.status, again.headers["Idempotent-Replayed"]) == (201, 201, "true")

    def test_a_refused_key_is_free_again(self, shop: Shop) -> None:
        key = {"Idempotency-Key": "refused first"}
        refused = shop.client.post("/orders", shop.activation(*[shop.data] * 16), key)
        assert (refused.status, refused.headers["Idempotent-Retriable"]) == (400, "false")
        assert shop.client.post("/orders", shop.activation(), key).status == 201

    def test_a_key_belongs_to_partner_and_path(self, shop: Shop, foreign: Shop) -> None:
        key = {"Idempotency-Key": "whose key"}
        body = shop.activation()
        answers = [shop.client.post("/orders", body, key), shop.client.post("/orders/activate-subscription", body, key)]
        answers.append(foreign.client.post("/orders", foreign.activation(), key))
        assert len({answer.json()["id"] for answer in answers}) == 3

    def test_a_slash_at_the_end_is_the_same_path(self, shop: Shop) -> None:
        body, key = shop.activation(), {"Idempotency-Key": "with a slash"}
        first, again = (shop.client.post(path, body, key).json()["id"] for path in ("/orders", "/orders/"))
        assert first == again

    def test_many_at_once(self, shop: Shop) -> None:
        body, key = shop.activation(), {"Idempotency-Key": "many at once"}
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: shop.client.post("/orders", body, key), range(16)))
        assert {answer.status for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert sorted(answer.headers["Idempotent-Replayed"] for answer in answers) == ["false"] + ["true"] * 15

    @pytest.mark.parametrize("key", ["", "x" * 256, "\u00e9"])
    def test_a_key_that_cannot_be_one(self, shop: Shop, key: str) -> None:
        answer = shop.client.post("/orders", shop.activation(), {"Idempotency-Key": key})
        assert (answer.status, answer.json()["errors"][0]["code"]) == (400, "constraint_validation_error")

    def test_an_order_in_progress_can_be_tried_again(self, shop: Shop) -> None:
        swap = bodies.swap(shop.subscribe())
        running = shop.place(swap)
        answer = shop.client.post("/orders", swap, {"Idempotency-Key": "in progress"})
        assert (answer.status, answer.headers["Idempotent-Retriable"]) == (400, "true")
        assert shop.final(running)["status"] == "completed"


class TestReference:
    """The partner's own name for an order, for ever."""

    def test_it_finds_the_order_at_once(self, shop: Shop) -> None:
        order = shop.place(shop.activation(reference="find me"))
        (found,) = shop.client.get("/orders?reference=find%20me").json()["_embedded"]["orders"]
        assert (found["id"], found["reference"]) == (order["id"], "find me")

    def test_a_second_order_with_it(self, shop: Shop, foreign: Shop) -> None:
        order = shop.place(shop.activation(reference="only once"))
        answer = shop.client.post("/orders", shop.activation(reference="only once"), {"Idempotency-Key": "another"})
        assert answer.headers["Idempotent-Retriable"] == "false"
        assert (answer.status, answer.json()["title"]) == (409, "Conflict")
        assert answer.json()["errors"][0] == {
            "code": "duplicate_reference",
            "detail": "An order with this reference already exists; see _links.order.",
            "pointer": "$.reference",
        }
        assert answer.json()["_links"]["order"] == order["_links"]["self"]
        foreign.place(foreign.activation(reference="only once"))

    def test_many_at_once(self, shop: Shop) -> None:
        body = shop.activation(reference="a race")
        with ThreadPoolExecutor(16) as pool:
            statuses = sorted(
                answer.status for answer in pool.map(lambda _: shop.client.post("/orders", body), range(16))
            )
        assert statuses == [201] + [409] * 15
