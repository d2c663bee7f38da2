"""What an operator may load as catalogs (contract §3)."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from functions.orders.requests import PriceAlteration
from functions.shared.countries import COUNTRIES
from functions.subscriptions.product_actions import RecurringPrice
from infra.operator.catalog_entries import Catalogs

AREA = {"name": "Germany", "type": "local", "countries": ["DE"]}
MONTH = {"type": "duration", "unit": "month", "unit_count": 1}
DATA = {"type": "data", "unit": "gigabytes", "unit_count": 1, "coverage_area": "germany"}


def catalogs(offerings: dict[str, dict[str, Any]] | None = None, **parts: Any) -> Catalogs:
    entries = {
        key: {"name": key, "type": "addon", "validity": MONTH} | fields for key, fields in (offerings or {}).items()
    }
    return Catalogs.of({"coverage_areas": {"germany": AREA}, "offerings": entries, "catalogs": {}} | parts)


def test_an_addon_fits_the_plans_it_shares_a_catalog_with() -> None:
    plans = {name: {"type": "plan"} for name in ("first", "second", "elsewhere")}
    loaded = catalogs(
        plans | {"addon": {}, "other": {}, "alone": {}},
        catalogs={"a": ["first", "addon", "other"], "b": ["second", "addon"], "c": ["elsewhere"], "d": ["alone"]},
    )
    assert loaded.fits("addon") == {"first", "second"}
    assert loaded.fits("other") == {"first"}
    assert loaded.fits("alone") == set()
    assert loaded.fits("first") == set(), "a plan fits nothing: add-ons fit it"


@pytest.mark.parametrize(
    ("offerings", "parts", "named"),
    [
        ({"one": {"allowances": [DATA | {"coverage_area": "atlantis"}]}}, {}, "atlantis"),
        ({}, {"catalogs": {"main": ["nothing"]}}, "nothing"),
        ({}, {"coverage_areas": {"x": AREA | {"countries": ["UK"]}}}, "UK"),
        ({}, {"coverage_areas": {"x": AREA | {"countries": []}}}, "countries"),
        (
            {"one": {"type": "plan", "validity": {"type": "end_of_plan_cycle"}}},
            {},
            "must be of type 'duration' for a plan",
        ),
        (
            {"one": {"allowances": [{"type": "data", "unit_count": 3, "coverage_area": "germany"}]}},
            {},
            "both unit and unit_count",
        ),
        ({"one": {"alowances": []}}, {}, "alowances"),
        ({"one": {"metadata": {str(number): "x" for number in range(11)}}}, {}, "metadata"),
        ({"one": {"metadata": {"note": "x" * 301}}}, {}, "metadata"),
        ({"one": {"phone_number_country": "Germany"}}, {}, "Germany"),
    ],
)
def test_what_could_not_be_right_is_refused(offerings: dict[str, Any], parts: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        catalogs(offerings, **parts)


CENTURY = [("day", 36_525), ("week", 5_217), ("month", 1_200), ("year", 100)]
MAX_QUANTITY = 2**53 - 1
METERED = [
    ("data", "bytes", MAX_QUANTITY),
    ("data", "megabytes", MAX_QUANTITY // 1024**2),
    ("data", "gigabytes", MAX_QUANTITY // 1024**3),
    ("voice", "seconds", MAX_QUANTITY),
    ("sms", "count", MAX_QUANTITY),
]


def duration(unit: str, count: int) -> dict[str, Any]:
    """For the validity and for the price."""
    terms = {"unit": unit, "unit_count": count}
    price = {"type": "recurring", "unit_amount": 1, "currency": "EUR", "recurrence": terms}
    return {"validity": terms | {"type": "duration", "is_recurrent": True}, "prices": [price]}


def one(**fields: Any) -> list[tuple[int | str, ...]]:
    """Where an offering has faults."""
    try:
        catalogs({"one": fields})
    except ValidationError as refused:
        return [error["loc"] for error in refused.errors()]
    return []


@pytest.mark.parametrize(("unit", "most"), CENTURY)
def test_a_duration_is_at_most_a_hundred_years(unit: str, most: int) -> None:
    assert one(**duration(unit, most)) == []
    assert one(**duration(unit, most + 1)) == [
        ("offerings", "one", "validity", "duration", "unit_count"),
        ("offerings", "one", "prices", 0, "recurrence", "unit_count"),
    ]


@pytest.mark.parametrize(("kind", "unit", "most"), METERED)
def test_an_allowance_can_be_metered(kind: str, unit: str, most: int) -> None:
    entry = {"type": kind, "unit": unit, "coverage_area": "germany"}
    assert one(allowances=[entry | {"unit_count": most}]) == []
    assert one(allowances=[entry | {"unit_count": most + 1}]) == [("offerings", "one", "allowances", 0, "unit_count")]


def test_a_price_has_a_bound_in_catalogs_and_in_orders() -> None:
    entry = {"type": "one_time", "currency": "EUR"}
    for amount, refused in ((999_999_999_999, 0), (10**12, 1)):
        assert len(one(prices=[entry | {"unit_amount": amount}])) == refused
        assert len(faults_of(PriceAlteration, entry | {"unit_amount": amount})) == refused
        assert len(faults_of(RecurringPrice, entry | {"type": "recurring", "unit_amount": amount})) == refused


def faults_of(shape: type[BaseModel], value: dict[str, Any]) -> list[Any]:
    try:
        shape.model_validate(value)
    except ValidationError as refused:
        return list(refused.errors())
    return []


@pytest.mark.parametrize(
    ("moment", "taken"),
    [
        ("1999-12-31T23:59:59Z", False),
        ("2000-01-01T00:00:00Z", True),
        ("2000-01-01T00:00:00+01:00", False),
        ("2200-12-31T23:59:59.999Z", True),
        ("2201-01-01T00:00:00Z", False),
        ("2201-01-01T00:00:00+01:00", True),
        ("9999-12-31T23:59:59-05:00", False),
        ("0001-01-01T00:00:00+01:00", False),
    ],
)
def test_moments_lie_in_the_years_2000_to_2200(moment: str, taken: bool) -> None:
    fields = {"start_at": "2000-01-01T00:00:00Z", "end_at": "2200-12-31T23:59:59.999Z"}
    side = "start_at" if moment < "2100" else "end_at"
    assert (one(validity={"type": "interval"} | fields | {side: moment}) == []) == taken
    assert (one(availability={side: moment}) == []) == taken


def test_there_are_so_many_of_each_and_no_more() -> None:
    assert one(allowances=[DATA] * 20) == []
    assert one(allowances=[DATA] * 21) == [("offerings", "one", "allowances")]
    with pytest.raises(ValidationError, match="at most 50 items"):
        catalogs(catalogs={str(number): [] for number in range(51)})
    areas = dict.fromkeys(map(str, range(10_001)), AREA)
    with pytest.raises(ValidationError, match="at most 10000 items"):
        catalogs(coverage_areas=areas)


def test_an_area_names_each_country_once() -> None:
    everywhere = AREA | {"countries": sorted(COUNTRIES)}
    assert len(catalogs(coverage_areas={"germany": everywhere}).coverage_areas["germany"].countries) == 251
    with pytest.raises(ValidationError, match="must not repeat DE"):
        catalogs(coverage_areas={"x": AREA | {"countries": ["DE", "FR", "DE"]}})


def test_names_have_one_spelling() -> None:
    apart, composed = " Cafe\u0301 ", "Caf\u00e9"
    entry = {"name": apart, "allowances": [DATA | {"coverage_area": composed}]}
    loaded = catalogs({apart: entry}, coverage_areas={apart: AREA | {"name": apart}}, catalogs={apart: [composed]})
    assert loaded.catalogs == {composed: [composed]}
    assert loaded.offerings[composed].name == loaded.coverage_areas[composed].name == composed
