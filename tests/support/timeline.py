"""One partner's system whose time a test moves: the real functions over a table of their own, called one by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from functions.events import reports
from functions.orders.failures import REJECTED
from functions.orders.order import Order
from functions.products.product import Product
from functions.shared import table
from functions.shared.clock import iso
from functions.shared.event import Event
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.subscription import Subscription
from tests.support import bodies
from tests.support.builders import MONTH, PARTNER, SUBSCRIBER, allowance, offering
from tests.support.executions import Execution
from tests.support.isolation import alone, mocked
from tests.support.world import World

ESIMS = 6
DAYS_30 = {"type": "duration", "unit": "day", "unit_count": 30, "is_recurrent": False}
PLANS = {"monthly": MONTH, "monthly too": MONTH, "30 days": DAYS_30}
ADDONS: dict[str, Any] = {
    "extra": DAYS_30,
    "extra 2": DAYS_30,
    "extra 3": DAYS_30,
    "monthly extra": MONTH,
    "messages": DAYS_30,
    "calls": DAYS_30,
    "monthly messages": MONTH,
    "until the cycle ends": {"type": "end_of_plan_cycle"},
}
KINDS = {"messages": "sms", "calls": "voice"}


class Timeline:
    """What a partner and the network do, and what becomes of it. ``network`` is how the network answers.

    It is ``accepts``, ``rejects``, ``silent`` (every request times out at once) or ``busy`` (no answer yet). While it
    is ``halted``, no execution goes on at all.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.network = "accepts"
        self.halted = False
        self._reports = 0

    def place(self, body: dict[str, Any]) -> str:
        """The id of an order that its type's door accepts; all that it brings about has happened."""
        status, answer = self.world.post(f"/orders/{body['type'].replace('_', '-')}", body)
        assert status == 201, answer
        self.rest()
        return str(answer["id"])

    def activation(self, *addons: str, plan: str = "monthly", **fields: Any) -> dict[str, Any]:
        """The body of an activation with an eSIM, a plan and add-ons."""
        return bodies.activation(SUBSCRIBER, plan, *addons, **fields)

    def refused(self, body: dict[str, Any]) -> list[tuple[str, str | None]]:
        """The codes and pointers of an order that is refused."""
        status, problem = self.world.post("/orders", body)
        assert status == 400, problem
        return [(fault["code"], fault.get("pointer")) for fault in problem["errors"]]

    def subscribe(self, *addons: str, **fields: Any) -> str:
        """The id of a new subscription."""
        return self.order(self.place(self.activation(*addons, **fields))).subscription_id

    def act(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """POST the other things that a partner can do."""
        answer = self.world.post(path, body)
        self.rest()
        return answer

    def report(self, kind: str, subscription_id: str, report_id: str | None = None, **fields: Any) -> None:
        """The network reports something."""
        self._reports += 1
        detail = {"id": report_id or f"report {self._reports}", "partner": PARTNER, "subscription_id": subscription_id}
        reports.handler({"detail-type": f"network.{kind}", "detail": detail | fields}, None)
        self.world.look()
        self.rest()

    def move_to(self, moment: datetime) -> None:
        """Let time pass; what is due on the way happens when it is due."""
        while due := min((at for item in self.world.items.values() if (at := item.get("due_at"))), default=None):
            if due > iso(moment):
                break
            self.skip_to(datetime.fromisoformat(due))
            self.world.run_clock()
            self.rest()
        self.skip_to(moment)

    def skip_to(self, moment: datetime) -> None:
        """Let time pass in which nobody looks at what is due."""
        self.world.now = max(self.world.now, moment)

    def rest(self) -> None:
        """Everything that has begun goes as far as the network lets it."""
        while self.world.undelivered or self._runnable():
            if self.world.undelivered:
                self.world.deliver(0, 100)
            for execution in self._runnable():
                self._step(execution)

    def accept(self, order_id: str) -> None:
        """The network does what this one order wants; whatever else waits for it goes on waiting."""
        self.world.executions.send_task_success(taskToken=order_id, output="{}")
        self.rest()

    def order(self, order_id: str) -> Order:
        """An order as it is kept."""
        found = table.read(Order, PARTNER, order_id)
        assert found is not None
        return found

    def subscription(self, subscription_id: str) -> Subscription:
        """A subscription as it is kept."""
        found = table.read(Subscription, PARTNER, subscription_id)
        assert found is not None
        return found

    def products(self, subscription_id: str) -> dict[str, Product]:
        """Its products by the names of their offerings; of several the newest."""
        kept = [Product.model_validate(item) for item in self.world.of_kind(Product.KIND)]
        found = [product for product in kept if product.subscription_id == subscription_id]
        return {product.offering.name: product for product in sorted(found, key=Product.sort_key)}

    def sim(self, sim_profile_id: str) -> SimProfile:
        """A SIM profile as it is kept."""
        found = table.read(SimProfile, PARTNER, sim_profile_id)
        assert found is not None
        return found

    def event_types_of(self, resource_id: str) -> list[str]:
        """The types of the events of a resource."""
        return [event.type for event in self.events_of(resource_id)]

    def events_of(self, resource_id: str) -> list[Event]:
        """The events of a resource; their sequence has no gap."""
        events = [Event.model_validate(item) for item in self.world.of_kind(Event.KIND)]
        mine = [event for event in events if next(iter(event.data.values()))["id"] == resource_id]
        mine.sort(key=lambda event: event.sequence)
        assert [event.sequence for event in mine] == list(range(1, len(mine) + 1))
        return mine

    def _runnable(self) -> list[Execution]:
        if self.halted:
            return []
        states = ["prepare", "complete", "undo"] + ["provision"] * (self.network != "busy")
        return self.world.executions.in_state(*states)

    def _step(self, execution: Execution) -> None:
        if execution.state != "provision":
            self.world.hear(execution, self.world.run_step(execution, execution.state))
        elif self.network == "accepts":
            self.world.executions.send_task_success(taskToken=execution.name, output="{}")
        elif self.network == "rejects":
            self.world.executions.send_task_failure(taskToken=execution.name, error=REJECTED, cause="")
        else:
            execution.failed("States.Timeout", "")


@contextmanager
def timeline() -> Iterator[Timeline]:
    """A new one."""
    with mocked():
        world = World()
        with alone(world):
            world.begin(ESIMS)
            change = Transaction()
            for name, validity in PLANS.items():
                change.create(offering(name, "plan", validity=validity))
            for name, validity in ADDONS.items():
                kind = KINDS.get(name.split()[-1], "data")
                change.create(offering(name, validity=validity, fits=list(PLANS), allowances=[allowance(kind)]))
            change.commit()
            world.look()
            yield Timeline(world)


def after(start: datetime, months: int) -> datetime:
    """The end of so many months from a day that every month has."""
    years, month = divmod(start.month - 1 + months, 12)
    return start.replace(year=start.year + years, month=month + 1)
