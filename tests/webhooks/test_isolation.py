"""Dead endpoints, as many as the sender has workers, beside a good one."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import pytest

from functions.shared.ids import new_id
from functions.shared.transaction import Transaction
from functions.webhooks.delivery import Delivery
from infra.local import attempts as local_attempts
from infra.local.system import System
from infra.openapi.examples import example_data
from tests.support.description import document
from tests.support.inbox import Inbox, open_inbox
from tests.support.newcomer import Newcomer

WORKERS = 4
EVENTS = 6
PATIENCE_SECONDS = 6.0
"""Less than an attempt may take."""


@pytest.fixture
def few_workers(system: System) -> Iterator[None]:
    """The sender has four workers."""
    pump = system._traffic._sender
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


def delays(client: Newcomer, path: str) -> list[float]:
    """How long each delivery of the next events waits for its first attempt."""
    known = {each["id"] for each in shown(client, path)}
    for _ in range(EVENTS):
        publish(client.partner)
    client.system.quiesce()
    return [delay(each) for each in shown(client, path) if each["id"] not in known]


def shown(client: Newcomer, path: str) -> list[dict[str, Any]]:
    return list(client.get(f"{path}/deliveries?limit=40").json()["_embedded"]["deliveries"])


@pytest.mark.usefixtures("few_workers")
def test_they_delay_none_of_its_deliveries_by_more_than_a_second(system: System) -> None:
    client = Newcomer(system)
    with ExitStack() as stack:
        good, *others = (stack.enter_context(open_inbox(Inbox())) for _ in range(1 + WORKERS))
        path = webhook(client, good)
        for inbox in others:
            stack.callback(client.delete, webhook(client, inbox))
        before = delays(client, path)
        for inbox in others:
            inbox.behave = lambda _number: "hang"
            inbox.requests = 0
        beside = delays(client, path)
        assert len(before) == len(beside) == EVENTS
        assert len(good.events) == 2 * EVENTS
        assert max(beside) < max(before) + 1
        assert all(inbox.requests for inbox in others)


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
        deadline = time.monotonic() + 10
        while not (attempts := client.get(f"{path}/deliveries").json()["_embedded"]["deliveries"][0]["attempts"]):
            assert time.monotonic() < deadline
            system.quiesce()
        assert attempts[0]["error"] in {"connection", "timeout"}
        client.delete(path)


@pytest.fixture
def moved_back(system: System) -> Iterator[None]:
    """The time is the machine's again, however far a test has moved it."""
    yield
    system.sandbox.time.restart()


@pytest.mark.usefixtures("moved_back")
def test_time_moves_past_an_endpoint_that_hangs(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one's next attempt is made on the way, and what the first one answers later is recorded."""
    monkeypatch.setattr(local_attempts, "HANGS_AFTER_SECONDS", 0.3)
    client = Newcomer(system)
    with ExitStack() as stack:
        dead = stack.enter_context(open_inbox(Inbox(behave=lambda _number: "accept_late")))
        failing = stack.enter_context(open_inbox(Inbox(behave=lambda number: "fail" if number == 1 else "accept")))
        paths = [webhook(client, inbox) for inbox in (dead, failing)]
        publish(client.partner)
        began = time.monotonic()
        answer = client.post("/sandbox/clock", {"advance": "PT1M"})
        assert (answer.status, time.monotonic() - began < PATIENCE_SECONDS) == (200, True)
        hanging, tried_again = (shown(client, path)[0] for path in paths)
        assert (hanging["status"], hanging["attempts"]) == ("pending", [])
        assert [attempt.get("status_code") for attempt in tried_again["attempts"]] == [500, 204]
        dead.released.set()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (answered := shown(client, paths[0])[0])["status"] == "pending":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert (answered["status"], [each["status_code"] for each in answered["attempts"]]) == ("delivered", [204])
        assert dead.events == failing.events
        for path in paths:
            client.delete(path)
