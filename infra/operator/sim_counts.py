"""How many SIMs a partner has, by kind and state; nothing looks through the whole table."""

from collections import Counter
from collections.abc import Iterator

from functions.identity.clients import ClientSettings
from functions.shared import dynamodb
from functions.shared.records import Partition
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import SimProfile
from infra.operator.reading import entries, listed

KINDS = ("esim", "psim")
STATES = ("in_stock", "reserved", "active", "retired")


def count(partner: str) -> Counter[tuple[str, str]]:
    """Return the number of a partner's SIMs by kind and state; eSIMs in stock as orders find them."""
    found: Counter[tuple[str, str]] = Counter(
        (kind, sim.status) for kind in KINDS for sim in listed(partner, SimProfile, sim_type=kind)
    )
    in_stock = Partition(None, stock.stock_key(partner, "").pk)
    found["esim", "in_stock"] = sum(1 for _ in entries(in_stock))
    return +found


def partners() -> Iterator[str]:
    """Yield the names of all partners: their own table has hardly anything else, so it is read as a whole."""
    pages = (
        dynamodb.client()
        .get_paginator("scan")
        .paginate(
            TableName=ClientSettings.load().clients_table_name,
            FilterExpression="sk = :kind",
            ExpressionAttributeValues={":kind": {"S": "partner"}},
            ProjectionExpression="pk",
        )
    )
    yield from sorted(item["pk"]["S"] for page in pages for item in page["Items"])
