"""What a partner does with subscriptions and products, and what is answered (contract §5 and §6)."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from functions.catalog.offering import Price
from functions.products import lifecycle
from functions.products.product import Product
from functions.shared import clock
from functions.shared.transaction import Transaction
from infra.local.patches import replaced
from tests.support.builders import MONTH, offering, product
from tests.support.builders import subscription as subscribed
from tests.support.timeline import Timeline, timeline

UNTIL_CYCLE_ENDS = {"type": "end_of_plan_cycle"}
ONCE = MONTH | {"is_recurrent": False}
NUMBERS = count()
NO_PRICE = "The product has no recurring price."
AT_ONCE = {"cancellation_mode": "immediate"}
Item = dict[str, Any]


def price(kind: str, amount: int) -> Item:
    return {"type": kind, "unit_amount": amount, "currency": "EUR"}


@pytest.fixture(scope="module")
def line() -> Iterator[Timeline]:
    """A system in which time passes while a request is carried out: its clock is later whenever it is read."""
    with timeline() as line:

        def later() -> Any:
            line.world.now += timedelta(milliseconds=1)
            return line.world.now

        with replaced(clock, "now", lambda _now: later):
            yield line


def bought(
    line: Timeline, *, validity: Any = ONCE, mode: Any = "first_usage", prices: tuple[Item, ...] = ()
) -> Product:
    """An add-on, by default one that waits, of a new subscription whose plan renews."""
    number = next(NUMBERS)
    mine = {"subscription_id": f"subs_{number}", "order_id": f"ord_{number}"}
    plan = product(f"prd_plan_{number}", offering("plan", "plan", validity=MONTH), **mine)
    extra = product(f"prd_{number}", offering("extra", validity=validity), **mine)
    extra.prices = [Price.model_validate(each) for each in prices]
    root = subscribed(id=mine["subscription_id"])
    change = Transaction()
    lifecycle.begin(plan, "immediate", change.at, None)
    root.know(plan)
    lifecycle.begin(extra, mode, change.at, root.plan_cycle_end())
    root.know(extra)
    for each in (plan, extra):
        change.create(each)
    change.create(root)
    change.commit()
    line.world.look()
    return extra


@pytest.fixture
def subscription(line: Timeline) -> str:
    return bought(line).subscription_id


def path(of: Product) -> str:
    return f"/products/{of.id}"


def change_price(line: Timeline, of: Product) -> Item:
    """What changing the recurring price is answered."""
    body = {"prices": [price("recurring", 200)]}
    answer: Item = json.loads(line.world.send_keyed("PATCH", path(of), body, f"price of {of.id}")["body"])
    line.world.look()
    return answer


def faults(problem: Item) -> list[tuple[str, str, str | None]]:
    return [(fault["code"], fault["detail"], fault.get("pointer")) for fault in problem["errors"]]


class TestSubscription:
    """Its status."""

    @pytest.mark.parametrize("action", ["grace", "suspend", "deactivate", "resume"])
    def test_an_action_that_its_status_does_not_allow(self, line: Timeline, subscription: str, action: str) -> None:
        line.act(f"/subscriptions/{subscription}/suspend")
        before = line.subscription(subscription)
        code, problem = line.act(f"/subscriptions/{subscription}/{action}")
        detail = f"A subscription that is suspended does not allow {action}."
        assert (code, faults(problem)) == (400, [("invalid_state", detail, "$.status")])
        assert line.subscription(subscription) == before

    def test_each_action_answers_the_subscription_as_it_is_then(self, line: Timeline, subscription: str) -> None:
        steps = {"deactivate": "deactivated", "resume": "active", "grace": "grace", "suspend": "suspended"}
        for action, status in steps.items():
            code, answer = line.act(f"/subscriptions/{subscription}/{action}")
            assert (code, answer["status"]) == (200, status)
            assert answer == line.world.get(f"/subscriptions/{subscription}")
            event = line.events_of(subscription)[-1]
            assert (event.type, event.data) == (f"subscription.{status}", {"subscription": answer})


class TestProduct:
    """Its start, its end, its price."""

    def test_what_waits_is_started(self, line: Timeline) -> None:
        waits = bought(line, validity=UNTIL_CYCLE_ENDS)
        code, answer = line.act(f"{path(waits)}/activate")
        assert (code, answer["status"], answer["started_at"]) == (200, "active", answer["updated_at"])
        assert answer == line.world.get(path(waits))
        assert [(event.type, event.data) for event in line.events_of(waits.id)] == [
            ("product.active", {"product": answer})
        ]

    @pytest.mark.parametrize("action", ["activate", "cancel"])
    def test_what_has_ended(self, line: Timeline, action: str) -> None:
        extra = bought(line, mode="immediate")
        code, answer = line.act(f"{path(extra)}/cancel", AT_ONCE)
        assert (code, answer["status"], answer["ended_at"]) == (200, "canceled", answer["updated_at"])
        assert answer == line.world.get(path(extra))
        code, problem = line.act(f"{path(extra)}/{action}", AT_ONCE if action == "cancel" else None)
        assert (code, faults(problem)) == (400, [("invalid_state", "The product is canceled.", "$.status")])
        assert line.event_types_of(extra.id) == ["product.canceled"]

    def test_it_ends_with_its_cycle(self, line: Timeline) -> None:
        monthly = bought(line, validity=MONTH, mode="immediate")
        code, answer = line.act(f"{path(monthly)}/cancel", {"cancellation_mode": "end_of_cycle"})
        assert (code, answer["status"], answer["end_at"]) == (200, "active", answer["billing_cycle_end_at"])
        assert answer == line.world.get(path(monthly))
        assert line.event_types_of(monthly.id) == []

    @pytest.mark.parametrize("mode", ["immediate", "end_of_cycle"])
    def test_what_never_started_ends_at_once(self, line: Timeline, mode: str) -> None:
        waits = bought(line)
        code, answer = line.act(f"{path(waits)}/cancel", {"cancellation_mode": mode})
        assert (code, answer["status"], answer["ended_at"]) == (200, "canceled", answer["updated_at"])
        assert line.event_types_of(waits.id) == ["product.canceled"]

    def test_its_price(self, line: Timeline) -> None:
        """Of an add-on that waits for its first usage: what is answered shows that it can still be started."""
        prices = (price("one_time", 100), price("recurring", 5))
        waits = bought(line, validity=UNTIL_CYCLE_ENDS, prices=prices)
        answer = change_price(line, waits)
        assert answer == line.world.get(path(waits))
        assert answer["_embedded"]["prices"] == [price("one_time", 100), price("recurring", 200)]
        assert "activate" in answer["_links"]
        assert line.event_types_of(waits.id) == []

    @pytest.mark.parametrize(
        ("prices", "missing"),
        [
            ((price("recurring", 5),), []),
            ((price("one_time", 5),), [("constraint_validation_error", NO_PRICE, "$.prices[0].type")]),
        ],
        ids=["recurring", "one_time"],
    )
    def test_a_price_that_does_not_change(self, line: Timeline, prices: tuple[Item, ...], missing: list[Any]) -> None:
        """There is none, or the product has ended: both are told at once."""
        extra = bought(line, prices=prices)
        if missing:
            assert faults(change_price(line, extra)) == missing
        line.act(f"{path(extra)}/cancel", AT_ONCE)
        before = line.world.get(path(extra))
        over = ("invalid_state", "The product is canceled.", "$.status")
        assert faults(change_price(line, extra)) == [over, *missing]
        assert line.world.get(path(extra)) == before


def test_what_was_due_before_happens_first(line: Timeline) -> None:
    """And is published as it is kept."""
    waits = bought(line, validity=UNTIL_CYCLE_ENDS)
    plan = path(waits).replace("prd_", "prd_plan_")
    cycle_end = datetime.fromisoformat(line.world.get(plan)["billing_cycle_end_at"])
    line.skip_to(cycle_end)
    assert line.act(f"{path(waits)}/activate")[0] == 200
    renewed = line.world.get(plan)
    assert [(event.type, event.data) for event in line.events_of(renewed["id"])] == [
        ("product.renewed", {"product": renewed})
    ]


@pytest.mark.parametrize("has_cycle", [True, False])
def test_the_link_that_starts_it_is_shown_while_its_plan_has_a_cycle(line: Timeline, has_cycle: bool) -> None:
    """Alone and in a list alike."""
    waits = bought(line, validity=UNTIL_CYCLE_ENDS)
    if not has_cycle:
        line.act(f"{path(waits).replace('prd_', 'prd_plan_')}/cancel", AT_ONCE)
    shown = line.world.get(path(waits))
    assert ("activate" in shown["_links"]) is has_cycle
    listed = line.world.get(f"/products?order-id={waits.order_id}")["_embedded"]["products"]
    assert shown in listed


def test_it_is_not_started_if_its_plan_has_no_cycle(line: Timeline) -> None:
    waits = bought(line, validity=UNTIL_CYCLE_ENDS)
    line.act(f"{path(waits).replace('prd_', 'prd_plan_')}/cancel", AT_ONCE)
    code, problem = line.act(f"{path(waits)}/activate")
    detail = "The product ends with the plan's cycle, and there is no active plan."
    assert (code, faults(problem)) == (400, [("no_active_plan", detail, None)])
