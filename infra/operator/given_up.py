"""What was given up on: the messages of the queues of failures, and the objects of the stream's bucket.

A function's event is kept in three forms: as ``requestPayload`` by Lambda after its retries, as ``payload`` by Lambda's
mapping of a stream, and as it is by a queue, a rule of the bus or the function itself.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from functions.events.set_aside import REDRIVEN
from functions.shared import table
from functions.shared.marshal import marshal
from functions.shared.records import Key
from infra.bus import NETWORK_ANSWERS, NETWORK_REPORTS, SIMULATED_NETWORK

STREAM, WEBHOOKS, BUCKET = "stream", "webhooks", "stream-bucket"
CHANGES = "functions.events.changes"
MODULES = {rule.name: rule.module for rule in (NETWORK_ANSWERS, NETWORK_REPORTS, SIMULATED_NETWORK)} | {
    "clock": "functions.events.clock",
    BUCKET: CHANGES,
    STREAM: CHANGES,
    WEBHOOKS: "functions.webhooks.send",
}
"""Where something is given up on → the module of the function that it was meant for.

What a function sets aside of a batch in the bucket is then found in the stream's queue.
"""


class GivenUp(NamedTuple):
    """An event that a function did not handle; ``name`` is the id of a message, or the key of an object."""

    source: str
    name: str
    body: str

    def event(self) -> Any:
        """Return the event for the function. Raise ``ValueError`` if it cannot be read."""
        event = _unwrapped(json.loads(self.body))
        if self.source == WEBHOOKS:
            return {"Records": [{"messageId": self.name, "body": self.body}]}
        if MODULES[self.source] == CHANGES:
            mark = {REDRIVEN: True} if self.source == STREAM else {}
            return {"Records": [record | mark for record in filter(None, map(_again, event["Records"]))]}
        return event

    def about(self) -> str:
        """Return what it is about and why it was given up on, without personal data."""
        try:
            return ", ".join(_about(json.loads(self.body)))
        except ValueError:
            return "not JSON"


def _unwrapped(body: Any) -> Any:
    for wrapping in ("requestPayload", "payload"):
        if wrapping in body:
            inner = body[wrapping]
            return json.loads(inner) if isinstance(inner, str) else inner
    return body


def _again(record: dict[str, Any]) -> dict[str, Any] | None:
    """Return a record of the stream for its function; ``None`` if its item has gone, so that nothing is to be done.

    A record that was too large for the queue has no image: the item as it is now takes its place.
    """
    change = record["dynamodb"]
    if "NewImage" not in change:
        keys = change["Keys"]
        item = table.get_item(Key(keys["pk"]["S"], keys["sk"]["S"]))
        if item is None:
            return None
        change = change | {"NewImage": _as_json(marshal(item))}
    return record | {"dynamodb": change}


def _as_json(image: Any) -> dict[str, Any]:
    """Return an image as Lambda hands it over: bytes as base64."""
    return {
        name: {"B": base64.b64encode(value["B"]).decode()} if "B" in value else value for name, value in image.items()
    }


def _about(body: Any) -> Iterator[str]:
    event = _unwrapped(body)
    detail = event.get("detail") or {}
    named = (event.get("detail-type"), detail.get("partner"), detail.get("order_id") or detail.get("id"))
    yield from filter(None, (*named, event.get("about"), event.get("partner")))
    if "Records" in event:
        yield f"{len(event['Records'])} changes" if "keys" not in event else event["keys"]["pk"]
    if reason := event.get("reason") or (body.get("responsePayload") or {}).get("errorType"):
        yield str(reason)
