"""Dead endpoints, as many as the sender has workers, beside a good one."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import pytest

from functions.shared.ids import new_id
from functions.shared.transaction import Transaction
from functions.webhooks.delivery import Delivery
from infra.local.sender import SenderPump
from infra.local.system import System
from infra.openapi.examples import example_data
from tests.support.description import document
from tests.support.inbox import Inbox, open_inbox
from tests.support.newcomer import Newcomer

WORKERS = 4
EVENTS = 6


@pytest.fixture
def few_workers(system: System) -> Iterator[None]:
    """The sender has four workers."""
    pump = next(pump for pump in system._queues if isinstance(pump, SenderPump))
    taken = pump._free - WORKERS
    pump._free = WORKERS
    yield
    pump._free += taken


def publish(partner: str) -> None:
    """An event of the partner."""
    change = Transaction()
    resource = Delivery(
        id=new_id("prd"), partner=partner, created_at=change.at, webhook_id="", event_id="", event_type="", ttl=0
    )
    change.publish(resource, "product.active", example_data(document())["product.active"])
    change.commit()


def webhook(client: Newcomer, inbox: Inbox) -> str:
    answer = client.post("/webhooks", {"url": inbox.url, "enabled_events": ["*"]})
    assert answer.status == 201, answer.json()
    return str(answer.json()["_links"]["self"]["href"].partition("8080")[2])


def delay(delivery: dict[str, Any]) -> float:
    """How long the first attempt was waited for."""
    made = datetime.fromisoformat(delivery["created_at"])
    return (datetime.fromisoformat(delivery["attempts"][0]["at"]) - made).total_seconds()


@pytest.mark.usefixtures("few_workers")
def test_none_of_its_deliveries_is_late(system: System) -> None:
    client = Newcomer(system)
    with ExitStack() as stack:
        dead = [stack.enter_context(open_inbox(Inbox(behave=lambda _number: "hang"))) for _ in range(WORKERS)]
        good = stack.enter_context(open_inbox(Inbox()))
        paths = [webhook(client, inbox) for inbox in dead]
        path = webhook(client, good)
        for path_of_dead in paths:
            stack.callback(client.delete, path_of_dead)
        for _ in range(EVENTS):
            publish(client.partner)
        system.quiesce()
        found = client.get(f"{path}/deliveries?limit=40").json()["_embedded"]["deliveries"]
        assert len(found) == EVENTS
        assert len(good.events) == EVENTS
        assert max(map(delay, found)) < 1
        assert all(inbox.requests for inbox in dead)
        for inbox in dead:
            inbox.released.set()


def test_a_move_of_the_time_does_not_wait_for_what_hangs(system: System) -> None:
    client = Newcomer(system)
    with open_inbox(Inbox(behave=lambda _number: "hang")) as dead:
        path = webhook(client, dead)
        publish(client.partner)
        system.quiesce(timeout=8)
        (hanging,) = client.get(f"{path}/deliveries").json()["_embedded"]["deliveries"]
        assert (hanging["status"], hanging["attempts"]) == ("pending", [])
        dead.behave = lambda _number: "fail"
        dead.released.set()
        system.quiesce()
        (answered,) = client.get(f"{path}/deliveries").json()["_embedded"]["deliveries"]
        assert answered["attempts"][0]["error"] in {"connection", "timeout"}
        client.delete(path)
