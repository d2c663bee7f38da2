"""Which partition keys of the table orders share, and how many orders a second one of them bears."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from functions.shared.event import SHARDS
from functions.shared.records import DUE_SHARDS
from functions.webhooks.slots import SLOTS
from infra.service_quotas import quota

COUNTED = Path(__file__).with_name("counted_paths.json")
"""What each path takes of the table, key by key (tests/support/counted_paths.py)."""


class Key(NamedTuple):
    """A partition key that several orders share, and over how many of its kind they are spread."""

    shared_by: str
    spread: int = 1
    then: str = ""


OF_AN_INDEX = "as above; an index that throttles holds up the writes of the table"
KEYS = {
    "table <partner>#orders": Key(
        "a partner", 1, "spread the list over shards by its id, as the log is, and merge them where it is read"
    ),
    "gsi1 <partner>#accepted#orders": Key("a partner", 1, OF_AN_INDEX),
    "gsi1 <partner>#fulfilling#orders": Key("a partner", 1, OF_AN_INDEX),
    "gsi1 <partner>#completed#orders": Key("a partner", 1, OF_AN_INDEX),
    "gsi1 <partner>#subscriptions": Key("a partner", 1, OF_AN_INDEX),
    "gsi1 <partner>#products": Key("a partner", 1, OF_AN_INDEX),
    "table <partner>#esim_stock": Key(
        "a partner", 1, "nothing: its sort keys are random, so DynamoDB splits it where it is hot"
    ),
    "table <partner>#events#<shard>": Key("a partner", SHARDS, "more shards (`SHARDS` in functions/shared/event.py)"),
    "table <partner>#webhooks": Key("a partner", 1, "nothing: a batch of the stream reads it once, and batches grow"),
    "table <partner>#<offering>": Key("who sells it", 1, "keep it in the function for some seconds"),
    "table <partner>#<subscriber>": Key("a subscriber", 1, "let each person be a subscriber"),
    "gsi3 <partner>#<subscriber>#orders": Key("a subscriber", 1, "let each person be a subscriber"),
    "gsi2 <partner>#<subscriber>#subscriptions": Key("a subscriber", 1, "let each person be a subscriber"),
    "gsi3 <partner>#<account>#subscriptions": Key("an account", 1, "let each customer have an account"),
    "table <partner>#<webhook>#<slot>": Key("a webhook", SLOTS, "a second webhook for some of the types"),
    "gsi1 <partner>#<webhook>#deliveries": Key("a webhook", 1, "a second webhook for some of the types"),
    "due due#<shard>": Key("all partners", DUE_SHARDS, "more shards (`DUE_SHARDS` in functions/shared/records.py)"),
}
"""The keys that more than one order or one subscription uses, and what to do when one is too hot."""
OWN = ("<order>", "<subscription>", "<product>", "<SIM>", "<name>", "<report>", "<delivery>", "<hash>")
"""What is in a key that only one of them uses."""


def counted_paths() -> dict[str, Any]:
    """Return what each path takes."""
    paths: dict[str, Any] = json.loads(COUNTED.read_text())
    return paths


class Heat(NamedTuple):
    """What an activation takes of a key, and how many a second one partition of DynamoDB bears."""

    name: str
    written: float
    read: float
    key: Key

    @property
    def orders(self) -> float:
        """Return how many."""
        written, read = quota("partition_writes"), quota("partition_reads")
        most = [limit / taken for limit, taken in ((written, self.written), (read, self.read)) if taken]
        return self.key.spread * min(most)


def heats(path: Mapping[str, Any]) -> list[Heat]:
    """Return the keys that orders share, the hottest first. Raise ``LookupError`` for one that nobody knows."""
    names = {*path["written"], *path["read"]}
    if unknown := [name for name in names if name not in KEYS and not any(own in name for own in OWN)]:
        raise LookupError(f"who shares {unknown}? (KEYS in infra/scaling.py)")
    found = [
        Heat(name, path["written"].get(name, 0), path["read"].get(name, 0), key)
        for name, key in KEYS.items()
        if name in names
    ]
    return sorted(found, key=lambda heat: heat.orders)


def hottest(path: Mapping[str, Any], shared_by: str) -> Heat:
    """Return the hottest key of those that have this in common."""
    return next(heat for heat in heats(path) if heat.key.shared_by == shared_by)
