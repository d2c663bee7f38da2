"""What the network reports of a SIM before its order is complete waits, or is never published (contract §5)."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from functions.events import reports
from functions.events.reports import ReportRecord
from functions.shared import table
from functions.shared.clock import iso
from functions.sim_profiles.sim_profile import MAX_EARLY_REPORTS, SimProfile
from tests.support import bodies
from tests.support.builders import PARTNER
from tests.support.commits import counted
from tests.support.timeline import Timeline

USAGE = {"allowance_type": "data", "amount": 1, "country": "DE"}
ACTIVE = ["subscription.active", "subscription.sim_profile.ready_for_installation"]
INSTALLED = "subscription.sim_profile.installed"
DELETED = "subscription.sim_profile.deleted"


@pytest.fixture
def line(line: Timeline) -> Timeline:
    """A system whose network does not answer yet."""
    line.network = "busy"
    return line


def answer(line: Timeline, network: str) -> None:
    """Let the network answer everything, and the clock do its work."""
    line.network = network
    line.rest()
    line.world.run_clock()
    line.rest()


def sim_of(line: Timeline, subscription_id: str) -> str:
    """The SIM that the order on its way has taken."""
    (order,) = [item for item in line.world.of_kind("order") if item["status"] == "fulfilling"]
    assert order["subscription_id"] == subscription_id
    return str(order["sim_profile_id"])


def sim(sim_profile_id: str) -> SimProfile:
    found = table.read(SimProfile, PARTNER, sim_profile_id)
    assert found is not None
    return found


def take(line: Timeline, kind: str, sim_profile_id: str, happened: datetime | None = None) -> None:
    """A report of something that happened then, or now."""
    line._reports += 1
    detail = {"id": f"of a SIM {line._reports}", "partner": PARTNER, "sim_profile_id": sim_profile_id}
    detail |= {"occurred_at": iso(happened or line.world.now)}
    reports.handler({"detail-type": f"network.{kind}", "detail": detail}, None)
    line.world.look()


def test_it_is_published_once_the_activation_is_complete(line: Timeline) -> None:
    subscription_id = line.subscribe()
    sim_id = sim_of(line, subscription_id)
    take(line, "sim_installed", sim_id)
    line.world.run_clock()
    assert sim(sim_id).profile_status == "ready_for_installation"
    assert line.subscription(subscription_id).sim_profile.profile_status == "ready_for_installation"
    assert line.event_types_of(subscription_id) == []
    answer(line, "accepts")
    assert line.event_types_of(subscription_id) == [*ACTIVE, INSTALLED]
    assert line.subscription(subscription_id).sim_profile.profile_status == "installed"
    assert (sim(sim_id).profile_status, sim(sim_id).early_reports) == ("installed", [])
    events = {item["type"]: item["data"] for item in line.world.of_kind("event")}
    shown = [
        events[name]["subscription"]["_embedded"]["sim_profile"]["profile_status"] for name in (ACTIVE[1], INSTALLED)
    ]
    assert shown == ["ready_for_installation", "installed"]


@pytest.mark.parametrize("came", list(permutations(range(3))))
def test_in_the_order_in_which_it_happened(line: Timeline, came: tuple[int, ...]) -> None:
    subscription_id = line.subscribe()
    happened, begin = ["sim_installed", "sim_deleted", "sim_installed"], line.world.now
    for place in came:
        take(line, happened[place], sim_of(line, subscription_id), begin + timedelta(milliseconds=place))
    answer(line, "accepts")
    assert line.event_types_of(subscription_id) == [*ACTIVE, INSTALLED, DELETED, INSTALLED]


def test_one_that_is_older_than_what_was_published_is_passed_over(line: Timeline) -> None:
    subscription_id = line.subscribe()
    sim_id = sim_of(line, subscription_id)
    before = line.world.now
    take(line, "sim_deleted", sim_id)
    answer(line, "accepts")
    take(line, "sim_installed", sim_id, before - timedelta(milliseconds=1))
    assert line.event_types_of(subscription_id) == [*ACTIVE, DELETED]


def test_the_new_sim_of_a_swap(line: Timeline) -> None:
    line.network = "accepts"
    subscription_id = line.subscribe()
    old = line.subscription(subscription_id).sim_profile.id
    line.network = "busy"
    line.place(bodies.swap(subscription_id))
    new = sim_of(line, subscription_id)
    assert new != old
    take(line, "sim_installed", new)
    take(line, "sim_installed", old)
    assert line.event_types_of(subscription_id) == [*ACTIVE, INSTALLED]
    assert line.subscription(subscription_id).sim_profile.id == old
    answer(line, "accepts")
    assert line.event_types_of(subscription_id) == [*ACTIVE, INSTALLED, ACTIVE[1], INSTALLED]
    assert line.subscription(subscription_id).sim_profile.id == new
    assert sim(new).profile_status == "installed"


@pytest.mark.parametrize("network", ["rejects", "silent"])
def test_it_is_forgotten_if_the_order_fails(line: Timeline, network: str) -> None:
    """Also when the SIM waits to be deprovisioned, and when it serves another order afterwards."""
    subscription_id = line.subscribe()
    sim_id = sim_of(line, subscription_id)
    take(line, "sim_installed", sim_id)
    answer(line, network)
    assert sim(sim_id).early_reports == []
    take(line, "sim_deleted", sim_id)
    late = line.world.now
    while line.world.deprovisionings:
        line.world.network_says("deprovisioning.succeeded", line.world.deprovisionings.pop())
    assert (sim(sim_id).status, sim(sim_id).profile_status) == ("in_stock", None)
    line.network = "busy"
    others = [line.subscribe() for _ in range(line.world.stock())]
    take(line, "sim_installed", sim_id, late)
    answer(line, "accepts")
    assert sim(sim_id).status == "active"
    assert [line.event_types_of(other) for other in others] == [ACTIVE] * len(others)


def test_the_same_report_counts_once(line: Timeline) -> None:
    subscription_id = line.subscribe()
    about = {"sim_profile_id": sim_of(line, subscription_id)}
    for _ in range(3):
        line.report("sim_installed", subscription_id, "the same", **about)
    answer(line, "accepts")
    line.report("sim_installed", subscription_id, "the same", **about)
    assert line.event_types_of(subscription_id) == [*ACTIVE, INSTALLED]
    record = table.read(ReportRecord, PARTNER, "the same")
    assert record is not None
    assert (record.waiting, record.due_at) == (None, None)


def test_a_device_that_goes_on_and_off(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of many reports are published, and the write that completes the order fits a transaction."""
    subscription_id = line.subscribe()
    for number in range(4 * MAX_EARLY_REPORTS):
        take(line, "sim_deleted" if number % 2 else "sim_installed", sim_of(line, subscription_id))
    written = counted(monkeypatch)
    answer(line, "accepts")
    assert line.event_types_of(subscription_id) == [*ACTIVE, *[INSTALLED, DELETED] * (MAX_EARLY_REPORTS // 2)]
    assert max(written) <= 100


REPORTS: list[tuple[str, dict[str, Any]]] = [
    ("usage", USAGE),
    ("country_changed", {"country": "DE"}),
    ("sim_installed", {}),
]


@pytest.mark.parametrize(("kind", "fields"), REPORTS)
def test_waiting_writes_nothing(
    line: Timeline, monkeypatch: pytest.MonkeyPatch, kind: str, fields: dict[str, Any]
) -> None:
    """However often the clock looks, and the network repeats itself."""
    subscription_id = line.subscribe()
    about = fields | {"sim_profile_id": sim_of(line, subscription_id)}
    line.report(kind, subscription_id, "early", **about)
    written = counted(monkeypatch)
    for _ in range(5):
        reports.when_due(PARTNER, "early")
        line.report(kind, subscription_id, "early", **about)
    assert sum(written) == 0
    answer(line, "accepts")
    assert line.event_types_of(subscription_id)[:2] == ACTIVE


def test_what_waits_holds_only_what_we_know_of_it(line: Timeline) -> None:
    subscription_id = line.subscribe()
    line.report("usage", subscription_id, "early", **USAGE, customer="Erika Mustermann")
    record = table.read(ReportRecord, PARTNER, "early")
    assert record is not None
    assert record.waiting is not None
    assert "Erika" not in record.waiting
    answer(line, "accepts")
    assert [product.balances[0].spent for product in line.products(subscription_id).values()] == [1]


def test_of_a_sim_that_is_not_there(line: Timeline) -> None:
    before = dict(line.world.items)
    take(line, "sim_installed", "simp_1")
    written = [item["kind"] for place, item in line.world.items.items() if place not in before]
    assert (written, before.items() <= line.world.items.items()) == (["network_report"], True)
