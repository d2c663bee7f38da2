"""What partners send, from a process of its own: at a given rate, whether or not they were answered yet.

A request's time counts from the moment at which it should have been sent: one that waits for a slow one before it is
slow as well.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from random import Random
from threading import Event
from typing import Any, NamedTuple
from uuid import uuid4

from tests.load.connection import Answer, Connection
from tests.support import bodies
from tests.support.builders import ADDON, PLANS, SUBSCRIBER

FLOODING = 16
"""Connections over which one partner floods."""
MAX_TOPUPS = 8
"""With which a subscription has still room for more products."""
PLACE = "/orders"
INTERRUPTED = Event()
LOOK, ACTIVATION, TOPUP = "look", "activation", "topup"
"""What a request is for."""


class Sent(NamedTuple):
    """A request that placed an order, or that looked at one, and how it was answered."""

    partner: str
    what: str
    at: float
    """When it should have been sent, in seconds of Unix time."""
    seconds: float
    status: int
    order_id: str = ""
    reference: str = ""
    key: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Traffic:
    """What is sent for some seconds: orders a second by each of ``steady``, and requests by the one who floods."""

    url: str
    tokens: Mapping[str, str]
    seconds: float
    steady: Sequence[str]
    rate: float
    flooding: str = ""
    flood: float = 0.0


def send(traffic: Traffic) -> list[Sent]:
    """Send everything; return how each request was answered."""
    flooding = [traffic.flooding] * FLOODING if traffic.flooding else []
    end = time.time() + traffic.seconds
    with ThreadPoolExecutor(len(traffic.steady) + len(flooding)) as pool, _until_interrupted():
        running = [pool.submit(_shop, traffic, name, traffic.rate, end) for name in traffic.steady]
        running += [pool.submit(_flood, traffic, name, traffic.flood / FLOODING, end) for name in flooding]
        return [sent for each in running for sent in each.result()]


@contextmanager
def _until_interrupted() -> Iterator[None]:
    """Let all threads end if this one is interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        INTERRUPTED.set()
        raise


def _shop(traffic: Traffic, partner: str, rate: float, end: float) -> list[Sent]:
    shopper = _Shopper(partner, Connection(traffic.url, traffic.tokens[partner], insist=True))
    sent = [each for moment in _moments(partner, rate, end) for each in shopper.act(moment)]
    shopper.connection.close()
    return sent


def _flood(traffic: Traffic, partner: str, rate: float, end: float) -> list[Sent]:
    shopper = _Shopper(partner, Connection(traffic.url, traffic.tokens[partner], insist=False))
    sent = [shopper.place(moment, shopper.activation()) for moment in _moments(str(uuid4()), rate, end)]
    shopper.connection.close()
    return sent


def _moments(name: str, rate: float, end: float) -> Iterator[float]:
    """Yield each moment at which somebody sends, once it has come."""
    first = time.time() + Random(name).uniform(0, 1 / rate)  # noqa: S311 - no secret
    for number in count():
        moment = first + number / rate
        if moment >= end:
            return
        if INTERRUPTED.wait(max(0.0, moment - time.time())):
            return
        yield moment


class _Shopper:
    """A partner that activates subscriptions, looks whether they are there, and tops them up."""

    def __init__(self, partner: str, connection: Connection) -> None:
        self.connection = connection
        self._partner = partner
        self._activated = ""
        self._topped_up = 0

    def activation(self) -> dict[str, Any]:
        """Return the body of an activation."""
        return bodies.activation(SUBSCRIBER, PLANS[0])

    def act(self, moment: float) -> Iterator[Sent]:
        """Place an order: a top-up if there is a subscription that can take one."""
        if self._activated and self._topped_up < MAX_TOPUPS:
            answer = self.connection.get(f"{PLACE}/{self._activated}")
            yield self._sent(LOOK, moment, answer)
            if answer.body.get("status") == "completed":
                self._topped_up += 1
                yield self.place(time.time(), bodies.topup(answer.body["_embedded"]["subscription"]["id"], ADDON))
                return
        placed = self.place(time.time() if self._activated else moment, self.activation())
        self._activated, self._topped_up = placed.order_id, 0
        yield placed

    def place(self, moment: float, body: dict[str, Any]) -> Sent:
        """Place an order under a key and a reference."""
        reference, key = uuid4().hex, str(uuid4())
        answer = self.connection.post(PLACE, body | {"reference": reference}, key)
        order = answer.body["id"] if answer.status == 201 else ""
        what = ACTIVATION if body["type"] == "activate_subscription" else TOPUP
        return self._sent(what, moment, answer)._replace(order_id=order, reference=reference, key=key)

    def _sent(self, what: str, moment: float, answer: Answer) -> Sent:
        problem = "" if answer.status in {200, 201} else str(answer.body)
        return Sent(self._partner, what, moment, time.time() - moment, answer.status, problem=problem)
