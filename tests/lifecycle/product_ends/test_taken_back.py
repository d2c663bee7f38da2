"""The partner cancels an order that is to cancel products at their cycles' ends (contract §2, ``schedule``)."""

from datetime import datetime

import pytest

from tests.lifecycle.product_ends.ends import EXTRA, MINUTE, MONTHLY, cancel, cycle_end, statuses, top_up
from tests.support.timeline import Timeline, after


class TestCanceled:
    """The partner cancels the order while it waits."""

    def test_it_takes_back_the_ends_that_have_not_come(self, line: Timeline, subscription: str) -> None:
        first = cycle_end(line, subscription, MONTHLY)
        second = cycle_end(line, subscription, EXTRA)
        order = cancel(line, subscription, MONTHLY, EXTRA)
        line.move_to(first + MINUTE)
        assert line.act(f"/orders/{order}/cancel")[1]["status"] == "canceled"
        assert line.products(subscription)[EXTRA].end_at is None
        line.move_to(second + MINUTE)
        extra = line.products(subscription)[EXTRA]
        assert statuses(line, subscription) == {MONTHLY: "terminated", EXTRA: "active"}
        assert (extra.cycle, extra.billing_cycle_end_at) == (2, after(second, 1))
        assert line.subscription(subscription).lock.scheduled == []

    @pytest.mark.parametrize("asked", ["before", "since"])
    def test_an_end_that_the_partner_asked_for_stays(self, line: Timeline, subscription: str, asked: str) -> None:
        product = line.products(subscription)[EXTRA]
        end = product.billing_cycle_end_at

        def ask() -> None:
            _, answer = line.act(f"/products/{product.id}/cancel", {"cancellation_mode": "end_of_cycle"})
            assert datetime.fromisoformat(answer["end_at"]) == end

        if asked == "before":
            ask()
        order = cancel(line, subscription, EXTRA)
        if asked == "since":
            ask()
        line.act(f"/orders/{order}/cancel")
        assert line.products(subscription)[EXTRA].end_at == end
        line.move_to(cycle_end(line, subscription, EXTRA) + MINUTE)
        assert statuses(line, subscription)[EXTRA] == "terminated"

    def test_a_product_that_ends_by_itself_keeps_its_end(self, line: Timeline, subscription: str) -> None:
        product = top_up(line, subscription, "extra")
        order = cancel(line, subscription, "extra")
        line.act(f"/orders/{order}/cancel")
        assert line.products(subscription)["extra"].end_at == product.end_at
        assert product.end_at is not None

    def test_what_it_has_canceled_stays_canceled(self, line: Timeline, subscription: str) -> None:
        top_up(line, subscription, "extra", "first_usage")
        order = cancel(line, subscription, EXTRA, "extra")
        line.act(f"/orders/{order}/cancel")
        assert statuses(line, subscription) == {MONTHLY: "active", EXTRA: "active", "extra": "canceled"}

    def test_the_products_can_be_canceled_anew(self, line: Timeline, subscription: str) -> None:
        line.act(f"/orders/{cancel(line, subscription, EXTRA)}/cancel")
        order = cancel(line, subscription, EXTRA)
        line.move_to(cycle_end(line, subscription, EXTRA) + MINUTE)
        assert (line.order(order).status, statuses(line, subscription)[EXTRA]) == ("completed", "terminated")

    def test_an_end_that_has_come_stays_also_if_the_clock_is_late(self, line: Timeline, subscription: str) -> None:
        end = cycle_end(line, subscription, MONTHLY)
        order = cancel(line, subscription, MONTHLY, EXTRA)
        line.skip_to(end + MINUTE)
        line.act(f"/orders/{order}/cancel")
        line.move_to(end + 2 * MINUTE)
        product = line.products(subscription)[MONTHLY]
        assert (product.status, product.ended_at) == ("terminated", end)
