"""What a PATCH makes of subscribers, accounts and offerings, and what is wrong with it where (contract §3 and §4)."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.accounts.account import Account
from functions.accounts.write import EDITS
from functions.catalog.edit import OfferingEdit
from functions.shared.merge import patched
from functions.shared.records import Record
from functions.shared.refusals import Refusal
from functions.shared.shapes import Shape
from functions.subscribers.subscriber import Subscriber
from functions.subscribers.write import SubscriberEdit
from tests.support.builders import NOW, offering

NEW_YORK = {"line1": "Broadway 1", "city": "New York", "country": "US", "state": "NY"}
BERLIN = {"city": "Berlin", "country": "DE"}
COMMON: dict[str, Any] = {"id": "x_1", "partner": "acme", "created_at": NOW, "updated_at": NOW, "version": 3}

SUBSCRIBER = Subscriber.model_validate(
    COMMON
    | {"account_id": "acc_1", "first_name": "Erika", "last_name": "Mustermann", "email": "e@example.com"}
    | {"address": NEW_YORK, "birth_date": "1990-08-12", "locale": "de-DE"}
)
OWNER = {"first_name": "Erika", "last_name": "Mustermann", "address": NEW_YORK, "tax_id": "1"}
PERSONAL = Account.model_validate(COMMON | {"type": "personal", "number": "N", "owner": OWNER, "metadata": {"a": "1"}})
COMPANY = {"company_name": "Acme", "tax_id": "DE1", "address": BERLIN, "regon": "123456789"}
BUSINESS = Account.model_validate(COMMON | {"type": "business", "number": "N"} | COMPANY)
NOTES = {str(number): "x" for number in range(9)}
OFFERING = offering("prdoff_1", name="Europe", metadata=NOTES)


def edited(record: Any, body: dict[str, Any]) -> Any:
    shapes: dict[type[Record], type[Shape]] = {Subscriber: SubscriberEdit, type(OFFERING): OfferingEdit}
    shape = EDITS[record.type] if isinstance(record, Account) else shapes[type(record)]
    return patched(record, shape, body)


def faults(record: Any, body: dict[str, Any]) -> list[str | None]:
    with pytest.raises(Refusal) as caught:
        edited(record, body)
    assert caught.value.status == 400
    assert {fault.code.value for fault in caught.value.faults} == {"constraint_validation_error"}
    return [fault.pointer for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {}),
        ({"first_name": "Max"}, {"first_name": "Max"}),
        ({"birth_date": None}, {"birth_date": None}),
        ({"birth_date": "2000-01-31"}, {"birth_date": date(2000, 1, 31)}),
        ({"identifications": None}, {}),
        ({"locale": None}, {"locale": "en-GB"}),
    ],
)
def test_a_subscriber_after_a_patch(body: dict[str, Any], expected: dict[str, Any]) -> None:
    assert edited(SUBSCRIBER, body) == SUBSCRIBER.model_copy(update=expected)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ({}, NEW_YORK),
        ({"line2": "4th floor"}, NEW_YORK | {"line2": "4th floor"}),
        ({"line1": None, "line2": None}, {"city": "New York", "country": "US", "state": "NY"}),
        ({"country": "CA", "state": "QC"}, NEW_YORK | {"country": "CA", "state": "QC"}),
        ({"country": "DE", "state": None}, {"line1": "Broadway 1", "city": "New York", "country": "DE"}),
    ],
)
def test_an_address_is_merged(address: dict[str, Any], expected: dict[str, Any]) -> None:
    subscriber = edited(SUBSCRIBER, {"address": address})
    account = edited(PERSONAL, {"owner": {"address": address}})
    assert subscriber.address == account.owner.address
    assert subscriber.address.model_dump(exclude_none=True) == expected
    assert account.owner.tax_id == "1"


def test_a_nested_object_that_was_not_there_is_made_and_cleared() -> None:
    account = edited(BUSINESS, {"billing_address": BERLIN | {"line1": None}, "regon": None})
    assert account.billing_address.model_dump(exclude_none=True) == BERLIN
    assert account.regon is None
    assert edited(account, {"billing_address": None, "regon": "123456789"}) == BUSINESS


def test_an_edit_keeps_everything_that_is_not_its_own() -> None:
    subscriber = edited(SUBSCRIBER, {"email": "new@example.com"})
    assert (subscriber.account_id, subscriber.partner, subscriber.version) == ("acc_1", "acme", 3)
    assert SUBSCRIBER.email == "e@example.com"


@pytest.mark.parametrize(
    ("record", "body", "expected"),
    [
        (SUBSCRIBER, {"account_id": "acc_1"}, ["$.account_id"]),
        (SUBSCRIBER, {"first_name": None, "email": None}, ["$.first_name", "$.email"]),
        (SUBSCRIBER, {"address": None}, ["$.address"]),
        (SUBSCRIBER, {"address": "Berlin"}, ["$.address"]),
        (SUBSCRIBER, {"adress": None}, ["$.adress"]),
        (SUBSCRIBER, {"address": {"street": None}}, ["$.address.street"]),
        (SUBSCRIBER, {"address": {"country": None}}, ["$.address.country"]),
        (SUBSCRIBER, {"address": {"country": "DE"}}, ["$.address.state"]),
        (SUBSCRIBER, {"address": {"state": None}}, ["$.address.state"]),
        (SUBSCRIBER, {"address": {"state": ""}}, ["$.address.state"]),
        (SUBSCRIBER, {"birth_date": "31.01.2000"}, ["$.birth_date"]),
        (
            SUBSCRIBER,
            {"identifications": [{"type": "nie"}, {}]},
            ["$.identifications[0].number", "$.identifications[1].type"],
        ),
        (SUBSCRIBER, {"id": "x", "created_at": None}, ["$.id", "$.created_at"]),
        (PERSONAL, {"type": "personal"}, ["$.type"]),
        (PERSONAL, {"company_name": "Acme"}, ["$.company_name"]),
        (PERSONAL, {"billing_address": BERLIN}, ["$.billing_address"]),
        (PERSONAL, {"owner": {"first_name": "", "last_name": None}}, ["$.owner.first_name", "$.owner.last_name"]),
        (PERSONAL, {"owner": {"billing_address": {"city": "Berlin"}}}, ["$.owner.billing_address.country"]),
        (PERSONAL, {"owner": {"billing_address": {"country": None}}}, ["$.owner.billing_address.country"]),
        (PERSONAL, {"metadata": {str(number): 1 for number in range(50)}}, ["$.metadata"]),
        (PERSONAL, {"metadata": {"a": {"b": "c"}, "b": [], "c": "x" * 301}}, [f"$.metadata.{key}" for key in "abc"]),
        (PERSONAL, {"metadata": {"": "empty"}}, ['$.metadata[""]']),
        (BUSINESS, {"owner": None}, ["$.owner"]),
        (BUSINESS, {"tax_id": None, "regon": "12"}, ["$.tax_id", "$.regon"]),
        (OFFERING, {"name": None}, ["$.name"]),
        (OFFERING, {"name": "", "status": "inactive"}, ["$.name", "$.status"]),
        (OFFERING, {"metadata": {"10": "x", "11": "x"}}, ["$.metadata"]),
        (OFFERING, {"metadata": {"0": 1, "1": "x" * 301}}, ['$.metadata["0"]', '$.metadata["1"]']),
        (OFFERING, {"metadata": []}, ["$.metadata"]),
    ],
)
def test_what_is_wrong_and_where(record: Record, body: dict[str, Any], expected: list[str]) -> None:
    assert faults(record, body) == expected


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, NOTES),
        (None, None),
        ({"0": None, "9": "x"}, {str(number): "x" for number in range(1, 10)}),
        ({"0": None, "9": "x", "10": "x"}, {str(number): "x" for number in range(1, 11)}),
        ({"0": "", "never there": None}, NOTES | {"0": ""}),
        (dict.fromkeys(NOTES), None),
    ],
)
def test_the_metadata_of_an_offering(metadata: Any, expected: Any) -> None:
    assert edited(OFFERING, {"metadata": metadata}).metadata == expected


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), (1, "1"), (-7, "-7"), (1.5, "1.5"), (1.0, "1"), (1e3, "1000")]
)
def test_account_metadata_is_text(value: Any, text: str) -> None:
    assert edited(PERSONAL, {"metadata": {"b": value}}).metadata == {"a": "1", "b": text}


MEMBERS = st.sampled_from(["first_name", "owner", "address", "country", "state", "metadata", "locale", "x", "type"])
JSON = st.recursive(
    st.none() | st.booleans() | st.sampled_from(["", "DE", "US", "de-DE"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(MEMBERS, inner, max_size=3),
)


@given(st.sampled_from([SUBSCRIBER, PERSONAL, BUSINESS, OFFERING]), st.dictionaries(MEMBERS, JSON))
def test_every_edit_is_kept_whole_or_refused_at_its_place(record: Any, body: dict[str, Any]) -> None:
    try:
        after = edited(record, body)
    except Refusal:
        assert all((pointer or "").startswith("$.") for pointer in faults(record, body))
    else:
        assert type(record).from_item(after.item()) == after
