"""A report has its effect once, also an early one, and however many products it is about (contract §6).

That it has it once wherever its function dies, `make faults` shows.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import repeat
from typing import Any

import pytest

from functions.events.reports import ReportRecord
from functions.products import usage
from functions.shared import dynamodb, table
from functions.shared.event import EVENTS_KEPT
from functions.shared.transaction import Transaction
from functions.subscriptions.subscription import Subscription
from tests.support import bodies
from tests.support.builders import PARTNER
from tests.support.commits import counted
from tests.support.timeline import Timeline

GIGABYTE = 1024**3
Item = dict[str, Any]
USAGE: Item = {"allowance_type": "data", "amount": 1, "country": "DE"}
REPORTS: list[tuple[str, Item]] = [
    ("first_usage", {"country": "DE"}),
    ("usage", USAGE),
    ("usage", USAGE | {"amount": 10 * GIGABYTE}),
    ("country_changed", {"country": "DE"}),
    ("terminated", {}),
]


class Died(Exception):
    """The function is gone."""


@pytest.fixture
def die(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the function die at the n-th commit from now on, before or after it."""

    def die(commit: int, *, after: bool) -> None:
        real, left = Transaction.commit, [commit]

        def dying(change: Transaction) -> None:
            left[0] -= 1
            if left[0] == 0 and not after:
                raise Died
            real(change)
            if left[0] == 0:
                raise Died

        monkeypatch.setattr(Transaction, "commit", dying)

    return die


def subscribe(line: Timeline) -> str:
    """With a plan, an add-on and one that waits for its first usage."""
    addons = bodies.addons("extra") + bodies.addons("extra 2", mode="first_usage")
    return line.subscribe(products=bodies.sold("monthly") | {"addons": addons})


@pytest.mark.parametrize(("kind", "fields"), REPORTS)
@pytest.mark.parametrize(("network", "status"), [("accepts", "active"), ("rejects", None)])
def test_the_subscription_is_still_activated(
    line: Timeline, network: str, status: str | None, *, kind: str, fields: Item
) -> None:
    """It is taken when the subscription is active, or gone."""
    line.network = "busy"
    subscription = subscribe(line)
    for _ in range(2):
        line.report(kind, subscription, "early", **fields)
    line.world.run_clock()
    assert line.subscription(subscription).status == "created"
    line.network = network
    line.rest()
    line.world.run_clock()
    record = table.read(ReportRecord, PARTNER, "early")
    assert record is not None
    assert (record.waiting, record.due_at) == (None, None)
    if status is None:
        assert table.read(Subscription, PARTNER, subscription) is None
    else:
        assert line.subscription(subscription).status == ("terminated" if kind == "terminated" else status)


def test_what_one_transaction_leaves_is_booked_by_the_next(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last byte, and once: the report is remembered for 90 days."""
    monkeypatch.setattr(usage, "MAX_WRITES", 1)
    subscription = line.subscribe("extra", "extra 2")
    line.report("usage", subscription, "much", **USAGE | {"amount": 2 * GIGABYTE + 1})
    spent = {name: product.balances[0].spent for name, product in line.products(subscription).items()}
    assert spent == {"extra": GIGABYTE, "extra 2": GIGABYTE, "monthly": 1}
    record = table.read(ReportRecord, PARTNER, "much")
    assert record is not None
    assert (record.left, record.ttl) == (0, int((record.created_at + EVENTS_KEPT).timestamp()))


class TestVeryManyProducts:
    """Usage of 40 products at once takes several transactions; each fits."""

    @pytest.fixture
    def subscription(self, line: Timeline) -> str:
        """A plan and 39 add-ons that wait for their first usage: each brings start, thresholds and end."""
        subscription = line.subscribe()
        for count in (15, 15, 9):
            line.place(bodies.topup(subscription, *["extra"] * count, mode="first_usage"))
        return subscription

    @pytest.mark.parametrize(
        ("amount", "commit", "after"),
        [
            (41 * GIGABYTE, 9, False),
            (38 * GIGABYTE + 7, 1, False),
            (38 * GIGABYTE + 7, 1, True),
            (41 * GIGABYTE, 2, False),
            (38 * GIGABYTE + 7, 2, True),
        ],
    )
    def test_it_is_booked_once(
        self,
        line: Timeline,
        subscription: str,
        die: Callable[..., None],
        monkeypatch: pytest.MonkeyPatch,
        *,
        amount: int,
        commit: int,
        after: bool,
    ) -> None:
        die(commit, after=after)
        try:
            line.report("usage", subscription, "much", **USAGE | {"amount": amount})
        except Died:
            assert commit < 9
        monkeypatch.undo()
        for _ in range(2):
            line.report("usage", subscription, "much", **USAGE | {"amount": amount})
        products = [item for item in line.world.of_kind("product") if item["subscription_id"] == subscription]
        spent = sorted(item["balances"][0]["spent"] for item in products)
        full, rest = divmod(min(amount, 40 * GIGABYTE), GIGABYTE)
        assert spent == sorted([GIGABYTE] * full + [rest] * (full < 40) + [0] * (39 - full))
        events = ["product.active", *["balance.threshold.exceeded"] * 2, "product.depleted"]
        for item in products:
            if item["offering"]["name"] == "extra" and item["balances"][0]["spent"] == GIGABYTE:
                assert line.event_types_of(item["id"]) == events

    def test_it_takes_several_transactions(
        self, line: Timeline, subscription: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written = counted(monkeypatch)
        line.report("usage", subscription, **USAGE | {"amount": 50 * GIGABYTE})
        assert len(written) > 1
        assert max(written) <= 100
        assert len(line.subscription(subscription).open_products) == 1


def test_many_at_once(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one reads again: here each report finds another one taken between its read and its write."""
    subscription = subscribe(line)
    monkeypatch.setattr(dynamodb, "pauses", lambda **_: repeat(0.0))
    monkeypatch.setattr(table, "PATIENCE_SECONDS", 5.0)
    real, others = Transaction.commit, list(range(5))

    def commit(change: Transaction) -> None:
        if others:
            line.report("usage", subscription, f"other {others.pop()}", **USAGE)
        real(change)

    monkeypatch.setattr(Transaction, "commit", commit)
    line.report("usage", subscription, "first", **USAGE)
    line.skip_to(line.world.now + timedelta(seconds=1))
    spent = [balance.spent for product in line.products(subscription).values() for balance in product.balances]
    assert sum(spent) == 6
