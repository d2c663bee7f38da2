"""Reading whole lists of a partner, for the operator's commands."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, TypeVar

from functions.shared import table
from functions.shared.records import ListedBy, Partition, Record, id_in, listed_in
from functions.webhooks.delivery import Delivery, delivered_again, first_delivery_id
from functions.webhooks.fan_out import all_webhooks
from functions.webhooks.webhook import deleted_webhooks_of
from infra.operator.writing import batches

PAGE = 100

R = TypeVar("R", bound=Record)


def entries(partition: Partition) -> Iterator[dict[str, Any]]:
    """Yield everything that a list holds, the oldest first."""
    start, more = None, True
    while more:
        found, more = table.keys_in(partition, start, newest_first=False, limit=PAGE)
        yield from found
        start = found[-1][f"{partition.gsi or ''}sk"] if found else None
        more = more and bool(found)


def listed_ids(partition: Partition) -> list[str]:
    """Return the ids of the records that a list holds."""
    return [id_in(entry[f"{partition.gsi or ''}sk"]) for entry in entries(partition)]


def records(partner: str, model: type[R], ids: Sequence[str]) -> Iterator[R]:
    """Yield the records with these ids as they are now; those that exist."""
    for some in batches(ids, PAGE):
        found = table.read_all(partner, {model: some})
        yield from (record for each in some if (record := found.get(model, each)))


def listed(partner: str, model: type[R], **members: str) -> list[R]:
    """Return the partner's records with these members."""
    return [*records(partner, model, listed_ids(model.partition(partner, members)))]


def delivery_ids(partner: str, event_ids: Sequence[str]) -> Iterator[str]:
    """Yield the ids of the deliveries of events to the partner's webhooks, deleted ones too; some may not exist."""
    webhooks = [webhook.id for webhook in all_webhooks(partner)]
    webhooks += [entry["sk"] for entry in entries(deleted_webhooks_of(partner))]
    for webhook_id, event_id in product(webhooks, event_ids):
        yield first_delivery_id(webhook_id, event_id)
        yield from listed_ids(_again(partner, webhook_id, event_id))


def _again(partner: str, webhook_id: str, event_id: str) -> Partition:
    return listed_in(Delivery, partner, ListedBy("gsi2", "again"), {"again": delivered_again(webhook_id, event_id)})
