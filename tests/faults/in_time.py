"""What the network reports, and what happens because time passes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from functions.shared.clock import iso
from tests.faults.life import Life
from tests.faults.ways import Scenario, Way
from tests.lifecycle.keyed_requests import account, activation, held, reserved
from tests.support import bodies
from tests.support.customers import PERSON
from tests.support.timeline import Timeline

GIGABYTE = 1024**3
DAY = timedelta(days=1)
USAGE: dict[str, Any] = {"allowance_type": "data", "amount": 10, "country": "DE"}
REPORTS: dict[str, dict[str, Any]] = {
    "first_usage": {"country": "DE"},
    "usage": USAGE,
    "usage of everything": USAGE | {"amount": 10 * GIGABYTE},
    "country_changed": {"country": "FR"},
    "sim_installed": {},
    "sim_deleted": {},
    "terminated": {},
}


def reported(kind: str) -> Scenario:
    """The network reports something of a subscription."""

    def prepare(life: Life) -> Way:
        line = life.line
        subscription = line.subscribe("extra")
        line.place(bodies.topup(subscription, "extra 2", mode="first_usage"))
        about = {"subscription_id": subscription, "sim_profile_id": line.subscription(subscription).sim_profile.id}
        return lambda life: life.report(kind.partition(" ")[0], **REPORTS[kind], **about)

    return prepare


def reported_early(kind: str) -> Scenario:
    """The network reports something of a subscription that it is still activating."""

    def prepare(life: Life) -> Way:
        life.line.network = "busy"
        order = life.line.order(life.line.place(activation()))
        about = {"subscription_id": order.subscription_id, "sim_profile_id": order.sim_profile_id}

        def go(life: Life) -> None:
            life.report(kind, **REPORTS[kind], **about)
            life.line.network = "accepts"
            life.rest()
            life.move(minutes=2)

        return go

    return prepare


def terminated_under_an_order(life: Life) -> Way:
    """The operator ends a subscription while an order of it is being fulfilled."""
    subscription = life.line.subscribe()
    life.line.network = "busy"
    life.line.place(bodies.topup(subscription, "extra"))

    def go(life: Life) -> None:
        life.report("terminated", subscription_id=subscription)
        life.line.network = "accepts"
        life.rest()

    return go


def in_time(prepare_products: Callable[[Timeline, str], object], days: float) -> Scenario:
    """What becomes due around this number of days after a subscription began."""

    def prepare(life: Life) -> Way:
        line = life.line
        subscription = line.subscribe()
        began = line.world.now
        prepare_products(line, subscription)
        line.move_to(began + (days - 1) * DAY)
        return lambda life: life.move_to(began + (days + 1) * DAY)

    return prepare


def starting_on(days: float) -> Callable[[Timeline, str], object]:
    """An add-on that starts later."""

    def order(line: Timeline, subscription: str) -> str:
        start = iso(line.world.now + days * DAY)
        return line.place(
            bodies.topup(subscription, products={"addons": bodies.addons("extra", mode="scheduled", start_at=start)})
        )

    return order


def never_used(line: Timeline, subscription: str) -> str:
    """An add-on that waits for a first usage which does not come."""
    return line.place(bodies.topup(subscription, "extra", mode="first_usage"))


def hold_expires(life: Life) -> Way:
    """An order is on hold for too long."""
    held(life.line)
    life.line.skip_to(life.now + 29.5 * DAY)
    return lambda life: life.move(days=1)


def reservation_expires(life: Life) -> Way:
    """A reserved SIM goes back."""
    reserved(life.line)
    return lambda life: life.move(days=1.5)


def answer_forgotten(life: Life) -> Way:
    """What a request was answered is forgotten with its key, as it shows a person."""
    life.ask("/subscribers", PERSON | {"account_id": account(life.line)})
    life.move(hours=23)
    return lambda life: life.move(hours=2)
