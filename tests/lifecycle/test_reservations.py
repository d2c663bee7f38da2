"""A physical SIM is held for a day (contract §7)."""

from datetime import timedelta

from infra.operator import sims
from tests.support.builders import PARTNER
from tests.support.sims import physical_sim
from tests.support.timeline import Timeline

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def test_a_sim_that_no_order_takes_in_a_day_goes_back_to_stock(line: Timeline) -> None:
    entry = physical_sim()
    (loaded,) = sims.load(PARTNER, [entry])
    reserve = {"activation_code": entry.activation_code}
    assert line.world.post("/sim-profiles/reserve", reserve)[0] == 201
    line.skip_to(line.world.now + DAY - MINUTE)
    line.world.run_clock()
    assert line.sim(loaded.id).status == "reserved"
    line.skip_to(line.world.now + MINUTE)
    line.world.run_clock()
    free = line.sim(loaded.id)
    assert (free.status, free.reservation_id, free.reservation_expires_at) == ("in_stock", None, None)
    assert line.world.of_kind("reservation") == []
    assert line.world.post("/sim-profiles/reserve", reserve)[0] == 201
