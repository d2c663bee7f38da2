"""Reading whole lists of a partner, for the operator's commands."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from functions.shared import table
from functions.shared.records import Partition, Record, id_in
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
