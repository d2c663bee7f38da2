"""Add-ons that end with their plan's cycle, while an order decides on the next one (contract §6)."""

from datetime import datetime

import pytest

from tests.lifecycle.renewals import MINUTE, change_at_cycle_end, top_up
from tests.support.timeline import Timeline


class TestUntilTheCycleEnds:
    """An add-on that ends with the plan's cycle never begins between two cycles; it is paid for."""

    ADDON = "until the cycle ends"

    @pytest.mark.parametrize(("network", "plan"), [("accepts", "monthly too"), ("rejects", "monthly")])
    def test_bought(self, line: Timeline, subscription: str, end: datetime, network: str, plan: str) -> None:
        """The top-up is carried out after the end of the cycle, and holds up the order that waits for it."""
        order = change_at_cycle_end(line, subscription)
        line.network = "busy"
        line.move_to(end - MINUTE)
        topup = top_up(line, subscription, self.ADDON)
        line.move_to(end + MINUTE)
        line.accept(topup)
        addon = line.products(subscription)[self.ADDON]
        assert (addon.status, line.event_types_of(addon.id)) == ("scheduled", [])
        line.network = network
        line.rest()
        line.move_to(end + 9 * MINUTE)
        addon, current = (line.products(subscription)[name] for name in (self.ADDON, plan))
        assert line.order(order).final
        assert (addon.status, addon.end_at) == ("active", current.billing_cycle_end_at)
        assert line.event_types_of(addon.id) == ["product.active"]

    def test_used_or_activated(self, line: Timeline, subscription: str, end: datetime) -> None:
        top_up(line, subscription, self.ADDON, mode="first_usage")
        addon = line.products(subscription)[self.ADDON]
        line.report("usage", subscription, allowance_type="data", amount=1024**3, country="DE")
        change_at_cycle_end(line, subscription)
        line.network = "busy"
        line.move_to(end + MINUTE)
        line.report("usage", subscription, allowance_type="data", amount=1, country="DE")
        line.report("first_usage", subscription, country="DE")
        status, problem = line.act(f"/products/{addon.id}/activate")
        assert (status, [fault["code"] for fault in problem["errors"]]) == (400, ["order_in_progress"])
        assert line.products(subscription)[self.ADDON] == addon
        line.network = "accepts"
        line.rest()
        line.report("first_usage", subscription, country="DE")
        addon, plan = (line.products(subscription)[name] for name in (self.ADDON, "monthly too"))
        assert (addon.status, addon.end_at) == ("active", plan.billing_cycle_end_at)
