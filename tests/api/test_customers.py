"""``/subscribers`` and ``/accounts`` (contract §4)."""

import pytest

from functions.accounts.account import Account
from functions.shared import clock
from functions.shared.ids import new_id
from functions.subscribers.subscriber import Subscriber
from infra.local.system import System
from infra.operator.writing import write_all
from tests.support.client import Client
from tests.support.newcomer import Newcomer

ADDRESS = {"city": "Berlin", "country": "DE"}


@pytest.fixture(scope="module")
def partner(system: System) -> Newcomer:
    """A partner with a business account of 25 subscribers."""
    newcomer = Newcomer(system)
    common = {"partner": newcomer.partner, "created_at": clock.now(), "updated_at": clock.now()}
    business = {"type": "business", "number": "N-1", "company_name": "Acme GmbH", "tax_id": "DE1", "address": ADDRESS}
    account = Account.model_validate(common | business | {"id": new_id(Account.PREFIX), "metadata": {"tier": "1"}})
    person = {"account_id": account.id, "first_name": "Ada", "email": "ada@example.com", "address": ADDRESS}
    subscribers = [
        Subscriber.model_validate(common | person | {"id": new_id(Subscriber.PREFIX), "last_name": f"Number {number}"})
        for number in range(25)
    ]
    write_all(newcomer.partner, [account, *subscribers])
    return newcomer


def test_the_sandbox_has_a_personal_account_with_one_subscriber(acme: Client) -> None:
    (account,) = acme.get("/accounts").json()["_embedded"]["accounts"]
    assert account["type"] == "personal"
    assert {"id", "number", "owner", "created_at", "updated_at", "_links"} <= set(account)
    assert account["owner"]["address"]["country"] == "DE"
    (subscriber,) = acme.get("/subscribers").json()["_embedded"]["subscribers"]
    assert subscriber["_embedded"]["account"] == {"id": account["id"], "_links": account["_links"]}


def test_each_is_found_by_its_id_as_it_is_listed(acme: Client) -> None:
    for plural in ("accounts", "subscribers"):
        (listed,) = acme.get(f"/{plural}").json()["_embedded"][plural]
        answer = acme.get(f"/{plural}/{listed['id']}")
        assert (answer.status, answer.json()) == (200, listed)
        assert listed["_links"]["self"]["href"] == f"http://127.0.0.1:8080/{plural}/{listed['id']}"


def test_a_subscribers_link_leads_to_its_subscriptions(acme: Client) -> None:
    (subscriber,) = acme.get("/subscribers").json()["_embedded"]["subscribers"]
    target = subscriber["_links"]["subscriptions"]["href"].removeprefix("http://127.0.0.1:8080")
    assert target == f"/subscriptions?subscriber-id={subscriber['id']}"
    assert acme.get(target).status == 200


def test_a_business_account_shows_what_it_has(partner: Newcomer) -> None:
    (account,) = partner.get("/accounts").json()["_embedded"]["accounts"]
    assert account["company_name"] == "Acme GmbH"
    assert account["metadata"] == {"tier": "1"}
    assert "owner" not in account


def test_subscribers_are_walked_newest_first_and_back(partner: Newcomer) -> None:
    pages = [partner.get("/subscribers").json()]
    while following := pages[-1]["_links"].get("next"):
        pages.append(partner.get(following["href"].removeprefix("http://127.0.0.1:8080")).json())
    ids = [[subscriber["id"] for subscriber in body["_embedded"]["subscribers"]] for body in pages]
    assert [len(some) for some in ids] == [10, 10, 5]
    assert sum(ids, []) == sorted(set(sum(ids, [])), reverse=True)  # noqa: RUF017 - three short lists
    back = partner.get(pages[1]["_links"]["prev"]["href"].removeprefix("http://127.0.0.1:8080")).json()
    assert back["_embedded"] == pages[0]["_embedded"]
    assert "prev" not in back["_links"]


def test_a_cursor_is_good_for_one_partner_and_one_list(partner: Newcomer, acme: Client) -> None:
    cursor = partner.get("/subscribers").json()["_links"]["next"]["href"].rpartition("cursor=")[2]
    assert partner.get(f"/subscribers?limit=3&cursor={cursor}").status == 200
    attempts = [
        *((client, f"/{plural}?cursor={cursor}") for client, plural in ((acme, "subscribers"), (partner, "accounts"))),
        *((partner, f"/subscribers?cursor={forged}") for forged in ("", "x", "AAAA", cursor[:-1], cursor + "A")),
    ]
    for client, target in attempts:
        answer = client.get(target)
        assert answer.status == 400, target
        assert [error["code"] for error in answer.json()["errors"]] == ["invalid_cursor"]


@pytest.mark.parametrize("plural", ["subscribers", "accounts"])
def test_bad_queries_and_foreign_ids(acme: Client, partner: Newcomer, plural: str) -> None:
    for query in ("limit=0", "limit=41", "nickname=a"):
        answer = acme.get(f"/{plural}?{query}")
        assert answer.status == 400
        assert repr(query.partition("=")[0]) in answer.json()["errors"][0]["detail"]
    (foreign, *_) = partner.get(f"/{plural}").json()["_embedded"][plural]
    for record_id in (foreign["id"], "nobody", "x" * 100):
        assert acme.get(f"/{plural}/{record_id}").status == 404
    assert acme.limited_to("orders/read").get(f"/{plural}").status == 403
