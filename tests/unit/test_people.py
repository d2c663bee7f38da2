"""The shapes of subscribers, accounts and their addresses (contract §4)."""

from typing import Any

import pytest
from pydantic import ValidationError

from functions.accounts.account import Account, account_number, show_account
from functions.shared.postal import Address
from functions.subscribers.subscriber import Subscriber, show_subscriber
from tests.support.builders import NOW, subscriber

ADDRESS = {"line1": "Torstraße 1", "city": "Berlin", "postal_code": "10119", "country": "DE"}
COMMON = {"partner": "acme", "created_at": NOW, "updated_at": NOW}


def person(**fields: Any) -> Subscriber:
    return subscriber(**{"address": ADDRESS, "updated_at": NOW} | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"country": "US", "state": "CA"},
        {"country": "CA", "state": "QC"},
        {"country": "DE", "postal_code": "AB-1 2_x"},
        {"country": "XK"},
    ],
)
def test_good_addresses(fields: dict[str, str]) -> None:
    assert Address.model_validate(fields).model_dump(exclude_none=True) == fields


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"country": "US"},
        {"country": "CA"},
        {"country": "DE", "state": "BE"},
        {"country": "DE", "postal_code": "10/119"},
        {"country": "DE", "postal_code": ""},
        {"country": "DE", "city": "x" * 201},
        {"country": "Germany"},
        {"country": "DE", "street": "Torstraße"},
    ],
)
def test_bad_addresses(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Address.model_validate(fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"first_name": ""},
        {"last_name": "x" * 255},
        {"email": "nobody"},
        {"email": "a@b@c"},
        {"email": "@example.com"},
        {"locale": "en_GB"},
        {"birth_date": "12.08.1990"},
        {"identifications": [{"type": "library_card", "number": "1"}]},
        {"identifications": [{"type": "tax_id", "number": "1"}]},
        {"identifications": [{"type": "pesel", "number": "1", "country": "PL"}]},
    ],
)
def test_bad_subscribers(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        person(**fields)


def test_a_subscriber_comes_back_whole_from_the_table() -> None:
    documents = [
        {"type": "passport", "number": "C01X", "nationality": "DE"},
        {"type": "tax_id", "number": "7", "country": "PL"},
    ]
    kept = person(birth_date="1990-08-12", locale="zh-Hant-TW", identifications=documents)
    assert Subscriber.from_item(kept.item()) == kept


def test_how_a_subscriber_is_shown() -> None:
    shown = show_subscriber(person(birth_date="1990-08-12"))
    assert shown["locale"] == "en-GB"
    assert shown["birth_date"] == "1990-08-12"
    assert shown["created_at"] == "2026-03-10T12:00:00.000Z"
    assert shown["address"] == ADDRESS
    assert shown["_embedded"]["account"]["id"] == "acc_1"
    assert shown["_embedded"]["account"]["_links"]["self"]["href"].endswith("/accounts/acc_1")
    assert set(shown["_links"]) == {"self", "subscriptions"}
    assert shown["_links"]["subscriptions"]["href"].endswith("/subscriptions?subscriber-id=subr_1")
    assert not {"partner", "version", "sequence", "identifications"} & set(shown)


def test_how_accounts_are_shown() -> None:
    owner = {"first_name": "Erika", "last_name": "Mustermann", "address": ADDRESS}
    personal = {"type": "personal", "owner": owner}
    business = {
        "type": "business",
        "company_name": "Acme GmbH",
        "tax_id": "DE1",
        "regon": "123456789",
        "address": ADDRESS,
    }
    for fields in (personal, business):
        account = Account.model_validate(COMMON | {"id": "acc_1", "number": "N"} | fields)
        assert Account.from_item(account.item()) == account
        moments = dict.fromkeys(("created_at", "updated_at"), "2026-03-10T12:00:00.000Z")
        links = {"_links": {"self": {"href": "http://127.0.0.1:8080/accounts/acc_1"}}}
        assert show_account(account) == {"id": "acc_1", "number": "N"} | fields | moments | links


def test_account_numbers_come_from_the_random_half_of_the_id() -> None:
    assert account_number("acc_01M85FBS4J64Z55GWAYZ5T8RQR") == "64Z55GWAYZ5T8RQR"
