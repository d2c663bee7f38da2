"""What usage reaches and what it ends: thresholds and depletion (contract §6 and §8)."""

import pytest

from functions.catalog.offering import AllowanceType
from functions.products import lifecycle, usage
from functions.products.product import Product
from tests.support.builders import MONTH, NOW, allowance
from tests.unit.holdings import (
    CYCLE_END,
    THRESHOLD,
    book,
    events_of,
    of_bytes,
    running,
    spent,
    unlimited,
)


class TestThresholds:
    """80 and 100 percent of data, each once per balance and cycle."""

    @pytest.mark.parametrize(
        ("steps", "expected"),
        [
            ([79], [[]]),
            ([80], [[80]]),
            ([79, 1, 1], [[], [80], []]),
            ([80, 19, 1], [[80], [], [100]]),
            ([100], [[80, 100]]),
            ([5000], [[80, 100]]),
            ([100, 100], [[80, 100], []]),
        ],
    )
    def test_when_they_are_reached(self, steps: list[int], expected: list[list[int]]) -> None:
        plan = running("prd_1", kind="plan", validity=MONTH)
        bookings = [book(step, plan) for step in steps]
        assert [[percentage for _, _, percentage in events_of(booking)] for booking in bookings] == expected
        lifecycle.renew(plan)
        assert events_of(book(100, plan)) == [("prd_1", THRESHOLD, 80), ("prd_1", THRESHOLD, 100)]

    @pytest.mark.parametrize("kind", ["voice", "sms"])
    def test_of_data_only(self, kind: AllowanceType) -> None:
        plan = running("prd_1", allowance(kind), kind="plan", validity=MONTH)
        assert events_of(book(10**6, plan, kind=kind)) == []

    def test_of_each_balance(self) -> None:
        both = running("prd_1", of_bytes(10), of_bytes(1000), kind="plan", validity=MONTH)
        assert [percentage for _, _, percentage in events_of(book(810, both))] == [80, 100, 80]

    def test_of_what_is_limited(self) -> None:
        assert events_of(book(10**15, running("prd_1", unlimited()))) == []

    def test_a_percentage_is_not_rounded_up(self) -> None:
        large = running("prd_1", of_bytes(3 * 1024**3))
        assert events_of(book(3 * 1024**3 * 8 // 10, large)) == []
        assert events_of(book(1, large)) == [("prd_1", THRESHOLD, 80)]


class TestDepletion:
    """A non-recurrent add-on whose limited balances are all 0 and which has no unlimited one."""

    @pytest.mark.parametrize(
        ("addon", "status"),
        [
            (running("prd_1"), "depleted"),
            (running("prd_1", of_bytes(), of_bytes()), "active"),
            (running("prd_1", of_bytes(), allowance("sms")), "active"),
            (running("prd_1", of_bytes(), unlimited("voice")), "active"),
            (running("prd_1", of_bytes(), of_bytes(countries=["FR"])), "active"),
            (running("prd_1", validity=MONTH), "active"),
            (running("prd_1", kind="plan"), "active"),
            (running("prd_1", kind="plan", validity=MONTH), "active"),
        ],
    )
    def test_what_depletes(self, addon: Product, status: str) -> None:
        emptied = addon.model_copy(deep=True)
        booking = book(100, emptied)
        assert (emptied.status, spent(emptied)) == (status, [100])
        assert emptied.ended_at == (NOW if status == "depleted" else None)
        assert emptied.end_at == addon.end_at
        events = [(THRESHOLD, 80), (THRESHOLD, 100), ("product.depleted", None)]
        shown = [(event, percentage) for _, event, percentage in events_of(booking)]
        if status == "depleted":
            assert shown == events

    def test_what_depletes_it_is_shown_of_the_product_before(self) -> None:
        """A threshold's event shows what was spent, but not yet the end (contract §8)."""
        addon = running("prd_1")
        before = addon.model_copy()
        book(100, addon)
        assert (addon.status, usage.before_depletion(addon)) == ("depleted", before)
        assert usage.before_depletion(before) == before

    def test_a_bundle_depletes_with_its_last_balance(self) -> None:
        bundle = running("prd_1", of_bytes(), allowance("sms"))
        book(100, bundle)
        assert events_of(book(10, bundle, kind="sms")) == [("prd_1", "product.depleted", None)]

    def test_what_is_canceled_at_its_cycles_end_recurs_until_then(self) -> None:
        last_cycle = running("prd_1", validity=MONTH, end_at=CYCLE_END)
        book(100, last_cycle)
        assert last_cycle.status == "active"
