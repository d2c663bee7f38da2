"""Who hears of what happens in moto."""

from typing import Protocol

from moto.sqs.models import Message

from infra.local.dynamodb import Records


class Watcher(Protocol):
    """Hears of every change of the table and of every message."""

    def committed(self, records: Records) -> None:
        """Hear of the stream records of a transaction."""

    def sent(self, queue: str, message: Message) -> None:
        """Hear of a message that now lies in a queue."""

    def received(self, queue: str, count: int) -> None:
        """Take note that this number of messages was received from a queue."""

    def deleted(self, message: Message) -> None:
        """Hear of one that was handled."""
