"""What a restore from a backup leaves behind: orders that are older than their executions, and orders that are lost."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from functions.orders.order import Order
from functions.shared import clock, table
from functions.shared.records import DUE_SHARDS
from infra.operator import executions, repair
from infra.operator.repair import Repair

AHEAD = timedelta(minutes=15)
"""An order that is being fulfilled is due sooner."""


class Found(NamedTuple):
    """An order, and what is to be done for it."""

    partner: str
    order_id: str
    repair: Repair


def unfinished() -> Iterator[Found]:
    """Yield the orders that are being fulfilled and need something: nothing else brings them to an end."""
    for order in _being_fulfilled():
        if (decided := repair.decide(order)).needed:
            yield Found(order.partner, order.id, decided)


def lost(since: datetime) -> Iterator[Found]:
    """Yield the orders with an execution since then that the table does not have."""
    for execution in executions.since(since):
        if table.read(Order, execution.partner, execution.name) is None:
            yield Found(execution.partner, execution.name, repair.decide_lost(execution))


def _being_fulfilled() -> Iterator[Order]:
    found = (due for shard in range(DUE_SHARDS) for due in table.due(clock.now() + AHEAD, shard))
    orders = (table.read(Order, due.partner, due.id) for due in found if due.kind == Order.KIND)
    return (order for order in orders if order and order.status == "fulfilling")
