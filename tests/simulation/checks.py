"""What must hold of a whole world: at any moment, and once it has come to rest."""

from collections import Counter, defaultdict
from typing import Any

from functions.shared.clock import iso
from functions.webhooks.slots import Slot
from functions.webhooks.webhook import Webhook
from tests.conftest import PUBLIC_URL
from tests.races import invariants
from tests.simulation.catalog import PARTNERS
from tests.simulation.failure import Wrong, demand
from tests.simulation.gateway import Asked
from tests.simulation.weather import CALM
from tests.simulation.world import STANDSTILL, World
from tests.support.store import Item

MOVING = {"accepted", "fulfilling"}
WAITING = {"scheduled", "on_hold"}
ATTEMPTS = 10
PAGE = 40
DISABLED = "webhook.disabled"
MAY_BE_PUT_OFF = "_nothing_is_stuck"
"""The last of the invariants: the clock puts off for a minute what it could not handle."""


def check_now(world: World) -> None:
    """Check what holds at any moment, with all that is stored."""
    for partner in PARTNERS:
        try:
            invariants.check(_of_what_is_there(world, partner), partner)
        except AssertionError as error:
            name = _innermost(error)
            if name != MAY_BE_PUT_OFF or world.scheduler.weather == CALM:
                raise Wrong(f"the invariant {name}", str(error)[:500]) from error


def _of_what_is_there(world: World, partner: str) -> list[Item]:
    """All items of a partner, but for the events of webhooks that are gone."""
    webhooks = {webhook["id"] for webhook in world.records.of(partner, Webhook.KIND)}
    items = world.records.all_of(partner)
    return [item for item in items if item.get("type") != DISABLED or item["data"]["webhook"]["id"] in webhooks]


def check_end(world: World) -> None:
    """Check what holds when nothing has gone wrong for a while."""
    check_now(world)
    _everything_has_come(world)
    _requests_made_one_order_each(world)
    _the_network_has_what_was_completed(world)
    for partner in PARTNERS:
        _nothing_hangs(world, partner)
        _orders_are_found(world, partner)
        _the_log_is_whole(world, partner)
        _webhooks_got_their_events(world, partner)


def _everything_has_come(world: World) -> None:
    demand(not world.scheduler.waiting, "all messages have come", [each[2].name for each in world.scheduler.waiting])
    demand(not world.stream.lanes, "all records of the stream are taken")
    demand(not world.queues.set_aside, "no record of the stream is given up on", world.queues.set_aside)
    running = [each.name for each in world.machines.by_name.values() if each.status == "RUNNING"]
    demand(not running, "no execution runs for ever", running)
    events = {event["id"] for partner in PARTNERS for event in world.records.of(partner, "event")}
    demand(world.bus.published == events, "the bus has every event", events ^ world.bus.published)


def _nothing_hangs(world: World, partner: str) -> None:
    orders, sims = world.records.of(partner, "order"), world.records.of(partner, "sim_profile")
    hanging = [(order["id"], order["type"], order["status"]) for order in orders if order["status"] in MOVING]
    demand(not hanging, "every order is final or waits", hanging)
    waiting = {order["id"] for order in orders if order["status"] in WAITING}
    held = {sim["order_id"] for sim in sims if sim["status"] == "reserved" and not sim.get("reservation_id")}
    demand(held <= waiting, "no SIM is kept for an order that is over", held - waiting)
    slots = [slot["until"] for slot in world.records.of(partner, Slot.KIND)]
    demand(all(until <= world.now_text() for until in slots), "no slot of a webhook is taken", slots)


def _requests_made_one_order_each(world: World) -> None:
    """Each that was accepted made one order, each that was refused made none."""
    made = Counter(order["correlation_id"] for partner in PARTNERS for order in world.records.of(partner, "order"))
    for asked in world.gateway.asked:
        if asked.method == "POST" and asked.path.startswith("/orders") and asked.body:
            number, wanted = made[asked.name], _orders_of(asked)
            demand(number == wanted, "a request makes one order, or none if it is refused", f"{asked}: {number}")


def _the_network_has_what_was_completed(world: World) -> None:
    """And nothing of an order that has failed, unless it would not undo it."""
    orders = [order for partner in PARTNERS for order in world.records.of(partner, "order")]
    completed = {order["id"] for order in orders if order["status"] == "completed"}
    holds, keeps = world.network.holds, world.network.keeps
    demand(completed <= holds, "the network has done what is completed", completed - holds)
    demand(holds <= completed | keeps, "the network has nothing of a failed order", holds - completed - keeps)


def _orders_of(asked: Asked) -> int:
    """How many orders a request must have made; one without a key learns from a 409 that it made one."""
    return int(asked.accepted is not None or (not asked.key and any(status == 409 for status, _ in asked.answers)))


def _orders_are_found(world: World, partner: str) -> None:
    """In the list of all, and by their references."""
    orders = {order["id"]: order for order in world.records.of(partner, "order")}
    listed = _walk(world, partner, "/orders", "orders")
    demand(sorted(listed) == sorted(orders), "a partner's list of orders has its orders", sorted(listed))
    for order in orders.values():
        if reference := order.get("reference"):
            found = world.gateway.get(partner, f"/orders?reference={reference}".replace(" ", "%20"))
            ids = [each["id"] for each in found["_embedded"]["orders"]]
            demand(ids == [order["id"]], "an order is found by its reference", f"{reference}: {ids}")


def _the_log_is_whole(world: World, partner: str) -> None:
    """Who walks through it comes across each event once, apart from those that are too new or no longer kept."""
    events = [event["id"] for event in world.records.of(partner, "event") if world.is_in_log(event)]
    seen = [event for event in _walk(world, partner, "/events?after=", "events") if event in set(events)]
    demand(seen == sorted(events), "the log has every event once, in order", set(seen) ^ set(events))


def _walk(world: World, partner: str, path: str, name: str) -> list[str]:
    """The ids on all pages."""
    ids: list[str] = []
    target = f"{path}{'&' if '?' in path else '?'}limit={PAGE}"
    while target:
        page = world.gateway.get(partner, target)
        found = [each["id"] for each in page["_embedded"][name]]
        ids += found
        following = page["_links"].get("next") if found else None
        target = following["href"].removeprefix(PUBLIC_URL) if following else ""
    return ids


def _webhooks_got_their_events(world: World, partner: str) -> None:
    """Each webhook that was left alone: every event, unless attempts go on, all failed, or it was disabled for that."""
    changed = {asked.path.split("/")[2] for asked in world.gateway.asked if _changes_a_webhook(asked)}
    deliveries: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for delivery in world.records.of(partner, "delivery"):
        deliveries[delivery["webhook_id"], delivery["event_id"]].append(delivery)
    for item in world.records.of(partner, "webhook"):
        webhook = Webhook.model_validate(item)
        if webhook.id in changed or webhook.status == "disabled":
            continue
        for event in world.records.of(partner, "event"):
            if webhook.takes(event["type"]) and event["created_at"] >= item["created_at"]:
                taken = event["id"] in world.endpoints.received[webhook.url]
                tried = deliveries[webhook.id, event["id"]]
                over = taken or any(_goes_on_or_is_given_up(world, each) for each in tried)
                demand(over, "a webhook gets each event", f"{webhook.url} {event['id']}: {tried}")


def _goes_on_or_is_given_up(world: World, delivery: Item) -> bool:
    if delivery["status"] == "pending":
        return str(delivery.get("next_attempt_at", "")) > iso(world.scheduler.now - STANDSTILL)
    return delivery["status"] == "failed" and len(delivery["attempts"]) >= ATTEMPTS


def _changes_a_webhook(asked: Asked) -> bool:
    return asked.path.startswith("/webhooks/") and asked.method in {"PATCH", "DELETE"}


def _innermost(error: BaseException) -> Any:
    """The name of the function that raised an error."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace and trace.tb_frame.f_code.co_name
