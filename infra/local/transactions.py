"""A transaction as DynamoDB carries it out: all conditions first, then all writes, or nothing."""

import copy
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

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
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from functions.shared import clock
from functions.shared.event import Event, moment_of
from functions.shared.marshal import unmarshal
from functions.shared.records import id_in
from functions.shared.sizes import stored_size
from infra.local.queries import index_of

MAX_WRITES = 100
MAX_ITEM_BYTES = 400 * 1024
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
REFUSED = ("ConditionalCheckFailed", "The conditional request failed")

LATE = timedelta(milliseconds=500)
Reason = tuple[str | None, str | None, dict[str, Any] | None]
"""Why an item of a transaction was refused: code, message and the item as it is, if that was asked for."""


class _Write(NamedTuple):
    """One item of a transaction."""

    kind: str
    operation: dict[str, Any]
    table: Table
    hash_key: DynamoType
    range_key: DynamoType | None

    @property
    def primary_key(self) -> tuple[str, str, str]:
        return self.table.name, str(self.hash_key.value), str(self.range_key.value if self.range_key else None)

    @property
    def present(self) -> Item | None:
        return self.table.get_item(self.hash_key, self.range_key)

    def size(self) -> int:
        """Return the size of the written item, in bytes."""
        return stored_size(unmarshal(self.operation.get("Item", {})))

    def rough_size(self) -> int:
        """Return an upper bound of the size, quickly."""
        return len(str(self.operation.get("Item", "")).encode())

    def refusal(self) -> Reason:
        """Return the cancellation reason; it has no code if the condition holds."""
        operation = self.operation
        if self._is_a_late_event():
            return (*REFUSED, None)
        condition = _condition(operation)
        present = self.present
        if condition.expr(present):
            return (None, None, None)
        shown = operation.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and present
        return (*REFUSED, present.to_json()["Attributes"] if shown and present else None)

    def _is_a_late_event(self) -> bool:
        """Return whether consumers of the log may have read past a new event: their horizon is one second here (§8).

        With one interpreter for everything, a change can take that long from its ids to its write.
        """
        item = self.operation.get("Item", {})
        if item.get("kind") != {"S": Event.KIND} or self.present is not None:
            return False
        moment = moment_of(id_in(item["sk"]["S"]))
        return moment is not None and clock.now() - moment > LATE

    def carry_out(self, backend: DynamoDBBackend) -> None:
        """Write the item, whose condition has been checked."""
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
    """Return a condition without values, cached: loading the stock checks the same few thousands of times."""
    return get_filter_expression(expression, None, None)


def set_attribute(attributes: Any, name: str, value: DynamoType) -> None:
    """Add up an item's size as it is filled; moto measures the whole item for each attribute."""
    size = getattr(attributes, "size_so_far", 0) + len(name) + value.size()
    if size > MAX_ITEM_BYTES:
        raise ItemSizeTooLarge
    attributes.size_so_far = size
    dict.__setitem__(attributes, name, value)


def transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    """Carry out a transaction, in place of moto's own method, under the one lock."""
    if len(transact_items) > MAX_WRITES:
        raise TooManyTransactionsException
    writes = [_write(backend, item) for item in transact_items]
    if len({write.primary_key for write in writes}) < len(writes):
        raise MultipleTransactionsException
    rough_size = sum(write.rough_size() for write in writes)
    if rough_size > MAX_TRANSACTION_BYTES and sum(write.size() for write in writes) > MAX_TRANSACTION_BYTES:
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
    """Do all writes or, if one turns out to be invalid, none."""
    before = [copy.deepcopy(write.present) for write in writes]
    record_counts = [len(write.table.stream_shard.items) if write.table.stream_shard else 0 for write in writes]
    for position, write in enumerate(writes):
        try:
            write.carry_out(backend)
        except MockValidationException as error:
            for done, item, records in zip(writes, before, record_counts, strict=True):
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
    index_of(write.table).update(write.hash_key, write.range_key)
    if write.table.stream_shard:
        del write.table.stream_shard.items[records:]
