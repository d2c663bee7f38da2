"""A year in the sandbox: what a subscription lives through, and the state that the contract's rules give (§6, §9)."""

import calendar
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support import bodies
from tests.support.http import HttpClient, partner
from tests.support.server import Server
from tests.support.shop import Shop

GIGABYTE = 1024**3
AT_ONCE = timedelta(seconds=5)
"""So long an order may take that is released at a date."""
Product = dict[str, Any]


class Sandbox(Shop):
    """A partner's shop in which time moves and the network reports."""

    def now(self) -> datetime:
        """The sandbox's time."""
        return moment(self.client.get("/sandbox/clock").json()["now"])

    def advance(self, duration: str) -> datetime:
        """Move time forward."""
        answer = self.client.post("/sandbox/clock", {"advance": duration})
        assert answer.status == 200, answer.json()
        return moment(answer.json()["now"])

    def advance_to(self, target: datetime) -> datetime:
        """Move time forward to a moment, or just past it."""
        return self.advance(f"PT{max(0, round((target - self.now()).total_seconds()))}S")

    def report(self, kind: str, subscription_id: str, **fields: Any) -> None:
        """Let the network report, and wait until that is taken."""
        body = {"type": kind, "subscription_id": subscription_id, **fields}
        answer = self.client.post("/sandbox/network-events", body)
        assert answer.status == 202, answer.json()
        self.advance("PT0S")

    def use(self, subscription_id: str, amount: int, country: str = "DE") -> None:
        """Let data be used."""
        self.report("usage", subscription_id, allowance_type="data", amount=amount, country=country)

    def product(self, subscription_id: str, name: str) -> Product:
        """The newest product of an offering."""
        found = [one for one in self.products(subscription_id) if one["_embedded"]["product_offering"]["name"] == name]
        return found[0]

    def offering(self, name: str) -> str:
        """An offering by its name."""
        return self.find(lambda item: item["name"] == name)

    def statuses(self, subscription_id: str) -> dict[str, str]:
        """The name of each product's offering with the product's status; of several the newest."""
        products = reversed(self.products(subscription_id))
        return {product["_embedded"]["product_offering"]["name"]: product["status"] for product in products}


@pytest.fixture(scope="module")
def sandbox(moving: Server) -> Iterator[Sandbox]:
    """The sandbox whose time is moved."""
    with partner(moving.url, "acme") as client:
        yield Sandbox(HttpClient(client))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def months_after(start: datetime, months: int) -> datetime:
    """The same day so many months later, or that month's last (contract §6)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day)


def data(product: Product) -> tuple[int, int]:
    """What is spent and what remains of the first balance, which is data."""
    balance = product["_embedded"]["balances"][0]
    assert balance["initial"] == balance["remaining"] + balance["spent"]
    return balance["spent"], balance["remaining"]


WORLD = "World 5 GB, monthly"
EUROPE = "Europe 20 GB, monthly"
WEEK = "Germany 1 GB, 7 days"
MONTH = "Germany 5 GB, 30 days"
UNTIL_CYCLE_ENDS = "Europe 2 GB, until the plan's cycle ends"
ITALY = "Italy 3 GB, monthly"
SEASON = "North America 5 GB, season"


def test_a_year(sandbox: Sandbox) -> None:
    began = time.monotonic()
    new_year = datetime(sandbox.now().year + 1, 1, 31, 10, 30, tzinfo=UTC)
    sandbox.advance_to(new_year)
    subscription = _activate(sandbox)
    start = moment(sandbox.product(subscription, WORLD)["started_at"])
    assert start.day == 31
    _first_months(sandbox, subscription, start)
    _topups(sandbox, subscription, start)
    changed = _change_plan_at_the_cycles_end(sandbox, subscription, start)
    _swap(sandbox, subscription)
    _cancel_a_product_at_its_cycles_end(sandbox, subscription)
    _cancel(sandbox, subscription, changed)
    assert time.monotonic() - began < 120


def _activate(sandbox: Sandbox) -> str:
    """31 January: a plan, an add-on for the first usage in Germany and one for the first of May."""
    may = f"{sandbox.now().year}-05-01T00:00:00Z"
    products = {
        "plan": {"product_offering_id": sandbox.offering(WORLD)},
        "addons": [
            *bodies.addons(sandbox.offering(WEEK), mode="first_usage"),
            *bodies.addons(sandbox.offering(MONTH), mode="scheduled", start_at=may),
        ],
    }
    subscription = sandbox.subscribe(products=products)
    assert sandbox.statuses(subscription) == {WORLD: "active", WEEK: "pending", MONTH: "scheduled"}
    return subscription


def _first_months(sandbox: Sandbox, subscription: str, start: datetime) -> None:
    """Each month ends on the 31st or the month's last day; what was used is fresh then."""
    for month in range(1, 4):
        plan = sandbox.product(subscription, WORLD)
        assert moment(plan["billing_cycle_end_at"]) == months_after(start, month)
        sandbox.use(subscription, GIGABYTE, "US")
        assert data(sandbox.product(subscription, WORLD)) == (GIGABYTE, 4 * GIGABYTE)
        sandbox.advance_to(months_after(start, month) + timedelta(hours=1))
        assert data(sandbox.product(subscription, WORLD)) == (0, 5 * GIGABYTE)
    sandbox.report("first_usage", subscription, country="DE")
    week = sandbox.product(subscription, WEEK)
    assert (week["status"], "status_reason" in week) == ("active", False)
    assert moment(week["end_at"]) == moment(week["started_at"]) + timedelta(days=7)
    sandbox.use(subscription, GIGABYTE // 2)
    assert data(sandbox.product(subscription, WEEK)) == (GIGABYTE // 2, GIGABYTE // 2)
    sandbox.advance("P7D")
    week = sandbox.product(subscription, WEEK)
    assert (week["status"], week["ended_at"]) == ("terminated", week["end_at"])
    may = sandbox.product(subscription, MONTH)
    assert (may["status"], may["started_at"]) == ("active", f"{start.year}-05-01T00:00:00.000Z")
    assert may["end_at"] == f"{start.year}-05-31T00:00:00.000Z"


def _topups(sandbox: Sandbox, subscription: str, start: datetime) -> None:
    """What ends soonest is spent first, of two that end at once the older; what has nothing left is depleted."""
    names = (UNTIL_CYCLE_ENDS, ITALY, SEASON)
    sandbox.complete(bodies.topup(subscription, *(sandbox.offering(name) for name in names)))
    sandbox.use(subscription, 6 * GIGABYTE)
    month = sandbox.product(subscription, MONTH)
    assert (month["status"], data(month)) == ("depleted", (5 * GIGABYTE, 0))
    until, plan = sandbox.product(subscription, UNTIL_CYCLE_ENDS), sandbox.product(subscription, WORLD)
    assert until["end_at"] == plan["billing_cycle_end_at"]
    assert (data(plan), data(until)) == ((GIGABYTE, 4 * GIGABYTE), (0, 2 * GIGABYTE))
    sandbox.advance_to(months_after(start, 4) + timedelta(hours=1))
    expected = {WORLD: "active", WEEK: "terminated", MONTH: "depleted", UNTIL_CYCLE_ENDS: "terminated"}
    assert sandbox.statuses(subscription) == expected | {ITALY: "active", SEASON: "active"}
    sandbox.use(subscription, 10**15, "US")
    season, plan = sandbox.product(subscription, SEASON), sandbox.product(subscription, WORLD)
    assert (season["status"], plan["status"], data(plan)) == ("depleted", "active", (5 * GIGABYTE, 0))


def _change_plan_at_the_cycles_end(sandbox: Sandbox, subscription: str, start: datetime) -> datetime:
    """The old plan goes with its cycle and is not renewed; the new one counts from then on."""
    schedule = {"mode": "end_of_cycle"}
    order = sandbox.place(bodies.plan_change(subscription, sandbox.offering(EUROPE), schedule=schedule))
    end = months_after(start, 5)
    order = sandbox.until(order, lambda now: now["status"] == "scheduled")
    assert order["schedule"] == {"mode": "end_of_cycle", "effective_at": end.date().isoformat()}
    sandbox.advance_to(end + timedelta(hours=1))
    assert sandbox.client.get(f"/orders/{order['id']}").json()["status"] == "completed"
    old, new = sandbox.product(subscription, WORLD), sandbox.product(subscription, EUROPE)
    assert (old["status"], new["status"], data(old)) == ("terminated", "active", (5 * GIGABYTE, 0))
    changed = moment(new["started_at"])
    assert end <= changed <= end + AT_ONCE
    assert sandbox.product(subscription, ITALY)["status"] == "active"
    return changed


def _swap(sandbox: Sandbox, subscription: str) -> None:
    """The eSIM was installed, deleted, and is another one after the swap."""
    before = sandbox.client.get(f"/subscriptions/{subscription}").json()["_embedded"]["sim_profile"]
    for kind, status in (("sim_installed", "installed"), ("sim_deleted", "deleted")):
        body = {"type": kind, "sim_profile_id": before["id"]}
        assert sandbox.client.post("/sandbox/network-events", body).status == 202
        sandbox.advance("PT0S")
        assert sandbox.client.get(f"/sim-profiles/{before['id']}").json()["profile_status"] == status
    sandbox.complete(bodies.swap(subscription))
    after = sandbox.client.get(f"/subscriptions/{subscription}").json()["_embedded"]["sim_profile"]
    assert (after["status"], after["profile_status"]) == ("active", "ready_for_installation")
    assert after["id"] != before["id"]
    assert sandbox.client.get(f"/sim-profiles/{before['id']}").json()["status"] == "retired"


def _cancel_a_product_at_its_cycles_end(sandbox: Sandbox, subscription: str) -> None:
    """It stays until then, and is not renewed."""
    italy = sandbox.product(subscription, ITALY)
    mode = {"cancellation_mode": "end_of_cycle"}
    answer = sandbox.client.post(f"/products/{italy['id']}/cancel", mode).json()
    assert (answer["status"], answer["end_at"]) == ("active", italy["billing_cycle_end_at"])
    sandbox.advance_to(moment(answer["end_at"]) + timedelta(hours=1))
    ended = sandbox.product(subscription, ITALY)
    assert (ended["status"], ended["ended_at"]) == ("terminated", answer["end_at"])


def _cancel(sandbox: Sandbox, subscription: str, changed: datetime) -> None:
    """Half a year later the plan has been renewed each month; then everything ends."""
    sandbox.advance_to(months_after(changed, 7) + timedelta(hours=1))
    plan = sandbox.product(subscription, EUROPE)
    assert moment(plan["billing_cycle_end_at"]) == months_after(changed, 8)
    sandbox.complete(bodies.cancellation(subscription))
    ended = sandbox.client.get(f"/subscriptions/{subscription}").json()
    assert ended["status"] == "canceled"
    assert ended["ended_at"]
    assert ended["_embedded"]["sim_profile"]["status"] == "retired"
    assert sandbox.statuses(subscription) == {
        WORLD: "terminated",
        WEEK: "terminated",
        MONTH: "depleted",
        UNTIL_CYCLE_ENDS: "terminated",
        ITALY: "terminated",
        SEASON: "depleted",
        EUROPE: "terminated",
    }
