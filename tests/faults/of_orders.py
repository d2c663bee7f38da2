"""Orders, and what the network makes of them."""

from datetime import timedelta
from typing import Any

from functions.shared.transaction import Transaction
from functions.subscriptions.subscription import Subscription
from tests.faults.life import Life
from tests.faults.ways import Scenario, Way
from tests.lifecycle.keyed_requests import ORDERS, activation, reserved, tomorrow
from tests.lifecycle.renewals import started
from tests.support import bodies
from tests.support.builders import MONTH, SUBSCRIBER, offering
from tests.support.timeline import ESIMS, Timeline, after

DAY = timedelta(days=1)
DOOR = "/orders/activate-subscription"


def ordered(door: str, network: str = "accepts") -> Scenario:
    """An order that the network carries out, refuses, or only undoes when its time is up."""

    def prepare(life: Life) -> Way:
        body = ORDERS[door](life.line) | {"reference": "ours"}
        life.line.network = network
        return lambda life: _until_final(life, f"/orders/{door}", body)

    return prepare


def with_a_card(network: str) -> Scenario:
    """An activation on a physical SIM that was reserved."""

    def prepare(life: Life) -> Way:
        body = activation(sim_profile=reserved(life.line))
        life.line.network = network
        return lambda life: _until_final(life, DOOR, body)

    return prepare


def with_a_number(life: Life) -> Way:
    """A subscription gets a number."""
    life.inboxes.msisdn = "+4915112345678"
    change = Transaction()
    change.create(offering("with a number", "plan", validity=MONTH, phone_number_country="DE"))
    change.commit()
    body = bodies.activation(SUBSCRIBER, "with a number")
    return lambda life: life.ask(DOOR, body)


def giving_back_a_number(life: Life) -> Way:
    """A subscription with a number is canceled."""
    with_a_number(life)(life)
    (subscription,) = life.line.world.of_kind(Subscription.KIND)
    return lambda life: life.ask("/orders/cancel-subscription", bodies.cancellation(subscription["id"]))


def answered_late(answer: str) -> Scenario:
    """The network answers an activation when its order has failed."""

    def prepare(life: Life) -> Way:
        life.line.network = "silent"
        order = life.line.place(activation())

        def go(life: Life) -> None:
            life.hear(answer, order)
            life.line.network = "accepts"
            life.rest()

        return go

    return prepare


def never_undone(life: Life) -> Way:
    """The network says that it cannot undo an activation."""
    life.line.network = "stuck"
    return lambda life: _until_final(life, DOOR, activation())


def sim_given_up(life: Life) -> Way:
    """The network never confirms that it has undone an activation."""
    life.line.network = "silent"
    life.line.place(activation())
    return lambda life: life.move(hours=25)


def execution_lost(life: Life) -> Way:
    """An execution ends without a result."""
    life.line.network = "busy"
    life.line.place(activation())
    (execution,) = life.line.world.executions.in_state("provision")
    execution.state = "ABORTED"
    return lambda life: life.move(minutes=6)


def without_stock(life: Life) -> Way:
    """An activation for which no eSIM is left."""
    for _ in range(ESIMS):
        life.line.subscribe()
    return lambda life: life.ask(DOOR, activation())


def delayed(life: Life) -> Way:
    """The network takes its time."""
    body = bodies.topup(life.line.subscribe(), "extra")
    life.line.network = "busy"

    def go(life: Life) -> None:
        life.ask("/orders/topup-subscription", body)
        life.move(minutes=6)
        life.line.network = "accepts"
        life.rest()

    return go


def put_on_hold(_life: Life) -> Way:
    """An order is put on hold."""
    return lambda life: life.ask(DOOR, activation(on_hold_condition="porting"))


def scheduled(door: str) -> Scenario:
    """An order that waits for tomorrow."""

    def prepare(life: Life) -> Way:
        body = ORDERS[door](life.line) | {"schedule": tomorrow(life.line)}

        def go(life: Life) -> None:
            life.ask(f"/orders/{door}", body)
            life.move(days=2)

        return go

    return prepare


def at_the_cycles_end(make: Any) -> Scenario:
    """An order that waits for the end of the plan's cycle."""

    def prepare(life: Life) -> Way:
        line = life.line
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


def scheduled_and_canceled(life: Life) -> Way:
    """An order that waits for a date is canceled."""
    order = life.line.place(bodies.cancellation(life.line.subscribe(), schedule=tomorrow(life.line)))
    return lambda life: life.ask(f"/orders/{order}/cancel")


def one_after_the_other(life: Life) -> Way:
    """Of two orders for one date, the first that is final lets the second go."""
    line, subscription = life.line, life.line.subscribe("extra")
    line.place(bodies.plan_change(subscription, "monthly too", schedule=tomorrow(line)))
    extra = line.products(subscription)["extra"].id
    line.place(bodies.products_cancellation(subscription, extra, schedule=tomorrow(line)))
    return lambda life: life.move(days=1)


def ended_before_its_date(life: Life) -> Way:
    """A subscription is canceled while an order waits for a date."""
    subscription = life.line.subscribe()
    life.line.place(bodies.plan_change(subscription, "monthly too", schedule=tomorrow(life.line)))
    return lambda life: life.ask("/orders/cancel-subscription", bodies.cancellation(subscription))


def released_under_a_lock(life: Life) -> Way:
    """The date of an order comes while another order is being fulfilled."""
    line, subscription = life.line, life.line.subscribe()
    line.place(bodies.plan_change(subscription, "monthly too", schedule=tomorrow(line)))
    midnight = (line.world.now + DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    line.skip_to(midnight - timedelta(minutes=1))
    line.network = "busy"
    line.place(bodies.topup(subscription, "extra"))

    def go(life: Life) -> None:
        life.move(minutes=3)
        life.line.network = "accepts"
        life.rest()

    return go


def refused_at_release(life: Life) -> Way:
    """When the date of an order comes, its rules no longer hold."""
    line, subscription = life.line, life.line.subscribe()
    line.place(bodies.plan_change(subscription, "monthly too", schedule=tomorrow(line)))
    plan = line.products(subscription)["monthly"].id
    status, answer = line.act(f"/products/{plan}/cancel", {"cancellation_mode": "immediate"})
    assert status < 300, answer
    return lambda life: life.move(days=1)


def _until_final(life: Life, path: str, body: dict[str, Any]) -> None:
    """Ask; if the network does not answer until its time is up, it is there again for what is to be undone."""
    life.ask(path, body)
    if life.line.network in {"silent", "stuck"}:
        life.move(minutes=16)
    if life.line.network == "silent":
        life.line.network = "accepts"
        life.rest()
