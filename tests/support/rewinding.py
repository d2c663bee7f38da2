"""The table as a restore from a backup leaves it: older than the executions and the network."""

from collections.abc import Callable
from typing import Any

from functions.shared.marshal import unmarshal
from functions.shared.records import whole
from infra.local import environment
from infra.local.system import System

Item = dict[str, Any]


def rewind(system: System, partner: str, order_id: str, as_of: Callable[[Item], bool]) -> None:
    """Bring all items of a partner back to the moment at which its order was first like this."""
    changes = [record.to_json()["dynamodb"] for record in list(system.aws.stream_shard().items)]
    own = [change for change in changes if change["Keys"]["pk"]["S"].startswith(f"{partner}#")]
    last = next(position for position, change in enumerate(own) if _is(change, partner, order_id, as_of))
    then = {_place(change): change.get("NewImage") for change in own[: last + 1]}
    for change in own[last + 1 :]:
        image = then.get(_place(change))
        if image:
            system.aws.dynamodb.put_item(TableName=environment.TABLE, Item=image)
        else:
            system.aws.dynamodb.delete_item(TableName=environment.TABLE, Key=change["Keys"])


def _place(change: Item) -> tuple[str, str]:
    return change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"]


def _is(change: Item, partner: str, order_id: str, as_of: Callable[[Item], bool]) -> bool:
    if _place(change) != (f"{partner}#{order_id}", "order") or "NewImage" not in change:
        return False
    return as_of(whole(unmarshal(change["NewImage"])))
