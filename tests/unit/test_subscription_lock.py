"""Which orders hold a subscription, which wait, and whose turn is next (contract §2, lock and schedule)."""

from datetime import datetime, timedelta

import pytest

from functions.subscriptions.lock import Lock, ScheduledOrder
from tests.support.builders import MONTH, NOW, subscription
from tests.unit.aggregates import bought, having

LATER = NOW + timedelta(days=9)
MOMENT = timedelta(milliseconds=1)


def waiting(
    order_id: str, release_at: datetime = LATER, *, holds: bool = True, product_ids: tuple[str, ...] = ()
) -> ScheduledOrder:
    """An order that waits, and that plans and renewals wait for if it ``holds`` them up."""
    return ScheduledOrder(
        order_id=order_id,
        type="cancel_subscription_products",
        release_at=release_at,
        holds_from=release_at if holds else None,
        product_ids=list(product_ids),
    )


class TestHeld:
    """Top-ups run side by side; every other order runs alone."""

    @pytest.mark.parametrize(
        ("lock", "exclusive_waits", "topup_waits"),
        [
            (Lock(), False, False),
            (Lock(topups=["ord_1"]), True, False),
            (Lock(exclusive="ord_1"), True, True),
            (Lock(scheduled=[waiting("ord_1")]), False, False),
        ],
        ids=["free", "top-up", "exclusive", "scheduled"],
    )
    def test_who_waits(self, lock: Lock, exclusive_waits: bool, topup_waits: bool) -> None:
        assert lock.held is exclusive_waits
        assert lock.blocks(exclusive=True) is exclusive_waits
        assert lock.blocks(exclusive=False) is topup_waits

    def test_it_is_taken_and_given_back(self) -> None:
        alone = Lock()
        alone.take("ord_1", exclusive=True)
        assert alone == Lock(exclusive="ord_1")
        alone.give_back("ord_2")
        assert alone == Lock(exclusive="ord_1")
        alone.give_back("ord_1")
        assert alone == Lock()

    def test_top_ups_give_back_their_own(self) -> None:
        shared = Lock(reserved_places={"ord_1": 2, "ord_2": 3})
        for order_id in ("ord_1", "ord_2"):
            shared.take(order_id, exclusive=False)
        assert shared == Lock(topups=["ord_1", "ord_2"], reserved_places={"ord_1": 2, "ord_2": 3})
        shared.give_back("ord_1")
        assert shared == Lock(topups=["ord_2"], reserved_places={"ord_2": 3})

    def test_one_that_waits_leaves_the_queue(self) -> None:
        queue = Lock(exclusive="ord_3", released_at=NOW, scheduled=[waiting("ord_1"), waiting("ord_2")])
        queue.give_back("ord_1")
        assert queue == Lock(exclusive="ord_3", released_at=NOW, scheduled=[waiting("ord_2")])


class TestTurns:
    """By date; at one instant in the order of acceptance, and last those for which nothing waits."""

    @pytest.mark.parametrize(
        ("scheduled", "first"),
        [
            ([], None),
            ([waiting("ord_1"), waiting("ord_2")], "ord_1"),
            ([waiting("ord_2"), waiting("ord_1")], "ord_2"),
            ([waiting("ord_1", LATER + MOMENT), waiting("ord_2")], "ord_2"),
            ([waiting("ord_1", holds=False), waiting("ord_2")], "ord_2"),
            ([waiting("ord_1", holds=False), waiting("ord_2", LATER + MOMENT)], "ord_1"),
        ],
    )
    def test_who_is_next(self, scheduled: list[ScheduledOrder], first: str | None) -> None:
        found = Lock(scheduled=scheduled).next_scheduled()
        assert (found and found.order_id) == first

    @pytest.mark.parametrize("holds", [True, False])
    def test_it_takes_the_lock(self, holds: bool) -> None:
        """What has waited for it goes on waiting from that date on."""
        queue = Lock(scheduled=[waiting("ord_1", LATER + MOMENT), waiting("ord_2", holds=holds)])
        queue.release_next()
        assert (queue.exclusive, queue.released_at) == ("ord_2", LATER if holds else None)
        assert queue.scheduled == [waiting("ord_1", LATER + MOMENT)]

    @pytest.mark.parametrize("lock", [Lock(), Lock(exclusive="ord_2"), Lock(topups=["ord_2"])])
    def test_not_while_another_holds_it(self, lock: Lock) -> None:
        if lock.held:
            lock.scheduled = [waiting("ord_1")]
        before = lock.model_copy(deep=True)
        with pytest.raises(ValueError, match="no scheduled order is to be released"):
            lock.release_next()
        assert lock == before

    @pytest.mark.parametrize(
        ("status", "lock", "turn"),
        [
            ("active", {}, None),
            ("active", {"scheduled": [waiting("ord_1")]}, LATER),
            ("active", {"scheduled": [waiting("ord_1")], "topups": ["ord_2"]}, None),
            ("active", {"scheduled": [waiting("ord_1")], "exclusive": "ord_2"}, None),
            ("terminated", {"scheduled": [waiting("ord_1")]}, NOW),
            ("terminated", {"scheduled": [waiting("ord_1")], "exclusive": "ord_2"}, NOW),
            ("terminated", {"exclusive": "ord_2"}, None),
        ],
    )
    def test_when_the_clock_gives_it_its_turn(
        self, status: str, lock: dict[str, object], turn: datetime | None
    ) -> None:
        """As soon as the subscription has ended, whoever holds the lock then: the order is canceled."""
        found = subscription(status=status, lock=lock, ended_at=NOW if status == "terminated" else None)
        assert (found.turn_at(), found.next_due_at()) == (turn, turn)


class TestHeldUp:
    """From when plans, renewals and starts wait."""

    @pytest.mark.parametrize(
        ("lock", "since"),
        [
            (Lock(), None),
            (Lock(scheduled=[waiting("ord_1", holds=False)]), None),
            (Lock(scheduled=[waiting("ord_1", LATER + MOMENT), waiting("ord_2")]), LATER),
            (Lock(exclusive="ord_2", released_at=NOW, scheduled=[waiting("ord_1")]), NOW),
        ],
    )
    def test_from_the_earliest_date(self, lock: Lock, since: datetime | None) -> None:
        assert lock.holds_from() == since

    def test_an_order_that_has_set_its_ends_holds_nothing_up(self) -> None:
        lock = Lock(scheduled=[waiting("ord_1"), waiting("ord_2", LATER + MOMENT)])
        lock.hold_nothing_up("ord_1")
        assert lock.scheduled == [waiting("ord_1", holds=False), waiting("ord_2", LATER + MOMENT)]

    def test_what_waiting_orders_cancel(self) -> None:
        lock = Lock(
            scheduled=[waiting("ord_1", product_ids=("prd_1", "prd_2")), waiting("ord_2", product_ids=("prd_3",))]
        )
        assert lock.cancels(["prd_2", "prd_3", "prd_4"]) == {"prd_2", "prd_3"}


@pytest.mark.parametrize(
    ("now", "lock", "inside"),
    [
        (LATER - MOMENT, {}, True),
        (LATER, {}, True),
        (LATER, {"scheduled": [waiting("ord_1")]}, False),
        (LATER - MOMENT, {"scheduled": [waiting("ord_1")]}, True),
        (LATER, {"exclusive": "ord_1", "released_at": LATER}, False),
        (LATER, {"exclusive": "ord_1"}, True),
    ],
)
def test_a_plan_that_renews_is_in_a_cycle_unless_an_order_decides_on_the_next(
    now: datetime, lock: dict[str, object], inside: bool
) -> None:
    """Also where the clock has not seen yet that it renews."""
    plan = bought("prd_1", MONTH, "plan")
    plan.billing_cycle_end_at = LATER
    assert having(plan, lock=lock).root.in_plan_cycle(now) is inside


@pytest.mark.parametrize(("now", "inside"), [(LATER - MOMENT, True), (LATER, False)])
def test_a_plan_that_ends_is_in_its_cycle_until_then(now: datetime, inside: bool) -> None:
    plan = bought("prd_1", MONTH, "plan")
    plan.end_at = plan.billing_cycle_end_at = LATER
    assert having(plan).root.in_plan_cycle(now) is inside
    assert not having(bought("prd_2")).root.in_plan_cycle(now)
