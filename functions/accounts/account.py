"""Accounts: the person or the business that pays (contract §4)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from functions.shared.links import link
from functions.shared.metadata import KEYS_WITH_VALUES, MetadataKey, MetadataValue
from functions.shared.postal import Address
from functions.shared.records import ListedBy, Record
from functions.shared.shapes import AtMost, Shape

NUMBER_LENGTH = 16

Label = Annotated[str, Field(min_length=1, max_length=100)]
TaxNumber = Annotated[str, Field(min_length=1, max_length=100)]
CompanyName = Annotated[str, Field(min_length=1, max_length=200)]
Regon = Annotated[str, Field(min_length=9, max_length=14)]
"""The number of a business in the Polish register."""
AccountMetadata = Annotated[Annotated[dict[MetadataKey, MetadataValue], AtMost(50)] | None, KEYS_WITH_VALUES]


class Owner(Shape):
    """The owner of a personal account."""

    first_name: Label
    last_name: Label
    address: Address
    billing_address: Address | None = None
    tax_id: TaxNumber | None = None


class Account(Record):
    """An account of either type; a personal one has ``owner``, a business one the members of a company."""

    KIND = "account"
    PREFIX = "acc"
    PLURAL = "accounts"
    LISTS = (ListedBy("gsi1"),)

    type: Literal["personal", "business"]
    number: str
    name: Label | None = None
    metadata: AccountMetadata = None
    owner: Owner | None = None
    company_name: CompanyName | None = None
    tax_id: TaxNumber | None = None
    regon: Regon | None = None
    address: Address | None = None
    billing_address: Address | None = None


SHOWN = {"id", "type", "number", "name", "metadata", "created_at", "updated_at"}
SHOWN |= {"owner", "company_name", "tax_id", "regon", "address", "billing_address"}


def account_number(account_id: str) -> str:
    """Return the account number, which people can read out: the random half of the id."""
    return account_id[-NUMBER_LENGTH:]


def show_account(account: Account) -> dict[str, Any]:
    """Return the resource of contract §4."""
    body = account.model_dump(mode="json", include=SHOWN, exclude_none=True)
    return body | {"_links": {"self": link(f"/accounts/{account.id}")}}
