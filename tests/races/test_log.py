"""The log is read while it is written: nothing is missed, and nothing comes twice (contract §8, the log)."""

import time
from collections.abc import Callable
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from random import Random
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest

from functions.events import read
from functions.events.read import EventFilters, LogSettings
from functions.routes import ROUTES
from functions.shared import clock, dynamodb, transaction
from functions.shared.dynamodb import Conflict
from functions.shared.event import last_place_before
from functions.shared.request import Request
from functions.shared.transaction import Transaction
from tests.races.world import World
from tests.support.builders import subscription

PARTNER = "another"
WRITERS = 12
CHANGES = 6
HORIZON_SECONDS = 5
COMMIT_WITHIN = timedelta(seconds=1)
(ROUTE,) = (route for route in ROUTES if route.operation == "list_events")


@pytest.fixture
def _paused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every change pause between making its ids and sending them, some for longer than may be."""
    while_busy, chance = dynamodb.while_busy, Random(7)  # noqa: S311 - the same pauses each time

    def late(send: Callable[[], Any]) -> Any:
        time.sleep(chance.choice((0, 0, 0.05, 0.3, 0.9, 1.3)))
        return while_busy(send)

    monkeypatch.setattr(dynamodb, "while_busy", late)
    monkeypatch.setattr(transaction, "COMMIT_WITHIN", COMMIT_WITHIN)
    monkeypatch.setattr(LogSettings, "load", lambda: LogSettings(log_horizon_seconds=HORIZON_SECONDS))


def write(created: list[str], number: int) -> None:
    """Make changes with two events each; those that would come too late are made again."""
    for turn in range(CHANGES):
        while True:
            change = Transaction()
            owner = subscription(id=f"subs_{number}_{turn}", partner=PARTNER)
            for event_type in ("subscription.active", "subscription.grace"):
                change.publish(owner, event_type, {"subscription": {"id": owner.id}}, owner.id)
            try:
                change.commit()
            except Conflict:
                continue
            created.append(owner.id)
            break


def poll(started_at: str, written: Flag) -> list[dict[str, Any]]:
    """Follow the log until everything that was written is old enough to be read."""
    query, read_so_far = EventFilters(after=started_at, limit=40), list[dict[str, Any]]()
    end: float | None = None
    while end is None or time.monotonic() < end:
        if end is None and written.is_set():
            end = time.monotonic() + HORIZON_SECONDS + 1
        answer = read.list_events(Request(PARTNER, ROUTE, "/events", {}, {}, "cor_1"), query).body
        read_so_far += answer["_embedded"]["events"]
        after = answer["_links"]["next"]["href"].partition("after=")[2].partition("&")[0]
        query = EventFilters(after=after, limit=40)
    return read_so_far


@pytest.mark.usefixtures("_paused", "world")
def test_a_poller_beside_writers_that_pause(world: World) -> None:
    created: list[str] = []
    started_at = last_place_before(clock.now())
    written, seen = Flag(), list[dict[str, Any]]()
    follower = Thread(target=copy_context().run, args=[lambda: seen.extend(poll(started_at, written))])
    writers = [Thread(target=copy_context().run, args=[partial(write, created, number)]) for number in range(WRITERS)]
    for thread in (follower, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    written.set()
    follower.join()
    assert len(created) == WRITERS * CHANGES
    ids = [event["id"] for event in seen]
    assert ids == sorted(set(ids))
    assert sorted(event["data"]["subscription"]["id"] for event in seen) == sorted(created * 2)
    pairs = [event["type"] for event in seen if event["data"]["subscription"]["id"] == created[0]]
    assert pairs == ["subscription.active", "subscription.grace"]
    assert len(world.items()) >= len(seen)
