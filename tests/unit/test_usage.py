"""How usage is booked on products, and what it brings about (contract §6)."""

from datetime import timedelta
from typing import Any

import pytest

from functions.catalog.offering import AllowanceType
from functions.products import usage
from functions.products.usage import Usage
from tests.support.builders import MONTH, NOW, allowance
from tests.unit.holdings import (
    CYCLE_END,
    DAY,
    KINDS,
    book,
    events_of,
    of_bytes,
    running,
    spent,
    unlimited,
    waiting,
)


class TestWhatIsSpent:
    """Active balances of that kind that cover that country, the one that ends soonest first."""

    @pytest.mark.parametrize(
        ("ends", "expected"),
        [
            ((9, 5, 7), [0, 100, 50]),
            ((5, 5, 5), [100, 50, 0]),
            ((7, 5, 5), [0, 100, 50]),
        ],
    )
    def test_the_soonest_end_first_and_of_two_the_older(self, ends: tuple[int, ...], expected: list[int]) -> None:
        products = [running(f"prd_{place}", end_at=NOW + days * DAY) for place, days in enumerate(ends)]
        booking = book(150, *reversed(products))
        assert booking.left == 0
        assert booking.changed == {each.id: each for each in products if each.balances[0].spent}
        assert spent(*products) == expected

    def test_the_older_is_the_one_that_was_made_first_by_any_id(self) -> None:
        older, newer = running("prd_2", end_at=NOW + DAY), running("prd_1", end_at=NOW + DAY)
        newer.created_at += timedelta(milliseconds=1)
        book(150, newer, older)
        assert spent(older, newer) == [100, 50]

    def test_what_renews_ends_with_its_cycle(self) -> None:
        plan = running("prd_1", kind="plan", validity=MONTH)
        before, after = (running(f"prd_{end}", end_at=plan.billing_cycle_end_at) for end in (0, 2))
        assert plan.billing_cycle_end_at is not None
        before.end_at = plan.billing_cycle_end_at - timedelta(milliseconds=1)
        book(201, plan, before, after)
        assert spent(before, plan, after) == [100, 100, 1]

    def test_an_unlimited_balance_takes_everything(self) -> None:
        free, limited = running("prd_1", unlimited(), end_at=NOW + DAY), running("prd_2", end_at=NOW + 2 * DAY)
        book(10**15, free, limited)
        assert spent(free, limited) == [10**15, 0]
        assert free.balances[0].remaining is None

    def test_an_unlimited_balance_is_not_spared(self) -> None:
        limited, free = running("prd_1", end_at=NOW + DAY), running("prd_2", unlimited(), end_at=NOW + 2 * DAY)
        book(130, free, limited)
        assert spent(limited, free) == [100, 30]

    @pytest.mark.parametrize(("country", "expected"), [("DE", [10, 0]), ("FR", [0, 10]), ("XK", [0, 0])])
    def test_it_covers_the_country(self, country: str, expected: list[int]) -> None:
        products = running("prd_1", of_bytes(countries=["DE"])), running("prd_2", of_bytes(countries=["FR", "IT"]))
        book(10, *products, country=country)
        assert spent(*products) == expected

    @pytest.mark.parametrize(("kind", "expected"), [("data", [7, 0, 0]), ("voice", [0, 7, 0]), ("sms", [0, 0, 7])])
    def test_it_is_of_the_kind(self, kind: AllowanceType, expected: list[int]) -> None:
        bundle = running("prd_1", *(allowance(each) for each in KINDS))
        book(7, bundle, kind=kind)
        assert [balance.spent for balance in bundle.balances] == expected

    def test_one_product_may_have_two_balances_of_a_kind(self) -> None:
        both = running("prd_1", of_bytes(100, ["DE"]), of_bytes(50, ["DE", "FR"]))
        book(120, both)
        assert [balance.spent for balance in both.balances] == [100, 20]
        book(10, both, country="FR")
        assert [balance.spent for balance in both.balances] == [100, 30]

    @pytest.mark.parametrize("status", ["scheduled", "depleted", "terminated", "canceled", "expired"])
    def test_only_active_ones(self, status: Any) -> None:
        idle = running("prd_1")
        idle.status = status
        booking = book(10, idle)
        assert (booking.changed, booking.events, spent(idle)) == ({}, [], [0])

    def test_what_exceeds_everything_is_not_booked(self) -> None:
        products = running("prd_1"), running("prd_2", kind="plan", validity=MONTH)
        assert book(1000, *products).left == 0
        assert spent(*products) == [100, 100]
        assert book(1, *products).changed == {}


@pytest.mark.parametrize(
    ("kind", "reported", "booked"),
    [
        ("data", 1, 1),
        ("data", 10**12, 10**12),
        ("sms", 3, 3),
        ("voice", 1, 1),
        ("voice", 60, 1),
        ("voice", 61, 2),
        ("voice", 120, 2),
        ("voice", 3601, 61),
    ],
)
def test_each_report_spends_started_minutes(kind: AllowanceType, reported: int, booked: int) -> None:
    assert usage.in_balances_unit(kind, reported) == booked


class TestPending:
    """Usage that no active balance can take starts what waits for it, one at a time."""

    def test_not_while_an_active_balance_can_take_it(self) -> None:
        plan, pending = running("prd_1", kind="plan", validity=MONTH), waiting("prd_0")
        book(100, plan, pending)
        assert (pending.status, spent(plan)) == ("pending", [100])

    @pytest.mark.parametrize(
        ("amount", "statuses"),
        [
            (101, ["active", "pending", "pending"]),
            (200, ["depleted", "pending", "pending"]),
            (201, ["depleted", "active", "pending"]),
            (9999, ["depleted", "depleted", "depleted"]),
        ],
    )
    def test_the_oldest_first_and_only_as_many_as_needed(self, amount: int, statuses: list[str]) -> None:
        plan = running("prd_9", kind="plan", validity=MONTH)
        pending = [waiting(f"prd_{place}") for place in range(3)]
        booking = book(amount, plan, *reversed(pending))
        assert [each.status for each in pending] == statuses
        begun = [each.product.id for each in booking.events if each.event_type == "product.active"]
        assert begun == [each.id for each in pending if each.status != "pending"]
        assert all(each.started_at == NOW and each.status_reason is None for each in pending if each.id in begun)

    def test_the_oldest_is_the_one_that_was_made_first_by_any_id(self) -> None:
        older, newer = waiting("prd_2"), waiting("prd_1")
        newer.created_at += timedelta(milliseconds=1)
        assert usage.oldest_pending([newer, older], "DE", NOW, CYCLE_END) is older
        book(10, newer, older)
        assert (older.status, newer.status) == ("active", "pending")

    @pytest.mark.parametrize(("country", "kind"), [("FR", "data"), ("DE", "voice")])
    def test_one_that_does_not_fit_goes_on_waiting(self, country: str, kind: AllowanceType) -> None:
        pending = waiting("prd_1")
        assert book(10, pending, country=country, kind=kind).changed == {}
        assert pending.status == "pending"

    def test_an_interval_must_have_begun(self) -> None:
        times = {"start_at": NOW + timedelta(seconds=1), "end_at": NOW + DAY}
        pending = waiting("prd_1", validity={"type": "interval", **times})
        assert book(10, pending).changed == {}
        pending.offering.validity = pending.offering.validity.model_copy(update={"start_at": NOW})
        book(10, pending)
        assert (pending.status, pending.end_at, spent(pending)) == ("active", NOW + DAY, [10])

    def test_without_a_plan_it_is_canceled_and_the_next_one_starts(self) -> None:
        canceled, next_one = waiting("prd_1", validity={"type": "end_of_plan_cycle"}), waiting("prd_2")
        booking = usage.book(Usage("data", 10, "DE", NOW), [canceled, next_one], None)
        assert [canceled.status, next_one.status] == ["canceled", "active"]
        assert spent(canceled, next_one) == [0, 10]
        assert events_of(booking)[0] == ("prd_1", "product.canceled", None)

    def test_it_ends_with_the_plans_cycle_in_which_usage_starts_it(self) -> None:
        pending = waiting("prd_1", validity={"type": "end_of_plan_cycle"})
        book(10, pending)
        assert (pending.status, pending.started_at, pending.end_at) == ("active", NOW, CYCLE_END)

    def test_it_waits_while_the_next_cycle_is_undecided(self) -> None:
        until_cycle_ends, next_one = waiting("prd_1", validity={"type": "end_of_plan_cycle"}), waiting("prd_2")
        usage.book(Usage("data", 10, "DE", NOW), [until_cycle_ends, next_one], NOW)
        assert [until_cycle_ends.status, next_one.status] == ["pending", "active"]

    @pytest.mark.parametrize(("country", "expected"), [("DE", "prd_2"), ("FR", "prd_1"), ("XK", None)])
    def test_first_usage_is_of_any_kind(self, country: str, expected: str | None) -> None:
        older = waiting("prd_1", of_bytes(countries=["FR"]))
        newer = waiting("prd_2", allowance("voice"))
        newest = waiting("prd_3")
        found = usage.oldest_pending([newest, newer, older], country, NOW, CYCLE_END)
        assert (found.id if found else None) == expected
