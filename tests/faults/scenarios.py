"""What is gone through with every fault: each order type, each report, each event in time and a delivery."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from functions.shared.clock import iso
from tests.faults.life import Life
from tests.lifecycle.keyed_requests import ORDERS, activation, held, reserved, tomorrow
from tests.lifecycle.renewals import started
from tests.support import bodies
from tests.support.endpoints import Endpoints
from tests.support.timeline import Timeline, after

Way = Callable[[Life], object]
Scenario = Callable[[Timeline], Way]
"""Makes what must be there, without a fault, and returns what happens then, with every fault."""
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


def ordered(door: str, network: str = "accepts", **fields: Any) -> Scenario:
    """An order, and what the network makes of it."""

    def prepare(line: Timeline) -> Way:
        body = ORDERS[door](line) | {"reference": "ours"} | fields
        line.network = network
        return lambda life: life.ask(f"/orders/{door}", body)

    return prepare


def with_a_card(network: str) -> Scenario:
    """An activation on a physical SIM that was reserved."""

    def prepare(line: Timeline) -> Way:
        body = activation(sim_profile=reserved(line))
        line.network = network
        return lambda life: life.ask("/orders/activate-subscription", body)

    return prepare


def scheduled(door: str) -> Scenario:
    """An order that waits for tomorrow."""

    def prepare(line: Timeline) -> Way:
        body = ORDERS[door](line) | {"schedule": tomorrow(line)}

        def go(life: Life) -> None:
            life.ask(f"/orders/{door}", body)
            life.move(days=2)

        return go

    return prepare


def at_the_cycles_end(make: Callable[[Timeline, str], dict[str, Any]]) -> Scenario:
    """An order that waits for the end of the plan's cycle."""

    def prepare(line: Timeline) -> Way:
        subscription = line.subscribe("extra", "monthly extra")
        end = after(started(line, subscription, "monthly"), 1)
        body = make(line, subscription) | {"schedule": bodies.AT_CYCLE_END}
        line.skip_to(end - 3 * DAY)

        def go(life: Life) -> None:
            life.ask("/orders", body)
            life.move_to(end + DAY)

        return go

    return prepare


def all_products(line: Timeline, subscription: str) -> dict[str, Any]:
    """The cancellation of everything that a subscription has."""
    return bodies.products_cancellation(subscription, *(each.id for each in line.products(subscription).values()))


def waiting(action: str) -> Scenario:
    """An order on hold, and what the partner does with it."""

    def prepare(line: Timeline) -> Way:
        order = held(line)
        return lambda life: life.ask(f"/orders/{order}/{action}")

    return prepare


def scheduled_and_canceled(line: Timeline) -> Way:
    """An order that waits for a date is canceled."""
    order = line.place(bodies.cancellation(line.subscribe(), schedule=tomorrow(line)))
    return lambda life: life.ask(f"/orders/{order}/cancel")


def hold_expires(line: Timeline) -> Way:
    """An order is on hold for too long."""
    held(line)
    line.skip_to(line.world.now + 29.5 * DAY)
    return lambda life: life.move(days=1)


def put_on_hold(_line: Timeline) -> Way:
    """An order is put on hold."""
    return lambda life: life.ask("/orders/activate-subscription", activation(on_hold_condition="porting"))


def delayed(line: Timeline) -> Way:
    """The network takes its time."""
    body = bodies.topup(line.subscribe(), "extra")
    line.network = "busy"

    def go(life: Life) -> None:
        life.ask("/orders/topup-subscription", body)
        life.move(minutes=6)
        line.network = "accepts"
        life.rest()

    return go


def reported(kind: str) -> Scenario:
    """The network reports something of a subscription."""

    def prepare(line: Timeline) -> Way:
        subscription = line.subscribe("extra")
        line.place(bodies.topup(subscription, "extra 2", mode="first_usage"))
        about = {"subscription_id": subscription, "sim_profile_id": line.subscription(subscription).sim_profile.id}
        return lambda life: life.report(kind.partition(" ")[0], **REPORTS[kind], **about)

    return prepare


def reported_early(line: Timeline) -> Way:
    """The network reports usage of a subscription that it is still activating."""
    line.network = "busy"
    subscription = line.order(line.place(activation())).subscription_id

    def go(life: Life) -> None:
        life.report("usage", subscription_id=subscription, **USAGE)
        line.network = "accepts"
        life.rest()
        life.move(minutes=2)

    return go


def in_time(prepare_products: Callable[[Timeline, str], object], days: float) -> Scenario:
    """What becomes due around this number of days after a subscription began."""

    def prepare(line: Timeline) -> Way:
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


def reservation_expires(line: Timeline) -> Way:
    """A reserved SIM goes back."""
    reserved(line)
    return lambda life: life.move(days=1.5)


def sim_given_up(line: Timeline) -> Way:
    """The network never confirms that it has undone an activation."""
    line.network = "silent"
    line.place(activation())
    return lambda life: life.move(hours=25)


def delivered(line: Timeline) -> Way:
    """An event goes to a webhook."""
    Endpoints(line.world).make(enabled_events=["subscription.*"])
    subscription = line.subscribe()
    return lambda life: life.ask(f"/subscriptions/{subscription}/suspend")


SCENARIOS: dict[str, Scenario] = {
    **{f"{door}, {network}": ordered(door, network) for door in ORDERS for network in ("accepts", "rejects", "silent")},
    **{f"activation on a card, {network}": with_a_card(network) for network in ("accepts", "rejects")},
    **{f"{door}, scheduled": scheduled(door) for door in ("cancel-subscription", "change-subscription-plan")},
    "plan change at the cycle's end": at_the_cycles_end(lambda _, name: bodies.plan_change(name, "monthly too")),
    "products canceled at the cycle's end": at_the_cycles_end(all_products),
    "put on hold": put_on_hold,
    "hold resumed": waiting("resume"),
    "hold canceled": waiting("cancel"),
    "hold expires": hold_expires,
    "scheduled and canceled": scheduled_and_canceled,
    "delayed": delayed,
    **{f"report {kind}": reported(kind) for kind in REPORTS},
    "report before the activation": reported_early,
    "renewal": in_time(lambda line, name: line.place(bodies.topup(name, "monthly extra")), 31),
    "end of a product": in_time(lambda line, name: line.place(bodies.topup(name, "extra")), 30),
    "start of a product": in_time(starting_on(5), 5),
    "reservation expires": reservation_expires,
    "SIM given up": sim_given_up,
    "webhook delivery": delivered,
}
"""By their names."""
