"""What becomes of the SIM of an order that failed while the network may have done something (contract §2).

The network's messages come twice, late and out of order. The first that decides is acted on; none ever touches a SIM
that serves another order by then, is linked, or is retired.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from functions.events import answers
from functions.shared import table
from functions.shared.observability import logger
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from functions.subscriptions.subscription import Subscription
from infra.operator import sims
from tests.support import bodies
from tests.support.builders import PARTNER
from tests.support.counted_calls import Calls
from tests.support.delivering import Counted
from tests.support.sims import esim, physical_sim
from tests.support.timeline import Timeline

FREE, RETIRED, UNDECIDED = "free", "retired", "undecided"
MESSAGES = {
    "deprovisioning.succeeded": FREE,
    "deprovisioning.failed": RETIRED,
    "provisioning.failed": FREE,
    "provisioning.succeeded": UNDECIDED,
}
"""What each says of the SIM."""


class Card:
    """One SIM, and the orders that take it; ``asked_for`` is how they ask for it."""

    def __init__(self, line: Timeline, sim_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.line = line
        if sim_type == "psim":
            entry = physical_sim()
            (loaded,) = sims.load(PARTNER, [entry])
            self.code = entry.activation_code
            self.sim_id = loaded.id
            self.reserve()
        else:
            (loaded,) = sims.load(PARTNER, [esim()])
            self.sim_id = loaded.id
            self.asked_for: dict[str, Any] = {"sim_type": "esim"}
            monkeypatch.setattr(stock, "pick_esim", lambda _partner: self.profile)

    def reserve(self) -> tuple[int, Any]:
        """Reserve a physical SIM by its code, or try to."""
        status, answer = self.line.world.post("/sim-profiles/reserve", {"activation_code": self.code})
        if status == 201:
            self.asked_for = {"sim_type": "psim", "reservation_id": answer["reservation_id"]}
        return status, answer

    def order(self, network: str) -> str:
        """An activation with this SIM; the network answers it so."""
        self.line.network = network
        return self.line.place(self.line.activation(sim_profile=self.asked_for))

    @property
    def profile(self) -> SimProfile:
        """As it is kept."""
        found = table.read(SimProfile, PARTNER, self.sim_id)
        assert found is not None
        return found

    @property
    def reservation(self) -> Reservation | None:
        """Its reservation, if there is one."""
        reservation_id = self.asked_for.get("reservation_id")
        return table.read(Reservation, PARTNER, reservation_id) if reservation_id else None

    def say(self, message: str, order_id: str) -> None:
        """A message of the network about an order."""
        about = {"partner": PARTNER, "order_id": order_id, "reply_token": order_id, "reason": "because"}
        self.line.world.network_says(message, about)
        self.line.rest()

    def assert_is(self, fate: str, order_id: str) -> None:
        """It is free for everybody, out of use for ever, or still with the order; all other data says the same."""
        profile, reservation, is_card = self.profile, self.reservation, "reservation_id" in self.asked_for
        in_stock = table.get_item(stock.stock_key(PARTNER, self.sim_id)) is not None
        if fate == FREE:
            assert (profile.status, in_stock) == (("reserved", False) if is_card else ("in_stock", True))
            assert (profile.order_id, profile.due_at) == (None, None)
            assert not is_card or (reservation is not None and reservation.usable(self.line.world.now))
            return
        assert not in_stock
        assert profile.status == ("retired" if fate == RETIRED else "reserved")
        assert (reservation is not None) == (is_card and fate != RETIRED)
        assert (profile.reservation_id is not None) == (is_card and fate != RETIRED)
        assert profile.awaits_deprovisioning(order_id) == (fate == UNDECIDED)


@pytest.mark.parametrize("sim_type", ["esim", "psim"])
@pytest.mark.parametrize("message", MESSAGES)
def test_each_message_decides(line: Timeline, monkeypatch: pytest.MonkeyPatch, sim_type: str, message: str) -> None:
    card = Card(line, sim_type, monkeypatch)
    failed = card.order("silent")
    card.assert_is(UNDECIDED, failed)
    asked = len(line.world.deprovisionings)
    for _ in range(2):
        card.say(message, failed)
        card.assert_is(MESSAGES[message], failed)
    assert len(line.world.deprovisionings) - asked == 2 * (message == "provisioning.succeeded")


@pytest.mark.parametrize("sim_type", ["esim", "psim"])
@pytest.mark.parametrize("afterwards", ["nothing", "another order on its way", "another order completed"])
def test_answers_in_any_order(line: Timeline, monkeypatch: pytest.MonkeyPatch, sim_type: str, afterwards: str) -> None:
    """Each pair of messages, both twice; as soon as the SIM is free, another order may take it."""
    for first, second in permutations(MESSAGES, 2):
        with monkeypatch.context() as patch:
            card = Card(line, sim_type, patch)
            failed = card.order("silent")
            card.say(first, failed)
            fate = MESSAGES[first]
            card.assert_is(fate, failed)
            if fate == FREE and afterwards != "nothing":
                card.order("busy" if "on its way" in afterwards else "accepts")
            if fate == UNDECIDED:
                card.say(second, failed)
                card.assert_is(MESSAGES[second], failed)
            before = card.profile, card.reservation, line.world.stock()
            for message in (first, second, second, first):
                card.say(message, failed)
            assert (card.profile, card.reservation, line.world.stock()) == before
            line.network = "accepts"
            line.rest()
            expected = "active" if fate == FREE and afterwards != "nothing" else before[0].status
            assert card.profile.status == expected


@pytest.mark.parametrize("sim_type", ["esim", "psim"])
@pytest.mark.parametrize("messages", [[], *([message] for message in MESSAGES)])
def test_a_sim_of_which_nothing_is_heard_is_retired(
    line: Timeline, monkeypatch: pytest.MonkeyPatch, sim_type: str, messages: list[str]
) -> None:
    """After 24 hours, with its reservation; what comes after that is too late."""
    card = Card(line, sim_type, monkeypatch)
    failed = card.order("silent")
    line.skip_to(line.world.now + timedelta(hours=23, minutes=59))
    line.world.run_clock()
    card.assert_is(UNDECIDED, failed)
    line.skip_to(line.world.now + timedelta(minutes=2))
    line.world.run_clock()
    for message in messages:
        card.say(message, failed)
    card.assert_is(RETIRED, failed)
    if sim_type == "psim":
        status, answer = card.reserve()
        assert (status, answer["errors"][0]["code"]) == (400, "activation_code_not_usable")
        assert line.world.of_kind("reservation") == []


def test_a_refusal_after_the_network_has_done_it_frees_nothing(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order failed in its last step, so the network has said that it was done: only the undoing counts."""
    card = Card(line, "esim", monkeypatch)
    line.halted = True
    order_id = card.order("accepts")
    (execution,) = line.world.executions.in_state("prepare")
    line.world.hear(execution, line.world.run_step(execution, "prepare"))
    line.world.executions.send_task_success(taskToken=execution.name, output="{}")
    execution.failed("ConnectionError", "{}")
    line.halted = False
    line.rest()
    assert line.order(order_id).failure is not None
    card.say("provisioning.failed", order_id)
    card.assert_is(UNDECIDED, order_id)
    card.say("deprovisioning.succeeded", order_id)
    card.assert_is(FREE, order_id)


@pytest.mark.parametrize("message", MESSAGES)
def test_of_orders_that_did_not_fail_nothing_changes(
    line: Timeline, monkeypatch: pytest.MonkeyPatch, message: str
) -> None:
    card = Card(line, "psim", monkeypatch)
    completed = card.order("accepts")
    before = card.profile
    assert (before.status, card.reservation) == ("active", None)
    for order_id in (completed, "ord_unknown"):
        if order_id == completed or not message.startswith("provisioning"):
            card.say(message, order_id)
    assert card.profile == before
    assert line.world.deprovisionings == []


def test_of_an_order_on_its_way_only_the_order_is_read(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    line.network = "busy"
    about = {"partner": PARTNER, "order_id": line.place(line.activation())}
    calls = Calls()
    monkeypatch.setattr(line.world, "store", Counted(line.world.store, calls))
    answers.handler({"detail-type": "network.deprovisioning.succeeded", "detail": about}, None)
    assert calls.made == ["get_item"]


@pytest.mark.parametrize("message", MESSAGES)
def test_of_an_order_without_a_new_sim_nothing_changes(line: Timeline, message: str) -> None:
    subscription_id = line.subscribe()
    line.network = "silent"
    failed = line.place(bodies.topup(subscription_id, products=bodies.sold("monthly")))
    before = table.read(Subscription, PARTNER, subscription_id), line.world.stock()
    line.world.network_says(message, {"partner": PARTNER, "order_id": failed, "reply_token": failed})
    assert (table.read(Subscription, PARTNER, subscription_id), line.world.stock()) == before


def test_it_is_logged_when_the_network_cannot_undo(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    card = Card(line, "esim", monkeypatch)
    failed = card.order("silent")
    lines: list[Any] = []
    monkeypatch.setattr(logger, "warning", lambda text, **more: lines.append((text, more.get("extra"))))
    card.say("deprovisioning.failed", failed)
    assert lines[-1] == ("A SIM is retired.", {"sim_profile_id": card.sim_id})


@pytest.mark.parametrize("end", [bodies.cancellation, bodies.swap, None])
def test_a_card_that_is_retired_leaves_no_reservation(
    line: Timeline, monkeypatch: pytest.MonkeyPatch, end: Callable[[str], dict[str, Any]] | None
) -> None:
    card = Card(line, "psim", monkeypatch)
    subscription_id = line.order(card.order("accepts")).subscription_id
    if end is None:
        line.report("terminated", subscription_id)
    else:
        line.place(end(subscription_id))
    card.assert_is(RETIRED, "")
    assert line.world.of_kind("reservation") == []
