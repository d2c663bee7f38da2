"""A webhook during the orders: its event is received and verified here, or its delivery shows that it was sent."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

from infra.receiver.listener import Listener
from infra.smoke.api import Api, Wrong

EVENT = "order.completed"
SENT_WITHIN_SECONDS = 60.0
POLL_SECONDS = 0.2


class Receiver(Listener):
    """Notes which order's event has come first, with a valid signature."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.has_received = Event()
        self.order = ""

    def verified(self, event: dict[str, Any]) -> None:
        """Note the first event."""
        self.order = self.order or event["data"]["order"]["id"]
        self.has_received.set()


@dataclass(frozen=True)
class Webhook:
    """A webhook of the partner, and the receiver that it leads to, if there is one here."""

    api: Api
    path: str
    receiver: Receiver | None

    def check(self, order_id: str) -> str:
        """Return how the order's event was sent. Raise :class:`Wrong` if it was not."""
        if self.receiver is None:
            return f"{EVENT} was sent, and refused with {self._refusal()} (there is no receiver)"
        if not self.receiver.has_received.wait(SENT_WITHIN_SECONDS):
            raise Wrong(f"{EVENT} has not arrived: {self._deliveries()}")
        if self.receiver.order != order_id:
            raise Wrong(f"{EVENT} is about {self.receiver.order} instead of {order_id}")
        return f"{EVENT} has arrived, and its signature is right"

    def _refusal(self) -> int:
        deadline = time.monotonic() + SENT_WITHIN_SECONDS
        while time.monotonic() < deadline:
            for delivery in self._deliveries():
                for attempt in delivery["attempts"]:
                    if "status_code" in attempt:
                        return int(attempt["status_code"])
            time.sleep(POLL_SECONDS)
        raise Wrong(f"{EVENT} was not sent: {self._deliveries()}")

    def _deliveries(self) -> list[dict[str, Any]]:
        return self.api.listed(f"{self.path}/deliveries")


@contextmanager
def webhook(api: Api, url: str, receiver: Receiver | None) -> Iterator[Webhook]:
    """Make a webhook to the receiver or, without one, to the API itself, which refuses it; delete it at the end."""
    body = {"url": url, "enabled_events": [EVENT], "description": "smoke test"}
    made = api.post("/webhooks", body).must_be(201)
    path = f"/webhooks/{made['id']}"
    if receiver:
        receiver.verify_with(made["signing_secret"])
    try:
        yield Webhook(api, path, receiver)
    finally:
        deleted = api.delete(path)
    deleted.must_be(204)
