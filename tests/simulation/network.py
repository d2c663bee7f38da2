"""The mobile network: it does what it is asked, or not, and says so once, twice, late or never."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
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

SAYS: tuple[Literal["refuses", "is silent", "is slow"], ...] = ("refuses", "is silent", "is slow")
"""What it may do that is not what it was asked; it undoes something at once or not at all."""


class Says(NamedTuple):
    """What the network does that is not what it was asked."""

    what: Literal["refuses", "is silent", "is slow"]
    slow: timedelta = timedelta()
    """When it does it."""

    def __str__(self) -> str:
        """Return it in words."""
        return f"the network {self.what}" + (f", by {self.slow}" if self.slow else "")


class Network:
    """The network of all partners; what it has done for an order it has done once."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._says: dict[str, Says | None] = {}
        self._numbers: dict[str, str] = {}
        self._reports = 0
        self._done: set[str] = set()
        self.holds: set[str] = set()
        """The orders that it has carried out, and of which it has undone nothing."""
        self.keeps: set[str] = set()
        """Those that it would not undo."""

    def provision(self, asked: Item) -> None:
        """Carry out an order, if it has not been carried out yet, and answer."""
        says = self._decided(asked["order_id"], "provision")
        if says is None:
            self._carry_out(asked)
        elif says.what == "is slow":
            self._scheduler.at(self._scheduler.now + says.slow, "network", lambda: self._carry_out(asked))
        elif says.what == "refuses":
            self._answer("provisioning.failed", _about(asked, "reply_token") | {"reason": "no"})

    def undo(self, asked: Item) -> None:
        """Undo what was done for an order, and answer."""
        order = asked["order_id"]
        says = self._decided(order, "undo")
        if says is None:
            self.holds.discard(order)
            self._answer("deprovisioning.succeeded", _about(asked))
        else:
            self.keeps.add(order)
        if says and says.what == "refuses":
            self._answer("deprovisioning.failed", _about(asked))

    def report(self, kind: str, detail: Item) -> None:
        """Report something that nobody has asked for."""
        self._reports += 1
        event = {"detail-type": f"network.{kind}", "detail": {"id": f"report {self._reports}"} | detail}
        self._scheduler.tell(f"report {kind}", "the network reports", kind, detail)
        self._send("report", lambda: reports.handler(event, None), about=kind)

    def _carry_out(self, asked: Item) -> None:
        order = asked["order_id"]
        if order not in self._done:
            self._done.add(order)
            self.holds.add(order)
        self._answer("provisioning.succeeded", _about(asked, "reply_token") | self._number(asked))

    def _decided(self, order: str, asked: str) -> Says | None:
        """What it says about an order, the same each time."""
        place, name = f"{self._scheduler.running[-1].message.place} {asked}", f"{order} {asked}"
        if name not in self._says:
            draw = partial(self._draw, [*SAYS] if asked == "provision" else [*SAYS][:2])
            self._says[name] = self._scheduler.decisions.at(place, draw)
        says = self._says[name]
        what = says.what if says else "accepts"
        self._scheduler.tell(f"network {what} ({asked})", "the network", what, f"({asked} {order})")
        return says

    def _draw(self, what: Sequence[Literal["refuses", "is silent", "is slow"]], chance: Random) -> Says | None:
        if chance.random() >= self._scheduler.weather.network:
            return None
        says = Says(chance.choice(what))
        return says._replace(slow=timedelta(minutes=chance.randrange(1, 40))) if says.what == "is slow" else says

    def _number(self, asked: Item) -> Item:
        """A new number for an activation."""
        if asked["operation"] != "activate_subscription":
            return {}
        return {"msisdn": self._numbers.setdefault(asked["order_id"], f"+4915{len(self._numbers):08}")}

    def _answer(self, what: str, detail: Item) -> None:
        event = {"detail-type": f"network.{what}", "detail": detail}
        self._scheduler.tell(f"network answers {what}", "the network answers", what, detail["order_id"])
        self._send("answer", lambda: answers.handler(event, None), about=f"{what} {detail['order_id']}")

    def _send(self, name: str, carry_out: Callable[[], object], about: str, after: timedelta = LATENCY) -> None:
        message = Message(name, carry_out, tries=TRIES, pause=PAUSE, about=about)
        message.gave_up = lambda _: self._send(name, carry_out, about, REDRIVEN)
        self._scheduler.send(message, after)


def _about(asked: Item, *more: str) -> Item:
    """What of a request comes back with its answer."""
    return {name: asked[name] for name in ("partner", "order_id", *more)}
