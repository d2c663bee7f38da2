"""Partners: what each of them has, and how it asks for something."""

from datetime import timedelta
from random import Random
from typing import NamedTuple

from functions.shared.idempotency import METHODS
from tests.simulation.endpoints import Endpoints
from tests.simulation.gateway import Asked, Gateway, Judge
from tests.simulation.network import Network
from tests.simulation.records import Records
from tests.simulation.scheduler import Scheduler
from tests.support.store import Item


class Action(NamedTuple):
    """Something that a partner does, or that happens to it; the rest is drawn from ``chance``."""

    after: timedelta
    partner: str
    what: str
    chance: int

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.partner}: {self.what.replace('_', ' ')} (after {self.after})"


class Partner:
    """One partner, in the middle of an action."""

    def __init__(self, name: str, chance: Random, world: "Surroundings") -> None:
        self.name = name
        self.chance = chance
        self.world = world

    @property
    def owner(self) -> str:
        """Its first subscriber."""
        return f"subr_{self.name}"

    def ask(self, method: str, path: str, body: Item | None = None) -> None:
        """Send a request under a key, if there is one for its method; some twice at once."""
        key = f"key {len(self.world.gateway.asked)}" if method in METHODS else ""
        asked = Asked(self.name, method, path, body, key)
        self.world.gateway.ask(asked)
        if self.often(0.1):
            self.world.gateway.ask_again(asked, timedelta(milliseconds=self.chance.randrange(200)))

    def order(self, body: Item) -> None:
        """Place an order at either door; one with a reference needs no key."""
        path = "/orders" if self.often(0.2) else f"/orders/{body['type'].replace('_', '-')}"
        if self.often(0.3):
            body = body | {"reference": f"ours {len(self.world.gateway.asked)}"}
            if self.often(0.5):
                self.world.gateway.ask(Asked(self.name, "POST", path, body))
                return
        self.ask("POST", path, body)

    def report(self, kind: str, about: Item) -> None:
        """Let the network report something."""
        self.world.network.report(kind, {"partner": self.name} | about)

    def look(self, path: str, judge: Judge) -> None:
        """Read something, and judge the answer."""
        self.world.gateway.ask(Asked(self.name, "GET", path, judge=judge))

    def pick(self, kind: str, *statuses: str) -> str:
        """The id of one of its records, most often of one that has one of the statuses."""
        found = self.world.records.of(self.name, kind)
        fitting = [each for each in found if each.get("status") in statuses]
        chosen = fitting if fitting and not self.often(0.1) else found
        return str(self.chance.choice(chosen)["id"]) if chosen else f"{kind}_none"

    def holds(self, kind: str) -> bool:
        """Whether it has such a record."""
        return bool(self.world.records.of(self.name, kind))

    def subscription(self) -> str:
        """The id of a subscription that may take orders."""
        return self.pick("subscription", "active", "grace", "deactivated")

    def often(self, share: float) -> bool:
        """Whether something is so, in this share of all cases."""
        return self.chance.random() < share


class Surroundings(NamedTuple):
    """What a partner acts in."""

    gateway: Gateway
    network: Network
    records: Records
    endpoints: Endpoints
    scheduler: Scheduler
