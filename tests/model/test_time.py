"""What is due happens as of its moment, however late the clock comes (contract §6): late or in time, the end is one."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from functions.products import balances
from functions.products.product import ActivationMode
from functions.shared import table
from functions.shared.transaction import Transaction
from functions.subscriptions.aggregate import SubscriptionAggregate
from infra.local.patches import replaced
from tests.model.effort import EFFORT
from tests.support.builders import allowance, offering, product, subscription
from tests.support.isolation import alone, mocked
from tests.support.world import START, World

HORIZON = START + timedelta(days=130)
PLAN = offering("plan", "plan", validity={"type": "duration", "unit": "month", "unit_count": 1, "is_recurrent": True})
VALIDITIES: list[dict[str, Any]] = [
    {"type": "duration", "unit": "day", "unit_count": 7, "is_recurrent": False},
    {"type": "duration", "unit": "month", "unit_count": 1, "is_recurrent": True},
    {"type": "duration", "unit": "week", "unit_count": 6, "is_recurrent": True},
    {"type": "end_of_plan_cycle"},
    {"type": "interval", "start_at": START + timedelta(days=20), "end_at": START + timedelta(days=90)},
]
GIGABYTE = 1024**3
PATIENCE_SECONDS = 5.0
"""A request that finds something overdue lets it happen, and then runs again."""


class Bought(NamedTuple):
    """An add-on of an order at the beginning."""

    validity: dict[str, Any]
    mode: ActivationMode
    starts_after_days: int


class Deed(NamedTuple):
    """What is done to the subscription at a moment, in time or not."""

    after: timedelta
    what: str
    which: int


addons = st.builds(
    Bought, st.sampled_from(VALIDITIES), st.sampled_from(["immediate", "first_usage", "scheduled"]), st.integers(1, 60)
)
moments = st.timedeltas(timedelta(hours=1), HORIZON - START)
deeds = st.builds(
    Deed, moments, st.sampled_from(["usage", "first_usage", "activate", "cancel", "end_of_cycle"]), st.integers(0, 4)
)


def _begin(world: World, bought: Sequence[Bought]) -> list[str]:
    """An active subscription with the plan and the add-ons; their ids."""
    world.begin(0)
    owner = SubscriptionAggregate(subscription(), START)
    wanted = [Bought(PLAN.validity.model_dump(), "immediate", 0), *bought]
    change = Transaction()
    ids = []
    for position, (validity, mode, days) in enumerate(wanted):
        sold = PLAN if position == 0 else offering("addon", validity=validity, allowances=[allowance()])
        ids.append(f"prd_{position}")
        start_at = START + timedelta(days=days) if mode == "scheduled" else None
        made = product(ids[-1], sold, start_at=start_at, balances=balances.balances_of(sold))
        owner.add(made, mode)
    change.save(owner)
    change.commit()
    world.look()
    return ids


def _do(world: World, deed: Deed, product_ids: Sequence[str]) -> None:
    about = f"/products/{product_ids[deed.which % len(product_ids)]}"
    match deed.what:
        case "usage":
            amount = {"allowance_type": "data", "amount": GIGABYTE // 2, "country": "DE"}
            world.network_reports("usage", id=f"{deed.what} {deed.after}", subscription_id="subs_1", **amount)
        case "first_usage":
            world.network_reports("first_usage", id=f"{deed.what} {deed.after}", subscription_id="subs_1", country="DE")
        case "activate":
            world.post(f"{about}/activate", {})
        case "cancel":
            world.post(f"{about}/cancel", {"cancellation_mode": "immediate"})
        case _:
            world.post(f"{about}/cancel", {"cancellation_mode": "end_of_cycle"})


def _lived(bought: Sequence[Bought], done: Sequence[Deed], ticks: Sequence[timedelta] | None) -> Any:
    """What became of it by the horizon, if the clock ticks then or, without ``ticks``, whenever something is due."""
    world = World()
    with alone(world), replaced(table, "PATIENCE_SECONDS", lambda _none: PATIENCE_SECONDS):
        ids = _begin(world, bought)
        for deed in [*sorted(done), None]:
            moment = START + deed.after if deed else HORIZON
            for tick in _ticks_until(world, moment, ticks):
                world.now = tick
                world.run_clock()
            world.now = moment
            if deed:
                _do(world, deed, ids)
        world.run_clock()
        world.look()
        return _state(world)


def _ticks_until(world: World, moment: datetime, ticks: Sequence[timedelta] | None) -> Iterator[datetime]:
    if ticks is not None:
        yield from (START + tick for tick in sorted(ticks) if world.now < START + tick <= moment)
        return
    while (due := world.of_kind("subscription")[0].get("due_at")) and datetime.fromisoformat(due) <= moment:
        yield datetime.fromisoformat(due)


def _state(world: World) -> Any:
    """All of it, but for when it was written and how often."""
    written = {"updated_at", "version", "created_at"}
    kept = [
        {name: value for name, value in item.items() if name not in written}
        for item in [*world.of_kind("product"), *world.of_kind("subscription")]
    ]
    events = sorted(world.of_kind("event"), key=lambda event: (event["data"]["product"]["id"], event["sequence"]))
    published = [(event["data"]["product"]["id"], event["type"], event["data"]) for event in events]
    return kept, [(name, kind, _without(data, written)) for name, kind, data in published]


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(member, names) for name, member in value.items() if name not in names}
    return [_without(element, names) for element in value] if isinstance(value, list) else value


EXAMPLES = settings(
    max_examples=15 * EFFORT,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def _aws() -> Iterator[None]:
    """moto, for all examples."""
    with mocked():
        yield


@pytest.mark.usefixtures("_aws")
@settings(EXAMPLES)
@given(st.lists(addons, max_size=4), st.lists(deeds, max_size=5), st.lists(moments, max_size=6))
def test_a_late_clock_changes_nothing(bought: list[Bought], done: list[Deed], ticks: list[timedelta]) -> None:
    assert _lived(bought, done, ticks) == _lived(bought, done, None)
