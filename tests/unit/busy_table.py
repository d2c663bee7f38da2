"""A client of a table that is busy, fails and loses answers."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from functions.shared.transaction import Transaction
from tests.support.builders import subscriber

Item = dict[str, Any]
NAME = "orders-of-a-busy-table"
FAILED = "ConditionalCheckFailed"
BUSY = ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded")
ATTEMPTS = 6


class Client:
    """DynamoDB as a test wants it: it answers or raises one thing after the other, and keeps what it was asked."""

    def __init__(self, *answers: Item | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[Item] = []

    def __getattr__(self, _operation: str) -> Callable[..., Item]:
        return self._answer

    def get_paginator(self, operation: str) -> Any:
        """One page of a query."""
        assert operation == "query"
        return SimpleNamespace(paginate=lambda **asked: [self._answer(**asked)])

    def _answer(self, **asked: Any) -> Item:
        self.asked.append(asked)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def refused(code: str) -> ClientError:
    """The whole call is refused."""
    return ClientError({"Error": {"Code": code, "Message": ""}}, "TransactWriteItems")


def cancelled(*reasons: str) -> ClientError:
    """The transaction is cancelled, with a reason for each of its items."""
    answer: Any = {"Error": {"Code": "TransactionCanceledException", "Message": ""}}
    return ClientError(answer | {"CancellationReasons": [{"Code": reason} for reason in reasons]}, "TransactWriteItems")


def cause(error: ClientError) -> str:
    """Its codes."""
    reasons: Any = error.response.get("CancellationReasons", [error.response["Error"]])
    return " and ".join(reason["Code"] for reason in reasons)


def change() -> Transaction:
    """A change of one record."""
    made = Transaction()
    made.create(subscriber())
    return made


def tokens(client: Client) -> list[str]:
    return [asked["ClientRequestToken"] for asked in client.asked]


class LosesAnswers:
    """A client whose first transactions are carried out without an answer; sent again, they are still in progress."""

    def __init__(self, client: Any, answers: int) -> None:
        self._client = client
        self._answers = answers

    def __getattr__(self, operation: str) -> Any:
        return getattr(self._client, operation)

    def transact_write_items(self, **asked: Any) -> Item:
        """Carry it out."""
        answer: Item = self._client.transact_write_items(**asked)
        self._answers -= 1
        if self._answers >= 0:
            raise refused("TransactionInProgressException")
        return answer
