"""Phone numbers that the mobile network assigns to subscriptions (contract §5)."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from functions.shared.links import link
from functions.shared.records import ListedBy
from functions.shared.states import Stateful

PhoneNumberStatus = Literal["active", "terminated"]


class PhoneNumber(Stateful):
    """An MSISDN (E.164) of a subscription."""

    KIND = "phone_number"
    PREFIX = "pn"
    PLURAL = "phone_numbers"
    LISTS = (ListedBy("gsi2", "subscription_id"), ListedBy("gsi1"))
    TRANSITIONS: ClassVar[Mapping[str, tuple[str, ...]]] = {"active": ("terminated",), "terminated": ()}

    status: PhoneNumberStatus = "active"
    subscription_id: str
    msisdn: str
    country: str
    is_primary: bool = True


SHOWN = {"id", "status", "created_at", "updated_at", "msisdn", "country", "is_primary"}


def show_phone_number(number: PhoneNumber) -> dict[str, Any]:
    """Return the resource of contract §5."""
    return number.model_dump(mode="json", include=SHOWN, exclude_none=True) | {
        "_links": {
            "self": link(f"/phone-numbers/{number.id}"),
            "subscription": link(f"/subscriptions/{number.subscription_id}"),
        }
    }
