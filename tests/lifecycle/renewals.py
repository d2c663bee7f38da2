"""Orders around the end of a cycle."""

from datetime import datetime, timedelta

from tests.support import bodies
from tests.support.timeline import Timeline

MINUTE = timedelta(minutes=1)


def started(line: Timeline, subscription_id: str, name: str) -> datetime:
    """When a product started."""
    moment = line.products(subscription_id)[name].started_at
    assert moment is not None
    return moment


def change_at_cycle_end(line: Timeline, subscription_id: str, plan: str = "monthly too") -> str:
    order_id = line.place(bodies.plan_change(subscription_id, plan, schedule=bodies.AT_CYCLE_END))
    assert line.order(order_id).status == "scheduled"
    return order_id


def top_up(line: Timeline, subscription_id: str, addon: str, mode: str = "immediate") -> str:
    return line.place(bodies.topup(subscription_id, addon, mode=mode))
