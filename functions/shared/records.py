"""Records: what is kept of each resource, and how an item of the table looks (docs/architecture.md, Data)."""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from functions.shared import documents
from functions.shared.clock import iso
from functions.shared.moments import Instant
from functions.shared.partners import Guard

DUE_SHARDS = 8
BESIDE = {"version", "due_at"}
"""Members that stand beside an item's document and not in it: every write is conditioned on the one, and the clock
moves the other without a look at the rest."""

R = TypeVar("R", bound="Record")


class Key(NamedTuple):
    """The primary key of an item."""

    pk: str
    sk: str


class Partition(NamedTuple):
    """Where a list lies: in an index (``None``: in the table itself), under a partition key."""

    gsi: str | None
    pk: str


class ListedBy(NamedTuple):
    """A list of the partner's records that have one value of a member; of all of them, if no member is named.

    A record without a value is in none. Without an index a list has entries of its own in the table, which are written
    beside the records.
    """

    gsi: str | None
    member: str | None = None


class Due(NamedTuple):
    """A record that the clock must look at."""

    partner: str
    id: str
    kind: str
    at: str
    """Since when, as it is stored."""


class Record(BaseModel):
    """A resource as it is kept. ``version`` counts its writes, ``sequence`` its events."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    KIND: ClassVar[str]
    PREFIX: ClassVar[str]
    PLURAL: ClassVar[str]
    """What its lists are called."""
    LISTS: ClassVar[Sequence[ListedBy]] = ()
    """The lists that it is in, the narrowest first; each is sorted by :meth:`sort_key`."""

    id: str
    partner: str
    created_at: Instant
    updated_at: Instant | None = None
    version: int = 0
    sequence: int = 0
    due_at: Instant | None = None
    """When the clock must look at it next; absent when nothing is due."""

    @classmethod
    def partition(cls, partner: str, members: Mapping[str, Any] = MappingProxyType({})) -> Partition:
        """Return where the narrowest list lies that holds every record of the partner with these members."""
        listed = next(each for each in cls.LISTS if each.member is None or each.member in members)
        return listed_in(cls, partner, listed, members)

    def sort_key(self) -> str:
        """Return its place in every list, and its age: by ``created_at``, ties by id (contract §1, lists).

        Neither changes after it was made. An id does not say the age: it may be made long before its record.
        """
        return f"{iso(self.created_at)}#{self.id}"

    @classmethod
    def key_of(cls, partner: str, record_id: str) -> Key:
        """Return the primary key of the partner's record with this id."""
        return Key(f"{partner}#{record_id}", cls.KIND)

    def key(self) -> Key:
        """Return its primary key."""
        return self.key_of(self.partner, self.id)

    def item(self) -> dict[str, Any]:
        """Return what is stored: keys, index keys, what expressions and filters look at, and the document."""
        item: dict[str, Any] = self.key()._asdict() | {"kind": self.KIND, "version": self.version}
        for listed in self.LISTS:
            members = {listed.member: getattr(self, listed.member)} if listed.member else {}
            if listed.gsi and None not in members.values():
                partition = listed_in(type(self), self.partner, listed, members)
                item |= {f"{listed.gsi}pk": partition.pk, f"{listed.gsi}sk": self.sort_key()}
        if self.due_at:
            shard = due_shard(zlib.crc32(self.id.encode()) % DUE_SHARDS)
            item |= {"due_at": iso(self.due_at), "due_shard": shard}
        return item | {"document": documents.pack(self, exclude=BESIDE)}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """Return the record that was stored as this item."""
        record = documents.parse(cls, item["document"])
        record.version = item["version"]
        record.due_at = datetime.fromisoformat(item["due_at"]) if "due_at" in item else None
        return record


class Expiring(Record):
    """A record that the table deletes after ``ttl``, in seconds since 1970; DynamoDB does not look into documents."""

    ttl: int

    def item(self) -> dict[str, Any]:
        """Return what is stored."""
        return super().item() | {"ttl": self.ttl}


def whole(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that an item holds, its document's members and those beside it alike, for people to read."""
    document: dict[str, Any] = json.loads(documents.unpack(item.get("document", "{}")))
    return {name: value for name, value in item.items() if name != "document"} | document


def listed_in(model: type[Record], partner: str, listed: ListedBy, members: Mapping[str, Any]) -> Partition:
    """Return where a list of records lies: of all of them, or of those with this value of its member."""
    value = [str(members[listed.member])] if listed.member else []
    return Partition(listed.gsi, "#".join([partner, *value, model.PLURAL]))


def id_in(sort_key: str) -> str:
    """Return the id of the record with this sort key."""
    return sort_key.rpartition("#")[2]


Wanted = Mapping[type[Record], Iterable[str]]
"""Ids of records, by their kind."""


class Found:
    """The items a batched read brought back."""

    def __init__(self, items: Mapping[Key, dict[str, Any]], partner: str) -> None:
        self._items = items
        self._partner = partner
        self._records: dict[Key, Any] = {}

    def get(self, model: type[R], record_id: str | None) -> R | None:
        """Return the partner's record, the same one each time, or ``None`` if there is no such record."""
        key = model.key_of(self._partner, record_id or "")
        if key not in self._records and (item := self._items.get(key)):
            self._records[key] = model.from_item(item)
        record: R | None = self._records.get(key)
        return record

    def item(self, key: Key) -> dict[str, Any] | None:
        """Return another item, as it is stored."""
        return self._items.get(key)


def due_shard(number: int) -> str:
    """Return the partition key of a shard of what is due."""
    return Guard.DUE.key(str(number))
