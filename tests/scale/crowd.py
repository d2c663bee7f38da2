"""A partner's past: a million orders with their events and products' dates, each of which is only made if it is read.

What lies where is the same however many there are: the newest is as old, the next one five seconds older, and so on.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ulid import ULID

from functions.orders.order import Order, list_entry_key, reference_key
from functions.shared.clock import iso
from functions.shared.event import SHARDS, Event
from functions.shared.marshal import marshal
from functions.shared.records import DUE_SHARDS, Key, due_shard, listed_in
from functions.sim_profiles.sim_profile import SimProfile
from functions.sim_profiles.stock import EARLIEST, PLACES, stock_entry, stock_key
from tests.support.store import Item

APART = timedelta(seconds=5)
"""A million of them are two months: all of their events are still kept."""
REFERENCE = "of the past "
Where = tuple[str | None, str]
"""An index, or none, and a partition key."""


class Part(NamedTuple):
    """A partition: its sort keys in their order, and what lies there."""

    sort_name: str
    keys: Sequence[str]
    item: Callable[[int], Item]


class Numbered(Sequence[str]):
    """Text that follows from its number."""

    def __init__(self, size: int, make: Callable[[int], str]) -> None:
        self._size, self._make = size, make

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, number: Any) -> Any:
        return self._make(number)


class Crowd:
    """``size`` orders, their events, as many eSIMs in stock, and as many records that are due in the future.

    They look like an order, an event and an eSIM that there are; the newest is made just before ``until``.
    """

    def __init__(self, size: int, order: Order, event: Event, sim: SimProfile, until: datetime) -> None:
        self.size = size
        self._like = order, event, sim
        self._until = until
        self._partner = order.partner
        listed = list_entry_key(order).pk
        self.parts: dict[Where, Part] = {(None, listed): self._list(listed)}
        for each in Order.LISTS:
            if each.gsi and each.member:
                where = listed_in(Order, order.partner, each, {each.member: getattr(order, each.member)}).pk
                self.parts[each.gsi, where] = self._index(each.gsi, where)
        for shard in range(SHARDS):
            self.parts[None, f"{self._partner}#events#{shard}"] = self._events(shard)
        for shard in range(DUE_SHARDS):
            self.parts["due", due_shard(shard)] = self._due(due_shard(shard))
        stock = stock_key(self._partner, sim.id).pk
        self.parts[None, stock] = Part("sk", Numbered(size, self._half), lambda place: self._stocked(place)[1])

    def order(self, number: int) -> Order:
        """Return an order; the newest has the number 0."""
        at, name = self._moment(number), f"{Order.PREFIX}_{self._ulid(number)}"
        return self._like[0].model_copy(update={"id": name, "created_at": at, "reference": f"{REFERENCE}{number}"})

    def items(self) -> Iterator[Item]:
        """Yield all of it, as it lies in the table itself."""
        for number in range(self.size):
            order = self.order(number)
            guard = reference_key(self._partner, str(order.reference))._asdict()
            yield from (marshal(order.item()), marshal(guard | {"order_id": order.id}), self._stocked(number)[0])
        for (index, _), part in self.parts.items():
            if index in {None, "due"}:
                yield from map(part.item, range(len(part.keys)))

    def find(self, key: Key) -> list[Item]:
        """Return the item with this key and those that change with it, if it is of the past."""
        name = key.pk.removeprefix(f"{self._partner}#")
        if key.sk == Order.KIND and (number := self._number(name)) is not None:
            return [marshal(self.order(number).item())]
        if key.sk == "reference" and REFERENCE in name:
            order = self.order(int(name.rpartition(" ")[2]))
            guard = reference_key(self._partner, str(order.reference))._asdict()
            return [marshal(guard | {"order_id": order.id})]
        if key.sk == SimProfile.KIND and (place := self._place(name)) is not None:
            return list(self._stocked(place))
        return []

    def _moment(self, number: int) -> datetime:
        return self._until - (number + 1) * APART

    def _ulid(self, number: int) -> str:
        milliseconds = int(self._moment(number).timestamp() * 1000)
        return str(ULID.from_bytes(milliseconds.to_bytes(6, "big") + number.to_bytes(10, "big")))

    def _number(self, order_id: str) -> int | None:
        number = int.from_bytes(bytes(ULID.from_str(order_id[-26:]))[6:], "big")
        return number if number < self.size and self.order(number).id == order_id else None

    def _sort_keys(self, prefix: str, step: int = 1, first: int = 0) -> Numbered:
        """Return the places of every so many-th, the oldest first."""
        size = len(range(first, self.size, step))

        def make(place: int) -> str:
            number = first + (size - 1 - place) * step
            return f"{iso(self._moment(number))}#{prefix}_{self._ulid(number)}"

        return Numbered(size, make)

    def _list(self, pk: str) -> Part:
        keys = self._sort_keys(Order.PREFIX)
        return Part("sk", keys, lambda place: marshal({"pk": pk, "sk": keys[place]}))

    def _index(self, gsi: str, pk: str) -> Part:
        def item(place: int) -> Item:
            order = self.order(self.size - 1 - place)
            return marshal(order.key()._asdict() | {f"{gsi}pk": pk, f"{gsi}sk": order.sort_key()})

        return Part(f"{gsi}sk", self._sort_keys(Order.PREFIX), item)

    def _events(self, shard: int) -> Part:
        keys = self._sort_keys(Event.PREFIX, SHARDS, shard)

        def item(place: int) -> Item:
            at, _, name = keys[place].partition("#")
            event = self._like[1].model_copy(update={"id": name, "created_at": datetime.fromisoformat(at)})
            return marshal(event.item() | {"pk": f"{self._partner}#events#{shard}", "sk": keys[place]})

        return Part("sk", keys, item)

    def _due(self, shard: str) -> Part:
        keys = Numbered(self.size // DUE_SHARDS, lambda place: iso(self._until + timedelta(days=300) + place * APART))

        def item(place: int) -> Item:
            name = {"pk": f"{self._partner}#subs_{self._ulid(place)}", "sk": "subscription"}
            return marshal(name | {"due_shard": shard, "due_at": keys[place]})

        return Part("due_at", keys, item)

    def _half(self, place: int) -> str:
        """Return the random half of an eSIM's id; they lie evenly apart."""
        random = (2 * place + 1) * PLACES // (2 * self.size)
        return str(ULID.from_bytes(bytes(6) + random.to_bytes(10, "big")))[10:]

    def _place(self, sim_id: str) -> int | None:
        random = int.from_bytes(bytes(ULID.from_str(EARLIEST + sim_id[-16:]))[6:], "big")
        place = random * self.size // PLACES
        return place if self._half(place) == sim_id[-16:] else None

    def _stocked(self, place: int) -> tuple[Item, Item]:
        """Return an eSIM, and its entry in the stock."""
        sim = self._like[2].model_copy(update={"id": f"{SimProfile.PREFIX}_{EARLIEST}{self._half(place)}"})
        entry = {**stock_key(self._partner, sim.id)._asdict(), **stock_entry(sim)}
        return marshal(sim.item() | {"version": 1}), marshal(entry)
