"""An order is undone, with all that it holds, at one moment (contract §2, Lifecycle)."""

from datetime import timedelta
from typing import Any

import pytest

from functions.shared.clock import iso
from functions.sim_profiles.sim_profile import Reservation
from functions.subscriptions.lock import Lock
from tests.lifecycle.one_step import LINES, ended, held, keep, one_step, order, sim
from tests.lifecycle.steps import NOT_PREPARED, SILENT
from tests.support.builders import NOW, PARTNER, subscription
from tests.support.timeline import Timeline


def test_a_top_up_is_undone(line: Timeline) -> None:
    lock = Lock(topups=["ord_1"], reserved_places={"ord_1": 3})
    keep(line, order("topup_subscription", prepared=True, lines=LINES), *held(lock))
    assert one_step(line, "undo", **SILENT) == {"status": "failed"}
    kept = line.subscription("subs_1")
    at = ended(line, "failed", kept, "network_timeout")
    failure = line.order("ord_1").failure
    assert failure is not None
    assert (failure.code, failure.step) == ("network_timeout", "provision")
    assert kept.lock == Lock()
    (asked,) = line.world.of_kind("network_request")
    assert (asked["type"], asked["created_at"]) == ("network.deprovisioning.requested", iso(at))


@pytest.mark.parametrize(("failed", "reason"), [(NOT_PREPARED, "internal_error"), (SILENT, "network_timeout")])
def test_an_activation_is_undone(line: Timeline, failed: dict[str, Any], reason: str) -> None:
    """The card is open for other orders at once only if the network was never asked."""
    taken = sim(sim_type="psim", status="reserved", order_id="ord_1", reservation_id="resv_1")
    fields: dict[str, Any] = {"sim_profile_id": "simp_1", "reservation_id": "resv_1", "sim_type": "psim"}
    held_by = Reservation(
        id="resv_1", partner=PARTNER, created_at=NOW, sim_profile_id="simp_1", order_id="ord_1", expires_at=NOW
    )
    created = subscription(status="created", sim_profile=taken)
    keep(line, order("activate_subscription", prepared=True, **fields), created, taken, held_by)
    one_step(line, "undo", **failed)
    at = ended(line, "failed", None, reason)
    assert line.world.of_kind("subscription") == []
    (reservation,) = line.world.of_kind("reservation")
    if failed is SILENT:
        assert line.sim("simp_1").awaits_deprovisioning("ord_1")
        assert reservation["order_id"] == "ord_1"
    else:
        assert (line.sim("simp_1").status, line.sim("simp_1").order_id) == ("reserved", None)
        assert (reservation.get("order_id"), reservation["expires_at"]) == (None, iso(at + timedelta(hours=24)))
