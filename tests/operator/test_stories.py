"""What the pages on seeing and repairing show is what the commands do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.messages import json_response
from infra.local.server import Server
from infra.local.system import System
from infra.operator.partners import records
from tests.operator.failures import FailuresOf
from tests.operator.partner_stage import Capture, PartnerStage, new_name
from tests.operator.stories import Story
from tests.support.client import Client
from tests.support.customer import Customer
from tests.support.customers import add_subscriber
from tests.support.rewinding import rewind
from tests.support.shop import Shop
from tests.support.small_shop import SmallShop

MALFORMED = {"detail-type": "network.usage", "detail": {"id": "usage-4711", "partner": "acme", "amount": 1}}
REPORT = {"id": "usage-4712", "partner": "acme", "subscription_id": "subs_1", "country": "DE"}
LATE = {"detail-type": "network.country_changed", "detail": REPORT}


@pytest.fixture
def failures(system: System, monkeypatch: pytest.MonkeyPatch) -> FailuresOf:
    return FailuresOf(system, new_name(), monkeypatch)


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = Server(0)
    server.start(lambda _request: json_response(200, {}))
    yield f"{server.url}/"
    server.stop()


def fulfilling(order: dict[str, object]) -> bool:
    return order["status"] == "fulfilling"


def back_to(system: System, partner: str, order_id: str) -> str:
    """The table is restored to the moment at which the order was being fulfilled."""
    system.quiesce()
    rewind(system, partner, order_id, fulfilling)
    return order_id


class Repairing:
    """What happens in docs/repair.md."""

    def __init__(self, system: System, endpoint: str, failures: FailuresOf) -> None:
        self.shop = SmallShop(system)
        self.shop.client.post("/webhooks", {"url": endpoint, "enabled_events": ["order.completed"]})
        self._system = system
        self._failures = failures
        self._order = ""

    def order(self) -> str:
        self._order = self.shop.complete(self.shop.activation(reference="shop-1"))["id"]
        self._system.quiesce()
        return self._order

    def reports(self) -> str:
        self._failures.put("network-reports", LATE)
        return self._failures.put("network-reports", MALFORMED)

    def restore(self) -> str:
        return back_to(self._system, self.shop.partner, self._order)

    def leave(self) -> str:
        subscription = self.shop.client.get(f"/orders/{self._order}").json()["_embedded"]["subscription"]["id"]
        self.shop.complete({"type": "cancel_subscription", "subscription_id": subscription})
        self._system.quiesce()
        return str(self.shop.subscriber)


def test_repair(system: System, endpoint: str, failures: FailuresOf, capsys: Capture) -> None:
    it = Repairing(system, endpoint, failures)
    story = Story("repair.md", it.shop.partner, capsys)
    assert story.read({1: it.order, 3: it.reports, 6: it.restore, 8: it.leave}, {}) == 9


def test_restore(system: System, capsys: Capture) -> None:
    shop = SmallShop(system)
    unfinished, lost = (shop.complete(shop.activation())["id"] for _ in range(2))
    story = Story("restore.md", shop.partner, capsys)
    happen = {1: lambda: back_to(system, shop.partner, unfinished), 2: lambda: unfinished, 3: lambda: lost}
    assert story.read(happen, {}) == 4


def test_privacy(system: System, capsys: Capture) -> None:
    customer = Customer(system)
    customer.leave()
    assert Story("privacy.md", customer.partner, capsys).read({1: lambda: customer.subscriber}, {}) == 1


class Week:
    """What happens in docs/first-week.md."""

    def __init__(self, system: System, failures: FailuresOf, name: str) -> None:
        self._system = system
        self._failures = failures
        self._partner = name
        self._last = ""

    def orders(self) -> str:
        """The first is completed, the second finds no eSIM."""
        clients = records.read(self._partner)
        assert clients is not None
        client = Client(self._system, clients.clients[0].id)
        self.shop = Shop(client)
        self.shop.subscriber = add_subscriber(client)["id"]
        self.shop.plan = self.shop.find(lambda item: item["type"] == "plan")
        self.shop.complete(self.shop.activation())
        return self._order("failed")

    def order_again(self) -> str:
        self._last = self._order("completed")
        return self._last

    def report(self) -> str:
        return self._failures.put("network-reports", MALFORMED)

    def restore(self) -> str:
        return back_to(self._system, self._partner, self._last)

    def _order(self, status: str) -> str:
        order = self.shop.final(self.shop.place(self.shop.activation()))
        assert order["status"] == status
        self._system.quiesce()
        return str(order["id"])


def test_first_week(
    system: System,
    failures: FailuresOf,
    stage: PartnerStage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    assert stage
    monkeypatch.chdir(tmp_path)
    story = Story("first-week.md", new_name(), capsys)
    week = Week(system, failures, story.partner)
    files = {name: Path(name) for name in ("catalog.csv", "sims.csv", "more.csv")}
    happen = {5: week.orders, 8: week.order_again, 9: week.report, 14: week.restore}
    assert story.read(happen, files) == 15
