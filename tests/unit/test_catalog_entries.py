"""What an operator may load as catalogs (contract §3)."""

from typing import Any

import pytest
from pydantic import ValidationError

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
        ({"one": {"type": "plan", "validity": {"type": "end_of_plan_cycle"}}}, {}, "a plan's validity is a duration"),
        ({"one": {"allowances": [{"type": "data", "unit_count": 3, "coverage_area": "germany"}]}}, {}, "go together"),
        ({"one": {"alowances": []}}, {}, "alowances"),
        ({"one": {"metadata": {str(number): "x" for number in range(11)}}}, {}, "metadata"),
        ({"one": {"metadata": {"note": "x" * 301}}}, {}, "metadata"),
        ({"one": {"phone_number_country": "Germany"}}, {}, "Germany"),
    ],
)
def test_what_could_not_be_right_is_refused(offerings: dict[str, Any], parts: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        catalogs(offerings, **parts)
