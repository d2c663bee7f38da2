"""Read and write units of DynamoDB, from the bodies of its calls alone; ``units.py`` looks into the table, too."""

from collections.abc import Callable, Iterable, Mapping
from math import ceil
from typing import Any

from functions.shared.marshal import unmarshal
from functions.shared.sizes import stored_size

READ: dict[str, Callable[[Any], int]] = {
    "GetItem": lambda _body: 1,
    "Query": lambda _body: 1,
    "BatchGetItem": lambda body: sum(len(asked["Keys"]) for asked in body["RequestItems"].values()),
    "TransactGetItems": lambda body: 2 * len(body["TransactItems"]),
}
"""What a call reads, in units, if nothing that is read has more than 4 KB."""
INDEXES = ("gsi1pk", "gsi2pk", "gsi3pk", "due_at")
Item = Mapping[str, Any]


class WriteUnits:
    """Write units of items in the order in which they are written; an index takes some only where its keys change."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        """Count from a table that has these items."""
        self._keys = {(item["pk"], item["sk"]): _indexed(item) for item in items}

    def put(self, item: Item, factor: int) -> int:
        """Return the units of the table (``factor`` for each KB) and those of its indexes."""
        before = self._keys.get((item["pk"], item["sk"]), {})
        now = self._keys[item["pk"], item["sk"]] = _indexed(item)
        return factor * ceil(stored_size(item) / 1024) + _changed(before, now)

    def delete(self, key: Item, factor: int) -> int:
        """Return the units of removing a small item."""
        return factor + _changed(self._keys.pop((key["pk"], key["sk"]), {}), {})

    def of(self, name: str, body: Any) -> int:
        """Return the units of a call that writes, and 0 for any other; each item of a transaction counts twice."""
        if name == "PutItem":
            return self.put(unmarshal(body["Item"]), 1)
        if name == "UpdateItem":
            return 1
        return sum(map(self._of_write, body["TransactItems"])) if name == "TransactWriteItems" else 0

    def _of_write(self, write: Item) -> int:
        if "Put" in write:
            return self.put(unmarshal(write["Put"]["Item"]), 2)
        return self.delete(unmarshal(write["Delete"]["Key"]), 2) if "Delete" in write else 2


def _indexed(item: Item) -> dict[str, Any]:
    return {name: item.get(name) for name in INDEXES}


def _changed(before: Item, now: Item) -> int:
    changes = [(before.get(name), now.get(name)) for name in INDEXES if before.get(name) != now.get(name)]
    return sum((old is not None) + (new is not None) for old, new in changes)
