"""Coverage areas (contract §3)."""

from tests.support.client import Client
from tests.support.shop import Shop


def test_an_offering_leads_to_its_coverage_area(acme: Client, globex: Client) -> None:
    offering = acme.get(f"/product-offerings/{Shop(acme).data}").json()
    area = offering["_embedded"]["allowances"][0]["_embedded"]["coverage_area"]
    path = area["_links"]["self"]["href"].removeprefix("http://127.0.0.1:8080")
    assert acme.get(path).json() == area
    assert area.keys() == {"id", "name", "type", "countries", "created_at", "updated_at", "_links"}
    assert globex.get(path).status == 404


def test_the_list_can_be_filtered_by_country(acme: Client) -> None:
    shop = Shop(acme)
    everywhere = list(shop.walk("/coverage-areas?limit=40", "coverage_areas"))
    for query in ("countries=DE,FR", "countries=DE&countries=FR"):
        found = list(shop.walk(f"/coverage-areas?{query}", "coverage_areas"))
        assert found == [area for area in everywhere if {"DE", "FR"} & set(area["countries"])]
    assert len(everywhere) > len(found) > 0
    assert acme.get("/coverage-areas?countries=XX").status == 400
