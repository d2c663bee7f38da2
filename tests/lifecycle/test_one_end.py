"""An order that has made nothing yet is given up, with all that it holds (contract §2, Lifecycle)."""

from datetime import timedelta
from typing import Any

from functions.orders import progress
from functions.sim_profiles.sim_profile import Reservation
from tests.lifecycle.one_step import ended, keep, order, sim
from tests.lifecycle.steps import passing_time
from tests.support.builders import NOW, PARTNER
from tests.support.timeline import Timeline

DAY = timedelta(days=1)


def test_an_order_on_hold_expires(line: Timeline) -> None:
    taken = sim(sim_type="psim", status="reserved", reservation_id="resv_1")
    fields: dict[str, Any] = {"sim_profile_id": "simp_1", "reservation_id": "resv_1", "sim_type": "psim"}
    reservation = Reservation(
        id="resv_1", partner=PARTNER, created_at=NOW, sim_profile_id="simp_1", order_id="ord_1", expires_at=NOW
    )
    keep(line, order("activate_subscription", status="on_hold", **fields), taken, reservation)
    with passing_time(line):
        progress.when_due(PARTNER, "ord_1")
        line.world.look()
    at = ended(line, "expired", None)
    assert line.order("ord_1").canceled_at is None
    (kept,) = line.world.of_kind("reservation")
    opened = Reservation.model_validate(kept)
    assert (opened.order_id, opened.expires_at) == (None, at + DAY)
    assert line.sim("simp_1").reservation_expires_at == at + DAY
