"""Answers that show a person: remembered under a key, they are found by what they show, and gone when the key is.

The table deletes late by its own means, so the clock deletes these (docs/privacy.md). An index lists them by the
resource that they show, so that a person can be erased from them meanwhile.
"""

import zlib
from datetime import datetime, timedelta
from typing import Any

from functions.shared import clock, table
from functions.shared.clock import iso
from functions.shared.people import shows_person
from functions.shared.records import DUE_SHARDS, Due, Key, Partition, due_shard
from functions.shared.transaction import Transaction

KIND = "idempotency"
AHEAD_OF_ITS_TIME = timedelta(days=366)
"""Where the time runs ahead of that of the machine, as in a sandbox, nobody needs to be forgotten in time."""


def found_by(key: Key, body: Any, until: datetime) -> dict[str, Any]:
    """Return what stands beside an answer that is remembered until then, so that it is found: nothing if no person is.

    What an answer shows decides, not its route: no answer can be forgotten here, and most cost nothing.
    """
    if not shows_person(body):
        return {}
    partner, _, name = key.pk.partition("#")
    shard = due_shard(zlib.crc32(name.encode()) % DUE_SHARDS)
    listed = {"gsi2pk": answers_about(partner, body["id"]).pk, "gsi2sk": iso(until)}
    return listed | {"due_at": iso(until), "due_shard": shard}


def answers_about(partner: str, record_id: str) -> Partition:
    """Return where the remembered answers lie that show a resource."""
    return Partition("gsi2", f"{partner}#{record_id}#answers")


def when_due(due: Due, _now: datetime) -> None:
    """Forget an answer whose key has expired; leave one that was given since."""
    moment = clock.machine_time()
    if due.at > iso(moment):
        table.put_off(due, clock.now() + AHEAD_OF_ITS_TIME)
        return
    key = Key(f"{due.partner}#{due.id}", due.kind)
    item = table.get_item(key)
    if item is not None and item["expires_at"] <= iso(moment):
        change = Transaction()
        change.release_expired(key, moment)
        change.commit()
