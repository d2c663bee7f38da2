"""Shows the items with an id of a partner, without secrets and people."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from functions.shared import table
from functions.shared.event import Event, moment_of
from functions.shared.records import Partition, whole
from functions.sim_profiles.secret_codes import SealedCodes
from functions.webhooks.webhook import Webhook
from infra.operator.people import hidden

MAX_ITEMS = 100
HIDDEN = {SealedCodes.KIND: {"sealed", "data_key"}, "idempotency": {"body"}, Webhook.KIND: {"secrets", "basic_auth"}}
"""Kind, or the sort key of what has none → hidden members: what is sealed, and stored responses."""


def records(partner: str, record_id: str, *, personal: bool) -> Iterator[str]:
    """Yield each item as the lines of one JSON object; none if there is no item with this id.

    What is about a person is hidden, too, unless ``personal``.
    """
    items: Iterable[dict[str, Any] | None]
    if moment_of(record_id) or record_id.startswith(f"{Webhook.PREFIX}_"):
        items = [table.get_item((Event if moment_of(record_id) else Webhook).key_of(partner, record_id))]
    else:
        items, _ = table.keys_in(Partition(None, f"{partner}#{record_id}"), newest_first=False, limit=MAX_ITEMS)
    for item in filter(None, items):
        yield from _lines(item, personal=personal)


def _lines(item: dict[str, Any], *, personal: bool) -> Iterator[str]:
    secret = HIDDEN.get(item.get("kind", item["sk"]), set())
    shown = {name: "(hidden)" if name in secret else value for name, value in whole(item).items()}
    if not personal:
        shown = hidden(shown)
    for line in json.dumps(shown, indent=2, ensure_ascii=False).split("\n"):
        yield "".join(character if character.isprintable() else _escape(character) for character in line)


def _escape(character: str) -> str:
    """Return the JSON escape of the character; JSON itself does not escape DEL."""
    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"
