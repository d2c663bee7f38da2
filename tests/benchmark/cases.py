"""What processes are to do: a request to a door, its calls by boto3 alone, or the usual handler of the stack."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from botocore import xform_name

from functions.shared.clock import iso
from functions.shared.marshal import marshal, unmarshal
from functions.shared.records import whole
from tests.benchmark.recording import Answered, Item, event_of, recorded
from tests.benchmark.requests import MEASURED, Name
from tests.support import bodies
from tests.support.timeline import timeline
from tests.support.world import START

FLOOR, USUAL = "tests.benchmark.floor", "tests.benchmark.usual"
KEPT: Item = bodies.activation("subr_1", "monthly") | {"id": "ord_1", "status": "completed", "created_at": iso(START)}
"""An order as the usual handler keeps it."""
WRITTEN = {"Item", "Key", "ExpressionAttributeValues"}


class Counted(NamedTuple):
    """What a request takes, as it is counted."""

    calls: int
    read_units: int
    write_units: int
    log_bytes: int


class Case(NamedTuple):
    """A request as a process makes it, for :mod:`process`."""

    module: str
    event: Any
    answers: Mapping[str, list[str]]
    status: int
    now: str


class Recorded(NamedTuple):
    """A request to a door: what it counts, and how it and its floor are measured."""

    counted: Counted
    door: Case
    floor: Case


def record(name: Name) -> Recorded:
    """Make the request once, in a system of its own."""
    with timeline() as line:
        sent = MEASURED[name](line)
        with recorded(line) as seen:
            module, event, answer = event_of(line, name.method, sent.path, sent.body)
        now = iso(line.world.now)
        counted = Counted(len(seen.calls) + len(seen.others.made), seen.read_units, seen.write_units, seen.log_bytes)
    door = Case(module, event, answers_of(seen.calls), answer["statusCode"], now)
    nested = [_with_nested_attributes(call) for call in seen.calls]
    calls = [(xform_name(call.name), call.body) for call in nested]
    return Recorded(counted, door, Case(FLOOR, calls, answers_of(nested), 200, now))


def usual(of: Recorded) -> Case:
    """Return the same request to the usual handler; an order is found as that handler keeps it."""
    found = json.dumps({"Item": marshal({"pk": "acme#ord_1", "sk": "order"} | KEPT)})
    return of.door._replace(module=USUAL, answers={"DynamoDB_20120810.GetItem": [found]})


def put(of: Recorded) -> Case:
    """Return the put of the order by boto3 alone."""
    (writes,) = (body["TransactItems"] for name, body in of.floor.event if name == "transact_write_items")
    item = next(write["Put"] for write in writes if write["Put"]["Item"]["sk"] == "order")
    return of.floor._replace(event=[("put_item", item)], answers={})


def answers_of(calls: list[Answered]) -> dict[str, list[str]]:
    """Return what each call is answered, by the names that they have on the wire."""
    answers: dict[str, list[str]] = {}
    for call in calls:
        answers.setdefault(f"DynamoDB_20120810.{call.name}", []).append(call.answer)
    return answers


def _with_nested_attributes(call: Answered) -> Answered:
    """Return the call of a function that keeps a record's members as attributes: written plain, answered typed."""
    plain = _items_as(partial(_plain, nest=whole), call.body)
    answer = _items_as(lambda item: marshal(whole(unmarshal(item))), json.loads(call.answer))
    return call._replace(body=plain, answer=json.dumps(answer))


def _plain(item: Item, nest: Any) -> Item:
    return dict(nest(unmarshal(item)))


def _items_as(make: Any, value: Any) -> Any:
    """Return parameters or an answer with each item in another form."""
    if isinstance(value, list):
        return [_items_as(make, each) for each in value]
    if not isinstance(value, dict):
        return value
    return dict(_members_as(make, value))


def _members_as(make: Any, value: Item) -> Iterator[tuple[str, Any]]:
    for name, member in value.items():
        if name in WRITTEN:
            yield name, make(member)
        elif name in {"Keys", "Items"} or (name == "Responses" and isinstance(member, dict)):
            yield name, [*map(make, member)] if isinstance(member, list) else _lists_as(make, member)
        else:
            yield name, _items_as(make, member)


def _lists_as(make: Any, tables: Item) -> Item:
    return {table: [*map(make, items)] for table, items in tables.items()}
