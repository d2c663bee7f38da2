"""What a folder keeps of the sandbox, and how it comes back (contract §9).

The table is kept as its stream shows it, each transaction as one. What the stream and the queues have not handed
over is kept beside it, and is handed over again: everything here stands being delivered twice. Executions are not kept:
orders that are being fulfilled get new ones, whose steps find what was done before.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.sqs.models import Message

from functions.orders import executions
from functions.orders.order import Order
from infra.local import bulk
from infra.local.aws import Aws
from infra.local.bulk import put_items
from infra.local.dynamodb import Records
from infra.local.folder import EVERY, SETTING, Nowhere
from infra.local.patches import replaced

ITEM, RECORD, MESSAGE, CLIENT = "item", "record", "message", "client"
"""An item of the table, a record of its stream, a message of a queue, the client of an added partner."""
STARTS = "starts"
RECORDS_OF_A_START = 10**12


class Keeper:
    """Notes in the folder what happens to the table, its stream and the queues."""

    def __init__(self, folder: Nowhere) -> None:
        self._folder = folder
        self.starts: int = folder.all(SETTING).get(STARTS, 0)
        """How often it was started before."""
        folder.note((SETTING, STARTS, self.starts + 1))

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Note what is written without the stream's knowledge, too."""

        def noting(put: Any) -> Any:
            def put_items(items: list[dict[str, Any]]) -> None:
                put(items)
                self._folder.note(*((ITEM, _place(item), item) for item in items))

            return put_items

        with replaced(bulk, "put_items", noting):
            yield

    def committed(self, records: Records, wanted: Records) -> None:
        """Note what a transaction has changed, and the records of it that the stream's function must be given."""
        changes = [record["dynamodb"] for record in records]
        items = [(ITEM, _place(change["Keys"]), change.get("NewImage")) for change in changes]
        self._folder.note(*items, *((RECORD, _number(record), record) for record in wanted))

    def taken(self, record: Mapping[str, Any]) -> None:
        """Note that the stream's function has taken a record."""
        self._folder.note((RECORD, _number(record), None))

    def sent(self, queue: str, message: Message) -> None:
        """Note that a message lies in a queue."""
        content = {"queue": queue, "body": message.body, "attributes": message.message_attributes}
        self._folder.note((MESSAGE, message.id, content))

    def deleted(self, message: Message) -> None:
        """Note that a message was handled."""
        self._folder.note((MESSAGE, message.id, None))

    def forget(self) -> None:
        """Note that nothing is left but settings and secrets."""
        self._folder.note(*((kind, EVERY, None) for kind in (ITEM, RECORD, MESSAGE, CLIENT)))

    def bring_back(self, aws: Aws, hand_over: Callable[[Any], None]) -> None:
        """Put back what was in the table, and hand over again what was on its way."""
        put_items([*self._folder.all(ITEM).values()])
        for message_id, message in self._folder.all(MESSAGE).items():
            aws.send_again(message["queue"], message["body"], message["attributes"])
            self._folder.note((MESSAGE, message_id, None))
        records = self._folder.all(RECORD)
        for number in sorted(records, key=int):
            # Its age counts from now on: no time has passed.
            records[number]["dynamodb"]["ApproximateCreationDateTime"] = time.time()
            hand_over(records[number])

    def number_records(self, aws: Aws) -> None:
        """Let no two starts give a record the same number."""
        aws.stream_shard().starting_sequence_number += self.starts * RECORDS_OF_A_START

    def start_executions(self) -> None:
        """Start a new execution of every order that is being fulfilled."""
        for item in self._folder.all(ITEM).values():
            if item.get("kind") == {"S": Order.KIND} and item["status"] == {"S": "fulfilling"}:
                partner, _, order_id = item["pk"]["S"].partition("#")
                executions.start(partner, order_id)


def _number(record: Mapping[str, Any]) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def _place(item: Mapping[str, Any]) -> str:
    return json.dumps([item["pk"]["S"], item["sk"]["S"]])
