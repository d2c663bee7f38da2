"""What of a partner goes on without a token: orders, subscriptions, webhooks."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from functions.orders.order import Order
from functions.shared import table
from functions.shared.records import Partition, id_in
from functions.subscriptions.subscription import Subscription
from functions.webhooks.webhook import webhooks_of

PAGE = 100
WAITING = {"scheduled", "on_hold"}
ENOUGH = 1000
"""More of a kind are not counted."""
NAMES = ("unfinished order", "waiting order", "open subscription", "enabled webhook")


class Open(NamedTuple):
    """How many of each kind are open."""

    unfinished_orders: int
    waiting_orders: int
    subscriptions: int
    webhooks: int

    def __str__(self) -> str:
        return ", ".join(
            f"{count}{'+' * (count == ENOUGH)} {name}{'s' * (count != 1)}"
            for name, count in zip(NAMES, self, strict=True)
        )


def open_things(partner: str) -> Open:
    """Count what is open; an index may lag by a second."""
    unfinished = {status for status, next_ones in Order.TRANSITIONS.items() if next_ones}
    enabled = (each for each in _entries(webhooks_of(partner)) if each["status"] == "enabled")
    return Open(
        _count(_orders(partner, unfinished - WAITING)),
        _count(_orders(partner, WAITING)),
        _count(_subscriptions(partner)),
        _count(enabled),
    )


def _orders(partner: str, statuses: Iterable[str]) -> Iterator[Any]:
    for status in sorted(statuses):
        yield from _entries(Order.partition(partner, {"status": status}))


def _subscriptions(partner: str) -> Iterator[Subscription]:
    entries = _entries(Subscription.partition(partner))
    while some := [*islice(entries, PAGE)]:
        ids = [id_in(entry["gsi1sk"]) for entry in some]
        found = table.read_all(partner, {Subscription: ids})
        yield from (each for each in (found.get(Subscription, one) for one in ids) if each and not each.final)


def _entries(partition: Partition) -> Iterator[dict[str, Any]]:
    start = None
    more = True
    while more:
        entries, more = table.keys_in(partition, start, newest_first=False, limit=PAGE)
        yield from entries
        start = entries[-1][f"{partition.gsi or ''}sk"] if entries else start


def _count(things: Iterable[Any]) -> int:
    return sum(1 for _ in islice(things, ENOUGH))
