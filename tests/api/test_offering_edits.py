"""``PATCH /product-offerings/{id}`` (contract §3)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from infra.local.system import System
from infra.operator import sims as stock
from infra.operator.catalog import load
from infra.operator.catalog_entries import Catalogs
from tests.support.client import Client
from tests.support.customers import add_subscriber
from tests.support.newcomer import Newcomer
from tests.support.shop import Shop
from tests.support.sims import esim


@pytest.fixture(scope="module")
def partner(system: System) -> Newcomer:
    return Newcomer(system)


@pytest.fixture
def offering(partner: Newcomer) -> str:
    """The id of a new plan."""
    plan: dict[str, Any] = {"name": "Europe", "type": "plan", "metadata": {"color": "red", "size": "L"}}
    plan["validity"] = {"type": "duration", "unit": "month", "unit_count": 1, "is_recurrent": True}
    area = {"name": "Europe", "type": "regional", "countries": ["DE"]}
    content = {"coverage_areas": {str(uuid4()): area}, "offerings": {"plan": plan}, "catalogs": {}}
    return load(partner.partner, Catalogs.of(content))["plan"]


def test_name_and_metadata_are_changed_and_nothing_else(partner: Newcomer, offering: str) -> None:
    path = f"/product-offerings/{offering}"
    before = partner.get(path).json()
    answer = partner.patch(path, {"name": "Europe 2", "metadata": {"size": None, "made_in": "EU", "weight": None}})
    after = answer.json()
    assert answer.status == 200
    changed = {"name": "Europe 2", "metadata": {"color": "red", "made_in": "EU"}, "updated_at": after["updated_at"]}
    assert after == before | changed
    assert after["updated_at"] > before["updated_at"]
    assert partner.get(path).json() == after


def test_metadata_is_cleared_as_a_whole(partner: Newcomer, offering: str) -> None:
    answer = partner.patch(f"/product-offerings/{offering}", {"metadata": None})
    assert (answer.status, answer.json()["name"]) == (200, "Europe")
    assert "metadata" not in answer.json()


@pytest.mark.parametrize("body", [None, {}, {"metadata": {}}, {"name": "Europe", "metadata": {"color": "red"}}])
def test_what_changes_nothing_is_fine_and_leaves_no_trace(partner: Newcomer, offering: str, body: Any) -> None:
    path = f"/product-offerings/{offering}"
    before = partner.get(path).json()
    for key in ({}, {"Idempotency-Key": f"nothing {offering}"}):
        answer = partner.patch(path, body, key)
        assert (answer.status, answer.json()) == (200, before)
    assert answer.headers["Idempotent-Replayed"] == "false"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"name": None, "status": "inactive", "prices": None}, ["$.name", "$.status", "$.prices"]),
        ({"name": "x" * 301}, ["$.name"]),
        ({"metadata": {str(number): "x" for number in range(9)}}, ["$.metadata"]),
        ({"metadata": {"note": "x" * 301, "count": 1}}, ["$.metadata.note", "$.metadata.count"]),
        ([], ["$"]),
    ],
)
def test_what_is_refused(partner: Newcomer, offering: str, body: Any, pointers: list[str]) -> None:
    answer = partner.patch(f"/product-offerings/{offering}", body)
    assert answer.status == 400
    assert {error["code"] for error in answer.json()["errors"]} == {"constraint_validation_error"}
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


def test_a_key_has_one_effect(partner: Newcomer, offering: str) -> None:
    path, key = f"/product-offerings/{offering}", {"Idempotency-Key": "one effect"}
    first = partner.patch(path, {"name": "First"}, key)
    partner.patch(path, {"name": "Second"})
    again = partner.patch(path, {"name": "First"}, key)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    assert partner.get(path).json()["name"] == "Second"
    assert partner.patch(path, {"nam": "Third"}, key).status == 422


def test_of_changes_at_once_none_is_lost(partner: Newcomer, offering: str) -> None:
    path = f"/product-offerings/{offering}"
    bodies = [{"metadata": {f"key {number}": "x"}} for number in range(6)]
    with ThreadPoolExecutor() as pool:
        assert {answer.status for answer in pool.map(lambda body: partner.patch(path, body), bodies)} == {200}
    metadata = partner.get(path).json()["metadata"]
    assert metadata == {"color": "red", "size": "L"} | {f"key {number}": "x" for number in range(6)}


def test_others_offerings_and_missing_scopes(partner: Newcomer, acme: Client, offering: str) -> None:
    for offering_id in (offering, "prdoff_01ARZ3NDEKTSV4RRFFQ69G5FAV"):
        assert acme.patch(f"/product-offerings/{offering_id}", {"name": "Mine"}).status == 404
    reader = partner.limited_to("catalog/read")
    assert reader.patch(f"/product-offerings/{offering}", {"name": "Mine"}).status == 403


def test_what_was_ordered_keeps_its_copy(partner: Newcomer, offering: str) -> None:
    """An order that waits, and the products that it then makes."""
    shop = Shop(partner)
    stock.load(partner.partner, [esim()])
    plan = {"plan": {"product_offering_id": offering}}
    body = shop.activation(subscriber_id=add_subscriber(partner)["id"], products=plan, on_hold_condition="porting")
    order = shop.until(shop.place(body), lambda now: now["status"] == "on_hold")
    edit = {"name": "Renamed", "metadata": {"color": "blue"}}
    assert partner.patch(f"/product-offerings/{offering}", edit).status == 200
    assert partner.post(f"/orders/{order['id']}/resume").status == 200
    subscription = shop.final(order)["_embedded"]["subscription"]["id"]
    (product,) = shop.products(subscription)
    partner.patch(f"/product-offerings/{offering}", {"metadata": None})
    for shown in (product, partner.get(f"/products/{product['id']}").json()):
        frozen = shown["_embedded"]["product_offering"]
        assert (frozen["name"], frozen["metadata"]) == ("Europe", {"color": "red", "size": "L"})
