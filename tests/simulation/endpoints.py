"""The endpoints of webhooks: they take what they are sent, or fail."""

import json
from collections import defaultdict
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from functions.webhooks.post import Outcome
from tests.faults.kinds import POST
from tests.simulation.calls import Calls
from tests.simulation.scheduler import Scheduler

TAKEN = Outcome(status_code=204, duration_ms=1)
BROKEN = Outcome(status_code=500, error="http_status", duration_ms=1)
DEAD = Outcome(error="connection", duration_ms=1)


class Fails(NamedTuple):
    """An attempt that an endpoint does not take."""

    retry_after: int | None

    def __str__(self) -> str:
        """Return it in words."""
        return "the endpoint fails" + (f", and asks for a pause of {self.retry_after} s" if self.retry_after else "")


class Endpoints:
    """All of them, each with an address of its own."""

    def __init__(self, scheduler: Scheduler, calls: Calls) -> None:
        self._scheduler = scheduler
        self._calls = calls
        self._urls = 0
        self.received: defaultdict[str, set[str]] = defaultdict(set)
        """The ids of the events that each address has taken."""

    def new_url(self, *, dead: bool) -> str:
        """Return an address that nobody has yet."""
        self._urls += 1
        return f"http://127.0.0.1:9/{'dead' if dead else 'here'}/{self._urls}"

    def post(self, url: str, _headers: Any, body: bytes, **_: Any) -> Outcome:
        """Take an event, as :func:`functions.webhooks.post.post` sends it."""
        outcome: Outcome = self._calls.call(POST, lambda: self._take(url, body), {})
        return outcome

    def _take(self, url: str, body: bytes) -> Outcome:
        place = self._scheduler.running[-1].message.place
        fails = self._scheduler.decisions.at(f"{place} endpoint", self._draw)
        outcome = DEAD if "/dead/" in url else replace(BROKEN, retry_after=fails.retry_after) if fails else TAKEN
        said = outcome.error or "taken"
        self._scheduler.tell(f"endpoint: {said}", "the endpoint", url, "is sent an event:", said)
        if outcome is TAKEN:
            self.received[url].add(json.loads(body)["id"])
        return outcome

    def _draw(self, chance: Random) -> Fails | None:
        fails = chance.random() < self._scheduler.weather.endpoints
        return Fails(chance.choice([None, None, 1200])) if fails else None
