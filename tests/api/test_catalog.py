"""``/product-offerings`` (contract §3)."""

from typing import Any
from urllib.parse import quote

import pytest

from infra.local.system import System
from infra.operator.catalog import load
from infra.operator.catalog_entries import Catalogs
from tests.support.client import Client
from tests.support.newcomer import Newcomer

MONTH = {"type": "duration", "unit": "month", "unit_count": 1, "is_recurrent": True}
COUNTRIES = "allowances[coverage-area][countries]"


def names(client: Client, target: str) -> list[str]:
    answer = client.get(target)
    assert answer.status == 200, answer.json()
    return [offering["name"] for offering in answer.json()["_embedded"]["product_offerings"]]


def entry(area: str, **fields: Any) -> dict[str, Any]:
    allowance = {"type": "data", "unit": "gigabytes", "unit_count": 2, "coverage_area": area}
    price = {"type": "one_time", "unit_amount": 250, "currency": "EUR"}
    return {"type": "addon", "validity": MONTH, "allowances": [allowance], "prices": [price]} | fields


@pytest.fixture(scope="module")
def partner(system: System) -> Newcomer:
    return Newcomer(system)


@pytest.fixture(scope="module")
def ids(partner: Newcomer) -> dict[str, str]:
    """Offerings of the partner by name: a plan with three add-ons, one of them inactive, and a plan beside it."""
    offerings = {
        "plan": entry("europe", type="plan", phone_number_country="DE", refundable=True),
        "old plan": entry("europe", type="plan", status="inactive"),
        "other plan": entry("spain", type="plan"),
        "german": entry("germany", metadata={"color": "red"}, availability={"start_at": "2026-01-01T00:00:00+01:00"}),
        "spanish": entry("spain", allowances=[{"type": "voice", "coverage_area": "spain"}]),
        "inactive": entry("germany", status="inactive"),
    }
    areas = {
        "germany": {"name": "Germany", "type": "local", "countries": ["DE"]},
        "spain": {"name": "Spain", "type": "local", "countries": ["ES"]},
        "europe": {"name": "Europe", "type": "regional", "countries": ["DE", "FR", "XK"]},
    }
    catalogs = {"main": ["plan", "old plan", "german", "spanish", "inactive"], "spain": ["other plan", "spanish"]}
    named = {name: fields | {"name": name} for name, fields in offerings.items()}
    content = {"coverage_areas": areas, "offerings": named, "catalogs": catalogs}
    return load(partner.partner, Catalogs.of(content))


def test_offerings_are_listed_in_the_order_they_were_loaded_in(partner: Newcomer, ids: dict[str, str]) -> None:
    assert names(partner, "/product-offerings") == list(ids)


def test_an_offering_is_shown_whole(partner: Newcomer, ids: dict[str, str]) -> None:
    answer = partner.get(f"/product-offerings/{ids['german']}")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/hal+json"
    shown = answer.json()
    allowance, price = shown["_embedded"]["allowances"][0], shown["_embedded"]["prices"][0]
    area = allowance["_embedded"]["coverage_area"]
    moments = {"created_at": shown["created_at"], "updated_at": shown["updated_at"]}
    assert shown == {
        "id": ids["german"],
        "name": "german",
        "status": "active",
        "type": "addon",
        **moments,
        "validity": MONTH,
        "metadata": {"color": "red"},
        "refundable": False,
        "availability": {"start_at": "2025-12-31T23:00:00.000Z"},
        "_embedded": {"allowances": [allowance], "prices": [price]},
        "_links": {
            "self": {"href": f"http://127.0.0.1:8080/product-offerings/{ids['german']}"},
            "compatible": {"href": f"http://127.0.0.1:8080/product-offerings/{ids['german']}/compatible"},
        },
    }
    assert price == {"type": "one_time", "unit_amount": 250, "currency": "EUR"}
    assert (allowance["type"], allowance["is_unlimited"], allowance["unit"], allowance["unit_count"]) == (
        *("data", False),
        *("gigabytes", 2),
    )
    assert area["id"].startswith("cov_")
    assert (area["name"], area["type"], area["countries"]) == ("Germany", "local", ["DE"])
    assert set(area) == {"id", "name", "type", "countries", "created_at", "updated_at", "_links"}


def test_an_unlimited_allowance_has_no_unit(partner: Newcomer, ids: dict[str, str]) -> None:
    (allowance,) = partner.get(f"/product-offerings/{ids['spanish']}").json()["_embedded"]["allowances"]
    assert set(allowance) == {"type", "is_unlimited", "_embedded"}
    assert allowance["is_unlimited"] is True


def test_a_plan_shows_what_only_plans_have(partner: Newcomer, ids: dict[str, str]) -> None:
    shown = partner.get(f"/product-offerings/{ids['plan']}").json()
    assert (shown["phone_number_country"], shown["refundable"]) == ("DE", True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=inactive", ["old plan", "inactive"]),
        ("type=plan", ["plan", "old plan", "other plan"]),
        ("type=plan&status=active", ["plan", "other plan"]),
        ("type=non_service", []),
        (f"{COUNTRIES}=ES", ["other plan", "spanish"]),
        (f"{quote(COUNTRIES)}=ES", ["other plan", "spanish"]),
        (f"{COUNTRIES}=FR,ES", ["plan", "old plan", "other plan", "spanish"]),
        (f"{COUNTRIES}=FR&{COUNTRIES}=ES", ["plan", "old plan", "other plan", "spanish"]),
        (f"{COUNTRIES}=XK&type=plan&status=active", ["plan"]),
        (f"{COUNTRIES}=AN", []),
    ],
)
def test_filters(partner: Newcomer, ids: dict[str, str], query: str, expected: list[str]) -> None:
    assert ids
    assert names(partner, f"/product-offerings?{query}") == expected


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("stauts=active", "'stauts'"),
        ("countries=DE", "'countries'"),
        ("status=sold_out", "'status'"),
        ("type=bundle", "'type'"),
        (f"{COUNTRIES}=de", "'de'"),
        (f"{COUNTRIES}=DE,UK", "'UK'"),
        (f"{COUNTRIES}=", "''"),
        ("limit=0", "'limit'"),
        ("limit=41", "'limit'"),
        ("limit=ten", "'limit'"),
        ("limit=", "'limit'"),
        ("limit=1&limit=2", "'limit'"),
    ],
)
def test_a_bad_query_is_refused_by_name(partner: Newcomer, query: str, named: str) -> None:
    answer = partner.get(f"/product-offerings?{query}")
    assert answer.status == 400
    (error,) = answer.json()["errors"]
    assert error["code"] == "constraint_validation_error"
    assert named in error["detail"]
    assert "pointer" not in error


def test_filtered_pages_keep_their_filter(partner: Newcomer, ids: dict[str, str]) -> None:
    first = partner.get(f"/product-offerings?{COUNTRIES}=FR,ES&limit=3").json()
    assert [offering["name"] for offering in first["_embedded"]["product_offerings"]] == [*ids][:3]
    following = first["_links"]["next"]["href"].removeprefix("http://127.0.0.1:8080")
    assert names(partner, following) == ["spanish"]


@pytest.mark.parametrize(
    ("offering", "expected"),
    [
        ("plan", ["german", "spanish"]),
        ("old plan", ["german", "spanish"]),
        ("other plan", ["spanish"]),
        ("german", ["plan"]),
        ("spanish", ["plan", "other plan"]),
        ("inactive", ["plan"]),
    ],
)
def test_compatible(partner: Newcomer, ids: dict[str, str], offering: str, expected: list[str]) -> None:
    assert names(partner, f"/product-offerings/{ids[offering]}/compatible") == expected


def test_compatible_comes_in_pages(partner: Newcomer, ids: dict[str, str]) -> None:
    path = f"/product-offerings/{ids['spanish']}/compatible"
    first = partner.get(f"{path}?limit=1").json()
    assert [offering["name"] for offering in first["_embedded"]["product_offerings"]] == ["plan"]
    following = first["_links"]["next"]["href"].removeprefix("http://127.0.0.1:8080")
    assert following.startswith(path)
    assert names(partner, following) == ["other plan"]
    elsewhere = following.replace(ids["spanish"], ids["plan"])
    assert partner.get(elsewhere).json()["errors"][0]["code"] == "invalid_cursor"
    assert partner.get(f"{path}?status=active").status == 400


@pytest.mark.parametrize("suffix", ["", "/compatible"])
def test_anothers_offering_and_no_offering_are_not_found(acme: Client, ids: dict[str, str], suffix: str) -> None:
    for offering_id in (ids["plan"], "prdoff_01ARZ3NDEKTSV4RRFFQ69G5FAV", "x"):
        answer = acme.get(f"/product-offerings/{offering_id}{suffix}")
        assert answer.status == 404
        assert answer.json()["title"] == "Resource not found"


def test_the_scope_is_needed(acme: Client) -> None:
    other = acme.limited_to("orders/read")
    for target in ("/product-offerings", "/product-offerings/x", "/product-offerings/x/compatible"):
        assert other.get(target).status == 403


def test_the_sandbox_sells_to_both_partners_under_ids_of_their_own(acme: Client, globex: Client) -> None:
    sold = [client.get("/product-offerings?limit=40").json() for client in (acme, globex)]
    mine, theirs = ([offering["id"] for offering in body["_embedded"]["product_offerings"]] for body in sold)
    assert len(mine) == len(theirs) == 33
    assert not set(mine) & set(theirs)
    assert all("next" not in body["_links"] for body in sold)
