"""What a change does to the products of a subscription (contract §2, §6 and §8)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.catalog.offering import Price
from functions.products import lifecycle
from functions.products.product import show_product
from functions.products.usage import Usage
from tests.support.builders import MONTH, offering, product
from tests.unit.aggregates import AT, CYCLE_END, DAY, ONCE, UNTIL_CYCLE_ENDS, bought, data, having, published, written

GIGABYTE = 1024**3


class TestOpenProducts:
    """Its products that have not ended."""

    def test_one_of_them(self) -> None:
        extra = bought("prd_1")
        changed = having(extra)
        assert changed.product("prd_1") is extra
        assert changed.product("prd_2") is None
        changed.end(extra)
        assert changed.product("prd_1") is None

    @pytest.mark.parametrize(
        ("mode", "validity", "event"),
        [
            ("immediate", ONCE, ["product.active"]),
            ("first_usage", ONCE, []),
            ("immediate", UNTIL_CYCLE_ENDS, ["product.canceled"]),
        ],
        ids=["active", "pending", "canceled"],
    )
    def test_a_new_one(self, mode: Any, validity: Any, event: list[str]) -> None:
        new = product("prd_1", offering("extra", validity=validity))
        changed = having()
        changed.add(new, mode)
        assert published(changed) == [(each, 1) for each in event]
        assert data(changed) == [{"product": show_product(new)}] * len(event)
        assert written(changed) == ["subs_1", "prd_1"]
        assert [known.id for known in changed.root.open_products] == ["prd_1"] * (not new.final)
        assert changed.product("prd_1") is (None if new.final else new)

    def test_it_ends_with_the_plans_cycle_in_which_it_starts(self) -> None:
        new = product("prd_2", offering("extra", validity=UNTIL_CYCLE_ENDS))
        having(bought("prd_1", MONTH, "plan")).add(new, "immediate")
        assert (new.status, new.started_at, new.end_at) == ("active", AT, CYCLE_END)

    def test_one_that_waits_is_started(self) -> None:
        waits = bought("prd_2", UNTIL_CYCLE_ENDS, mode="first_usage")
        changed = having(bought("prd_1", MONTH, "plan"), waits)
        changed.start(waits)
        assert (waits.status, waits.started_at, waits.end_at) == ("active", AT, CYCLE_END)
        assert (written(changed), published(changed)) == (["subs_1", "prd_2"], [("product.active", 1)])
        assert data(changed) == [{"product": show_product(waits)}]

    @pytest.mark.parametrize(("terminated", "status"), [(False, "canceled"), (True, "terminated")])
    def test_those_that_are_named_end(self, terminated: bool, status: str) -> None:
        one, other = bought("prd_1"), bought("prd_2")
        changed = having(one, other)
        changed.end_products(["prd_1", "prd_3"], terminated=terminated)
        assert (one.status, one.ended_at, other.status) == (status, AT, "active")
        assert (written(changed), published(changed)) == (["subs_1", "prd_1"], [(f"product.{status}", 1)])


class TestDecidedEnds:
    """What an order decides on products that end later (contract §2, schedule)."""

    def test_each_ends_when_the_order_says_or_with_its_cycle(self) -> None:
        one, two, waits = bought("prd_1", MONTH), bought("prd_2", MONTH), bought("prd_3", mode="first_usage")
        changed = having(one, two, waits)
        changed.decide_ends(["prd_1", "prd_2", "prd_3"], {"prd_1": AT + DAY}, "ord_1")
        assert [(each.end_at, each.end_decided_by) for each in (one, two)] == [
            (AT + DAY, ["ord_1"]),
            (CYCLE_END, ["ord_1"]),
        ]
        assert (waits.status, waits.ended_at) == ("canceled", AT)
        assert published(changed) == [("product.canceled", 1)]
        assert written(changed) == ["subs_1", "prd_1", "prd_2", "prd_3"]
        assert changed.root.due_at == AT + DAY

    def test_only_what_the_order_decided_is_taken_back(self) -> None:
        one, other = bought("prd_1", MONTH), bought("prd_2", MONTH)
        lifecycle.decide_end(one, "ord_1")
        lifecycle.decide_end(other, "ord_2")
        changed = having(one, other)
        changed.take_back_ends(["prd_1", "prd_2"], "ord_1")
        assert (one.end_at, other.end_at) == (None, CYCLE_END)
        assert (written(changed), published(changed)) == (["subs_1", "prd_1"], [])


class TestCatchUp:
    """What was due happens at its moment, an instant at a time."""

    @pytest.mark.parametrize(("late", "due"), [(-1, False), (0, True), (1, True)])
    def test_from_its_moment_on(self, late: int, due: bool) -> None:
        extra = bought("prd_1")
        extra.end_at = AT - timedelta(milliseconds=late)
        changed = having(extra)
        assert changed.catch_up() is due
        assert published(changed) == [("product.terminated", 1)] * due
        assert written(changed) == ["subs_1", "prd_1"] * due
        assert changed.catch_up() is False

    def test_the_earliest_instant_first(self) -> None:
        plan, extra, late = bought("prd_1", MONTH, "plan"), bought("prd_2"), bought("prd_3")
        plan.billing_cycle_end_at = extra.end_at = AT - 2 * timedelta(hours=1)
        late.end_at = AT - timedelta(hours=1)
        changed = having(plan, extra, late)
        assert changed.catch_up()
        assert published(changed) == [("product.terminated", 1), ("product.renewed", 1)]
        assert data(changed) == [{"product": show_product(each)} for each in (extra, plan)]
        assert (extra.ended_at, plan.cycle, late.status) == (extra.end_at, 2, "active")
        assert written(changed) == ["subs_1", "prd_2", "prd_1"]
        assert changed.root.due_at == late.end_at

    def test_what_starts_ends_with_the_plans_cycle(self) -> None:
        waits = product("prd_2", offering("extra", validity=UNTIL_CYCLE_ENDS), start_at=AT, version=1)
        having(bought("prd_1", MONTH, "plan"), waits).catch_up()
        assert (waits.status, waits.end_at) == ("active", CYCLE_END)


class TestUsage:
    """What the network reports of its use."""

    def test_first_usage_starts_the_oldest_that_fits(self) -> None:
        older, newer = (bought(each, mode="first_usage") for each in ("prd_1", "prd_2"))
        changed = having(newer, older)
        changed.first_usage("FR")
        assert written(changed) == []
        changed.first_usage("DE")
        assert (older.status, older.started_at, newer.status) == ("active", AT, "pending")
        assert (written(changed), published(changed)) == (["subs_1", "prd_1"], [("product.active", 1)])

    @pytest.mark.parametrize(("cycle_end", "status"), [(AT, "pending"), (AT + DAY, "active")])
    def test_first_usage_of_what_ends_with_the_plans_cycle(self, cycle_end: datetime, status: str) -> None:
        """Not while it is open whether the plan has another one."""
        plan, waits = bought("prd_1", MONTH, "plan"), bought("prd_2", UNTIL_CYCLE_ENDS, mode="first_usage")
        plan.billing_cycle_end_at = cycle_end
        having(plan, waits).first_usage("DE")
        assert waits.status == status

    def test_usage_is_booked_and_published(self) -> None:
        extra = bought("prd_1")
        changed = having(extra)
        assert changed.book(Usage("data", GIGABYTE, "DE", AT)) == 0
        assert (extra.status, extra.ended_at, extra.balances[0].spent) == ("depleted", AT, GIGABYTE)
        reached = "balance.threshold.exceeded"
        assert published(changed) == [(reached, 1), (reached, 2), ("product.depleted", 3)]
        before = show_product(extra.model_copy(update={"status": "active", "ended_at": None}))
        assert data(changed) == [
            {"product": before, "threshold": {"allowance_type": "data", "percentage": 80}},
            {"product": before, "threshold": {"allowance_type": "data", "percentage": 100}},
            {"product": show_product(extra)},
        ]
        assert written(changed) == ["subs_1", "prd_1"]

    def test_usage_starts_what_ends_with_the_plans_cycle(self) -> None:
        plan, waits = bought("prd_1", MONTH, "plan"), bought("prd_2", UNTIL_CYCLE_ENDS, mode="first_usage")
        plan.balances[0].remaining = 0
        changed = having(plan, waits)
        changed.book(Usage("data", 1, "DE", AT))
        assert (waits.status, waits.end_at, waits.balances[0].spent) == ("active", CYCLE_END, 1)
        assert written(changed) == ["subs_1", "prd_2"]

    def test_what_it_starts_and_uses_up_is_published_as_both(self) -> None:
        waits = bought("prd_1", mode="first_usage")
        changed = having(waits)
        changed.book(Usage("data", GIGABYTE, "DE", AT))
        reached = "balance.threshold.exceeded"
        types = ["product.active", reached, reached, "product.depleted"]
        assert published(changed) == [(each, number) for number, each in enumerate(types, 1)]

    def test_what_one_change_has_no_room_for_is_left(self) -> None:
        waiting = [bought(f"prd_{number:02}", mode="first_usage") for number in range(40)]
        changed = having(*waiting)
        left = changed.book(Usage("data", 40 * GIGABYTE, "DE", AT))
        used = [each for each in waiting if each.status == "depleted"]
        assert left == (40 - len(used)) * GIGABYTE > 0
        assert {each.id for each in used} < {*written(changed)}


def test_a_price_counts_from_the_next_cycle_on() -> None:
    once = Price(type="one_time", unit_amount=1, currency="EUR")
    plan = bought("prd_1", MONTH, "plan")
    plan.prices = [once, Price(type="recurring", unit_amount=9, currency="EUR")]
    changed = having(plan)
    changed.change_price(plan, {"unit_amount": 5})
    assert plan.prices == [once, Price(type="recurring", unit_amount=5, currency="EUR")]
    assert (written(changed), published(changed)) == (["subs_1", "prd_1"], [])
