"""Which members of what is kept are about a person, and what takes their place when the person is erased.

Orders, amounts, ICCIDs and countries stay.
"""

from typing import Any, Final, TypeVar

from functions.shared.documents import carry_over
from functions.shared.people import PERSONAL
from functions.shared.records import Record
from functions.subscribers.subscriber import DEFAULT_LOCALE

GONE: Final = None
REPLACED = dict.fromkeys(PERSONAL, GONE) | {
    "first_name": "erased",
    "last_name": "erased",
    "email": "erased@example.invalid",
    "locale": DEFAULT_LOCALE,
    "msisdn": "+999000000000",
}
"""Member → what takes its place."""
OF_PERSONAL_ACCOUNTS = {"name", "metadata"}
"""What else is gone of an account that a person owns."""
HIDDEN = "(hidden)"

R = TypeVar("R", bound=Record)


def erased(value: Any) -> Any:
    """Return a JSON value without the person in it; what has become empty by that is gone, too."""
    if isinstance(value, list):
        return [erased(each) for each in value]
    if not isinstance(value, dict):
        return value
    shown = {name: REPLACED[name] if name in REPLACED else erased(each) for name, each in _others(value)}
    return {name: each for name, each in shown.items() if each is not GONE and (each != {} or value[name] == {})}


def without_person(record: R) -> R:
    """Return the record without the person in it, as its models allow it."""
    new = type(record).model_validate(erased(record.model_dump(mode="json", exclude_none=True)))
    carry_over(record, new)
    return new


def hidden(value: Any) -> Any:
    """Return a JSON value with all that is about a person hidden."""
    if isinstance(value, list):
        return [hidden(each) for each in value]
    if not isinstance(value, dict):
        return value
    shown = {*dict(_others(value))} - PERSONAL
    return {name: hidden(each) if name in shown else HIDDEN for name, each in value.items()}


def _others(value: dict[str, Any]) -> list[tuple[str, Any]]:
    gone = OF_PERSONAL_ACCOUNTS if "owner" in value else set()
    return [(name, each) for name, each in value.items() if name not in gone]
