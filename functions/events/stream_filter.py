"""The filter for records of the table's stream that :mod:`functions.events.changes` receives."""

from typing import Any

from functions.network.requests import NetworkRequest
from functions.orders.order import Order
from functions.shared.event import Event
from functions.webhooks.delivery import Delivery
from functions.webhooks.replay import Replay
from functions.webhooks.webhook import Webhook

HEARTBEAT = "heartbeat"
"""The kind of the items of :mod:`functions.events.heartbeat`."""
NEW = [Event.KIND, NetworkRequest.KIND, Webhook.KIND, Replay.KIND, HEARTBEAT]
ACCEPTED = {"kind": {"S": [Order.KIND]}, "status": {"S": ["accepted"]}}
FULFILLING = {"kind": {"S": [Order.KIND]}, "status": {"S": ["fulfilling"]}}
NOT_YET = {"status": {"S": [{"anything-but": ["fulfilling"]}]}}
ENABLED = {"kind": {"S": [Webhook.KIND]}, "status": {"S": ["enabled"]}}
DISABLED = {"status": {"S": ["disabled"]}}
ASKED = {"kind": {"S": [Delivery.KIND]}, "stage": {"S": ["asked"]}}
WANTED: tuple[dict[str, Any], ...] = (
    {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": NEW}}}},
    {"eventName": ["INSERT"], "dynamodb": {"NewImage": ACCEPTED}},
    {"eventName": ["MODIFY"], "dynamodb": {"NewImage": FULFILLING, "OldImage": NOT_YET}},
    {"eventName": ["MODIFY"], "dynamodb": {"NewImage": ENABLED, "OldImage": DISABLED}},
    {"eventName": ["MODIFY"], "dynamodb": {"NewImage": ASKED}},
)
"""Events and requests to the network, orders just accepted, and orders that begin to be fulfilled; webhooks that are
made or enabled again, replays, deliveries of which an attempt was asked for, and the clock's heartbeat.

Everything else is filtered out: what the steps of an order write, and what TTL deletes.
"""
