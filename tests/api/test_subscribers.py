"""``POST /subscribers`` and ``PATCH /subscribers/{id}`` (contract §4)."""

from typing import Any

import pytest

from infra.local.system import System
from tests.api.refusals import invalid, refusal
from tests.support.client import Client
from tests.support.customers import BERLIN, PERSON, add_subscriber, open_account
from tests.support.newcomer import Newcomer

DOCUMENTS = [
    {"type": "passport", "number": "C01X", "nationality": "DE"},
    {"type": "passport", "number": "C02X"},
    {"type": "identity_card", "number": "1"},
    {"type": "eu_identity_card", "number": "2"},
    {"type": "pesel", "number": "3"},
    {"type": "nie", "number": "4"},
    {"type": "tax_id", "number": "5", "country": "PL"},
]


@pytest.fixture(scope="module")
def partner(system: System) -> Newcomer:
    return Newcomer(system)


@pytest.fixture(scope="module")
def account(partner: Newcomer) -> str:
    return str(open_account(partner)["id"])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"birth_date": "1815-12-10", "locale": "fr-CA"},
        {"address": {"country": "CA", "state": "QC"}},
        {"identifications": DOCUMENTS},
    ],
)
def test_a_subscriber_is_made_as_it_was_asked_for(partner: Newcomer, account: str, fields: dict[str, Any]) -> None:
    subscriber = add_subscriber(partner, account, **fields)
    made = {name: subscriber[name] for name in ("id", "created_at", "updated_at", "_embedded", "_links")}
    assert subscriber == PERSON | {"account_id": account, "locale": "en-GB"} | fields | made
    assert subscriber["id"].startswith("subr_")
    assert subscriber["created_at"] == subscriber["updated_at"]
    assert subscriber["_embedded"]["account"]["id"] == account
    assert partner.get(f"/subscribers/{subscriber['id']}").json() == subscriber
    assert partner.get("/subscribers?limit=1").json()["_embedded"]["subscribers"] == [subscriber]


def test_null_is_absent(partner: Newcomer, account: str) -> None:
    subscriber = add_subscriber(partner, account, birth_date=None, locale=None, identifications=None)
    assert subscriber["locale"] == "en-GB"
    assert not {"birth_date", "identifications"} & set(subscriber)


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        (dict.fromkeys([*PERSON, "account_id"]), [*(f"$.{name}" for name in PERSON), "$.account_id"]),
        ({"account_id": ""}, ["$.account_id"]),
        ({"first_name": "", "last_name": "x" * 255}, ["$.first_name", "$.last_name"]),
        ({"email": "ada"}, ["$.email"]),
        ({"email": "ada@home@example.com"}, ["$.email"]),
        ({"address": {}}, ["$.address.country"]),
        (
            {"address": BERLIN | {"postal_code": "10/119", "city": "x" * 201}},
            ["$.address.city", "$.address.postal_code"],
        ),
        ({"address": {"country": "CA"}}, ["$.address.state"]),
        ({"address": BERLIN | {"state": "BE"}}, ["$.address.state"]),
        ({"address": BERLIN | {"street": "Torstraße"}}, ["$.address.street"]),
        ({"birth_date": "1815-02-30"}, ["$.birth_date"]),
        ({"birth_date": "1815-12-10T00:00:00Z"}, ["$.birth_date"]),
        ({"locale": "en_GB"}, ["$.locale"]),
        ({"identifications": [{"number": "1"}]}, ["$.identifications[0].type"]),
        ({"identifications": [{"type": "nie", "number": "1", "country": "ES"}]}, ["$.identifications[0].country"]),
        ({"identifications": [{"type": "tax_id", "number": "1"}]}, ["$.identifications[0].country"]),
        ({"identifications": [DOCUMENTS[0] | {"nationality": "German"}]}, ["$.identifications[0].nationality"]),
        ({"identifications": [DOCUMENTS[0]] * 21}, ["$.identifications"]),
        ({"id": "subr_1", "phone": "1"}, ["$.id", "$.phone"]),
    ],
)
def test_what_is_not_a_subscriber(partner: Newcomer, account: str, fields: dict[str, Any], pointers: list[str]) -> None:
    body = PERSON | {"account_id": account} | fields
    assert refusal(partner, "POST", "/subscribers", body) == invalid(*pointers)


def test_the_account_is_the_partners(partner: Newcomer, acme: Client) -> None:
    foreign = acme.get("/accounts").json()["_embedded"]["accounts"][0]["id"]
    for account_id in (foreign, "acc_01ARZ3NDEKTSV4RRFFQ69G5FAV", "none"):
        body = PERSON | {"account_id": account_id}
        assert refusal(partner, "POST", "/subscribers", body) == [("not_found", "$.account_id")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"first_name": "Augusta"}, {"first_name": "Augusta"}),
        ({"birth_date": None, "locale": None}, {"birth_date": None, "locale": "en-GB"}),
        ({"address": {"city": None, "line2": "2"}}, {"address": BERLIN | {"city": None, "line2": "2"}}),
        ({"address": {"country": "US", "state": "NY"}}, {"address": BERLIN | {"country": "US", "state": "NY"}}),
        ({"identifications": DOCUMENTS[1:2]}, {"identifications": DOCUMENTS[1:2]}),
        ({"identifications": None}, {"identifications": None}),
    ],
)
def test_a_patch_is_merged(partner: Newcomer, account: str, body: dict[str, Any], expected: dict[str, Any]) -> None:
    optional = {"birth_date": "1815-12-10", "locale": "fr-CA", "identifications": DOCUMENTS}
    before = add_subscriber(partner, account, **optional)
    answer = partner.patch(f"/subscribers/{before['id']}", body)
    after = answer.json()
    assert answer.status == 200
    assert after == _without_absent(before | expected | {"updated_at": after["updated_at"]})
    assert after["updated_at"] > before["updated_at"]
    assert partner.get(f"/subscribers/{before['id']}").json() == after


def test_moving_to_a_country_without_states_takes_the_state_along(partner: Newcomer, account: str) -> None:
    subscriber = add_subscriber(partner, account, address={"country": "US", "state": "NY"})
    path = f"/subscribers/{subscriber['id']}"
    assert refusal(partner, "PATCH", path, {"address": {"country": "DE"}}) == invalid("$.address.state")
    assert partner.get(path).json() == subscriber
    answer = partner.patch(path, {"address": {"country": "DE", "state": None}})
    assert (answer.status, answer.json()["address"]) == (200, {"country": "DE"})


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"account_id": "acc_1"}, ["$.account_id"]),
        ({"account_id": None, "adress": None}, ["$.account_id", "$.adress"]),
        ({"email": None, "address": None}, ["$.email", "$.address"]),
        ({"address": {"country": "US"}}, ["$.address.state"]),
        ({"identifications": [{"type": "passport"}]}, ["$.identifications[0].number"]),
    ],
)
def test_a_patch_is_refused_at_what_causes_it(
    partner: Newcomer, account: str, body: dict[str, Any], pointers: list[str]
) -> None:
    subscriber = add_subscriber(partner, account)
    assert refusal(partner, "PATCH", f"/subscribers/{subscriber['id']}", body) == invalid(*pointers)


def test_a_key_makes_one_subscriber(partner: Newcomer, account: str) -> None:
    key, body = {"Idempotency-Key": "one subscriber"}, PERSON | {"account_id": account}
    first, again = (partner.post("/subscribers", body, key) for _ in range(2))
    assert (again.status, again.json(), again.headers["Idempotent-Replayed"]) == (201, first.json(), "true")
    path = f"/subscribers/{first.json()['id']}"
    edits = [partner.patch(path, {"first_name": "Augusta"}, key) for _ in range(2)]
    assert [answer.headers["Idempotent-Replayed"] for answer in edits] == ["false", "true"]
    assert partner.patch(path, {"first_name": "Ada"}, key).status == 422


def test_a_list_by_email_and_by_account(partner: Newcomer, account: str, acme: Client) -> None:
    first, second, third = (
        add_subscriber(partner, account, email="Lists@Example.com"),
        add_subscriber(partner, account, email="grace@example.com"),
        add_subscriber(partner, email="lists@example.COM"),
    )

    def found(query: str, by: Client = partner) -> list[str]:
        return [item["id"] for item in by.get(f"/subscribers?{query}").json()["_embedded"]["subscribers"]]

    assert found("email=LISTS@example.com") == [third["id"], first["id"]]
    assert found(f"account-id={account}")[:2] == [second["id"], first["id"]]
    assert found(f"account-id={account}&email=lists@example.com") == [first["id"]]
    assert found("email=nobody@example.com") == found(f"account-id={account}", acme) == []
    assert partner.patch(f"/subscribers/{first['id']}", {"email": "new@example.com"}).status == 200
    assert found("email=lists@example.com") == [third["id"]]
    assert found("email=NEW@example.com") == [first["id"]]


def test_others_subscribers_and_missing_scopes(partner: Newcomer, account: str, acme: Client) -> None:
    subscriber = add_subscriber(partner, account)
    for subscriber_id in (subscriber["id"], "subr_01ARZ3NDEKTSV4RRFFQ69G5FAV"):
        assert acme.patch(f"/subscribers/{subscriber_id}", {"first_name": "Max"}).status == 404
    reader = partner.limited_to("subscribers/read", "orders/write")
    assert reader.post("/subscribers", PERSON | {"account_id": account}).status == 403
    assert reader.patch(f"/subscribers/{subscriber['id']}", {}).status == 403


def test_no_personal_data_is_logged(
    partner: Newcomer, account: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Whether the request is taken or refused."""
    secret: dict[str, Any] = {"first_name": "Zephyrine", "email": "zephyrine@example.com"}
    secret["address"] = {"country": "DE", "city": "Zephyrhausen", "postal_code": "Z-99"}
    secret["identifications"] = [{"type": "nie", "number": "ZEPHYR1"}]
    subscriber = add_subscriber(partner, account, **secret)
    wrong = {"email": "zephyrine", "address": {"state": "Zephyria"}, "zephyr": "zephyr", "locale": "zephyr zephyr"}
    assert partner.post("/subscribers", PERSON | secret | wrong).status == 400
    assert partner.patch(f"/subscribers/{subscriber['id']}", wrong).status == 400
    output = capfd.readouterr()
    everything = output.out + output.err + caplog.text
    assert "Answered." in everything
    assert "zephyr" not in everything.lower()


def _without_absent(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource without what is ``None``, in its address too."""
    return {
        name: _without_absent(value) if isinstance(value, dict) else value
        for name, value in resource.items()
        if value is not None
    }
