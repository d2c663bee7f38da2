"""``make load`` finds what is lost or there twice: its proof, over a small table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from functions.shared import dynamodb
from infra.local import environment
from tests.load import proof
from tests.load.traffic import ACTIVATION, Sent
from tests.races.world import World, activation
from tests.support.builders import PARTNER
from tests.support.carrying_out import Item

TEXT = {"S": ""}
LOST: dict[str, Callable[[Item], bool]] = {
    "an entry of the list": lambda item: item["pk"]["S"] == f"{PARTNER}#orders",
    "an order": lambda item: item["sk"]["S"] == "order",
    "a reference": lambda item: item["sk"]["S"] == "reference",
    "a key": lambda item: item["sk"]["S"] == "idempotency",
    "an event": lambda item: item.get("kind", TEXT)["S"] == "event",
    "a product": lambda item: item.get("kind", TEXT)["S"] == "product",
}


class Ordered:
    """Two orders that were carried out, and what the partner was told of them."""

    def __init__(self, world: World) -> None:
        world.stock(2)
        self.sent = [self._place(world, f"name {number}", f"key {number}") for number in range(2)]
        self.published = [item["id"] for item in world.items() if item.get("kind") == "event"]

    def check(self) -> None:
        """Check them."""
        proof.check(self.sent, dict.fromkeys(self.published, 1), [PARTNER])

    def _place(self, world: World, reference: str, key: str) -> Sent:
        order = str(world.insist("/orders", activation(reference=reference), key).body["id"])
        assert world.carry_out(order) == "completed"
        return Sent(PARTNER, ACTIVATION, 0.0, 0.1, 201, order, reference, key)


@pytest.fixture
def ordered(world: World) -> Ordered:
    """The two orders."""
    return Ordered(world)


@contextmanager
def lost(world: World, which: Callable[[Item], bool]) -> Iterator[None]:
    """Take the first item of which this is true from the table; put it back in the end."""
    pages = dynamodb.client().get_paginator("scan").paginate(TableName=environment.TABLE)
    item = next(item for page in pages for item in page["Items"] if which(item))
    world.client.delete_item(TableName=environment.TABLE, Key={name: item[name] for name in ("pk", "sk")})
    yield
    world.client.put_item(TableName=environment.TABLE, Item=item)


def test_every_item_that_is_lost_is_noticed(world: World, ordered: Ordered) -> None:
    ordered.check()
    for name, which in LOST.items():
        with lost(world, which):
            assert noticed(ordered), name
    ordered.check()


def noticed(ordered: Ordered) -> bool:
    """Whether something is wrong."""
    try:
        ordered.check()
    except AssertionError:
        return True
    return False


def test_what_partners_were_told_must_fit(ordered: Ordered) -> None:
    first, second = ordered.sent
    ordered.sent = [second]
    with pytest.raises(AssertionError, match="nobody has asked for"):
        ordered.check()
    ordered.sent = [first, second, second]
    with pytest.raises(AssertionError, match="no two requests"):
        ordered.check()
    ordered.sent = [first._replace(status=0, order_id=""), second]
    ordered.check()  # what was not answered may be there
    ordered.published.pop()
    with pytest.raises(AssertionError, match="came to the bus"):
        ordered.check()
