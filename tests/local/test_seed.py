"""What the sandbox begins with is the same at every start, and each partner's is its own (contract §9)."""

from infra.local.seed import PARTNERS, seeded_id
from infra.local.system import System
from tests.support.client import Client

EVERYTHING = (
    ("/product-offerings", "product_offerings"),
    ("/product-catalogs", "product_catalogs"),
    ("/coverage-areas", "coverage_areas"),
)


def seeded(client: Client) -> set[str]:
    """The ids of what nobody makes but the seed."""
    return {
        item["id"]
        for path, plural in EVERYTHING
        for item in client.get(f"{path}?limit=40").json()["_embedded"][plural]
        if item["created_at"] == "2026-01-01T00:00:00.000Z"
    }


def test_ids_follow_from_the_partner_and_the_thing_alone(acme: Client) -> None:
    assert seeded_id("acc", "acme", 0) == "acc_01KDVDNA00FYMF3Z0AHPV9SYDQ"
    assert seeded_id("acc", "globex", 0) != seeded_id("acc", "acme", 0) != seeded_id("acc", "acme", 1)
    assert acme.get(f"/accounts/{seeded_id('acc', 'acme', 0)}").status == 200


def test_no_two_partners_share_an_id(system: System) -> None:
    ids = [seeded(Client(system, partner)) for partner in PARTNERS]
    assert all(len(some) > 40 for some in ids)
    assert set.isdisjoint(*ids)
