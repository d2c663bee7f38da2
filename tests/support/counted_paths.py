"""``python -m tests.support.counted_paths``: count what each path takes of the table, for docs/scaling.md.

The paths are scenarios of ``make faults``, gone through without a fault.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import tests.conftest  # noqa: F401 - prepares the environment, before a function reads it
from functions.sim_profiles.stock import SEEN
from infra.hot_keys import COUNTED
from infra.operator import sims
from tests.faults.life import Life
from tests.faults.scenarios import SCENARIOS, door
from tests.faults.surroundings import surroundings
from tests.faults.ways import Scenario, Way
from tests.lifecycle.keyed_requests import ORDERS, activation
from tests.support.builders import PARTNER, SUBSCRIBER
from tests.support.endpoints import Endpoints
from tests.support.sims import esim
from tests.support.timeline import ADDONS, PLANS
from tests.support.units import Counting, Place


def stocked(scenario: Scenario) -> Scenario:
    """The same with as many eSIMs in stock as are looked at."""

    def prepare(life: Life) -> Way:
        sims.load(PARTNER, [esim(100 + number) for number in range(SEEN)])
        life.line.world.look()
        return scenario(life)

    return prepare


def with_a_webhook(life: Life) -> Way:
    """An activation of which a webhook gets every event."""
    Endpoints(life.line.world).make(enabled_events=["*"])
    body = activation(reference="ours")
    return lambda life: life.ask("/orders/activate-subscription", body)


PATHS: Mapping[str, Scenario] = {
    **{each.replace("-", "_"): stocked(SCENARIOS[door(each, "accepts")]) for each in ORDERS},
    "activation with a webhook for all": stocked(with_a_webhook),
    "renewal of two products": SCENARIOS["renewal"],
    "report of usage": SCENARIOS["report usage"],
}
KINDS = {
    "ord": "order",
    "subs": "subscription",
    "subr": "subscriber",
    "acc": "account",
    "prd": "product",
    "simp": "SIM",
    "resv": "reservation",
    "pn": "number",
    "wbh": "webhook",
    "dlv": "delivery",
}
NAMES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"(ord|subs|subr|acc|prd|simp|resv|pn|wbh|dlv)_[0-9A-Z]{26}", lambda found: f"<{KINDS[found[1]]}>"),
    (rf"^{PARTNER}#", lambda _: "<partner>#"),
    (rf"#{SUBSCRIBER}\b", lambda _: "#<subscriber>"),
    (r"#acc_1\b", lambda _: "#<account>"),
    (r"#(idempotency|reference)#.*", lambda found: f"#{found[1]}#<name>"),
    (r"#report \d+", lambda _: "#<report>"),
    (r"\b(due|events)#\d", lambda found: f"{found[1]}#<shard>"),
    (r"<webhook>#\d", lambda _: "<webhook>#<slot>"),
    (r"#[0-9a-f]{32}#", lambda _: "#<hash>#"),
    (rf"#({'|'.join(sorted({*PLANS, *ADDONS}, key=len, reverse=True))})$", lambda _: "#<offering>"),
)
"""What is one of many in a key, and what it is called."""


def count_all() -> dict[str, Any]:
    """Return what each path takes."""
    return {name: count(scenario) for name, scenario in PATHS.items()}


def count(scenario: Scenario) -> dict[str, Any]:
    with surroundings() as life:
        life.asks_again = False
        way = scenario(life)
        life.rest()
        counting: Any = Counting(life.line.world.store)
        life.line.world.store = counting
        _go(life, way)
        units = counting.units
    return {"transactions": units.transactions, "written": _named(units.written), "read": _named(units.read)}


def _go(life: Life, way: Way) -> None:
    way(life)
    life.rest()


def _named(taken: Mapping[Place, float]) -> dict[str, float]:
    """Return the units by what their keys are called."""
    named: Counter[str] = Counter()
    for place, units in taken.items():
        named[f"{place.where} {_name(place.key)}"] += units  # type: ignore[assignment] # half a unit, too
    return dict(sorted(named.items()))


def _name(key: str) -> str:
    for pattern, replace in NAMES:
        key = re.sub(pattern, replace, key)
    return key


if __name__ == "__main__":
    COUNTED.write_text(json.dumps(count_all(), indent=2) + "\n")
