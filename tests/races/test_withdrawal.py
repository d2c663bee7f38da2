"""A catalog and SIMs are withdrawn while many orders want them."""

from collections.abc import Callable
from functools import partial
from queue import Queue
from typing import Any

import pytest

from functions.catalog.offering import Offering
from functions.shared import table
from functions.sim_profiles.sim_profile import SimProfile
from infra.operator import catalog, sim_withdrawal
from infra.operator.catalog_entries import Catalogs
from infra.operator.catalog_withdrawal import withdraw
from tests.races.answers import Answer, ids_of, outcomes
from tests.races.faults import Faults
from tests.races.first_step import accepted, refusal
from tests.races.racing import THREADS, race
from tests.races.world import World, activation
from tests.support.builders import PARTNER

PLAN: dict[str, Any] = {"type": "plan", "validity": {"type": "duration", "unit": "month", "unit_count": 1}}


def test_what_was_sold_while_a_catalog_was_withdrawn_is_still_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    offerings = {name: PLAN | {"name": name} for name in ("a", "b")}
    content = {"coverage_areas": {}, "offerings": offerings, "catalogs": {"Main": [*offerings]}}
    ids = catalog.load(PARTNER, Catalogs.of(content))
    answers: Queue[Answer] = Queue()

    def place(plan: str) -> None:
        answers.put(world.place(activation(plan=plan)))

    given: list[Answer] = []
    waiting = partial(given.extend, (answers.get() for _ in range(THREADS)))
    monkeypatch.setattr("infra.operator.catalog_withdrawal.sleep", lambda _: waiting())
    racers: list[Callable[[], Any]] = [partial(place, plan) for plan in [*ids.values()] * (THREADS // 2)]
    racers.append(partial(withdraw, PARTNER, "Main", even_if_sold=True))
    *_, done = race(racers)
    assert outcomes(given).keys() <= {(201,), (400, "offering_inactive")}
    sold = {line["offering"]["id"] for order_id in ids_of(given) for line in world.order(order_id)["lines"]}
    assert {plan for plan in ids.values() if table.read(Offering, PARTNER, plan)} == sold
    assert done.kept == len(sold)


def test_each_sim_is_ordered_or_withdrawn(world: World, faults: Faults) -> None:
    orders = accepted(world, THREADS)
    world.stock(THREADS // 2)
    iccids = [item["iccid"] for item in world.items() if item["sk"] == SimProfile.KIND]
    racers: list[Callable[[], Any]] = [partial(refusal, world, order) for order in orders]
    racers.append(partial(sim_withdrawal.withdraw, PARTNER, iccids))
    with faults.at_work():
        *refusals, _ = race(racers)
    taken = refusals.count(None)
    for kind, left in ((SimProfile.KIND, taken), ("iccid", taken), ("esim_code", taken)):
        assert len([item for item in world.items() if item["sk"] == kind]) == left
