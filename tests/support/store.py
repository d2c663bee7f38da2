"""moto's DynamoDB without the wire: writing every call as JSON and reading it again takes most of a call's time."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from moto.dynamodb.exceptions import TransactionCanceledException
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends

import infra.local
from functions.shared import dynamodb
from infra.local import environment
from infra.local.dynamodb import LOCK, changes
from infra.local.transactions import transact

Item = dict[str, Any]
DEFINITION: Item = json.loads((Path(infra.local.__file__).parents[1] / "table.json").read_text())
"""The table."""


class Store:
    """What :mod:`functions.shared.table` needs of a client; queries take the wire, because moto parses them there."""

    def __init__(self) -> None:
        wired: Any = dynamodb.client()
        self.query = wired.query
        self.get_paginator = wired.get_paginator
        self.update_item = wired.update_item
        self.put_item = wired.put_item
        self.wired = wired
        self._read = 0

    def begin(self, name: str) -> None:
        """An empty table."""
        if name in _backend().tables:
            self.wired.delete_table(TableName=name)
        self.wired.create_table(TableName=name, **DEFINITION)
        self._read = 0

    def news(self, name: str) -> Iterator[Item]:
        """What the table's stream says that was not read before."""
        while records := changes(_backend(), name, self._read, 100):
            self._read += len(records)
            yield from records

    def get_item(self, *, TableName: str, Key: Item, **_: Any) -> Item:  # noqa: N803 - boto3's names
        """One item."""
        found = self._get(TableName, Key)
        return {"Item": found} if found else {}

    def transact_get_items(self, *, TransactItems: list[Item]) -> Item:  # noqa: N803 - boto3's name
        """Items that no transaction is at work on: here none ever is while another call is made."""
        found = [self._get(each["Get"]["TableName"], each["Get"]["Key"]) for each in TransactItems]
        return {"Responses": [{"Item": item} if item else {} for item in found]}

    def batch_get_item(self, *, RequestItems: Item) -> Item:  # noqa: N803 - boto3's name
        """Many items."""
        found = {name: [self._get(name, key) for key in asked["Keys"]] for name, asked in RequestItems.items()}
        return {
            "Responses": {name: [item for item in items if item] for name, items in found.items()},
            "UnprocessedKeys": {},
        }

    def transact_write_items(self, *, TransactItems: list[Item], **_: Any) -> None:  # noqa: N803 - boto3's name
        """A transaction."""
        try:
            with LOCK:
                transact(_backend(), TransactItems)
        except TransactionCanceledException as error:
            raise _canceled(json.loads(error.description)["CancellationReasons"]) from error

    def _get(self, name: str, key: Item) -> Item | None:
        with LOCK:
            item = _backend().get_item(name, key)
            return dict(item.to_json()["Attributes"]) if item else None


def _backend() -> DynamoDBBackend:
    return dynamodb_backends[environment.ACCOUNT][environment.REGION]


def _canceled(reasons: Sequence[Item]) -> ClientError:
    answer: Any = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}
    return ClientError(answer, "TransactWriteItems")
