"""What happens is done to the system and told to the model."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, TypeVar

from tests.model.agreement import Agreement
from tests.model.lifecycle import DONE, TOO_LATE, Model
from tests.model.records import Order, Product
from tests.support import bodies
from tests.support.builders import ADDON, PARTNER
from tests.support.executions import Execution
from tests.support.world import World

T = TypeVar("T")

LOST = "internal_error"
STATES = ("prepare", "provision", "complete", "undo")
BEFORE = {stage: STATES[:place] for place, stage in enumerate((*STATES, "ended"))}
"""The states that an execution leaves on its way to a stage."""


def pick(things: Sequence[T], number: int) -> T:
    """The one of that number, counted round and round."""
    return things[number % len(things)]


class Pair(Agreement):
    """The system and the model, to which the same things happen."""

    def __init__(self, esims: int) -> None:
        self.world = World()
        self.model = Model(esims)
        self.why: dict[str, tuple[str, str]] = {}
        """Why an execution is being undone: step and code, by its name."""

    def run_on(self, stage: str = "ended", answer: str = "accepted") -> None:
        """Everything that has begun goes on to the stage, without a fault of ours; the network answers all alike."""
        states = BEFORE[stage]
        while self.world.undelivered or self.world.executions.in_state(*states):
            if self.world.undelivered:
                self.hand_over(0, 100)
            for execution in self.world.executions.in_state(*states):
                if execution.state != "provision":
                    self.step(execution)
                elif answer == "silent":
                    self.time_out(execution)
                else:
                    self.network_answer(execution, accepts=answer == "accepted")

    def come_to_rest(self) -> None:
        """Nothing is stuck and nothing is held by an order that is final."""
        for pause in [timedelta(minutes=6), timedelta(days=3), timedelta(days=31)] * 5:
            self.run_on()
            while self.world.deprovisionings:
                self.confirm_undone(self.world.deprovisionings.pop(0))
            self.compare()
            if all(order.final for order in self.model.orders.values()):
                break
            self.wait(pause)
        assert [order for order in self.model.orders.values() if not order.final] == []
        assert [order for order in self.model.orders.values() if order.has_sim] == []
        for subscription in self.world.of_kind("subscription"):
            lock = subscription["lock"]
            assert (lock.get("exclusive"), lock["topups"], lock["scheduled"]) == (None, [], [])
        due = {kind for (_, kind), item in self.world.items.items() if "due_at" in item}
        assert due <= {"subscription", "idempotency"}, "subscriptions go on, and remembered answers are forgotten"

    def calm_down(self, calm: bool) -> None:
        """Let everything in flight end well first, so that an order finds its subscription free."""
        if calm:
            self.run_on()

    def order(
        self,
        which: int,
        body: dict[str, Any],
        *,
        days: int | None = None,
        ends: Sequence[str] = (),
    ) -> None:
        """Send an order on a subscription, which may have ended; the model knows why it is refused."""
        subscription_id = pick(self.subscription_ids(), which)
        body["subscription_id"] = subscription_id
        release = self.schedule(body, days)
        refusals = self.model.refusals(body["type"], subscription_id, release is not None, _sold(body), ends)
        if "prd_none" in body.get("product_ids", []):
            refusals.add("not_found")
        self.place(body, refusals, release_at=release, ends=ends)

    def place(self, body: dict[str, Any], refusals: set[str], *, on_hold: bool = False, **about: Any) -> None:
        """Send an order; it is refused for these reasons or accepted."""
        status, answer = self.world.post("/orders", body)
        if refusals:
            assert status == 400, (answer, refusals)
            codes = codes_of(answer)
            assert "not_found" in codes if "not_found" in refusals else codes == refusals, (codes, refusals)
            return
        assert (status, answer.get("status")) == (201, "accepted"), answer
        item = self.world.order(answer["id"])
        sold = [
            Product(line["product_id"], wanted.is_plan, wanted.mode)
            for line, wanted in zip(item["lines"], _sold(body), strict=True)
        ]
        accepted_at = datetime.fromisoformat(item["created_at"])
        self.model.accept(
            Order(item["id"], body["type"], item["subscription_id"], accepted_at, sold, on_hold=on_hold, **about)
        )

    def hand_over(self, start: int, count: int, *, keep: bool = False, refuse: int = 0) -> None:
        """Records of the stream arrive."""
        for item in self.world.deliver(start, count, keep=keep, refuse=refuse):
            self.hear_record(item)

    def hear_record(self, item: dict[str, Any]) -> None:
        """What follows from a record of the stream."""
        if item["kind"] == "order" and item["status"] == "accepted":
            order = self.model.orders[item["id"]]
            self.model.advance(order, self.world.order_moment(order.id))
        elif item.get("type") in {"subscription.canceled", "subscription.terminated"}:
            self.model.advance_next(item["data"]["subscription"]["id"], self.world.now)
        elif item.get("type") in {"order.completed", "order.failed", "order.canceled"}:
            order = item["data"]["order"]
            if order["type"] != "activate_subscription":
                self.model.advance_next(order["_embedded"]["subscription"]["id"], self.world.now)

    def step(self, execution: Execution, times: int = 1) -> None:
        """Run the step that an execution stands at, this number of times, and let it hear of that."""
        step = execution.state
        (outcome,) = {self.run(execution, step) for _ in range(times)}
        if outcome != DONE:
            self.why[execution.name] = (step, LOST if outcome == TOO_LATE else outcome)
        self.world.hear(execution, outcome)

    def run(self, execution: Execution, step: str) -> str:
        """Run any step of an execution; the model must come to the same end."""
        order = self.model.orders[execution.order_id]
        outcome = self.world.run_step(execution, step)
        if step == "undo":
            self.model.undo(
                order, *self.why.get(execution.name, ("provision", LOST)), self.world.order_moment(order.id)
            )
            assert outcome == DONE
        else:
            expected = self.model.prepare(order) if step == "prepare" else self.model.complete(order)
            assert outcome == expected
        return outcome

    def give_up(self, execution: Execution) -> None:
        """The execution hears of no run of its step."""
        if execution.state != "undo":
            self.why[execution.name] = (execution.state, LOST)
        execution.failed("ConnectionError", "{}")

    def time_out(self, execution: Execution) -> None:
        """The network was silent for too long."""
        self.why[execution.name] = ("provision", "network_timeout")
        execution.failed("States.Timeout", "")

    def network_answer(self, execution: Execution, *, accepts: bool) -> None:
        """The network answers a request; too late for the execution that waited is not too late for the network."""
        about = {"partner": PARTNER, "order_id": execution.order_id, "reply_token": execution.name}
        waits = execution.state == "provision"
        self.world.network_says(f"provisioning.{'succeeded' if accepts else 'failed'}", about)
        order = self.model.orders[execution.order_id]
        if not waits and accepts:
            self.model.late_success(order)
        elif not waits:
            self.model.late_refusal(order)
        elif not accepts:
            self.why[execution.name] = ("provision", "network_rejected")

    def confirm_undone(self, about: dict[str, Any], *, fails: bool = False) -> None:
        """The network has nothing left of an order, or cannot undo it."""
        self.world.network_says(f"deprovisioning.{'failed' if fails else 'succeeded'}", about)
        order = self.model.orders[about["order_id"]]
        if fails:
            self.model.not_deprovisioned(order)
        else:
            self.model.deprovisioned(order)

    def wait(self, pause: timedelta) -> None:
        """Time passes, and the clock looks after what is due."""
        self.world.now += pause
        now = self.world.now
        self.world.run_clock()
        self.model.run_clock(now)

    def subscription_ids(self) -> list[str]:
        """Those that activations are to make, also if they fail."""
        return [order.subscription_id for order in self.model.orders.values() if order.type == "activate_subscription"]

    def product_ids(self, subscription_id: str, numbers: list[int]) -> list[str]:
        """Some products of a subscription, ended ones too, each once."""
        subscription = self.model.subscriptions.get(subscription_id)
        ids = [product.id for product in subscription.products] if subscription else []
        return list(dict.fromkeys(pick(ids, number) for number in numbers)) if ids else []

    def products(self, plan: str | None, addons: list[str]) -> dict[str, Any]:
        """What an order sells."""
        later = {"start_at": (self.world.now + timedelta(days=364)).isoformat()}
        modes = [(mode, later if mode == "scheduled" else {}) for mode in addons]
        chosen = [addon for mode, when in modes for addon in bodies.addons(ADDON, mode=mode, **when)]
        return bodies.sold(plan) | {"addons": chosen}

    def schedule(self, body: dict[str, Any], days: int | None) -> datetime | None:
        """Put the schedule into the body; the moment to wait for, if there is one."""
        if days is None:
            return None
        day = (self.world.now + timedelta(days=days)).date()
        body["schedule"] = {"mode": "specific_date", "effective_at": day.isoformat()}
        return datetime.combine(day, time.min, self.world.now.tzinfo) if days else None

    def with_status(self, status: str) -> set[str]:
        """The ids of the system's orders that have it."""
        return {item["id"] for item in self.world.of_kind("order") if item["status"] == status}


def _sold(body: dict[str, Any]) -> list[Product]:
    """The products that a request asks for, the plan first."""
    products = body.get("products", {})
    plan = [Product("", is_plan=True)] if "plan" in products else []
    return plan + [Product("", is_plan=False, mode=addon["activation_mode"]) for addon in products.get("addons", [])]


def codes_of(answer: dict[str, Any]) -> set[str]:
    return {fault["code"] for fault in answer["errors"]}
