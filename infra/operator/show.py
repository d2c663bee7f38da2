"""Show what the table holds under a partner's id, without what is nobody's to read."""

import json
from collections.abc import Iterator
from typing import Any

from functions.shared import table
from functions.shared.records import Partition, whole
from functions.sim_profiles.secret_codes import SealedCodes

MAX_ITEMS = 100
HIDDEN = {SealedCodes.KIND: {"sealed", "data_key"}, "idempotency": {"body"}}
"""By sort key: sealed PINs and PUKs, and remembered answers, which may hold whatever a partner was told once."""


def records(partner: str, record_id: str) -> list[str]:
    """Return each item as the lines of one JSON object; none if there is nothing under this id."""
    items, _ = table.keys_in(Partition(None, f"{partner}#{record_id}"), newest_first=False, limit=MAX_ITEMS)
    return [line for item in items for line in _lines(item)]


def _lines(item: dict[str, Any]) -> Iterator[str]:
    hidden = HIDDEN.get(item["sk"], set())
    shown = {name: "(hidden)" if name in hidden else value for name, value in whole(item).items()}
    for line in json.dumps(shown, indent=2, ensure_ascii=False).split("\n"):
        yield "".join(character if character.isprintable() else _escape(character) for character in line)


def _escape(character: str) -> str:
    """As JSON escapes it; it leaves DEL as it is."""
    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"
