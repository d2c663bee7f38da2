"""The sandbox's catalogs are those of contract §9."""

from collections import Counter
from datetime import timedelta

import pytest

from functions.catalog.offering import DurationValidity, EndOfPlanCycleValidity, IntervalValidity
from infra.local.catalogs import EXTRAS, MAIN, catalogs
from infra.operator.catalog_entries import Catalogs, OfferingEntry
from tests.support.builders import NOW


@pytest.fixture(scope="module")
def loaded() -> Catalogs:
    return catalogs(NOW)


@pytest.fixture(scope="module")
def main(loaded: Catalogs) -> list[OfferingEntry]:
    return [loaded.offerings[name] for name in loaded.catalogs[MAIN]]


def kinds(offering: OfferingEntry) -> set[str]:
    return {allowance.type for allowance in offering.allowances}


def addons(offerings: list[OfferingEntry], *allowed: str) -> list[OfferingEntry]:
    return [
        offering
        for offering in offerings
        if (offering.type, offering.status) == ("addon", "active") and kinds(offering) == set(allowed)
    ]


def test_two_plans_recur_every_month_and_one_lasts_30_days(main: list[OfferingEntry]) -> None:
    plans = [offering for offering in main if offering.type == "plan"]
    validities = [plan.validity for plan in plans if isinstance(plan.validity, DurationValidity)]
    terms = [(validity.unit, validity.unit_count, validity.is_recurrent) for validity in validities]
    assert terms == [("month", 1, True), ("month", 1, True), ("day", 30, False)]
    assert [price.type for plan in plans for price in plan.prices] == ["recurring", "recurring", "one_time"]
    assert len([plan for plan in plans if plan.phone_number_country]) == 1


def test_twenty_data_addons_differ(main: list[OfferingEntry]) -> None:
    data = addons(main, "data")
    assert len(data) == 20
    areas = Counter(offering.allowances[0].coverage_area for offering in data)
    assert sorted(areas.values())[-2:] == [1, 2], "two cover the same country"
    assert len({(offering.allowances[0].unit, offering.allowances[0].unit_count) for offering in data}) > 5
    assert len({type(offering.validity) for offering in data}) == 3
    assert len({str(offering.validity) for offering in data}) > 8


def test_the_interval_holds_for_a_long_time_and_one_ends_with_the_cycle(main: list[OfferingEntry]) -> None:
    (interval,) = [offering.validity for offering in main if isinstance(offering.validity, IntervalValidity)]
    assert interval.start_at < NOW < NOW + timedelta(days=365 * 5) < interval.end_at
    assert len([offering for offering in main if isinstance(offering.validity, EndOfPlanCycleValidity)]) == 1


def test_voice_sms_and_a_bundle(loaded: Catalogs, main: list[OfferingEntry]) -> None:
    voice = [loaded.coverage_areas[offering.allowances[0].coverage_area].type for offering in addons(main, "voice")]
    assert Counter(voice) == {"local": 2, "regional": 1, "global": 1}
    assert len(addons(main, "data", "voice")) == 1
    assert len([offering for offering in addons(main, "sms") if not offering.metadata]) == 1


def test_what_the_simulated_network_does_is_in_the_name(main: list[OfferingEntry]) -> None:
    special = {str(offering.metadata["sandbox"]): offering.name for offering in main if offering.metadata}
    assert set(special) == {"network_rejects", "network_takes_5s"}
    assert all(behaviour in name for behaviour, name in special.items())


def test_one_addon_is_inactive_and_one_is_in_the_other_catalog_alone(
    loaded: Catalogs, main: list[OfferingEntry]
) -> None:
    assert [offering.type for offering in main if offering.status == "inactive"] == ["addon"]
    (extra,) = loaded.catalogs[EXTRAS]
    assert extra not in loaded.catalogs[MAIN]
    assert loaded.fits(extra) == set()
    assert {price.currency for offering in loaded.offerings.values() for price in offering.prices} == {"EUR"}
