"""That nothing was lost and nothing happened twice: what partners were told against what is in the table."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from functions.orders.order import Order
from functions.shared import dynamodb
from functions.shared.marshal import unmarshal
from functions.shared.records import whole
from infra.local import environment
from tests.load.connection import Connection
from tests.load.traffic import ACTIVATION, LOOK, PLACE, Sent
from tests.races import invariants
from tests.support import bodies
from tests.support.builders import PLANS, SUBSCRIBER

Item = dict[str, Any]
ASKED_AGAIN = 3
"""Of each partner, by reference and by key."""


def orders_of(shelves: Mapping[str, invariants.Shelf]) -> dict[str, Order]:
    """Return all orders by their ids."""
    return {name: order for shelf in shelves.values() for name, order in shelf.of(Order).items()}


def check(sent: Sequence[Sent], published: Mapping[str, int], partners: Iterable[str]) -> dict[str, invariants.Shelf]:
    """Check all that must hold of the whole table; return what each partner has."""
    items = _items()
    shelves = {partner: invariants.check(items[partner], partner) for partner in partners}
    _acknowledged_orders_are_there_once(sent, orders_of(shelves))
    for partner, shelf in shelves.items():
        _names_lead_to_what_was_acknowledged([each for each in sent if each.partner == partner], shelf)
    events = [event.id for shelf in shelves.values() for event in shelf.events()]
    assert Counter(events).keys() <= published.keys(), "each event came to the bus"
    assert {order.status for order in orders_of(shelves).values()} == {"completed"}
    return shelves


def ask_again(sent: Sequence[Sent], connections: Mapping[str, Connection]) -> int:
    """Look for some orders of each partner by their references, and place them again under their keys."""
    asked = [each for partner in connections for each in _sample(sent, partner)]
    for each in asked:
        connection = connections[each.partner]
        listed = connection.get(f"{PLACE}?reference={each.reference}").body["_embedded"]["orders"]
        assert [order["id"] for order in listed] == [each.order_id]
        body = bodies.activation(SUBSCRIBER, PLANS[0], reference=each.reference)
        answer = connection.post(PLACE, body, each.key)
        assert (answer.status, answer.body["id"]) == (201, each.order_id)
    return len(asked)


def _sample(sent: Iterable[Sent], partner: str) -> list[Sent]:
    mine = [each for each in sent if each.partner == partner and each.order_id and each.what == ACTIVATION]
    return mine[:ASKED_AGAIN]


def _acknowledged_orders_are_there_once(sent: Iterable[Sent], orders: Mapping[str, Order]) -> None:
    acknowledged = [each.order_id for each in sent if each.order_id]
    assert len(set(acknowledged)) == len(acknowledged), "no two requests were answered with one order"
    assert set(acknowledged) <= set(orders), "every acknowledged order is there"
    unanswered = {each.reference for each in sent if each.what != LOOK and each.status in {0, *range(500, 600)}}
    more = [order.reference for name, order in orders.items() if name not in set(acknowledged)]
    assert set(more) <= unanswered, "there is no order that nobody has asked for"


def _names_lead_to_what_was_acknowledged(sent: Iterable[Sent], shelf: invariants.Shelf) -> None:
    acknowledged = [each for each in sent if each.order_id]
    references = {item["pk"].rpartition("#")[2]: item["order_id"] for item in shelf.guards("reference")}
    assert {each.reference: each.order_id for each in acknowledged}.items() <= references.items()
    placed = Counter(item["headers"]["Location"].rpartition("/")[2] for item in shelf.guards("idempotency"))
    assert all(placed[each.order_id] == 1 for each in acknowledged), "its key leads to each"


def _items() -> Mapping[str, list[Item]]:
    """Return all that is in the table, by partner."""
    found: dict[str, list[Item]] = defaultdict(list)
    for item in _pages():
        found[item["pk"].partition("#")[0]].append(item)
    return found


def _pages() -> Iterator[Item]:
    pages = dynamodb.client().get_paginator("scan").paginate(TableName=environment.TABLE, ConsistentRead=True)
    return (whole(unmarshal(item)) for page in pages for item in page["Items"])
