"""Webhooks without a network: the real functions over a table in memory, a queue, and endpoints that obey a test."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from threading import get_ident
from typing import Any

from botocore.exceptions import EndpointConnectionError

from functions.events import publishing
from functions.shared import clock, dynamodb, table
from functions.shared.sealed import Sealed
from functions.shared.transaction import Transaction
from functions.webhooks import attempts, queue, secrets, send, sending
from functions.webhooks.delivery import Delivery
from functions.webhooks.post import Outcome
from functions.webhooks.slots import Slot
from functions.webhooks.webhook import SigningSecret, Webhook
from infra.local.patches import replaced
from infra.openapi.examples import example_data
from tests.support.builders import PARTNER
from tests.support.counted_calls import Calls
from tests.support.description import document
from tests.support.isolation import alone, mocked
from tests.support.world import World

SEALED = Sealed(sealed=b"c2VhbGVk", data_key=b"a2V5")
SECRET = "c2VjcmV0"
OK = Outcome(status_code=204, duration_ms=1)
DOWN = Outcome(error="connection", duration_ms=1)

Endpoint = Callable[[], Outcome]


class Counted:
    """A client whose calls are counted."""

    def __init__(self, client: Any, calls: Calls) -> None:
        self._client = client
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        made = getattr(self._client, name)
        return made if name == "get_paginator" else self._calls.through(name, made)


class Mail:
    """A partner's webhooks, the queue and the endpoints; the time stands until a test moves it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls = Calls()
        self.jumped = timedelta()
        """How far the time is ahead of the machine's, by which leases end."""
        self.endpoints: dict[str, Endpoint] = {}
        self.received: list[tuple[str, str]] = []
        """The URL and the event of each attempt."""
        self._waiting: list[tuple[datetime, str]] = []
        self._events = 0

    def webhook(self, name: str, endpoint: Endpoint = lambda: OK, *types: str) -> Webhook:
        """A new webhook at an endpoint of this name."""
        url = f"https://{name}.example.com"
        self.endpoints[url] = endpoint
        change = Transaction()
        made = Webhook(
            id=f"wbh_{name}",
            partner=PARTNER,
            created_at=change.at,
            enabled_at=change.at,
            url=url,
            enabled_events=list(types) or ["*"],
            secrets=[SigningSecret(version=1, sealed=SEALED)],
        )
        change.create(made)
        change.commit()
        self.world.look()
        kept: Webhook = self.now(made)
        return kept

    def happen(self, event_type: str = "product.active", partner: str = PARTNER) -> str:
        """The id of an event that has just been committed."""
        self._events += 1
        change = Transaction()
        blank: Any = {"webhook_id": "", "event_id": "", "event_type": "", "ttl": 0}
        resource = Delivery(id=f"r_{self._events}", partner=partner, created_at=change.at, **blank)
        change.publish(resource, event_type, example_data(document())[event_type])
        change.commit()
        before = {record["dynamodb"]["Keys"]["sk"]["S"] for record in self.world.undelivered}
        self.world.look()
        (made,) = {record["dynamodb"]["Keys"]["sk"]["S"] for record in self.world.undelivered} - before
        return str(made.rpartition("#")[2])

    def stream(self) -> None:
        """Hand the stream's records over; what is not taken comes again."""
        while self.world.undelivered and self.world.deliver(0, 100):
            pass

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Any]) -> Any:  # noqa: N803 - boto3's names
        """The queue takes messages."""
        assert QueueUrl == queue.url()
        self._waiting += [(self.world.now + timedelta(seconds=e["DelaySeconds"]), e["MessageBody"]) for e in Entries]
        return {"Successful": [{} for _ in Entries]}

    def lose_messages(self) -> None:
        """Nothing that waits in the queue comes."""
        self._waiting.clear()

    def work(self) -> None:
        """One worker carries out every message that can be received; one that fails comes again a minute later."""
        while visible := [each for each in self._waiting if each[0] <= self.world.now]:
            for at, body in visible:
                self._waiting.remove((at, body))
                try:
                    send.carry_out(body)
                except EndpointConnectionError:
                    self._waiting.append((self.world.now + timedelta(minutes=1), body))
            self.world.look()
            self.stream()

    def rest(self) -> None:
        """All that can be done at this time is done."""
        self.stream()
        self.work()

    def move(self, **how_far: float) -> None:
        """Let the time pass; the clock comes each time that something is due, and a worker after it."""
        self.move_to(self.world.now + timedelta(**how_far))

    def move_to(self, moment: datetime) -> None:
        """Let the time pass up to a moment."""
        while (due := self._next()) is not None and due <= moment:
            self._pass(max(due, self.world.now) - self.world.now)
            try:
                self.world.run_clock()
            except RuntimeError:
                self._pass(timedelta(minutes=1))
            self.rest()
        self._pass(max(moment - self.world.now, timedelta()))

    def now(self, record: Any) -> Any:
        """A record as it is kept now."""
        kept = table.read(type(record), record.partner, record.id)
        assert kept is not None
        return kept

    def deliveries(self, webhook: Webhook) -> list[Delivery]:
        """The webhook's, in the order of their events."""
        items = [item for item in self.world.items.values() if item.get("kind") == Delivery.KIND]
        found = [Delivery.from_item(item) for item in items]
        return sorted((each for each in found if each.webhook_id == webhook.id), key=lambda each: each.event_id)

    def slots(self) -> int:
        """How many slots are taken, not counting those of workers that have died."""
        slots = [Slot.from_item(item) for item in self.world.items.values() if item.get("kind") == Slot.KIND]
        return sum(slot.until > clock.machine_time() for slot in slots)

    def claim(self, delivery: Delivery) -> attempts.Claim:
        """The claim of a worker that has only just begun."""
        claimed = attempts.claim(delivery.partner, delivery.id)
        self.world.look()
        assert claimed is not None
        return claimed

    def change(self, webhook: Webhook, change: Callable[[Webhook], object]) -> None:
        """As the doors of webhooks change it."""
        kept: Webhook = self.now(webhook)
        transaction = Transaction()
        change(kept)
        transaction.update(kept)
        transaction.commit()
        self.world.look()

    def post(self, url: str, headers: Any, body: bytes, *, allow_private: bool) -> Outcome:
        """Send a request to one of the endpoints."""
        event = json.loads(body)
        assert headers["webhook-id"] == event["id"]
        self.received.append((url, event["id"]))
        return self.endpoints[url]()

    def _next(self) -> datetime | None:
        due = [item["due_at"] for item in self.world.items.values() if "due_at" in item]
        moments = [datetime.fromisoformat(at) for at in due] + [at for at, _ in self._waiting]
        return min(moments, default=None)

    def _pass(self, time: timedelta) -> None:
        self.world.now += time


@contextmanager
def delivering() -> Iterator[Mail]:
    """A partner's webhooks, in this thread alone."""
    mine = get_ident()

    def here(function: Callable[..., Any]) -> Callable[[Any], Any]:
        def make(original: Any) -> Any:
            def call(*args: Any, **named: Any) -> Any:
                return (function if get_ident() == mine else original)(*args, **named)

            return call

        return make

    with mocked(), ExitStack() as patches:
        world = World()
        patches.enter_context(alone(world))
        mail = Mail(world)
        for owner, name, function in (
            (dynamodb, "client", lambda: Counted(world.store, mail.calls)),
            (queue, "client", lambda: Counted(mail, mail.calls)),
            (publishing, "_bus", lambda: Counted(world, mail.calls)),
            (clock, "machine_time", lambda: world.now - mail.jumped),
            (secrets, "signing_secrets", lambda *_: [SECRET]),
            (sending, "post", mail.post),
        ):
            patches.enter_context(replaced(owner, name, here(function)))
        world.begin(esims=0)
        world.undelivered.clear()
        yield mail
