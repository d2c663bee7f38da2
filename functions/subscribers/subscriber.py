"""Subscribers: the people who use subscriptions (contract §4)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from functions.shared.countries import Country
from functions.shared.links import link
from functions.shared.moments import RequestDate
from functions.shared.postal import Address, Locale
from functions.shared.records import ListedBy, Record
from functions.shared.shapes import AtMost, Form, Shape

DEFAULT_LOCALE = "en-GB"
MAX_IDENTIFICATIONS = 20

Name = Annotated[str, Field(min_length=1, max_length=254)]
Email = Annotated[
    str, Field(max_length=254), Form(r"^[^@\s]+@[^@\s]+$", "must be an e-mail address like ada@example.com")
]
DocumentNumber = Annotated[str, Field(min_length=1, max_length=100)]


class Passport(Shape):
    """A passport."""

    type: Literal["passport"]
    number: DocumentNumber
    nationality: Country | None = None


class NumberedDocument(Shape):
    """A document with only a number."""

    type: Literal["identity_card", "eu_identity_card", "pesel", "nie"]
    number: DocumentNumber


class TaxId(Shape):
    """A tax number in its country."""

    type: Literal["tax_id"]
    number: DocumentNumber
    country: Country


Identification = Annotated[Passport | NumberedDocument | TaxId, Field(discriminator="type")]


class SubscriberContent(BaseModel):
    """The members of a subscriber that can change."""

    first_name: Name
    last_name: Name
    email: Email
    address: Address
    birth_date: RequestDate | None = None
    locale: Locale = DEFAULT_LOCALE
    identifications: Annotated[list[Identification], AtMost(MAX_IDENTIFICATIONS)] | None = None


class Subscriber(SubscriberContent, Record):
    """A person who uses subscriptions of an account."""

    KIND = "subscriber"
    PREFIX = "subr"
    PLURAL = "subscribers"
    LISTS = (ListedBy("gsi3", "email_key"), ListedBy("gsi2", "account_id"), ListedBy("gsi1"))

    account_id: str
    email_key: str | None = None
    """The address as it stands in the index; see ``search.py``. Subscribers of version 0.1.0 have none."""

    @property
    def email_without_case(self) -> str:
        """The e-mail address without regard to case, for filters."""
        return self.email.casefold()


SHOWN = {"id", "account_id", "first_name", "last_name", "email", "address", "birth_date", "locale", "identifications"}
SHOWN |= {"created_at", "updated_at"}


def show_subscriber(subscriber: Subscriber) -> dict[str, Any]:
    """Return the resource of contract §4."""
    account = {"id": subscriber.account_id, "_links": {"self": link(f"/accounts/{subscriber.account_id}")}}
    return subscriber.model_dump(mode="json", include=SHOWN, exclude_none=True) | {
        "_embedded": {"account": account},
        "_links": {
            "self": link(f"/subscribers/{subscriber.id}"),
            "subscriptions": link(f"/subscriptions?subscriber-id={subscriber.id}"),
        },
    }
