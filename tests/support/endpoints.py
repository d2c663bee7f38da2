"""What a partner does with webhooks, and their deliveries as the sender would have made them."""

import json
from datetime import timedelta
from typing import Any, NamedTuple

from functions.shared.transaction import Transaction
from functions.webhooks.delivery import DELIVERIES_KEPT, Delivery, delivery_id
from infra.local.messages import HttpRequest
from tests.support.builders import PARTNER
from tests.support.world import World

URL = "http://127.0.0.1:9/events"
NEW: dict[str, Any] = {"url": URL, "enabled_events": ["order.*"]}


class Answer(NamedTuple):
    """An answer as the gateway passes it on."""

    status: int
    body: Any
    headers: dict[str, str]

    def faults(self) -> list[tuple[str, str | None]]:
        """The codes and pointers of a refusal."""
        assert self.status == 400, self
        return [(fault["code"], fault.get("pointer")) for fault in self.body["errors"]]


class Endpoints:
    """The webhooks of one partner in a world without sender."""

    def __init__(self, world: World) -> None:
        self.world = world

    def ask(self, method: str, path: str, body: Any = None, key: str = "") -> Answer:
        """Any request."""
        headers = (("Content-Type", "application/json"), *((("Idempotency-Key", key),) if key else ()))
        content = b"" if body is None else json.dumps(body).encode()
        answer = self.world.send(HttpRequest(method, path, headers, content), "asked")
        self.world.look()
        return Answer(answer["statusCode"], json.loads(answer["body"] or "null"), answer["headers"])

    def make(self, **members: Any) -> dict[str, Any]:
        """A new webhook, with its secret."""
        answer = self.ask("POST", "/webhooks", NEW | members)
        assert answer.status == 201, answer
        return dict(answer.body)

    def edit(self, webhook: str, **members: Any) -> dict[str, Any]:
        """A webhook as a PATCH leaves it."""
        answer = self.ask("PATCH", f"/webhooks/{webhook}", members)
        assert answer.status == 200, answer
        return dict(answer.body)

    def get(self, path: str) -> dict[str, Any]:
        """What is there."""
        return self.world.get(path)

    def deliver(self, webhook: str, event: str = "evt_1", **members: Any) -> str:
        """The id of a new delivery, as if an event had happened."""
        now = self.world.now
        new = Delivery(
            id=delivery_id(webhook, event, now),
            partner=PARTNER,
            created_at=now,
            webhook_id=webhook,
            event_id=event,
            event_type="order.completed",
            next_attempt_at=now + timedelta(seconds=5),
            ttl=int((now + DELIVERIES_KEPT).timestamp()),
        )
        change = Transaction()
        change.create(new.model_copy(update=members))
        change.commit()
        self.world.look()
        return new.id

    def deliveries(self, webhook: str, query: str = "") -> list[dict[str, Any]]:
        """A page of a webhook's deliveries."""
        return list(self.get(f"/webhooks/{webhook}/deliveries{query}")["_embedded"]["deliveries"])
