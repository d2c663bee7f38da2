"""What becomes of what the mobile network reports (contract §6, §8 and §9)."""

from datetime import timedelta
from typing import Any

import pytest

from functions.shared.clock import iso
from infra.operator import sims
from tests.support import bodies
from tests.support.builders import PARTNER
from tests.support.sims import physical_sim
from tests.support.timeline import Timeline

GIGABYTE = 1024**3
EIGHTY_PERCENT = -(-GIGABYTE * 8 // 10)
THRESHOLD = "balance.threshold.exceeded"
Item = dict[str, Any]


def use(line: Timeline, subscription: str, amount: int, kind: str = "data") -> None:
    line.report("usage", subscription, allowance_type=kind, amount=amount, country="DE")


def event_data(line: Timeline, resource_id: str, event_type: str) -> list[Item]:
    """The data of the events of this type of a resource."""
    return [event.data for event in line.events_of(resource_id) if event.type == event_type]


def sim_of(line: Timeline, subscription: str) -> str:
    return line.subscription(subscription).sim_profile.id


class TestUsage:
    """What is used up."""

    def test_thresholds_and_depletion(self, line: Timeline) -> None:
        subscription = line.subscribe("extra")
        extra = line.products(subscription)["extra"].id
        path = f"/products/{extra}"
        use(line, subscription, EIGHTY_PERCENT - 1)
        assert event_data(line, extra, THRESHOLD) == []
        use(line, subscription, 1)
        (data,) = event_data(line, extra, THRESHOLD)
        threshold = {"allowance_type": "data", "percentage": 80}
        assert data == {"product": line.world.get(path), "threshold": threshold}
        active = line.world.get(path)
        use(line, subscription, GIGABYTE - EIGHTY_PERCENT)
        depleted = line.world.get(path)
        (balance,) = depleted["_embedded"]["balances"]
        assert (depleted["status"], balance["spent"], balance["remaining"]) == ("depleted", GIGABYTE, 0)
        assert line.event_types_of(extra) == ["product.active", THRESHOLD, THRESHOLD, "product.depleted"]
        before = active | {"updated_at": depleted["updated_at"]}
        before["_embedded"] |= {"balances": depleted["_embedded"]["balances"]}
        assert event_data(line, extra, THRESHOLD)[1] == {
            "product": before,
            "threshold": threshold | {"percentage": 100},
        }
        assert event_data(line, extra, "product.depleted") == [{"product": depleted}]

    @pytest.mark.parametrize(
        ("kind", "name", "amounts", "spent"),
        [
            ("voice", "calls", [61, 1, 60], 4),
            ("sms", "messages", [3, 4], 7),
            ("data", "extra", [1, GIGABYTE], GIGABYTE),
        ],
    )
    def test_each_kind(self, line: Timeline, kind: str, name: str, amounts: list[int], spent: int) -> None:
        subscription = line.subscribe(name)
        for amount in amounts:
            use(line, subscription, amount, kind)
        (balance,) = line.world.get(f"/products/{line.products(subscription)[name].id}")["_embedded"]["balances"]
        assert balance["spent"] == spent
        assert balance["initial"] == balance["remaining"] + balance["spent"]


class TestSim:
    """Where the network sees an eSIM's profile."""

    def test_out_of_order(self, line: Timeline) -> None:
        subscription = line.subscribe()
        sim = sim_of(line, subscription)
        early, late = (iso(line.world.now + timedelta(minutes=minutes)) for minutes in (1, 2))
        line.report("sim_deleted", subscription, sim_profile_id=sim, occurred_at=late)
        line.report("sim_installed", subscription, sim_profile_id=sim, occurred_at=early)
        assert line.sim(sim).profile_status == "deleted"
        assert "subscription.sim_profile.installed" not in line.event_types_of(subscription)

    def test_a_sim_that_was_swapped(self, line: Timeline) -> None:
        subscription = line.subscribe()
        old = sim_of(line, subscription)
        line.place(bodies.swap(subscription))
        before = line.world.get(f"/subscriptions/{subscription}")
        line.report("sim_deleted", subscription, sim_profile_id=old)
        assert (line.sim(old).status, line.sim(old).profile_status) == ("retired", "deleted")
        assert line.world.get(f"/subscriptions/{subscription}") == before
        assert event_data(line, subscription, "subscription.sim_profile.deleted") == []

    def test_a_physical_sim_has_no_profile(self, line: Timeline) -> None:
        card = physical_sim()
        sims.load(PARTNER, [card])
        status, reserved = line.act("/sim-profiles/reserve", {"activation_code": card.activation_code})
        assert status == 201
        line.report("sim_installed", "subs_none", sim_profile_id=reserved["id"])
        assert "profile_status" not in line.world.get(f"/sim-profiles/{reserved['id']}")


def test_countries_out_of_order(line: Timeline) -> None:
    """DE, FR, DE again: who hears of FR last of all knows that it is over."""
    subscription = line.subscribe()
    moments = [iso(line.world.now + timedelta(minutes=minutes)) for minutes in range(3)]
    for country, moment in (("DE", moments[0]), ("DE", moments[2]), ("FR", moments[1])):
        line.report("country_changed", subscription, country=country, occurred_at=moment)
    (data,) = event_data(line, subscription, "subscription.sim_profile.country_changed")
    assert data["location"] == {"current_country": "DE", "landed_at": moments[0]}


def test_a_country_is_that_of_the_moment_at_which_it_was_reported(line: Timeline) -> None:
    """However long the report waited for its subscription."""
    line.network = "busy"
    subscription = line.subscribe()
    landed_at = line.world.now + timedelta(minutes=1)
    line.skip_to(landed_at + timedelta(minutes=1))
    line.report("country_changed", subscription, "early", country="DE", occurred_at=iso(landed_at))
    line.network = "accepts"
    line.rest()
    line.world.run_clock()
    (data,) = event_data(line, subscription, "subscription.sim_profile.country_changed")
    assert data["location"] == {"current_country": "DE", "landed_at": iso(landed_at)}


REPORTS: list[tuple[str, Item]] = [
    ("first_usage", {"country": "DE"}),
    ("usage", {"allowance_type": "data", "amount": 1, "country": "DE"}),
    ("country_changed", {"country": "DE"}),
    ("terminated", {}),
]


@pytest.mark.parametrize(("kind", "fields"), REPORTS)
class TestWithoutEffect:
    """Of a subscription that is not there, or no more."""

    def test_it_is_not_there(self, line: Timeline, kind: str, fields: Item) -> None:
        before = len(line.world.of_kind("event"))
        line.report(kind, "subs_none", **fields)
        assert len(line.world.of_kind("event")) == before

    def test_it_has_ended(self, line: Timeline, kind: str, fields: Item) -> None:
        subscription = line.subscribe()
        line.place(bodies.cancellation(subscription))
        paths = (f"/subscriptions/{subscription}", f"/products?subscription-id={subscription}")
        before = [line.world.get(path) for path in paths], len(line.world.of_kind("event"))
        line.report(kind, subscription, **fields)
        assert ([line.world.get(path) for path in paths], len(line.world.of_kind("event"))) == before
