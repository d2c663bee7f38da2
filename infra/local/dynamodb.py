"""moto's DynamoDB, with its concurrent transactions fixed.

moto copies the whole table for every item of a transaction, loses writes of parallel ones, and leaves the stream
records of a transaction that it refuses. Here one lock stands around every call, all conditions are checked before
the first write, and what a refused transaction wrote is taken back, its stream records included.
"""

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import RLock
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item, LimitedSizeDict
from moto.dynamodb.models.table import StreamShard
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.responses import DynamoDBStreamsHandler

from functions.shared.records import DUE_SHARDS, Due, due_shard
from infra.local import environment
from infra.local.attributes import quick_items
from infra.local.patches import all_replaced
from infra.local.queries import index_of, narrow_queries
from infra.local.transactions import set_attribute, transact

LOCK = RLock()
"""Held during every call."""
TOKEN_KEPT_SECONDS = 600

Records = Sequence[dict[str, Any]]


@contextmanager
def sound_transactions(on_commit: Callable[[Records], None]) -> Iterator[None]:
    """Make moto's DynamoDB safe for threads; ``on_commit`` is called with what a call writes to our table's stream."""
    written: dict[StreamShard, int] = {}
    reporting = partial(_reporting, written=written, on_commit=on_commit)
    patches = all_replaced(
        (StreamShard, "add", partial(_noting, written=written)),
        *((handler, "call_action", reporting) for handler in (DynamoHandler, DynamoDBStreamsHandler)),
        (DynamoHandler, "transact_write_items", _Tokens().honoured),
        (DynamoDBBackend, "transact_write_items", lambda _original: transact),
        (LimitedSizeDict, "__setitem__", lambda _original: set_attribute),
    )
    with patches, narrow_queries(), quick_items():
        yield


def changes(backend: DynamoDBBackend, table: str, start: int, limit: int) -> list[dict[str, Any]]:
    """Return records of the table's stream, from moto's backend: its API would write each as JSON first."""
    with LOCK:
        shard = backend.get_table(table).stream_shard
        return [item.to_json() for item in shard.items[start : start + limit]] if shard else []


def first_due(backend: DynamoDBBackend, table: str, passing_over: frozenset[str] = frozenset()) -> Due | None:
    """Return the record that is due first in any shard, now or later; deliveries in some stages can be passed over."""
    with LOCK:
        index = index_of(backend.get_table(table))
        found = [item.attrs for shard in range(DUE_SHARDS) for item in index.find("due_shard", due_shard(shard))]
        found = [item for item in found if "stage" not in item or item["stage"].value not in passing_over]
        waiting = [tuple(item[name].value for name in ("due_at", "pk", "sk")) for item in found]
    if not waiting:
        return None
    at, pk, kind = min(waiting)
    partner, _, record_id = pk.partition("#")
    return Due(partner, record_id, kind, at)


def is_due(backend: DynamoDBBackend, table: str, shard: int, moment: str) -> bool:
    """Return whether a shard has a record that is due at the moment."""
    with LOCK:
        found = index_of(backend.get_table(table)).find("due_shard", due_shard(shard))
        return any(item.attrs["due_at"].value <= moment for item in found)


def _reporting(
    call: Callable[[Any], Any], written: dict[StreamShard, int], on_commit: Callable[[Records], None]
) -> Callable[[Any], Any]:
    def call_action(handler: Any) -> Any:
        with LOCK:
            try:
                return call(handler)
            finally:
                while written:
                    shard, start = written.popitem()
                    # None, if a transaction was taken back.
                    if records := [item.to_json() for item in shard.items[start:]]:
                        on_commit(records)

    return call_action


def _noting(add: Callable[..., None], written: dict[StreamShard, int]) -> Callable[..., None]:
    """Note the shard if a call writes to our table, and how many records it had before."""

    def note_and_add(shard: StreamShard, old: Item | None, new: Item | None) -> None:
        if shard.table.name == environment.TABLE:
            written.setdefault(shard, len(shard.items))
        add(shard, old, new)

    return note_and_add


class _IdempotentParameterMismatch(JsonRESTError):
    def __init__(self) -> None:
        super().__init__(
            "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException",
            "The token was used with other parameters.",
        )


class _Tokens:
    """``ClientRequestToken``: what was carried out under a token is not carried out again for ten minutes."""

    def __init__(self) -> None:
        self._done: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def honoured(self, transact: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
        """Carry out a transaction with a token once."""

        def transact_write_items(handler: Any) -> ActionResult:
            token = handler.body.get("ClientRequestToken")
            if token is None:
                return transact(handler)
            content = json.dumps(handler.body["TransactItems"], sort_keys=True, default=repr).encode()
            if self._was_done(token, digest := hashlib.sha256(content).digest()):
                return ActionResult({})
            result = transact(handler)
            self._done[token] = (time.monotonic(), digest)
            return result

        return transact_write_items

    def _was_done(self, token: str, digest: bytes) -> bool:
        self._forget_old()
        if token in self._done and self._done[token][1] != digest:
            raise _IdempotentParameterMismatch
        return token in self._done

    def _forget_old(self) -> None:
        while self._done:
            token, (done_at, _) = next(iter(self._done.items()))
            if time.monotonic() - done_at < TOKEN_KEPT_SECONDS:
                return
            del self._done[token]
