"""The mobile network: it does what it is asked, or not, and says so once, twice, late or never."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Literal, NamedTuple

from functions.events import answers, reports
from tests.simulation.scheduler import LATENCY, Message, Scheduler
from tests.support.store import Item

TRIES = 3
PAUSE = timedelta(minutes=1)
"""How often Lambda tries what the bus hands over before it lies in the failures' queue, and its first pause."""
REDRIVEN = timedelta(hours=1)
"""After which somebody handles again what lies there."""


class Says(NamedTuple):
    """What the network does that is not what it was asked."""

    what: Literal["refuses", "is silent"]

    def __str__(self) -> str:
        """Return it in words."""
        return f"the network {self.what}"


class Network:
    """The network of all partners; what it has done for an order it has done once."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._says: dict[str, Says | None] = {}
        self._numbers: dict[str, str] = {}
        self._reports = 0

    def provision(self, asked: Item) -> None:
        """Carry out an order, if it has not been carried out yet, and answer."""
        order = asked["order_id"]
        says = self._decided(order, "provision")
        answer = {name: asked[name] for name in ("partner", "order_id", "reply_token")}
        if says is None:
            self._answer("provisioning.succeeded", answer | self._number(asked))
        elif says.what == "refuses":
            self._answer("provisioning.failed", answer | {"reason": "no"})

    def undo(self, asked: Item) -> None:
        """Undo what was done for an order, and answer."""
        says = self._decided(asked["order_id"], "undo")
        answer = {name: asked[name] for name in ("partner", "order_id")}
        if says is None:
            self._answer("deprovisioning.succeeded", answer)
        elif says.what == "refuses":
            self._answer("deprovisioning.failed", answer)

    def report(self, kind: str, detail: Item) -> None:
        """Report something that nobody has asked for."""
        self._reports += 1
        event = {"detail-type": f"network.{kind}", "detail": {"id": f"report {self._reports}"} | detail}
        self._scheduler.tell(f"report {kind}", "the network reports", kind, detail)
        self._send("report", lambda: reports.handler(event, None), about=kind)

    def _decided(self, order: str, asked: str) -> Says | None:
        """What it says about an order, the same each time."""
        place, name = f"{self._scheduler.running[-1].message.place} {asked}", f"{order} {asked}"
        if name not in self._says:
            self._says[name] = self._scheduler.decisions.at(place, self._draw)
        says = self._says[name]
        what = says.what if says else "accepts"
        self._scheduler.tell(f"network {what} ({asked})", "the network", what, f"({asked} {order})")
        return says

    def _draw(self, chance: Random) -> Says | None:
        unusual = chance.random() < self._scheduler.weather.network
        return Says(chance.choice(["refuses", "is silent"])) if unusual else None

    def _number(self, asked: Item) -> Item:
        """A new number for an activation."""
        if asked["operation"] != "activate_subscription":
            return {}
        return {"msisdn": self._numbers.setdefault(asked["order_id"], f"+4915{len(self._numbers):08}")}

    def _answer(self, what: str, detail: Item) -> None:
        event = {"detail-type": f"network.{what}", "detail": detail}
        self._send("answer", lambda: answers.handler(event, None), about=f"{what} {detail['order_id']}")

    def _send(self, name: str, carry_out: Callable[[], object], about: str, after: timedelta = LATENCY) -> None:
        message = Message(name, carry_out, tries=TRIES, pause=PAUSE, about=about)
        message.gave_up = lambda _: self._send(name, carry_out, about, REDRIVEN)
        self._scheduler.send(message, after)
