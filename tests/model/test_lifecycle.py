"""Random lives of orders: things happen in any order, and the system does what the model of the contract does."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.model.draws import PAUSES, STAGES, answers, days, modes, some, twice
from tests.model.effort import EFFORT
from tests.model.pair import Pair, codes_of, pick
from tests.support import bodies
from tests.support.builders import PLANS, SUBSCRIBER
from tests.support.isolation import alone, mocked
from tests.support.world import START

EXAMPLES = settings(
    max_examples=12,
    stateful_step_count=30,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
ESIMS = 4
MAX_SUBSCRIPTIONS = 3
LATEST = START + timedelta(days=150)


class Lifecycle(Pair, RuleBasedStateMachine):
    """Each rule does one thing to the system and tells it to the model; after each the two are compared."""

    def __init__(self) -> None:
        Pair.__init__(self, ESIMS)
        RuleBasedStateMachine.__init__(self)
        self.running = alone(self.world)
        self.running.__enter__()
        self.world.begin(ESIMS)

    def teardown(self) -> None:
        """Everything comes to rest."""
        try:
            self.come_to_rest()
        finally:
            self.running.__exit__(None, None, None)

    # What the partner does

    @initialize(addons=modes)
    def a_subscription(self, addons: list[str]) -> None:
        """Most rules need one."""
        self.activate(on_hold=False, addons=addons)
        self.run_on()

    @precondition(lambda self: len(self.subscription_ids()) < MAX_SUBSCRIPTIONS)
    @rule(on_hold=st.booleans(), addons=modes)
    def activate(self, on_hold: bool, addons: list[str]) -> None:
        """An activation, which nothing refuses."""
        held = {"on_hold_condition": "porting"} if on_hold else {}
        body = bodies.activation(SUBSCRIBER, PLANS[0], products=self.products(PLANS[0], addons), **held)
        self.place(body, set(), on_hold=on_hold)

    @rule(which=some, calm=st.booleans(), sells_plan=st.booleans(), addons=modes)
    def top_up(self, which: int, calm: bool, sells_plan: bool, addons: list[str]) -> None:
        """A plan, add-ons or both."""
        self.calm_down(calm)
        plan = PLANS[1] if sells_plan or not addons else None
        self.order(which, bodies.topup("", products=self.products(plan, addons)))

    @rule(which=some, calm=st.booleans(), addons=modes, days=days)
    def change_plan(self, which: int, calm: bool, addons: list[str], days: int | None) -> None:
        """Another plan, perhaps with add-ons, perhaps later."""
        self.calm_down(calm)
        body = bodies.plan_change("", PLANS[1], products=self.products(PLANS[1], addons))
        self.order(which, body, days=days)

    @rule(which=some, calm=st.booleans(), days=days)
    def cancel_subscription(self, which: int, calm: bool, days: int | None) -> None:
        """The subscription is to end, perhaps later."""
        self.calm_down(calm)
        self.order(which, bodies.cancellation(""), days=days)

    @rule(which=some, calm=st.booleans())
    def swap_sim(self, which: int, calm: bool) -> None:
        """Another SIM."""
        self.calm_down(calm)
        self.order(which, bodies.swap(""))

    @rule(which=some, calm=st.booleans(), numbers=st.lists(some, min_size=1, max_size=2), days=days)
    def cancel_products(self, which: int, calm: bool, numbers: list[int], days: int | None) -> None:
        """Some products are to end, also such as have ended, perhaps later."""
        self.calm_down(calm)
        ids = self.product_ids(pick(self.subscription_ids(), which), numbers)
        self.order(which, bodies.products_cancellation("", *ids or ["prd_none"]), days=days, ends=ids)

    @rule(which=some, action=st.sampled_from(["grace", "suspend", "deactivate", "resume"]))
    def steer(self, which: int, action: str) -> None:
        """The partner changes a subscription's status by itself."""
        subscription_id = pick(self.subscription_ids(), which)
        there = subscription_id in self.model.subscriptions
        status, answer = self.world.post(f"/subscriptions/{subscription_id}/{action}", None)
        may = there and self.model.steer(self.model.subscriptions[subscription_id], action)
        assert status == (200 if may else 400 if there else 404)
        assert may or not there or codes_of(answer) == {"invalid_state"}

    @rule(which=some, resume=st.booleans())
    def end_waiting(self, which: int, resume: bool) -> None:
        """The partner cancels or resumes an order, whether or not it waits."""
        order = pick(list(self.model.orders.values()), which)
        status, answer = self.world.post(f"/orders/{order.id}/{'resume' if resume else 'cancel'}", None)
        may = self.model.resume(order, self.world.order_moment(order.id)) if resume else self.model.cancel(order)
        assert (status == 200) == may
        assert (answer["status"] if may else codes_of(answer)) == (order.status if may else {"invalid_state"})

    # What AWS does

    @precondition(lambda self: self.world.undelivered)
    @rule(start=some, count=st.integers(1, 12), keep=st.booleans(), refuse=st.integers(0, 1))
    def deliver(self, start: int, count: int, keep: bool, refuse: int) -> None:
        """Records of the stream arrive, some out of order, some again later."""
        first = start % len(self.world.undelivered)
        self.hand_over(first, count, keep=keep, refuse=refuse)

    @precondition(lambda self: self.world.executions.in_state("prepare", "complete", "undo"))
    @rule(which=some, times=twice)
    def run_step(self, which: int, times: int) -> None:
        """A step runs, perhaps again because its first answer was lost."""
        self.step(pick(self.world.executions.in_state("prepare", "complete", "undo"), which), times)

    @rule(stage=st.sampled_from(["prepare", "complete", "complete", "undo"]), answer=answers, runs=st.integers(0, 2))
    def falter(self, stage: str, answer: str, runs: int) -> None:
        """All that comes to the stage fails there: each run dies before its write, or its answer is lost.

        An order whose undo was begun again and failed is left to people.
        """
        self.run_on(stage, answer)
        for execution in self.world.executions.in_state(stage):
            if not execution.only_undoes:
                for _ in range(runs):
                    self.run(execution, stage)
                self.give_up(execution)

    @rule(which=some, step=st.sampled_from(["prepare", "complete", "undo"]))
    def straggle(self, which: int, step: str) -> None:
        """A run of a step that everybody has forgotten."""
        passed = {"prepare": lambda one: not one.only_undoes and one.state != "prepare"}
        passed["complete"] = lambda one: one.provisioned is not None and one.state != "complete"
        passed["undo"] = lambda one: one.failed_step and one.state != "undo"
        if candidates := [one for one in self.world.executions.by_name.values() if passed[step](one)]:
            self.run(pick(candidates, which), step)

    @rule(pause=st.sampled_from(PAUSES))
    def time_passes(self, pause: timedelta) -> None:
        """The clock finds what is due after that."""
        if self.world.now + pause < LATEST:
            self.wait(pause)

    @precondition(lambda self: self.with_status("scheduled"))
    @rule(first=st.sampled_from(["nothing", "a top-up", "a swap"]))
    def a_date_comes(self, first: str) -> None:
        """That of the next scheduled order, perhaps while another order has begun."""
        waiting = [order for order in self.model.orders.values() if order.status == "scheduled"]
        release_at, subscription_id = min((order.release_at or LATEST, order.subscription_id) for order in waiting)
        which = self.subscription_ids().index(subscription_id)
        if first == "a top-up":
            self.top_up(which, False, True, [])
        elif first == "a swap":
            self.swap_sim(which, False)
        self.wait(max(release_at - self.world.now, timedelta(0)))

    # What the network does

    @precondition(lambda self: any(one.asked for one in self.world.executions.by_name.values()))
    @rule(which=some, accepts=st.booleans(), times=twice)
    def network_answers(self, which: int, accepts: bool, times: int) -> None:
        """It answers what it was asked, soon or late, once or twice."""
        execution = pick([one for one in self.world.executions.by_name.values() if one.asked], which)
        for _ in range(times):
            self.network_answer(execution, accepts=accepts)

    @precondition(lambda self: self.world.executions.in_state("provision"))
    @rule(which=some)
    def network_is_silent(self, which: int) -> None:
        """The task times out."""
        self.time_out(pick(self.world.executions.in_state("provision"), which))

    @precondition(lambda self: self.world.deprovisionings)
    @rule(which=some, fails=st.sampled_from([False, False, True]))
    def network_has_undone(self, which: int, fails: bool) -> None:
        """It has nothing left of an order, or cannot undo it; it may say so more than once."""
        self.confirm_undone(pick(self.world.deprovisionings, which), fails=fails)

    @precondition(lambda self: self.model.subscriptions)
    @rule(which=some, seldom=st.sampled_from([True, False, False]), times=twice)
    def operator_ends_it(self, which: int, seldom: bool, times: int) -> None:
        """A subscription ends without an order, also while others are on their way for it; reported once or twice."""
        subscription = pick(list(self.model.subscriptions.values()), which)
        if seldom and subscription.status != "created":
            about = {"id": f"end of {subscription.id}", "subscription_id": subscription.id}
            for _ in range(times):
                self.world.network_reports("terminated", **about)
            self.model.terminate(subscription)

    @rule(stage=st.sampled_from(STAGES), answer=answers)
    def go_on(self, stage: str, answer: str) -> None:
        """Everything that has begun goes on, as far as that."""
        self.run_on(stage, answer)

    # What must hold

    @invariant()
    def everything_agrees(self) -> None:
        """The system is as the model says."""
        self.compare()


@pytest.fixture
def aws() -> Iterator[None]:
    """moto, for the whole test."""
    with mocked():
        yield


# Another thread of this process may use Python's random numbers meanwhile, as one that runs a system does.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("number", range(3 * EFFORT))
def test_the_system_and_the_model_never_disagree(number: int) -> None:
    """Several searches from different beginnings find more than one that is as long: each varies what it has found."""
    search = type("Search", (Lifecycle,), {})
    run_state_machine_as_test(seed(number)(search), settings=EXAMPLES)
