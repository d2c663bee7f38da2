"""Runs seeds: each is a world of its own."""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib import import_module
from traceback import format_exception

import tests.conftest  # noqa: F401 - prepares the environment, before a function reads it
from functions.routes import ROUTES, module_of
from functions.shared.observability import logger
from tests.simulation.catalog import stock_up
from tests.simulation.checks import check_end, check_now
from tests.simulation.decisions import Decisions, Made
from tests.simulation.failure import Wrong
from tests.simulation.surroundings import surroundings
from tests.simulation.table import Primary
from tests.simulation.world import World
from tests.support.store import Item


@dataclass
class Result:
    """What came of a seed."""

    seed: int
    made: Made
    history: str
    """The same if everything that happened was the same."""
    rule: str = ""
    """The one that was broken, if one was."""
    wrong: str = ""
    seconds: float = 0
    """Of a processor."""
    simulated: timedelta = timedelta()
    messages: int = 0
    orders: int = 0
    happened: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)


def run(seed: int, only: Made | None = None, *, tell: bool = False) -> Result:
    """Run a seed or, told ``only`` some of its decisions, a simpler world; ``tell`` what happens in words."""
    began = time.process_time()
    world = World(Decisions(seed, only), beginning())
    world.scheduler.told = [] if tell else None
    rule = wrong = ""
    try:
        with surroundings(world):
            world.live(check_now)
            check_end(world)
    except (Exception, Wrong) as error:  # noqa: BLE001 - whatever it is, the seed has failed
        rule = error.rule if isinstance(error, Wrong) else repr(error)
        wrong = "".join(format_exception(error))
    seconds = time.process_time() - began
    return Result(seed, world.scheduler.decisions.made, world.fingerprint(), rule, wrong, seconds, **world.figures())


@cache
def beginning() -> dict[Primary, Item]:
    """Return the items that every world begins with."""
    logger.setLevel("CRITICAL")
    for route in ROUTES:  # before anything is replaced in what they import
        import_module(module_of(route))
    world = World(Decisions(0, {}), {})
    with surroundings(world):
        stock_up()
    return world.table.items
