"""What is stored, by partner and kind."""

from collections import defaultdict

from functions.shared.marshal import unmarshal
from functions.shared.records import whole
from tests.simulation.table import Change, Primary, Table
from tests.support.store import Item


class Records:
    """Looks into a table; what was decoded is decoded once."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._decoded: dict[Primary, tuple[Item, Item]] = {}
        self._keys: dict[tuple[str, str], list[Primary]] = defaultdict(list)
        for key, item in table.items.items():
            self._note(key, item)

    def see(self, change: Change) -> None:
        """Keep up with a change."""
        if change.old is None and change.new is not None:
            self._note(change.key, change.new)

    def of(self, partner: str, kind: str) -> list[Item]:
        """Return a partner's records of a kind, the oldest first."""
        return [self.at(key) for key in self._keys[partner, kind] if key in self._table.items]

    def all_of(self, partner: str) -> list[Item]:
        """Return all items of a partner."""
        return [self.at(key) for key in self._table.items if key[0].startswith(f"{partner}#")]

    def at(self, key: Primary) -> Item:
        """Return all that is stored under a key."""
        item = self._table.items[key]
        known = self._decoded.get(key)
        if known is None or known[0] is not item:
            self._decoded[key] = known = item, whole(unmarshal(item))
        return known[1]

    def _note(self, key: Primary, item: Item) -> None:
        kind = item.get("kind", {}).get("S")
        if kind and key not in self._keys[_partner(key), kind]:
            self._keys[_partner(key), kind].append(key)


def _partner(key: Primary) -> str:
    return key[0].partition("#")[0]
