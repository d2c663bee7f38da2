"""What ``repair`` makes of an order that nothing fulfils any more."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.events import clock
from functions.orders.order import Order
from functions.shared import table
from infra.local.functions import CLOCK, EXECUTION_TASK
from infra.local.system import System
from infra.operator import executions, repair
from infra.operator.__main__ import main
from infra.operator.executions import Execution
from tests.lifecycle.failing import failing
from tests.operator.command_lines import Capture, command
from tests.support import evidence
from tests.support.rewinding import rewind
from tests.support.small_shop import SmallShop

Item = dict[str, Any]
NOW = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def shop(system: System) -> SmallShop:
    return SmallShop(system)


def run(shop: SmallShop, order: Item, *arguments: str) -> int:
    return main(command("repair", shop.partner, order["id"], *arguments))


def shown(shop: SmallShop, order: Item) -> Item:
    return dict(shop.client.get(f"/orders/{order['id']}").json())


def sim_of(order: Item) -> str:
    return str(order["_embedded"]["subscription"]["_embedded"]["sim_profile"]["iccid"])


def unprepared(order: Item) -> bool:
    return bool(order["status"] == "fulfilling" and not order["prepared"])


def prepared(order: Item) -> bool:
    return bool(order["status"] == "fulfilling" and order["prepared"])


@pytest.mark.parametrize("as_of", [unprepared, prepared])
def test_what_the_network_has_done_is_completed_with_its_sim(
    system: System, shop: SmallShop, capsys: Capture, as_of: Callable[[Item], bool]
) -> None:
    before = shop.complete(shop.activation())
    system.quiesce()
    rewind(system, shop.partner, before["id"], as_of)
    assert run(shop, before, "--dry-run") == 0
    assert shown(shop, before)["status"] == "fulfilling"
    assert [run(shop, before), run(shop, before)] == [0, 0]
    after = shown(shop, before)
    assert (after["status"], sim_of(after)) == ("completed", sim_of(before))
    done = f"the network has carried out the order with the SIM {sim_of(before)}"
    assert capsys.readouterr().out.splitlines() == [
        *[f"{before['id']}: the execution is SUCCEEDED: {done}; it is to be completed"] * 2,
        "prepare is done",
        "complete is done",
        "the order is completed",
        f"{before['id']}: the order is completed; nothing is to be repaired",
    ]
    subscription = before["_embedded"]["subscription"]["id"]
    numbers = shop.client.get(f"/phone-numbers?subscription-id={subscription}").json()["_embedded"]["phone_numbers"]
    assert len(numbers) == 1


def test_what_was_undone_is_undone_again(system: System, shop: SmallShop) -> None:
    before = shop.final(shop.place(shop.activation(eid="8" * 28 + "0001")))
    system.quiesce()
    rewind(system, shop.partner, before["id"], prepared)
    assert run(shop, before) == 0
    after = shown(shop, before)
    assert (after["status"], after["failure"]) == ("failed", before["failure"])


def test_what_the_network_has_done_is_undone_if_one_says_so(system: System, shop: SmallShop, capsys: Capture) -> None:
    """The network is asked to undo it with the SIM that it uses, though the order never had one."""
    before = shop.complete(shop.activation())
    system.quiesce()
    rewind(system, shop.partner, before["id"], unprepared)
    assert run(shop, before, "--undo") == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["prepare is done", "undo is done", "the order is failed"]
    system.quiesce()
    kept = table.read(Order, shop.partner, before["id"])
    assert kept is not None
    assert kept.sim_profile_id == before["_embedded"]["subscription"]["_embedded"]["sim_profile"]["id"]


def test_what_the_clock_has_tried_in_vain_is_shown_and_repaired(
    system: System, shop: SmallShop, capsys: Capture
) -> None:
    without_clock = system.functions.replaced(CLOCK, lambda _clock: lambda _event, _context: None)
    with system.functions.replaced(EXECUTION_TASK, failing("undo")), without_clock:
        order = shop.place(shop.activation(eid="8" * 28 + "0001"))
        for _ in range(3):
            system.quiesce(timeout=40)
            evidence.make_due(system, order, shop.partner)
            clock.handler({}, None)
        system.quiesce(timeout=40)
        kept = table.read(Order, shop.partner, order["id"])
        assert kept is not None
        capsys.readouterr()
        assert main(command("show", shop.partner, order["id"])) == 0
    failed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if " FAILED, " in line]
    assert failed == [order["id"], f"{order['id']}.undo", f"{order['id']}.undo.{kept.version - 1}"]
    assert run(shop, order) == 0
    assert shown(shop, order)["status"] == "failed"


def ended(status: str, **output: Any) -> list[Execution]:
    return [Execution("ord_1", "acme", status, NOW, NOW, None, output)]


REQUEST = {"prepared": {"request": {"sim_profile": {"id": "simp_1", "iccid": "8949"}}}, "provisioned": {}}


@pytest.mark.parametrize(
    ("order", "found", "what", "steps"),
    [
        ({"status": "completed"}, [], "nothing is to be repaired", []),
        ({"status": "scheduled"}, [], "nothing is to be repaired", []),
        ({}, ended("RUNNING"), "nothing is to be repaired", []),
        ({}, [], "it gets its execution", []),
        ({}, ended("FAILED"), "it is to be undone", ["undo"]),
        ({}, [*ended("FAILED"), *ended("RUNNING")], "nothing is to be repaired", []),
        ({}, ended("SUCCEEDED", **REQUEST), "it is to be completed", ["prepare", "complete"]),
        (
            {"sim_type": "esim", "prepared": True, "sim_profile_id": "simp_2"},
            ended("SUCCEEDED", **REQUEST),
            "decide, or undo it with --undo",
            [],
        ),
    ],
)
def test_the_execution_decides(
    monkeypatch: pytest.MonkeyPatch, order: Item, found: list[Execution], what: str, steps: list[str]
) -> None:
    monkeypatch.setattr(executions, "find", lambda *_: found)
    ids = dict.fromkeys(("id", "partner", "type", "subscription_id", "subscriber_id", "account_id"), "x")
    decided = repair.decide(Order.model_validate(ids | {"created_at": NOW, "status": "fulfilling"} | order))
    assert (decided.what, [step["step"] for step in decided.steps]) == (what, steps)


def test_an_order_that_is_not_there_is_refused(shop: SmallShop) -> None:
    assert run(shop, {"id": "ord_none"}) == 1
