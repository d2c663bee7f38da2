"""Let many partners order at a steady rate from a system over DynamoDB Local, while one floods it."""

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from math import ceil
from multiprocessing import get_context

from tests.load import figures, partners, proof
from tests.load.connection import Connection
from tests.load.figures import Phase
from tests.load.surroundings import settle
from tests.load.system import System, running
from tests.load.traffic import Sent, Traffic, send

PROGRESS_SECONDS = 5.0
SETTLES_WITHIN_SECONDS = 900.0
TRIAL_RATE, TRIAL_SECONDS = 20.0, 4.0
"""With which it is measured how many orders a second this machine carries out, once all functions are imported."""
STEADY = 0.4
"""Of what the machine can do: what all partners but one order together."""
SHARE = 0.1
"""Of what the machine can do: what one partner may send. In a stage it is 100 of 1,000 requests a second, too."""
WITHIN = 0.25
"""Of its limit: what a partner orders at most that does not flood. It looks at an order before it places the next."""
FLOOD = 10
"""How many times as much as it may the partner sends who floods."""
UNLIMITED = 1_000_000
TRIALS = ("start", "trial")


class Load:
    """A system and what is sent to it; the last of its partners is the one who floods."""

    def __init__(self, system: System, generator: ProcessPoolExecutor) -> None:
        self.system = system
        self.phases: list[Phase] = []
        *self.steady, self.flooding = system.tokens
        self._generator = generator

    @property
    def sent(self) -> list[Sent]:
        """Return everything that was sent."""
        return [sent for phase in self.phases for sent in phase.sent]

    def stock(self, seconds: float, rate: float, flood: float = 0.0) -> None:
        """Give all as many eSIMs as they can order at these rates."""
        each = ceil(seconds * rate / len(self.steady)) + 2
        partners.stock(dict.fromkeys(self.steady, each) | {self.flooding: ceil(seconds * flood) + 2})

    def run(self, name: str, seconds: float, rate: float, flood: float = 0.0) -> None:
        """Send orders at this rate, and a flood beside it; tell of the progress."""
        flooding = self.flooding if flood else ""
        each = rate / len(self.steady)
        system = self.system
        traffic = Traffic(system.url, system.tokens, seconds, self.steady, each, flooding, flood)
        running = self._generator.submit(send, traffic)
        began = time.monotonic()
        while not running.done():
            time.sleep(min(PROGRESS_SECONDS, seconds / 2))
            accepted, final = system.stream.orders()
            print(f"{name}, {time.monotonic() - began:3.0f} s: {accepted} orders, {final} final", flush=True)
        self.phases.append(Phase(name, running.result()))

    def settle(self) -> None:
        """Wait until all orders are final."""
        settle(self.system.stream, self.system.services, SETTLES_WITHIN_SECONDS)


def main(arguments: Sequence[str], url: str) -> int:
    """Run the load at this URL; return the exit code."""
    asked = _asked(arguments)
    machine = figures.machine()
    names = partners.names(asked.partners)
    print(f"{machine}\nstarting with {asked.partners} partners …", flush=True)
    generator = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    with generator, running(url, names, asked.processes) as system:
        partners.let_all_in(names)
        load = Load(system, generator)
        rates = _phases(load, asked.duration / 3)
        load.settle()
        print("all orders are final; looking at the whole table …", flush=True)
        shelves = proof.check(load.sent, system.services.published, names)
        again = _ask_again(load)
    orders = proof.orders_of(shelves)
    lines = figures.table(figures.rows(load.phases[len(TRIALS) :], orders, load.flooding))
    processes = f"{asked.processes} processes with doors and {asked.processes} with the other functions"
    text = figures.text(f"{machine}; {processes}.", rates, lines, figures.proven(shelves, again))
    print(f"\n{text}")
    if asked.write:
        figures.write(text)
    return 0


def _phases(load: Load, seconds: float) -> str:
    """Run all phases; return at which rates."""
    capacity = _capacity(load)
    limit = max(1, round(SHARE * capacity))
    rate = min(STEADY * capacity, WITHIN * limit * len(load.steady))
    flood = float(FLOOD * limit)
    load.stock(3 * seconds, rate, flood)
    load.system.limit(limit)
    load.run("nobody floods", seconds, rate)
    load.run("one floods", seconds, rate, flood)
    load.settle()
    load.system.limit(UNLIMITED)
    load.run("one floods, without a limit", seconds, rate, flood)
    return (
        f"This machine carries out {capacity:.1f} orders a second. All partners but one order {rate:.1f} a second "
        f"together; that one sends {flood:.0f}, of which its limit lets {limit} through (and {2 * limit} at once)."
    )


def _capacity(load: Load) -> float:
    """Return how many orders a second the machine carries out, from the first request to the last order's end."""
    load.stock(2 * TRIAL_SECONDS, TRIAL_RATE)
    load.system.limit(UNLIMITED)
    seconds = 0.0
    for name in TRIALS:
        began = time.monotonic()
        load.run(name, TRIAL_SECONDS, TRIAL_RATE)
        load.settle()
        seconds = time.monotonic() - began
    return sum(bool(sent.order_id) for sent in load.phases[-1].sent) / seconds


def _ask_again(load: Load) -> int:
    connections = _connections(load.system)
    try:
        return proof.ask_again(load.sent, connections)
    finally:
        for connection in connections.values():
            connection.close()


def _connections(system: System) -> Mapping[str, Connection]:
    return {name: Connection(system.url, token, insist=True) for name, token in system.tokens.items()}


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--duration", type=float, default=90, help="seconds of traffic, of three phases together")
    parser.add_argument("--partners", type=int, default=50)
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, help="for doors, and as many for the rest"
    )
    parser.add_argument("--write", action="store_true", help="write the figures into docs/reliability.md")
    return parser.parse_args(arguments)
