"""Shows the items with an id of a partner, without secrets."""

import json
from collections.abc import Iterator
from typing import Any

from functions.shared import table
from functions.shared.event import Event, moment_of
from functions.shared.records import Partition, whole
from functions.sim_profiles.secret_codes import SealedCodes
from functions.webhooks.webhook import Webhook

MAX_ITEMS = 100
HIDDEN = {SealedCodes.KIND: {"sealed", "data_key"}, "idempotency": {"body"}, Webhook.KIND: {"secrets", "basic_auth"}}
"""Kind, or the sort key of what has none → hidden members: what is sealed, and stored responses."""


def records(partner: str, record_id: str) -> list[str]:
    """Return each item as the lines of one JSON object; none if there is no item with this id."""
    if moment_of(record_id) or record_id.startswith(f"{Webhook.PREFIX}_"):
        item = table.get_item((Event if moment_of(record_id) else Webhook).key_of(partner, record_id))
        return [*_lines(item)] if item else []
    items, _ = table.keys_in(Partition(None, f"{partner}#{record_id}"), newest_first=False, limit=MAX_ITEMS)
    return [line for item in items for line in _lines(item)]


def _lines(item: dict[str, Any]) -> Iterator[str]:
    hidden = HIDDEN.get(item.get("kind", item["sk"]), set())
    shown = {name: "(hidden)" if name in hidden else value for name, value in whole(item).items()}
    for line in json.dumps(shown, indent=2, ensure_ascii=False).split("\n"):
        yield "".join(character if character.isprintable() else _escape(character) for character in line)


def _escape(character: str) -> str:
    """Return the JSON escape of the character; JSON itself does not escape DEL."""
    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"
