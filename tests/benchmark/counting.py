"""What requests and orders take of AWS, counted once: the same at each run, and compared by a test."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from infra.asset_contents import ROOT
from infra.costs import lines_of, total
from infra.counted import Used
from infra.pages import table
from tests.benchmark.cases import Counted, Recorded
from tests.benchmark.recording import Recording, event_of, recorded
from tests.benchmark.requests import Name
from tests.lifecycle.keyed_requests import ORDERS
from tests.support.timeline import timeline

PAGE = ROOT / "docs" / "performance.md"
MEMORY = 1024
BESIDE_THE_STREAM = 6
"""The authorizer, the door, two steps, what takes the network's answer, and the simulated network."""
ON_THE_NETWORK_BUS = 2
"""The request to the network, and its answer."""


class Order(NamedTuple):
    """What an order takes from the API to its last event."""

    calls: int
    used: Used
    log_bytes: int


def order(name: str) -> Order:
    """Carry out an order of a type."""
    with timeline() as line:
        body = ORDERS[name](line)
        with recorded(line) as seen:
            event_of(line, "POST", f"/orders/{name}", body)
            line.world.look()
            line.rest()
    calls = len(seen.calls) + len(seen.others.made) + seen.transitions
    return Order(calls, _used(seen), seen.log_bytes)


def _used(seen: Recording) -> Used:
    return Used(
        requests=1,
        invocations=BESIDE_THE_STREAM + seen.records,
        write_units=seen.write_units,
        read_units=seen.read_units,
        transitions=seen.transitions,
        bus_events=seen.others.made.count("put_events") + ON_THE_NETWORK_BUS,
    )


def price(used: Used) -> str:
    """Return the price of a thousand."""
    return f"${total(lines_of(used, 1000, MEMORY)):.3f}"


def tables(requests: Mapping[Name, Recorded]) -> dict[str, str]:
    """Return the tables of the page that are counted, by their names."""
    return {"requests": _request_table(requests), "orders": _order_table()}


def _request_table(requests: Mapping[Name, Recorded]) -> str:
    """Return what each request takes."""
    head = ["one request", "calls of AWS", "read units", "write units", "logged", "1,000 of them"]
    return table(head, [[f"`{name}`", *_cells(each.counted)] for name, each in requests.items()])


def _cells(counted: Counted) -> Iterator[str]:
    yield from map(str, counted[:-1])
    yield _kilobytes(counted.log_bytes)
    yield price(Used(1, 1, counted.write_units, counted.read_units, transitions=0, bus_events=0))


def _order_table() -> str:
    """Return what an order of each type takes."""
    head = ["from the API to the last event", "calls of AWS", "read units", "write units", "state transitions"]
    return table([*head, "logged", "1,000 of them"], [_row(name, order(name)) for name in ORDERS])


def _row(name: str, made: Order) -> list[str]:
    used = made.used
    counts = made.calls, used.read_units, used.write_units, used.transitions
    return [f"`{name}`", *map(str, counts), _kilobytes(made.log_bytes), price(used)]


def _kilobytes(size: int) -> str:
    """Return a size that a word more or less in a line hardly changes."""
    return f"{size / 1000:.1f} KB"
