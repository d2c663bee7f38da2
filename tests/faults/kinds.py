"""What can go wrong with one call of AWS, and with one message."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from functions.webhooks.post import Outcome

POST = "POST to the endpoint"
WRITES = {
    *("transact_write_items", "put_item", "update_item", "start_execution", "send_task_success", "send_task_failure"),
    *("put_events", "send_message_batch", POST),
}
"""Calls that have an effect: only with them it matters whether they fail before or after it."""
SLOW = timedelta(seconds=9)
"""As long as a call of AWS takes at most (``functions/shared/dynamodb.py``)."""
OUTAGE = timedelta(minutes=30)
BLIP = timedelta(seconds=100)
"""Less than the two minutes of an outage that undoes nothing (docs/architecture.md, "How an order is processed")."""
LATE = {"late": timedelta(minutes=20), "a day late": timedelta(hours=26), "again later": timedelta(minutes=20)}
"""How late a message comes, or comes again: when the network's time is up, and when its SIMs are given up."""
AWS = "https://aws"


class Died(BaseException):
    """The function is gone: nothing that it would have done about an error is done."""


class Call(NamedTuple):
    """A call that a function makes."""

    name: str
    make: Callable[..., Any]
    asked: Mapping[str, Any]

    def __call__(self, **other: Any) -> Any:
        """Make it, perhaps with other arguments."""
        return self.make(**{**self.asked, **other})


class Surroundings(Protocol):
    """What a fault needs of the world in which the call is made."""

    def wait(self, how_long: timedelta) -> None:
        """Let time pass."""

    def let_land(self, call: Call) -> None:
        """Make the call when the function has ended."""

    def duplicate(self) -> None:
        """Carry out once more, from beginning to end, what the function is just carrying out."""

    def index_before(self, asked: Mapping[str, Any]) -> list[Any]:
        """What the index showed before the last change of each item."""


CallFault = Callable[[Surroundings, Call], Any]


def unreachable(_: Surroundings, call: Call) -> Any:
    """Fail before the effect."""
    if call.name == POST:
        return Outcome(error="connection", duration_ms=1)
    raise EndpointConnectionError(endpoint_url=AWS)


def answer_lost(_: Surroundings, call: Call) -> Any:
    """Fail after the effect."""
    call()
    if call.name == POST:
        return Outcome(error="timeout", duration_ms=1)
    raise ReadTimeoutError(endpoint_url=AWS)


def lands_late(world: Surroundings, call: Call) -> Any:
    """Fail, and take effect when the function has done what it does about that."""
    world.let_land(call)
    if call.name == POST:
        return Outcome(error="timeout", duration_ms=1)
    raise ReadTimeoutError(endpoint_url=AWS)


def sent_twice(_: Surroundings, call: Call) -> Any:
    """The client of AWS has got no answer, and tries again by itself."""
    with suppress(ClientError):
        call()
    return call()


def throttled(_: Surroundings, call: Call) -> Any:
    """Refuse, as a service does that is busy."""
    raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, call.name)


def slow_before(world: Surroundings, call: Call) -> Any:
    """Take effect late."""
    world.wait(SLOW)
    return call()


def slow_after(world: Surroundings, call: Call) -> Any:
    """Answer late."""
    answer = call()
    world.wait(SLOW)
    return answer


def dies_before(_: Surroundings, _call: Call) -> Any:
    """End the function before the call."""
    raise Died


def dies_after(_: Surroundings, call: Call) -> Any:
    """End the function after the call."""
    call()
    raise Died


def conflicting(_: Surroundings, call: Call) -> Any:
    """Another transaction is at work on an item."""
    raise canceled(call, "TransactionConflict")


def mixed(_: Surroundings, call: Call) -> Any:
    """Several reasons at once: busy items, and one that has changed."""
    raise canceled(call, "TransactionConflict", "ThrottlingError", "ConditionalCheckFailed")


def busy(_: Surroundings, call: Call) -> Any:
    """Several reasons at once, for all of which it helps to wait."""
    raise canceled(call, "ThrottlingError", "TransactionConflict", "ProvisionedThroughputExceeded")


def raced(world: Surroundings, call: Call) -> Any:
    """The same message is carried out by another function just before the call."""
    world.duplicate()
    return call()


def torn(world: Surroundings, call: Call) -> Any:
    """One half of what is read at once is read before the same message is carried out elsewhere, one half after it."""
    ((table, asked),) = call.asked["RequestItems"].items()
    keys = sorted(asked["Keys"], key=str)  # so a request's key is read before what its first try did
    middle = max(1, len(keys) // 2)
    first = call(RequestItems={table: {**asked, "Keys": keys[:middle]}})
    world.duplicate()
    rest = keys[middle:]
    second = call(RequestItems={table: {**asked, "Keys": rest}})["Responses"][table] if rest else []
    first["Responses"][table] += second
    return first


def stale(world: Surroundings, call: Call) -> Any:
    """An index that does not show yet what was written last."""
    return {"Items": world.index_before(call.asked)}


def partly(_: Surroundings, call: Call) -> Any:
    """Do half of what is asked at once, and say so."""
    if call.name == "batch_get_item":
        ((table, asked),) = call.asked["RequestItems"].items()
        middle = len(asked["Keys"]) // 2
        answer = call(RequestItems={table: {**asked, "Keys": asked["Keys"][:middle]}})
        return {**answer, "UnprocessedKeys": {table: {**asked, "Keys": asked["Keys"][middle:]}}}
    entries: Sequence[Any] = call.asked["Entries"]
    middle = len(entries) // 2
    if middle:
        call(Entries=entries[:middle])
    if call.name == "put_events":
        taken: list[Any] = [{"EventId": "1"}] * middle
        refused = [{"ErrorCode": "ThrottlingException"}] * (len(entries) - middle)
        return {"FailedEntryCount": len(refused), "Entries": taken + refused}
    return {"Failed": [{"Id": entry["Id"], "Code": "InternalError"} for entry in entries[middle:]]}


def canceled(call: Call, *codes: str) -> ClientError:
    """The error of a transaction that was canceled for these reasons."""
    reasons = [{"Code": code} for code in codes] + [{"Code": "None"}]
    answer: Any = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}
    return ClientError(answer, call.name)


CALL_FAULTS: dict[str, CallFault] = {
    "unreachable": unreachable,
    "answer lost": answer_lost,
    "lands late": lands_late,
    "sent twice": sent_twice,
    "throttled": throttled,
    "slow before": slow_before,
    "slow after": slow_after,
    "dies before": dies_before,
    "dies after": dies_after,
    "conflict": conflicting,
    "mixed": mixed,
    "busy": busy,
    "raced": raced,
    "torn": torn,
    "stale": stale,
    "partly": partly,
    "blip": unreachable,
    "outage": unreachable,
}
LASTING = {"blip": BLIP, "outage": OUTAGE}
"""Faults of a call and of all that follow for so long."""
DISORDER = "out of order"
MESSAGE_FAULTS = ("twice", "again later", "late", "a day late", DISORDER)
TRANSACTION = {"transact_write_items"}
"""Under its token, the client's own second try of a transaction has no effect."""
ONLY_WITH: dict[str, set[str]] = {
    **dict.fromkeys(("answer lost", "lands late", "slow after", "dies after"), WRITES),
    "sent twice": WRITES - TRANSACTION - {POST},
    **dict.fromkeys(("conflict", "mixed", "busy"), TRANSACTION),
    "torn": {"batch_get_item"},
    "stale": {"query of an index"},
    "partly": {"batch_get_item", "put_events", "send_message_batch"},
    "a day late": {"answer", "report", "queue"},
}
"""The calls and messages that some kinds can happen to; a partner's key is kept for a day only, as is the stream."""
NOT_WITH = {"throttled": {POST}}
MAY_FAIL = {"outage", "late", "a day late"}
"""Kinds after which an order may also have failed, as the network or we were away for too long."""
TAKE_LONGER = MAY_FAIL | {"blip"}
"""Kinds after which an order may also be final later."""
GIVES_UP = ("a day late", "answer")
"""After it a SIM may be given up: the network did not say in time that it has undone what it did."""


def applies(kind: str, name: str) -> bool:
    """Whether a call or message of this name can have this fault."""
    return name in ONLY_WITH.get(kind, {name}) and name not in NOT_WITH.get(kind, set())
