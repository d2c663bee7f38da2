"""``/product-catalogs`` (contract §3)."""

import pytest

from infra.local.system import System
from infra.operator.catalog import load
from infra.operator.catalog_entries import Catalogs
from tests.support.client import Client
from tests.support.newcomer import Newcomer

BASE = "http://127.0.0.1:8080"
COUNTRIES = "allowances[coverage-area][countries]"
OFFERINGS = {"plan": "europe", "old plan": "europe", "german": "germany", "spanish": "spain"}


@pytest.fixture(scope="module")
def partner(system: System) -> Newcomer:
    """A partner with three catalogs, one of them empty."""
    partner = Newcomer(system)
    countries = {"germany": ["DE"], "spain": ["ES"], "europe": ["DE", "FR"]}
    areas = {name: {"name": name, "type": "local", "countries": held} for name, held in countries.items()}
    month = {"type": "duration", "unit": "month", "unit_count": 1}
    offerings = {
        name: {
            "name": name,
            "type": "plan" if name.endswith("plan") else "addon",
            "status": "inactive" if name.startswith("old") else "active",
            "validity": month,
            "allowances": [{"type": "data", "coverage_area": area}],
        }
        for name, area in OFFERINGS.items()
    }
    catalogs = {"main": list(OFFERINGS), "Spain": ["spanish"], "empty": []}
    content = {"coverage_areas": areas, "offerings": offerings, "catalogs": catalogs}
    load(partner.partner, Catalogs.of(content))
    return partner


@pytest.fixture(scope="module")
def ids(partner: Newcomer) -> dict[str, str]:
    """The catalogs' ids by name."""
    catalogs = partner.get("/product-catalogs").json()["_embedded"]["product_catalogs"]
    return {catalog["name"]: catalog["id"] for catalog in catalogs}


def names(client: Client, target: str, plural: str = "product_offerings") -> list[str]:
    answer = client.get(target.removeprefix(BASE))
    assert answer.status == 200, answer.json()
    return [item["name"] for item in answer.json()["_embedded"][plural]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["main", "Spain", "empty"]),
        ("?name=Spain", ["Spain"]),
        ("?name=spain", []),
        ("?name=Spai", []),
        ("?name=", []),
    ],
)
def test_catalogs_are_listed_and_found_by_their_exact_name(partner: Newcomer, query: str, expected: list[str]) -> None:
    assert names(partner, f"/product-catalogs{query}", "product_catalogs") == expected


def test_catalogs_come_in_pages(partner: Newcomer) -> None:
    first = partner.get("/product-catalogs?limit=2").json()
    assert names(partner, first["_links"]["next"]["href"], "product_catalogs") == ["empty"]


def test_a_catalog_is_shown_whole(partner: Newcomer, ids: dict[str, str]) -> None:
    shown = partner.get(f"/product-catalogs/{ids['main']}").json()
    self = f"{BASE}/product-catalogs/{ids['main']}"
    assert ids["main"].startswith("prdcat_")
    assert shown == {
        "id": ids["main"],
        "name": "main",
        "created_at": shown["created_at"],
        "updated_at": shown["updated_at"],
        "_links": {"self": {"href": self}, "product-offerings": {"href": f"{self}/product-offerings"}},
    }
    assert names(partner, shown["_links"]["product-offerings"]["href"]) == list(OFFERINGS)


@pytest.mark.parametrize(
    ("catalog", "query", "expected"),
    [
        ("main", "status=inactive", ["old plan"]),
        ("main", "type=plan", ["plan", "old plan"]),
        ("main", "type=plan&status=active", ["plan"]),
        ("main", f"{COUNTRIES}=ES,FR", ["plan", "old plan", "spanish"]),
        ("main", "type=non_service", []),
        ("Spain", "", ["spanish"]),
        ("Spain", f"{COUNTRIES}=DE", []),
        ("empty", "", []),
    ],
)
def test_the_offerings_of_a_catalog(
    partner: Newcomer, ids: dict[str, str], catalog: str, query: str, expected: list[str]
) -> None:
    assert names(partner, f"/product-catalogs/{ids[catalog]}/product-offerings?{query}") == expected


def test_the_offerings_come_in_pages(partner: Newcomer, ids: dict[str, str]) -> None:
    path = f"/product-catalogs/{ids['main']}/product-offerings"
    first = partner.get(f"{path}?limit=3").json()
    following = first["_links"]["next"]["href"].removeprefix(BASE)
    assert names(partner, following) == ["spanish"]
    elsewhere = partner.get(following.replace(ids["main"], ids["Spain"]))
    assert [error["code"] for error in elsewhere.json()["errors"]] == ["invalid_cursor"]


@pytest.mark.parametrize("query", ["nam=main", "name=a&name=b", "status=active"])
def test_a_bad_query_is_refused_by_name(partner: Newcomer, ids: dict[str, str], query: str) -> None:
    answer = partner.get(f"/product-catalogs?{query}")
    assert answer.status == 400
    assert repr(query.partition("=")[0]) in answer.json()["errors"][0]["detail"]
    assert partner.get(f"/product-catalogs/{ids['main']}/product-offerings?name=main").status == 400


@pytest.mark.parametrize("suffix", ["", "/product-offerings", "/product-offerings?type=plan"])
def test_anothers_catalog_and_no_catalog_are_not_found(acme: Client, ids: dict[str, str], suffix: str) -> None:
    for catalog_id in (ids["main"], ids["empty"], "prdcat_01ARZ3NDEKTSV4RRFFQ69G5FAV", "x"):
        answer = acme.get(f"/product-catalogs/{catalog_id}{suffix}")
        assert answer.status == 404
        assert answer.json()["title"] == "Resource not found"


def test_the_scope_is_needed(acme: Client) -> None:
    other = acme.limited_to("orders/read", "catalog/write")
    for target in ("/product-catalogs", "/product-catalogs/x", "/product-catalogs/x/product-offerings"):
        assert other.get(target).status == 403
