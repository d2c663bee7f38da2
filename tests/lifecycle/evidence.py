"""What the system did, seen from behind: committed events, stock, executions."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from functions.orders.order import Order
from functions.shared import table
from functions.shared.marshal import marshal, unmarshal
from functions.shared.records import Event
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.subscription import Subscription
from infra.local import environment
from infra.local.system import System


def events() -> list[Event]:
    """Every event committed so far, oldest first; read out of moto, because a scan copies and sorts the whole table."""
    items = dynamodb_backends[environment.ACCOUNT][environment.REGION].tables[environment.TABLE].items
    found = [
        Event.from_item(unmarshal(item.to_json()["Attributes"]))
        for partition in list(items.values())
        for key, item in list(partition.items())
        if key.value == Event.KIND
    ]
    return sorted(found, key=Event.sort_key)


def told_of(resource_id: str) -> list[str]:
    """The types of the events of one resource in their order; their sequence must have no gap."""
    by_resource: dict[str, list[Event]] = defaultdict(list)
    for event in events():
        resource = next(iter(event.data.values()))
        if event.sequence and isinstance(resource, dict):
            by_resource[resource["id"]].append(event)
    mine = sorted(by_resource[resource_id], key=lambda event: event.sequence)
    assert [event.sequence for event in mine] == list(range(1, len(mine) + 1))
    return [event.type for event in mine]


def asked_of_network(order_id: str) -> list[str]:
    """What the network was asked by events of the table."""
    return [event.type for event in events() if event.data.get("order_id") == order_id]


def stock(system: System, partner: str) -> set[str]:
    """The ids of the eSIMs in stock."""
    answer: Any = system.aws.dynamodb.query(
        TableName=environment.TABLE,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"{partner}#esim_stock"}},
    )
    return {unmarshal(item)["sim_profile_id"] for item in answer["Items"]}


def execution(system: System, name: str) -> Any:
    """The execution of that name."""
    machine = environment.UNDO_STATE_MACHINE_ARN if ".undo" in name else environment.STATE_MACHINE_ARN
    arn = machine.replace(":stateMachine:", ":execution:")
    return system.aws.stepfunctions.describe_execution(executionArn=f"{arn}:{name}")


def make_due(system: System, order: dict[str, Any]) -> None:
    """As if the time had come at which the clock looks after the order."""
    system.aws.dynamodb.update_item(
        TableName=environment.TABLE,
        Key={"pk": {"S": f"acme#{order['id']}"}, "sk": {"S": "order"}},
        UpdateExpression="SET due_at = :past",
        ExpressionAttributeValues={":past": {"S": "2020-01-01T00:00:00.000Z"}},
    )


def let_date_come(system: System, order: dict[str, Any]) -> None:
    """As if the date had come for which the only scheduled order of its subscription waits."""
    subscription_id = order["_embedded"]["subscription"]["id"]
    subscription = table.read(Subscription, "acme", subscription_id)
    assert subscription is not None
    (waiting,) = subscription.scheduled
    waiting.release_at = waiting.holds_from = datetime(2020, 1, 1, tzinfo=UTC)
    system.aws.dynamodb.put_item(TableName=environment.TABLE, Item=marshal(subscription.item()))


def order(order_id: str) -> Order:
    """An order of acme, as it is kept."""
    found = table.read(Order, "acme", order_id)
    assert found is not None
    return found


def sim(sim_profile_id: str) -> SimProfile:
    """A SIM profile of acme, as it is kept."""
    found = table.read(SimProfile, "acme", sim_profile_id)
    assert found is not None
    return found


def tomorrow() -> str:
    """This time tomorrow, as an order writes it."""
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()
