"""How many orders the sandbox takes and completes here, and what a move of its time costs (Linux).

``python -m tests.local.throughput`` judges nothing. Wall time depends on what else the machine does; the sandbox's
processor time hardly does.
"""

import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx

from tests.support.http import HttpClient, partner
from tests.support.server import Server, running
from tests.support.shop import Shop

SINGLE = 20
TOGETHER = 60
CLIENTS = 8
MONTHS = 12
TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(server: Server) -> float:
    """What the sandbox's process has used, as Linux counts it."""
    with open(f"/proc/{server.process.pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(server: Server, what: str, count: int, work: Callable[[], object]) -> None:
    """Print what the work costs for each of what it is done to."""
    wall, processor = time.monotonic(), processor_seconds(server)
    work()
    wall, processor = time.monotonic() - wall, processor_seconds(server) - processor
    print(f"{what:12} {count / wall:6.1f} a second; each {1000 * processor / count:4.0f} ms of processor time")


def settle(http: httpx.Client, advance: str = "PT0S") -> None:
    """Wait until everything has happened that is due."""
    http.post("/sandbox/clock", json={"advance": advance}, timeout=3600).raise_for_status()


def seconds_to_complete(shop: Shop) -> float:
    """Activate a subscription and wait for it."""
    began = time.monotonic()
    order = shop.place(shop.activation())
    while shop.client.get(f"/orders/{order['id']}").json()["status"] != "completed":
        time.sleep(0.01)
    return time.monotonic() - began


def place_many(shop: Shop) -> None:
    """Place orders at once."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: shop.place(shop.activation()), range(TOGETHER)))


def complete_many(shop: Shop, http: httpx.Client) -> None:
    """Place orders at once, and wait for all of them."""
    place_many(shop)
    settle(http)


def main() -> None:
    """Measure in one sandbox."""
    with running() as server, partner(server.url, "acme") as http:
        shop = Shop(HttpClient(http))
        shop.complete(shop.activation())
        times = [seconds_to_complete(shop) for _ in range(SINGLE)]
        print(f"activation to completed: {statistics.median(times):.2f} s (median of {SINGLE}, one after the other)")
        measure(server, "accepted", TOGETHER, partial(place_many, shop))
        settle(http)
        measure(server, "completed", TOGETHER, partial(complete_many, shop, http))
        renewals = (1 + SINGLE + 2 * TOGETHER) * MONTHS
        measure(server, "renewals", renewals, partial(settle, http, f"P{MONTHS}M"))


if __name__ == "__main__":
    main()
