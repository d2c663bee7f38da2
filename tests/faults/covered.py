"""What must be gone through, and the scenarios that do: each run of one of them holds it to that."""

from collections.abc import Iterable

from functions.events import answers, clock, stream_filter
from functions.network import interface
from functions.orders.order import Order
from functions.routes import ROUTES
from functions.shared.event import TYPES, Event
from functions.webhooks.delivery import Delivery
from functions.webhooks.replay import Replay
from functions.webhooks.webhook import Webhook
from tests.faults.scenarios import REQUESTS, door, name_of, writes
from tests.lifecycle.keyed_requests import ORDERS

STREAM = {*stream_filter.NEW, Order.KIND, Delivery.KIND} - {stream_filter.HEARTBEAT}
QUEUE = {kind.PREFIX for kind in (Delivery, Event, Webhook, Replay)}
NEEDED = {
    *(name_of(route) for route in ROUTES if writes(route)),
    *(f"due {kind}" for kind in clock.KINDS),
    *interface.REPORTS,
    *answers.ANSWERS,
    *(f"stream {kind}" for kind in STREAM),
    *(f"queue {prefix}" for prefix in QUEUE),
}
"""Operations that write, kinds of records that become due, and kinds of messages."""
EVENTS = {f"event {each}" for each in TYPES}
"""What happens, as partners hear of it."""
SHOWS: dict[str, Iterable[str]] = {
    **{name: [name] for name in (*REQUESTS, "DELETE /webhooks/{webhook_id}")},
    **{door(order_type, "rejects"): [f"POST /orders/{order_type}"] for order_type in ORDERS},
    door("activate-subscription", "accepts"): ["network.provisioning.succeeded", "stream order", "stream event"],
    "activation on a card, rejects": ["network.provisioning.failed"],
    "activation on a card, silent": ["network.deprovisioning.succeeded", "stream network_request"],
    "network cannot undo": ["network.deprovisioning.failed"],
    "network never undoes": ["due sim_profile"],
    "hold expires": ["due order"],
    "renewal": ["due subscription"],
    "reservation expires": ["due reservation"],
    "answer forgotten": ["due idempotency"],
    "early report usage": ["due network_report"],
    **{f"report {each}": [f"network.{each}"] for each in map(interface.reported, interface.REPORTS)},
    "webhook delivery": ["queue dlv"],
    "webhook down for minutes": ["due delivery"],
    "webhook disabled": ["due webhooks"],
    "webhook replay lost": ["due replay"],
    "webhook catches up": ["queue wbh"],
    "webhook behind a long queue": ["queue evt"],
    "webhook enabled": ["stream webhook"],
}
SHOWS |= {
    (replay := "POST /webhooks/{webhook_id}/replay"): [replay, "queue rpl", "stream replay"],
    (retry := "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/retry"): [retry, "stream delivery"],
}
