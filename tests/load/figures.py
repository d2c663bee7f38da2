"""The figures of a load, and the section of docs/reliability.md that shows those of the last one."""

import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from textwrap import fill
from typing import NamedTuple

from functions.orders.order import Order
from tests.load.traffic import LOOK, Sent
from tests.races.invariants import Shelf

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
SECTION = re.compile(r"(<!-- load -->\n).*?(\n<!-- end -->)", re.DOTALL)
WIDTH = 120
HEAD = ["", "orders", "429", "accepted: p50", "p90", "p99", "max", "completed: p50", "p90", "p99", "max"]


class Phase(NamedTuple):
    """A part of the load, and what was sent in it."""

    name: str
    sent: Sequence[Sent]


def percentiles(values: Iterable[float]) -> list[float]:
    """Return the 50th, 90th and 99th percentile, and the highest value."""
    found = sorted(values)
    if len(found) < 2:
        return found * 4
    cuts = quantiles(found, n=100, method="inclusive")
    return [cuts[49], cuts[89], cuts[98], found[-1]]


def rows(phases: Iterable[Phase], orders: Mapping[str, Order], flooding: str) -> list[list[str]]:
    """Return a row for each phase and for who sent: all others, and the one who floods."""
    found = []
    for phase in phases:
        for who, floods in (("the others", False), ("who floods", True)):
            mine = [each for each in phase.sent if each.what != LOOK and (each.partner == flooding) is floods]
            if mine:
                found.append(_row(f"{phase.name}: {who}", mine, orders))
    return found


def table(lines: Sequence[Sequence[str]]) -> str:
    """Return the rows as the docs have them."""
    ruled = [HEAD, ["---"] + ["--:"] * (len(HEAD) - 1), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in ruled)


def machine() -> str:
    """Return what the figures were measured on, and how busy it was."""
    busy = os.getloadavg()[0]
    python = platform.python_version()
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors ({_processor()}), Python {python}, "
        f"load average before: {busy:.1f}"
    )


def proven(shelves: Mapping[str, Shelf], asked_again: int) -> str:
    """Return what was found true of what partners have now."""
    orders = sum(len(shelf.of(Order)) for shelf in shelves.values())
    events = sum(len(shelf.events()) for shelf in shelves.values())
    items = sum(len(shelf.items) for shelf in shelves.values())
    return (
        f"{len(shelves)} partners have {orders:,} orders, {events:,} events and {items:,} items. Every acknowledged "
        "order is there once and completed, its reference and its key lead to it, each event came to the bus, and the "
        f"invariants hold for each partner. {asked_again} orders were looked for by their references over the API and "
        "placed again under their keys."
    )


def text(*paragraphs: str) -> str:
    """Return them as the docs have them; a table stays as it is."""
    return "\n\n".join(each if each.startswith("|") else fill(each, WIDTH) for each in paragraphs)


def write(content: str) -> None:
    """Write the section anew."""
    PAGE.write_text(SECTION.sub(lambda found: f"{found[1]}\n{content}\n{found[2]}", PAGE.read_text()))


def _row(name: str, sent: Sequence[Sent], orders: Mapping[str, Order]) -> list[str]:
    taken = [each for each in sent if each.order_id]
    done = [(each.at, orders[each.order_id].completed_at) for each in taken]
    accepted = [f"{1000 * value:,.0f} ms" for value in percentiles(each.seconds for each in taken)]
    completed = [f"{value:.1f} s" for value in percentiles(end.timestamp() - at for at, end in done if end)]
    return [name, str(len(taken)), str(sum(each.status == 429 for each in sent)), *accepted, *completed]


def _processor() -> str:
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"model name\s*: (.*)", text)
    return model[1] if model else platform.processor() or platform.machine()
