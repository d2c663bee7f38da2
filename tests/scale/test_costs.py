"""An order costs the same with a thousand and with a million that there are already; so does everything else.

What is counted is what the table is asked: calls, items that reads look at, and units; not time.
"""

import pytest

from functions.shared import dynamodb
from functions.shared.marshal import marshal
from infra.scaling import PAGE
from tests.scale.__main__ import FEW, MANY, rows
from tests.scale.costs import Cost, Partner, costs, partner
from tests.support.builders import PARTNER
from tests.support.world import TABLE

SMALL = 200
MAX_EXAMINED = 330
"""Four pages of forty, each with their entries."""


@pytest.fixture(scope="module")
def few() -> dict[str, Cost]:
    """What a partner with a thousand orders costs."""
    return costs(FEW)


def test_nothing_costs_more_with_a_million_orders(few: dict[str, Cost]) -> None:
    assert costs(MANY) == few
    assert rows(few) in PAGE.read_text(), "write it anew with python -m tests.scale --write"


def test_to_create_an_order_looks_at_what_it_needs_and_at_nothing_else(few: dict[str, Cost]) -> None:
    """The subscriber and the plan; neither its key nor its reference is there yet."""
    assert few["create an order"].calls == ("batch_get_item", "transact_write_items")
    assert few["create an order"].examined == 2
    assert max(cost.examined for cost in few.values()) <= MAX_EXAMINED


def test_what_is_made_when_it_is_read_costs_what_is_stored() -> None:
    """The crowd of a million is not there; this one is, and is read in the same way."""
    assert costs(SMALL, stored=True) == costs(SMALL)


def test_a_read_without_a_bound_would_be_noticed() -> None:
    def read_all_orders(_partner: Partner) -> None:
        values = marshal({":pk": f"{PARTNER}#orders"})
        dynamodb.client().query(
            TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values, ScanIndexForward=True
        )

    def examined(size: int) -> int:
        with partner(size) as made:
            return made.cost(read_all_orders).examined

    assert examined(2000) - examined(1000) == 1000
