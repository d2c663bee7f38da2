"""``POST /accounts`` and ``PATCH /accounts/{id}`` (contract §4)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.local.system import System
from tests.api.refusals import invalid, refusal
from tests.support.client import Client
from tests.support.customers import BERLIN, BUSINESS, PERSONAL, open_account
from tests.support.newcomer import Newcomer

OWNER = PERSONAL["owner"]
COMPANY = {"regon": "123456789", "billing_address": {"country": "US", "state": "NY"}}


@pytest.fixture(scope="module")
def partner(system: System) -> Newcomer:
    return Newcomer(system)


@pytest.mark.parametrize(
    "body",
    [
        PERSONAL,
        PERSONAL | {"name": "Mine", "metadata": {"tier": "gold"}},
        PERSONAL | {"owner": OWNER | {"tax_id": "1", "billing_address": BERLIN}},
        BUSINESS,
        BUSINESS | COMPANY | {"name": "Ours"},
    ],
)
def test_an_account_is_made_as_it_was_asked_for(partner: Newcomer, body: dict[str, Any]) -> None:
    account = open_account(partner, body)
    made = {name: account[name] for name in ("id", "number", "created_at", "updated_at", "_links")}
    assert account == body | made
    assert account["id"].startswith("acc_")
    assert account["created_at"] == account["updated_at"]
    assert partner.get(f"/accounts/{account['id']}").json() == account
    assert partner.get("/accounts?limit=1").json()["_embedded"]["accounts"] == [account]


def test_null_is_absent_and_metadata_is_text(partner: Newcomer) -> None:
    metadata = b'{"yes": true, "one": 1, "price": 1.50, "thousand": 1e3, "nothing": null, "text": ""}'
    body = b'{"type": "business", "company_name": "A", "tax_id": "1", "address": {"country": "DE", "state": null},'
    answer = partner.post("/accounts", body + b'"name": null, "regon": null, "metadata": ' + metadata + b"}")
    account = answer.json()
    assert (answer.status, account["address"]) == (201, {"country": "DE"})
    assert account["metadata"] == {"yes": "true", "one": "1", "price": "1.5", "thousand": "1000", "text": ""}
    assert not {"name", "regon"} & set(account)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["$.type"]),
        ({"type": "family"}, ["$.type"]),
        ({"type": "personal"}, ["$.owner"]),
        ({"type": "business"}, ["$.company_name", "$.tax_id", "$.address"]),
        (PERSONAL | {"owner": {}}, ["$.owner.first_name", "$.owner.last_name", "$.owner.address"]),
        (PERSONAL | {"owner": OWNER | {"address": {}}}, ["$.owner.address.country"]),
        (
            PERSONAL | {"owner": OWNER | {"first_name": "x" * 101, "last_name": ""}},
            ["$.owner.first_name", "$.owner.last_name"],
        ),
        (PERSONAL | {"company_name": "A", "regon": "123456789"}, ["$.company_name", "$.regon"]),
        (PERSONAL | {"address": BERLIN}, ["$.address"]),
        (PERSONAL | {"name": "x" * 101}, ["$.name"]),
        (BUSINESS | {"owner": OWNER}, ["$.owner"]),
        (BUSINESS | {"company_name": "x" * 201, "tax_id": ""}, ["$.company_name", "$.tax_id"]),
        (BUSINESS | {"regon": "12345678"}, ["$.regon"]),
        (BUSINESS | {"regon": "1" * 15}, ["$.regon"]),
        (BUSINESS | {"address": {"country": "US"}}, ["$.address.state"]),
        (BUSINESS | {"billing_address": {"country": "DE", "state": "BE"}}, ["$.billing_address.state"]),
        (BUSINESS | {"metadata": {str(number): "x" for number in range(51)}}, ["$.metadata"]),
        (BUSINESS | {"metadata": {"a": "x" * 301, "b": {}, "c": []}}, ["$.metadata.a", "$.metadata.b", "$.metadata.c"]),
        (BUSINESS | {"id": "acc_1", "number": "1"}, ["$.id", "$.number"]),
    ],
)
def test_what_is_not_an_account(partner: Newcomer, body: dict[str, Any], pointers: list[str]) -> None:
    assert refusal(partner, "POST", "/accounts", body) == invalid(*pointers)


@pytest.mark.parametrize(
    ("before", "body", "expected"),
    [
        (PERSONAL, {"owner": {"last_name": "King"}}, PERSONAL | {"owner": OWNER | {"last_name": "King"}}),
        (
            PERSONAL,
            {"owner": {"address": {"country": "US", "state": "NY", "line1": None}}},
            PERSONAL
            | {
                "owner": OWNER | {"address": {"city": "Berlin", "postal_code": "10119", "country": "US", "state": "NY"}}
            },
        ),
        (
            PERSONAL,
            {"owner": {"billing_address": {"country": "FR"}}},
            PERSONAL | {"owner": OWNER | {"billing_address": {"country": "FR"}}},
        ),
        (BUSINESS | COMPANY, {"regon": None, "billing_address": None}, BUSINESS),
        (
            BUSINESS | COMPANY,
            {"billing_address": {"country": "DE", "state": None}},
            BUSINESS | COMPANY | {"billing_address": {"country": "DE"}},
        ),
        (
            BUSINESS | {"metadata": {"a": "1", "b": "2"}},
            {"metadata": {"a": None, "c": 3, "d": None}},
            BUSINESS | {"metadata": {"b": "2", "c": "3"}},
        ),
        (BUSINESS | {"name": "Ours", "metadata": {"a": "1"}}, {"name": None, "metadata": None}, BUSINESS),
    ],
)
def test_a_patch_is_merged(
    partner: Newcomer, before: dict[str, Any], body: dict[str, Any], expected: dict[str, Any]
) -> None:
    account = open_account(partner, before)
    answer = partner.patch(f"/accounts/{account['id']}", body)
    after = answer.json()
    assert answer.status == 200
    made = {name: account[name] for name in ("id", "number", "created_at", "_links")}
    assert after == expected | made | {"updated_at": after["updated_at"]}
    assert after["updated_at"] > account["updated_at"]
    assert partner.get(f"/accounts/{account['id']}").json() == after


@pytest.mark.parametrize(
    ("before", "body", "pointers"),
    [
        (PERSONAL, {"type": "personal"}, ["$.type"]),
        (PERSONAL, {"type": None, "address": None}, ["$.type", "$.address"]),
        (PERSONAL, {"owner": {"address": {"country": "US"}}}, ["$.owner.address.state"]),
        (BUSINESS | COMPANY, {"billing_address": {"country": "DE"}}, ["$.billing_address.state"]),
        (BUSINESS, {"company_name": None, "owner": {}}, ["$.company_name", "$.owner"]),
    ],
)
def test_a_patch_is_refused_at_what_causes_it(
    partner: Newcomer, before: dict[str, Any], body: dict[str, Any], pointers: list[str]
) -> None:
    account = open_account(partner, before)
    path = f"/accounts/{account['id']}"
    assert refusal(partner, "PATCH", path, body) == invalid(*pointers)
    assert partner.get(path).json() == account


def test_a_patch_without_content_changes_nothing(partner: Newcomer) -> None:
    account = open_account(partner)
    bodies: list[Any] = [None, {}, {"owner": {}}, {"metadata": {"x": None}, "name": None}]
    for body in bodies:
        answer = partner.patch(f"/accounts/{account['id']}", body)
        assert answer.status == 200
        assert answer.json()["updated_at"] == account["updated_at"], body


def test_of_patches_at_once_none_is_lost(partner: Newcomer) -> None:
    path = f"/accounts/{open_account(partner)['id']}"
    bodies = [{"metadata": {f"key {number}": number}} for number in range(6)]
    with ThreadPoolExecutor() as pool:
        assert {answer.status for answer in pool.map(lambda body: partner.patch(path, body), bodies)} == {200}
    assert partner.get(path).json()["metadata"] == {f"key {number}": str(number) for number in range(6)}


def test_a_key_makes_one_account(partner: Newcomer) -> None:
    key = {"Idempotency-Key": "one account"}
    first, again = (partner.post("/accounts", PERSONAL | {"metadata": {"n": 1}}, key) for _ in range(2))
    assert (again.status, again.json(), again.headers["Idempotent-Replayed"]) == (201, first.json(), "true")
    assert again.headers["Location"] == first.headers["Location"]
    assert partner.post("/accounts", BUSINESS, key).status == 422
    path = f"/accounts/{first.json()['id']}"
    edits = [partner.patch(path, {"name": "Mine"}, key) for _ in range(2)]
    assert [answer.headers["Idempotent-Replayed"] for answer in edits] == ["false", "true"]


def test_others_accounts_and_missing_scopes(partner: Newcomer, acme: Client) -> None:
    account = open_account(partner)
    for account_id in (account["id"], "acc_01ARZ3NDEKTSV4RRFFQ69G5FAV"):
        assert acme.patch(f"/accounts/{account_id}", {"name": "Mine"}).status == 404
    reader = partner.limited_to("subscribers/read")
    assert reader.post("/accounts", PERSONAL).status == 403
    assert reader.patch(f"/accounts/{account['id']}", {}).status == 403
