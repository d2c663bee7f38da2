"""A sandbox of one's own: what it is started with (README, "Of your own")."""

import re
from pathlib import Path
from typing import Any

import httpx

from tests.support.http import HttpClient, partner
from tests.support.server import ROOT, running
from tests.support.shop import Shop

CSV = re.compile(r"```csv\n(.*?)```", re.DOTALL)


def test_a_catalog_from_a_file_and_an_empty_stock(tmp_path: Path) -> None:
    file = tmp_path / "catalog.csv"
    file.write_text(CSV.findall((ROOT / "docs" / "operator.md").read_text())[0])
    with running(CATALOG=str(file), ESIMS="0") as server, partner(server.url, "acme") as http:
        shop = Shop(HttpClient(http))
        assert len(shop.offerings) == 3
        assert all(offering["name"] in file.read_text() for offering in shop.offerings)
        plan = shop.find(lambda offering: offering["type"] == "plan")
        order = shop.final(shop.place(activation(shop, plan)))
        assert order["failure"]["code"] == "no_sim_available"


def activation(shop: Shop, plan: str) -> dict[str, Any]:
    return {
        "type": "activate_subscription",
        "subscriber_id": shop.subscriber,
        "purchase_location": "DE",
        "sim_profile": {"sim_type": "esim"},
        "products": {"plan": {"product_offering_id": plan}},
    }


def test_a_seed_repeats_what_is_random() -> None:
    with running(SEED="7") as server, partner(server.url, "acme") as http:
        first = random_choices(http)
        http.post("/sandbox/reset").raise_for_status()
        assert random_choices(http) == first


def random_choices(http: httpx.Client) -> list[str]:
    """What an order shows of chance: the SIM it took, the random half of its own id, and an added partner."""
    shop = Shop(HttpClient(http))
    orders = [shop.complete(shop.activation()) for _ in range(2)]
    sims = [order["_embedded"]["subscription"]["_embedded"]["sim_profile"]["id"] for order in orders]
    assert len({*sims}) == 2
    return [
        *sims,
        *(order["id"][-16:] for order in orders),
        http.post("/sandbox/partners").json()["client_id"],
    ]
