"""What calls the functions, one message after the other, as AWS, the network and a partner do, until each is taken."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from functions.events import clock as clock_function
from functions.events import reports
from infra.local.paths import resource_of
from tests.faults.kinds import LATE, Died
from tests.faults.messages import MANY, Inboxes, Message
from tests.faults.tap import Tap
from tests.support.builders import PARTNER
from tests.support.store import Item
from tests.support.timeline import Timeline

BAD_REQUEST, GONE, SERVER_ERROR = 400, 404, 500
AGAIN = "again later"
STANDBY = "http://127.0.0.1:9/standby"
"""An endpoint that is never down."""
MINUTE = timedelta(minutes=1)
NEVER = timedelta(days=10_000)


class Unanswered(Exception):
    """The partner got no answer but that it may try again."""


@dataclass
class Life:
    """A system in which messages and calls go wrong."""

    line: Timeline
    tap: Tap
    inboxes: Inboxes
    answers: dict[str, list[Item]] = field(default_factory=dict)
    """What each request of the partner was answered, by its key."""
    asks_again: bool = True
    published: set[str] = field(default_factory=set)
    """The ids of the events that the bus has taken."""
    received: list[str] = field(default_factory=list)
    """The events that the endpoint has got."""
    sending: set[tuple[str, str]] = field(default_factory=set)
    """The attempts that are under way: where to, and of which event."""
    set_aside: list[Any] = field(default_factory=list)
    """The records of the stream that were given up on."""
    down: bool = False
    """Whether the endpoints of webhooks are, but for :data:`STANDBY`."""
    _reports: int = 0
    _ticked: datetime | None = None

    def ask(self, path: str, body: Item | None = None, method: str = "POST") -> Item:
        """Send a request under a key until it is answered, and perhaps once more when all that it causes is done."""
        key = f"key {len(self.answers)}"
        self.answers[key] = []
        kinds = {f"{method} {resource_of(path)[0]}"}
        message = Message("request", lambda: self._answer(method, path, body, key), kinds=kinds)
        self._come(message)
        if not self.answers[key]:
            self._try(message)
        self.rest()
        if self.asks_again:
            with self.tap.closed():
                self._try(message)
        return self.answers[key][0]

    def hear(self, what: str, order_id: str) -> None:
        """The network answers what an order asked of it, whether or not somebody waits for that."""
        self._come(self.inboxes.answer(what, {"order_id": order_id, "reply_token": order_id}))
        self.rest()

    def report(self, kind: str, **fields: Any) -> None:
        """The network reports something."""
        self._reports += 1
        detail = {"id": f"report {self._reports}", "partner": PARTNER, **fields}
        event = {"detail-type": f"network.{kind}", "detail": detail}
        self._come(self.inboxes.on_bus("report", f"network.{kind}", lambda: reports.handler(event, None)))
        self.rest()

    def move(self, **how_far: float) -> None:
        """Let time pass."""
        self.move_to(self.now + timedelta(**how_far))

    def move_to(self, moment: datetime) -> None:
        """Let time pass; what is due on the way happens when it is due, to the minute if something went wrong."""
        while (following := self._following()) <= moment:
            self.line.skip_to(following)
            self.inboxes.time_out()
            for message in self.inboxes.released():
                self._try(message)
            if self._due() <= self.now:
                self._ticked = self.now
                self._come(Message("clock", self.tick, tries=1))
            self.rest()
        self.line.skip_to(moment)

    def rest(self) -> None:
        """Everything that can happen at this time happens."""
        for _ in range(MANY):
            if not (ahead := list(self.inboxes.ahead())):
                return
            alternatives = self.inboxes.alternatives()
            disordered = self.tap.is_disordered()
            kind = self.tap.message(ahead[0].name, len(alternatives))
            self._handle(alternatives[-1] if disordered else ahead[0], kind)
        raise AssertionError(f"it does not come to rest: {ahead[0].name}")

    @property
    def now(self) -> datetime:
        """The time."""
        return self.line.world.now

    def _come(self, message: Message) -> None:
        """A message for which there is no alternative comes."""
        self._handle(message, self.tap.message(message.name, 1))

    def tick(self) -> None:
        """The clock comes, and nothing of what it finds fails."""
        clock_function.handler({}, None)

    def _handle(self, message: Message, kind: str) -> None:
        """Let a message come: once, or as this kind of fault wants it."""
        message.begun()
        self.tap.note(*message.kinds)
        if kind in LATE and kind != AGAIN:
            self._withhold(message, LATE[kind])
            return
        self._try(message)
        if kind == AGAIN:
            self.inboxes.withheld.append((self.now + LATE[kind], Message(message.name, message.carry_out, tries=1)))
        elif kind == "twice":
            with self.tap.carrying_out(message.carry_out):
                self.tap.duplicate()
            self.line.world.look()

    def _withhold(self, message: Message, how_long: timedelta) -> None:
        if message.outlived:
            message.outlived()
            message = Message(message.name, message.carry_out, tries=1)
        self.inboxes.withheld.append((self.now + how_long, message))

    def _try(self, message: Message) -> None:
        last: Exception = Unanswered()
        for number in range(message.tries):
            try:
                with self.tap.carrying_out(message.carry_out):
                    answer = message.carry_out()
            except AssertionError:
                raise
            except (Exception, Died) as error:  # noqa: BLE001 - after any error, the message comes again
                last = error if isinstance(error, Exception) else last
                self.line.world.look()
                self.tap.wait(min(2 * MINUTE, message.pause * 2 ** min(number, 8)))
            else:
                self.line.world.look()
                message.heard(answer)
                return
        message.gave_up(last)

    def _answer(self, method: str, path: str, body: Item | None, key: str) -> None:
        answer = self.line.world.send_keyed(method, path, body, key)
        status = answer["statusCode"]
        if status >= SERVER_ERROR or answer["headers"].get("Idempotent-Retriable") == "true":
            raise Unanswered(answer["body"])
        assert status < BAD_REQUEST or (method, status) == ("DELETE", GONE), answer["body"]
        self.answers[key].append({} if method == "DELETE" else json.loads(answer["body"]))

    def _following(self) -> datetime:
        """When something happens next."""
        due = max(self._due(), self._ticked + MINUTE) if self._ticked else self._due()
        return max(min([due, *self.inboxes.moments()]), self.now)

    def _due(self) -> datetime:
        kept = (item["due_at"] for item in self.line.world.items.values() if item.get("due_at"))
        first = min(kept, default=None)
        return datetime.fromisoformat(first) if first else self.now + NEVER
