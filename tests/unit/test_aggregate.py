"""What a change of a subscription writes and publishes (contract §5 and §8)."""

from typing import Any

import pytest

from functions.catalog.offering import Price
from functions.products.product import show_product
from functions.shared.clock import iso
from functions.sim_profiles.sim_profile import ProfileReport
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.lock import ScheduledOrder
from functions.subscriptions.phone_number import show_phone_number
from functions.subscriptions.subscription import Location, show_subscription
from tests.support.builders import MONTH, NOW, PARTNER, subscription
from tests.unit.aggregates import AT, CYCLE_END, DAY, bought, data, having, number, published, sim, written


class TestWritten:
    """Only what has changed, and the subscription with every product."""

    def test_nothing_if_nothing_has_changed(self) -> None:
        unchanged = having(bought("prd_1"))
        assert (written(unchanged), published(unchanged)) == ([], [])

    def test_a_new_one(self) -> None:
        new = SubscriptionAggregate(subscription(), AT)
        assert written(new) == ["subs_1"]
        assert new.root.updated_at is None

    def test_what_has_changed_within_it(self) -> None:
        locked = having()
        locked.root.lock.take("ord_1", exclusive=False)
        assert written(locked) == ["subs_1"]

    def test_a_product_with_its_subscription_even_if_that_is_the_same(self) -> None:
        monthly = bought("prd_1", MONTH, "plan")
        monthly.prices = [Price(type="recurring", unit_amount=9, currency="EUR")]
        changed = having(monthly)
        changed.change_price(monthly, {"unit_amount": 5})
        assert written(changed) == ["subs_1", "prd_1"]
        assert monthly.prices == [Price(type="recurring", unit_amount=5, currency="EUR")]

    def test_a_sim_alone_if_the_subscription_shows_nothing_new(self) -> None:
        seen = having()
        seen.see_profile(ProfileReport(status="installed", reported_at=NOW - DAY))
        assert (written(seen), published(seen)) == (["simp_1"], [])

    def test_when_the_clock_must_look_at_it_next(self) -> None:
        changed = having(bought("prd_1", MONTH, "plan"), due_at=NOW)
        assert written(changed) == ["subs_1"]
        assert changed.root.due_at == CYCLE_END


class TestEnd:
    """Everything that belongs to it ends with it."""

    @pytest.mark.parametrize("status", ["canceled", "terminated"])
    def test_all_of_it(self, status: Any) -> None:
        plan, waits, given = bought("prd_1", MONTH, "plan"), bought("prd_2", mode="first_usage"), number()
        changed = having(plan, waits, numbers=[given])
        changed.close(status)
        root = changed.root
        assert (root.status, root.ended_at, root.open_products, root.phone_numbers) == (status, AT, [], [])
        assert [(each.status, each.ended_at) for each in (plan, waits)] == [("terminated", AT), ("canceled", AT)]
        assert (given.status, root.sim_profile.status) == ("terminated", "retired")
        assert written(changed) == ["subs_1", "prd_1", "prd_2", "pn_1", "simp_1"]
        assert published(changed) == [
            ("product.terminated", 1),
            ("product.canceled", 1),
            ("phone_number.terminated", 1),
            (f"subscription.{status}", 1),
        ]
        assert data(changed) == [
            {"product": show_product(plan)},
            {"product": show_product(waits)},
            {"phone_number": show_phone_number(given)},
            {"subscription": show_subscription(root)},
        ]
        assert root.due_at is None

    def test_orders_that_wait_are_looked_at_at_once(self) -> None:
        waits = ScheduledOrder(order_id="ord_1", type="cancel_subscription", release_at=CYCLE_END)
        changed = having(lock={"scheduled": [waits]})
        changed.close("terminated")
        assert written(changed) == ["subs_1", "simp_1"]
        assert changed.root.due_at == AT


class TestNumbersAndSims:
    """What the network gives it, and what the network sees of it."""

    def test_a_number(self) -> None:
        changed = having()
        changed.give_number("+4915112345678", "DE")
        (given,) = changed.root.phone_numbers
        assert given.id.startswith("pn_")
        assert given.model_dump(exclude={"id"}, exclude_defaults=True) == {
            "partner": PARTNER,
            "created_at": iso(AT),
            "updated_at": iso(AT),
            "subscription_id": "subs_1",
            "msisdn": "+4915112345678",
            "country": "DE",
            "sequence": 1,
        }
        assert (written(changed), published(changed)) == (["subs_1", given.id], [("phone_number.active", 1)])
        assert data(changed) == [{"phone_number": show_phone_number(given)}]

    def test_a_new_sim_takes_the_place_of_the_old_one(self) -> None:
        new = sim("simp_2", status="reserved", reservation_id="resv_1", reservation_expires_at=CYCLE_END)
        changed = having()
        changed.retire_sim()
        retired = changed.root.sim_profile
        changed.link_sim(new)
        assert (retired.id, retired.status) == ("simp_1", "retired")
        assert changed.root.sim_profile is new
        assert (new.status, new.subscription_id, new.reservation_id) == ("active", "subs_1", None)
        assert (written(changed), published(changed)) == (["subs_1", "simp_1", "simp_2"], [])

    def test_a_new_esim_is_published_before_what_was_seen_of_it(self) -> None:
        reports = [ProfileReport(status=status, reported_at=AT) for status in ("installed", "deleted")]
        changed = having(sim_profile=sim(early_reports=reports))
        changed.link_sim(changed.root.sim_profile)
        order = {"id": "ord_1"}
        changed.publish_sim_ready(order)
        event = "subscription.sim_profile"
        assert published(changed) == [
            (f"{event}.ready_for_installation", 1),
            (f"{event}.installed", 2),
            (f"{event}.deleted", 3),
        ]
        assert [each.get("order") for each in data(changed)] == [order, None, None]
        seen = [each["subscription"]["_embedded"]["sim_profile"]["profile_status"] for each in data(changed)]
        assert seen == ["ready_for_installation", "installed", "deleted"]
        assert written(changed) == ["subs_1", "simp_1"]
        assert changed.root.sim_profile.early_reports == []

    def test_a_card_is_never_ready_for_installation(self) -> None:
        changed = having(sim_profile=sim(sim_type="psim", profile_status=None))
        changed.publish_sim_ready({"id": "ord_1"})
        assert published(changed) == []

    def test_its_profile_is_seen(self) -> None:
        changed = having()
        for _ in range(2):
            changed.see_profile(ProfileReport(status="installed", reported_at=AT))
        assert published(changed) == [("subscription.sim_profile.installed", 1)]
        assert data(changed) == [{"subscription": show_subscription(changed.root)}]
        assert changed.root.sim_profile.profile_status == "installed"
        assert written(changed) == ["subs_1", "simp_1"]

    def test_its_country_is_seen(self) -> None:
        changed = having()
        for country, moment in (("DE", AT), ("FR", AT), ("FR", AT + DAY)):
            changed.see_country(country, moment)
        event = "subscription.sim_profile.country_changed"
        assert published(changed) == [(event, 1), (event, 2)]
        assert data(changed)[1] == {
            "subscription": show_subscription(changed.root),
            "location": {"previous_country": "DE", "current_country": "FR", "landed_at": iso(AT)},
        }
        assert data(changed)[0]["location"] == {"current_country": "DE", "landed_at": iso(AT)}
        assert written(changed) == ["subs_1"]

    @pytest.mark.parametrize(("late", "country"), [(-1, "DE"), (0, "FR"), (1, "FR")])
    def test_a_report_of_its_country_counts_unless_a_newer_one_came_before(self, late: int, country: str) -> None:
        changed = having()
        changed.see_country("DE", NOW)
        changed.see_country("DE", AT)
        changed.see_country("FR", AT + late * DAY)
        location = changed.root.location
        assert location is not None
        assert location.current_country == country

    def test_a_country_that_it_is_seen_in_again_is_only_kept(self) -> None:
        """So that a later report of an earlier moment is known to be late."""
        place = {"current_country": "DE", "landed_at": NOW, "reported_at": NOW}
        changed = having(location=place)
        changed.see_country("DE", AT)
        assert (written(changed), published(changed)) == (["subs_1"], [])
        assert changed.root.location == Location.model_validate(place | {"reported_at": AT})

    @pytest.mark.parametrize("status", ["canceled", "terminated"])
    def test_nothing_is_seen_of_one_that_has_ended(self, status: str) -> None:
        changed = having(status=status)
        changed.see_country("DE", AT)
        assert (written(changed), published(changed)) == ([], [])

    @pytest.mark.parametrize("status", ["grace", "suspended"])
    def test_its_status_changes(self, status: str) -> None:
        changed = having()
        changed.move_to(status)
        shown = show_subscription(changed.root)
        assert (shown["status"], shown["updated_at"]) == (status, iso(AT))
        assert (published(changed), data(changed)) == ([(f"subscription.{status}", 1)], [{"subscription": shown}])
        assert written(changed) == ["subs_1"]
