"""Events: what partners learn of a committed change, and the log that they are read from (contract §8)."""

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, NamedTuple, Protocol

from pydantic import AfterValidator, WithJsonSchema
from ulid import ULID

from functions.shared.clock import iso
from functions.shared.records import Expiring, Key, ListedBy, Partition, Record

EVENTS_KEPT = timedelta(days=90)
SHARDS = 8
"""Over which the events of one partner are spread: a partition of the table takes 1,000 write units a second."""
LAST = bytes([0xFF] * 10)
"""The highest random part of a ULID."""
EVENT_ID = re.compile(r"evt_[0-7][0-9A-HJKMNP-TV-Z]{25}")

TYPES = (
    *(f"order.{status}" for status in ("accepted", "scheduled", "on_hold", "fulfilling", "completed", "failed")),
    *("order.canceled", "order.expired", "order.delayed"),
    *(f"subscription.{status}" for status in ("active", "grace", "suspended", "deactivated", "canceled", "terminated")),
    *(
        f"subscription.sim_profile.{change}"
        for change in ("ready_for_installation", "installed", "deleted", "country_changed")
    ),
    *(f"product.{change}" for change in ("active", "renewed", "depleted", "expired", "terminated", "canceled")),
    *("phone_number.active", "phone_number.terminated", "balance.threshold.exceeded", "webhook.disabled"),
)


MAX_ENTRIES = 40
"""How many entries a list of types has at most; that is more than there are types and groups of them."""


def matches(event_type: str, entry: str) -> bool:
    """Return whether an entry of a list of types names the type: itself, ``order.*`` or ``*``."""
    return entry in {event_type, "*"} or (entry.endswith(".*") and event_type.startswith(entry[:-1]))


def _groups(event_type: str) -> set[str]:
    words = event_type.split(".")
    return {f"{'.'.join(words[:length])}.*" for length in range(1, len(words))}


ENTRIES = sorted({*TYPES, "*"}.union(*map(_groups, TYPES)))


def _names_types(entry: str) -> str:
    if entry not in ENTRIES:
        raise ValueError("must be an event type, a group of them like order.*, or *")
    return entry


TypeEntry = Annotated[str, AfterValidator(_names_types), WithJsonSchema({"type": "string", "enum": ENTRIES})]
"""An entry of a list of types in a request."""


class Event(Expiring):
    """A committed change, in the log of its partner; its id is a ULID of its ``created_at``.

    It lies under that moment and id, in one of the log's shards, and is read consistently.
    """

    KIND = "event"
    PREFIX = "evt"
    PLURAL = "events"
    LISTS: ClassVar[Sequence[ListedBy]] = (ListedBy("gsi2", "subscription_id"),)

    type: str
    data: dict[str, Any]
    order_id: str | None = None
    """The order whose own step made it, and which lists it."""
    subscription_id: str | None = None
    """The subscription that it is about, itself or by an order, a product or a number of it."""

    @classmethod
    def key_of(cls, partner: str, record_id: str) -> Key:
        """Return where the partner's event with this id lies; what is not an event's id lies nowhere."""
        return Key(f"{partner}#events#{zlib.crc32(record_id.encode()) % SHARDS}", place_of(record_id) or record_id)

    def item(self) -> dict[str, Any]:
        """Return what is stored; events are counted by ``type``."""
        return super().item() | {"type": self.type}


class Happened(NamedTuple):
    """An event that a change makes; ``data`` is what contract §8 puts into the envelope."""

    partner: str
    type: str
    sequence: int
    data: Mapping[str, Any]
    subscription_id: str | None


class KeepsEvents(Protocol):
    """An order: its own events are listed by their ids, which it keeps."""

    id: str
    event_ids: list[str]


class Aggregate(Protocol):
    """Records that change together: what a change of them writes and publishes."""

    def records(self) -> Iterable[Record]:
        """Return the records to be written."""

    def events(self) -> Iterable[Happened]:
        """Return the events, in the order in which they were made."""


def log(partner: str) -> list[Partition]:
    """Return where the partner's events lie."""
    return [Partition(None, f"{partner}#events#{shard}") for shard in range(SHARDS)]


def moment_of(event_id: str) -> datetime | None:
    """Return the moment in an event's id, in UTC; ``None`` if it is not one."""
    if not EVENT_ID.fullmatch(event_id):
        return None
    return datetime.fromtimestamp(ULID.from_str(event_id.removeprefix("evt_")).milliseconds / 1000, UTC)


def place_of(event_id: str) -> str | None:
    """Return the sort key of the event with this id; ``None`` if it is not one."""
    moment = moment_of(event_id)
    return f"{iso(moment)}#{event_id}" if moment else None


def last_place_before(moment: datetime) -> str:
    """Return the id that no event before the moment comes after."""
    milliseconds = round(moment.timestamp() * 1000) - 1
    return f"evt_{ULID(milliseconds.to_bytes(6, 'big') + LAST)}"


def show_event(event: Event) -> dict[str, Any]:
    """Return the envelope of contract §8."""
    return {
        "id": event.id,
        "type": event.type,
        "created_at": iso(event.created_at),
        "sequence": event.sequence,
        "data": event.data,
    }
