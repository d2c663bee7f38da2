"""What requests and the work behind them take of the table of a partner that has had a number of orders."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, NamedTuple

from moto.dynamodb.models import dynamodb_backends

from functions.events import clock as clock_function
from functions.shared import lists
from functions.shared.clock import iso
from functions.shared.marshal import unmarshal
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import SimProfile
from infra.local import environment
from infra.local.messages import HttpRequest
from infra.local.patches import replaced
from tests.scale.crowd import REFERENCE, Crowd
from tests.scale.crowded import Crowded
from tests.support.builders import SUBSCRIBER
from tests.support.store import Item
from tests.support.timeline import Timeline, timeline
from tests.support.units import Counting, Units
from tests.support.world import TABLE

MIDDLE = 50
"""An order that is neither new nor the oldest, however many there are."""


class Cost(NamedTuple):
    """What something takes; its calls by their names."""

    calls: tuple[str, ...]
    examined: int
    """Items that reads looked at."""
    read_units: float
    write_units: float


class Partner:
    """A partner with a past, whose requests are counted."""

    def __init__(self, line: Timeline, size: int, *, stored: bool) -> None:
        subscription = line.subscribe()
        (order,) = (each for each in line.world.of_kind("order") if each["subscription_id"] == subscription)
        like = line.order(order["id"])
        (in_stock, *_) = (each for each in line.world.of_kind("sim_profile") if each["status"] == "in_stock")
        sim = SimProfile.model_validate(in_stock)
        self.crowd = Crowd(size, like, line.events_of(like.id)[0], sim, like.created_at)
        self.line = line
        if stored:
            self._store_all()
        counting: Any = Counting(line.world.store if stored else Crowded(line.world.store, self.crowd))
        line.world.store = self._counting = counting

    def cost(self, act: Callable[["Partner"], object]) -> Cost:
        """Do something; return what it takes."""
        units = self._counting.units = Units()
        act(self)
        return Cost(tuple(units.calls), units.examined, sum(units.read.values()), sum(units.written.values()))

    def _store_all(self) -> None:
        backend = dynamodb_backends[environment.ACCOUNT][environment.REGION]
        for item in self.crowd.items():
            backend.put_item(TABLE, item, overwrite=True)
        for record in self.line.world.store.news(TABLE):  # the stream's function has long taken them
            item = unmarshal(record["dynamodb"]["NewImage"])
            self.line.world.items[item["pk"], item["sk"]] = item

    def get(self, target: str) -> Item:
        """GET something that is there."""
        return self.line.world.get(target)

    def ask(self, reference: str, key: str) -> Item:
        """Activate a subscription under a key; the answer."""
        body = self.line.activation(reference=reference)
        headers = (("Content-Type", "application/json"), ("Idempotency-Key", key))
        request = HttpRequest("POST", "/orders/activate-subscription", headers, json.dumps(body).encode())
        return self.line.world.send(request, key)


def create(partner: Partner) -> None:
    """Place an order."""
    assert partner.ask("new", "a key")["statusCode"] == 201


def create_again(partner: Partner) -> None:
    """Place it once more under its key."""
    assert partner.ask("new", "a key")["headers"]["Idempotent-Replayed"] == "true"


def take_a_reference(partner: Partner) -> None:
    """Place an order with a reference of the past."""
    assert partner.ask(f"{REFERENCE}{MIDDLE}", "another key")["statusCode"] == 409


def carry_out(partner: Partner) -> None:
    """Let the order be carried out, which takes an eSIM from the stock."""
    partner.line.world.look()
    partner.line.rest()
    (order,) = partner.get("/orders?reference=new")["_embedded"]["orders"]
    assert order["status"] == "completed"


def tick(_partner: Partner) -> None:
    """Let the clock look at what is due."""
    clock_function.handler({}, None)


def list_what_is_older(partner: Partner) -> None:
    """Ask for orders that are older than the one in the middle, and for those that are older than all."""
    page = partner.get(f"/orders?created-to={iso(partner.crowd.order(MIDDLE).created_at)}")
    assert page["_embedded"]["orders"][0]["id"] == partner.crowd.order(MIDDLE + 1).id
    none = partner.get(f"/orders?created-to={iso(partner.crowd.order(partner.crowd.size - 1).created_at)}")
    assert (none["_embedded"]["orders"], set(none["_links"])) == ([], {"self"})


def getting(target: str, of: str = "") -> Callable[[Partner], None]:
    """Read something of the order in the middle; ``of`` what it must have."""

    def get(partner: Partner) -> None:
        order = partner.crowd.order(MIDDLE)
        found = partner.get(target.format(id=order.id, reference=f"{REFERENCE}{MIDDLE}"))
        assert not of or len(found["_embedded"][of]) == (1 if "reference" in target else 10)

    return get


def walk(partner: Partner) -> None:
    """Read three pages, and one back."""
    page = partner.get("/orders?limit=40")
    for link in ("next", "next", "prev"):
        page = partner.get("/" + page["_links"][link]["href"].partition("://")[2].partition("/")[2])
        assert len(page["_embedded"]["orders"]) == 40


ACTS: dict[str, Callable[[Partner], None]] = {
    "create an order": create,
    "create it again under its key": create_again,
    "create one with a used reference": take_a_reference,
    "carry it out, with an eSIM of the stock": carry_out,
    "get an order": getting("/orders/{id}"),
    "its history": getting("/orders/{id}/history"),
    "find an order by its reference": getting("/orders?reference={reference}".replace(" ", "%20"), "orders"),
    "list orders": getting("/orders", "orders"),
    "list the completed ones": getting("/orders?status=completed", "orders"),
    "list those of a subscriber": getting(f"/orders?subscriber-id={SUBSCRIBER}", "orders"),
    "list those of a subscriber that are completed": getting(
        f"/orders?subscriber-id={SUBSCRIBER}&status=completed", "orders"
    ),
    "walk through pages and back": walk,
    "list those before a moment, and before all": list_what_is_older,
    "list events": getting("/events", "events"),
    "run the clock": tick,
}


@contextmanager
def partner(size: int, *, stored: bool = False) -> Iterator[Partner]:
    """A partner that has had this many orders, which are really ``stored`` or made when they are read."""
    chances = Random(1)  # noqa: S311 - the same each time
    with (
        timeline() as line,
        replaced(stock, "choices", lambda _: lambda: chances),
        replaced(lists, "_secret", lambda _: lambda: b"secret"),
    ):
        yield Partner(line, size, stored=stored)


def costs(size: int, *, stored: bool = False) -> dict[str, Cost]:
    """Return what each act takes."""
    with partner(size, stored=stored) as made:
        return {name: made.cost(act) for name, act in ACTS.items()}
