"""moto's DynamoDB, made right for transactions under concurrency.

moto copies the whole table for every item of a transaction, loses writes of parallel ones, and leaves the stream
records of a transaction that it refuses. Here one lock stands around every call, all conditions are checked before
the first write, and what a refused transaction wrote is taken back, its stream records included.
"""

import copy
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from threading import RLock
from typing import Any, NamedTuple

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import (
    ItemSizeTooLarge,
    MockValidationException,
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import StreamShard, Table
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.responses import DynamoDBStreamsHandler

from infra.local.patches import replaced
from infra.local.queries import narrow_queries

LOCK = RLock()
"""Held during every call."""
MOST_WRITES = 100
LARGEST_ITEM = 400 * 1024
LARGEST_TRANSACTION = 4 * 1024 * 1024
TOKEN_KEPT_SECONDS = 600
REFUSED = ("ConditionalCheckFailed", "The conditional request failed")

Reason = tuple[str | None, str | None, dict[str, Any] | None]
"""Why an item of a transaction was refused: code, message and the item as it is, if that was asked for."""


@contextmanager
def sound_transactions(on_change: Callable[[], None]) -> Iterator[None]:
    """Make moto's DynamoDB safe for threads; ``on_change`` is called for every stream record that is written."""
    tokens = _Tokens()
    with ExitStack() as patches:
        for handler in (DynamoHandler, DynamoDBStreamsHandler):
            patches.enter_context(replaced(handler, "call_action", _locked))
        patches.enter_context(replaced(DynamoHandler, "transact_write_items", tokens.honoured))
        patches.enter_context(replaced(DynamoDBBackend, "transact_write_items", lambda _original: _transact))
        patches.enter_context(narrow_queries())
        patches.enter_context(replaced(LimitedSizeDict, "__setitem__", lambda _original: _set_attribute))
        patches.enter_context(replaced(StreamShard, "add", lambda add: _followed_by(add, on_change)))
        yield


def changes(backend: DynamoDBBackend, table: str, start: int, limit: int) -> list[dict[str, Any]]:
    """Records of the table's stream; through its API each would be written as JSON and read again."""
    with LOCK:
        shard = backend.get_table(table).stream_shard
        return [item.to_json() for item in shard.items[start : start + limit]] if shard else []


def _locked(call: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def call_action(handler: Any) -> Any:
        with LOCK:
            return call(handler)

    return call_action


def _followed_by(add: Callable[..., None], then: Callable[[], None]) -> Callable[..., None]:
    def add_and_tell(shard: StreamShard, old: Item | None, new: Item | None) -> None:
        add(shard, old, new)
        then()

    return add_and_tell


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
        def transact_write_items(handler: Any) -> ActionResult:
            token = handler.body.get("ClientRequestToken")
            if token is None:
                return transact(handler)
            content = json.dumps(handler.body["TransactItems"], sort_keys=True, default=repr).encode()
            digest = hashlib.sha256(content).digest()
            self._forget_old()
            if token in self._done:
                if self._done[token][1] != digest:
                    raise _IdempotentParameterMismatch
                return ActionResult({})
            result = transact(handler)
            self._done[token] = (time.monotonic(), digest)
            return result

        return transact_write_items

    def _forget_old(self) -> None:
        while self._done:
            token, (done_at, _) = next(iter(self._done.items()))
            if time.monotonic() - done_at < TOKEN_KEPT_SECONDS:
                return
            del self._done[token]


class _Write(NamedTuple):
    """One item of a transaction."""

    kind: str
    operation: dict[str, Any]
    table: Table
    hash_key: DynamoType
    range_key: DynamoType | None

    @property
    def place(self) -> tuple[str, str, str]:
        return self.table.name, str(self.hash_key.value), str(self.range_key.value if self.range_key else None)

    @property
    def present(self) -> Item | None:
        return self.table.get_item(self.hash_key, self.range_key)

    def size(self) -> int:
        """What is written, in bytes, roughly."""
        return len(str(self.operation.get("Item", "")))

    def refusal(self) -> Reason:
        """The reason why its condition does not hold, without a code if it does."""
        operation = self.operation
        condition = _condition(operation)
        present = self.present
        if condition.expr(present):
            return (None, None, None)
        shown = operation.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and present
        return (*REFUSED, present.to_json()["Attributes"] if shown and present else None)

    def carry_out(self, backend: DynamoDBBackend) -> None:
        """Do it, its condition having been checked."""
        operation, table = self.operation, self.table.name
        if self.kind == "Put":
            backend.put_item(table, operation["Item"], overwrite=True)
        elif self.kind == "Delete":
            backend.delete_item(table, operation["Key"])
        elif self.kind == "Update":
            backend.update_item(
                table,
                operation["Key"],
                update_expression=operation["UpdateExpression"],
                expression_attribute_names=operation.get("ExpressionAttributeNames", {}),
                expression_attribute_values=operation.get("ExpressionAttributeValues", {}),
            )


def _condition(operation: dict[str, Any]) -> Any:
    names, values = (operation.get(f"ExpressionAttribute{part}") for part in ("Names", "Values"))
    expression = operation.get("ConditionExpression")
    return get_filter_expression(expression, names, values) if names or values else _bare_condition(expression)


@cache
def _bare_condition(expression: str | None) -> Any:
    """Loading the stock checks the same few words thousands of times."""
    return get_filter_expression(expression, None, None)


def _set_attribute(attributes: Any, name: str, value: DynamoType) -> None:
    """Add up an item's size as it is filled; moto measures all of it for each attribute."""
    size = getattr(attributes, "size_so_far", 0) + len(name) + value.size()
    if size > LARGEST_ITEM:
        raise ItemSizeTooLarge
    attributes.size_so_far = size
    dict.__setitem__(attributes, name, value)


def _transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    if len(transact_items) > MOST_WRITES:
        raise TooManyTransactionsException
    writes = [_write(backend, item) for item in transact_items]
    if len({write.place for write in writes}) < len(writes):
        raise MultipleTransactionsException
    if sum(write.size() for write in writes) > LARGEST_TRANSACTION:
        raise MockValidationException("The transaction is larger than 4 MB")
    reasons = [write.refusal() for write in writes]
    if any(code for code, _, _ in reasons):
        raise TransactionCanceledException(reasons)
    _carry_out(backend, writes)


def _write(backend: DynamoDBBackend, item: dict[str, Any]) -> _Write:
    if len(item) != 1:
        raise TransactWriteSingleOpException
    ((kind, operation),) = item.items()
    table = backend.get_table(operation["TableName"])
    key = operation["Item"] if kind == "Put" else operation["Key"]
    return _Write(kind, operation, table, *backend.get_keys_value(table, key))


def _carry_out(backend: DynamoDBBackend, writes: Sequence[_Write]) -> None:
    """Do all of them, or, if one turns out to be invalid, none."""
    before = [copy.deepcopy(write.present) for write in writes]
    told = [len(write.table.stream_shard.items) if write.table.stream_shard else 0 for write in writes]
    for position, write in enumerate(writes):
        try:
            write.carry_out(backend)
        except MockValidationException as error:
            for done, item, records in zip(writes, before, told, strict=True):
                _put_back(done, item, records)
            reasons: list[Reason] = [(None, None, None)] * len(writes)
            reasons[position] = ("ValidationError", str(error.message), None)
            raise TransactionCanceledException(reasons) from error


def _put_back(write: _Write, item: Item | None, records: int) -> None:
    partition = write.table.items[write.hash_key]
    if item is None:
        partition.pop(write.range_key, None)
    else:
        partition[write.range_key] = item
    if write.table.stream_shard:
        del write.table.stream_shard.items[records:]
