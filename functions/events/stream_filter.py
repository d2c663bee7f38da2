"""The filter for records of the table's stream that :mod:`functions.events.changes` receives."""

from typing import Any

from functions.network.requests import NetworkRequest
from functions.orders.order import Order
from functions.shared.event import Event

ACCEPTED = {"kind": {"S": [Order.KIND]}, "status": {"S": ["accepted"]}}
FULFILLING = {"kind": {"S": [Order.KIND]}, "status": {"S": ["fulfilling"]}}
NOT_YET = {"status": {"S": [{"anything-but": ["fulfilling"]}]}}
WANTED: tuple[dict[str, Any], ...] = (
    {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": [Event.KIND, NetworkRequest.KIND]}}}},
    {"eventName": ["INSERT"], "dynamodb": {"NewImage": ACCEPTED}},
    {"eventName": ["MODIFY"], "dynamodb": {"NewImage": FULFILLING, "OldImage": NOT_YET}},
)
"""Events and requests to the network, orders just accepted, and orders that begin to be fulfilled.

Everything else is filtered out: what the steps of an order write, and what TTL deletes.
"""
